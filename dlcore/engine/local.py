"""The local engine: every run in a process of its own, on this machine."""

from __future__ import annotations

import secrets
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from dlcore.engine.launch import ForkLauncher, FreshLauncher, Launcher
from dlcore.engine.protocol import orders
from dlcore.engine.run import Run
from dlcore.experiment import Experiment
from dlcore.limits import Limits, limits
from dlcore.link import dumps, loads
from dlcore.owner import hashed
from dlcore.record import Record, RecordError

if TYPE_CHECKING:
    # what forks workers must not import a database: each would carry it
    from dlcore.store.keeper import Keeper

START_PATIENCE_S = 60.0
WATCHED_S = 15.0
N_GATES = 64
SCREEN_S = 5.0
"""For so long after it has asked last, a tab has a run on its screen: it asks every two seconds."""


class EngineSettings(BaseSettings):
    """How runs are kept, read from ``GLASSBOX_…``."""

    model_config = SettingsConfigDict(env_prefix="GLASSBOX_", frozen=True)

    workers: Literal["fork", "fresh"] = Field(
        "fork" if sys.platform == "linux" else "fresh",
        description="Fork workers, or start fresh processes where there is no safe fork (macOS, Windows)",
    )
    background_nice: int = Field(
        9, ge=0, le=9, description="By how much what nobody watches is nicer than what is (of 10, up to 19)"
    )
    pause_after_s: float = Field(60.0, gt=0, description="Seconds unwatched until a run pauses")
    end_after_s: float = Field(
        900.0, gt=0, description="Seconds unwatched until a run is saved and its process ends"
    )


class EngineFull(RuntimeError):
    """Refuse another run, in a sentence for the visitor."""


class LocalEngine:
    """Start runs, find them again, and end them all with the app."""

    def __init__(
        self,
        settings: EngineSettings | None = None,
        bounds: Limits | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        """``keeper`` files what runs write down; without one it lasts as long as the engine."""
        self.settings = settings or EngineSettings()
        self.bounds = bounds or limits()
        self.keeper = keeper
        self._folder = Path(tempfile.mkdtemp(prefix="glassbox-"))
        self._written = keeper.folder if keeper else self._folder
        self._log = (self._folder / "workers.log").open("ab")
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()
        self._gates = [threading.Lock() for _ in range(N_GATES)]
        held = [keeper.workers.handle] if keeper and keeper.workers else []
        self._launcher: Launcher = (
            ForkLauncher(self._folder, self._log, held)
            if self.settings.workers == "fork"
            else FreshLauncher(self._log, held)
        )
        if keeper:
            keeper.start(self.alive)

    def start(
        self,
        experiment: Experiment,
        owner: str,
        checkpoint: Record | None = None,
        *,
        kept: bool = True,
        sweep: str = "",
        parent: tuple[str, int] = ("", 0),
        background: bool = False,
    ) -> Run:
        """Start a run, from its beginning or from a checkpoint; it is saved unless it is not to be ``kept``.

        ``sweep`` is the id of the sweep it belongs to, ``parent`` the saved run and the step of it that the
        checkpoint was taken from.  One in the ``background`` makes way for those that are watched, and takes
        none of its visitor's places.  Raises ``EngineFull`` when the visitor or the server holds too many,
        ``ValueError`` when the worker refuses the experiment, ``OSError`` when no worker can be had.
        """
        self._make_room("" if background else owner)
        run_id = secrets.token_urlsafe(12)
        return self._launch(
            run_id, owner, experiment, checkpoint,
            kept=kept, sweep=sweep, parent=parent, background=background,
        )  # fmt: skip

    def open(self, saved: str, owner: str) -> Run | None:
        """Go on with a saved run where it was saved last; the very run, where it is still open somewhere.

        None where this owner has none of that id, or none that can be run.  Raises ``StoreError`` where the
        store cannot be asked, ``EngineFull`` and ``OSError`` as :meth:`start`.
        """
        with self._gate(saved):
            for run in list(self._runs.values()):
                if run.saved_as == saved and self._theirs(run, owner) and not run.lost:
                    return run
            record = self.keeper.saved(saved, owner) if self.keeper else None
            return None if record is None else self._go_on(secrets.token_urlsafe(12), owner, record)

    def attach(self, run_id: str, owner: str) -> Run | None:
        """Find the owner's run again, saved and ended or not; None for anybody else's.

        Raises as :meth:`open`.
        """
        with self._gate(run_id):
            run = self._runs.get(run_id)
            if run is None:
                record = self.keeper.last_of(run_id, owner) if self.keeper else None
                return None if record is None else self._go_on(run_id, owner, record)
            if not self._theirs(run, owner):
                return None
            run.frame(())
            return self._revived(run) if run.lost else run

    def _gate(self, name: str) -> threading.Lock:
        """Held from looking for a run until it is there: two tabs that come back at once share one worker."""
        return self._gates[hash(name) % len(self._gates)]

    def _go_on(self, run_id: str, owner: str, record: Record) -> Run | None:
        """Start a worker with what the store has; None where that can be run no longer: its data are gone, or
        it was written by another Glassbox."""
        try:
            experiment = loads(record.facts["experiment"])
            self._make_room(owner)
            return self._launch(run_id, owner, experiment, record, continues=True)
        except ValueError:
            return None

    def alive(self, run_id: str) -> bool:
        """Whether a run is held here."""
        return run_id in self._runs

    def watched(self, owner: str, within_s: float = SCREEN_S) -> set[str]:
        """The saved runs of an owner that some tab has asked for lately."""
        now = time.monotonic()
        return {
            run.saved_as
            for run in list(self._runs.values())
            if run.saved_as and not run.lost and now - run.asked < within_s and self._theirs(run, owner)
        }

    def _theirs(self, run: Run, owner: str) -> bool:
        return secrets.compare_digest(run.owner.encode(), owner.encode())

    def revive(self, run: Run) -> Run:
        """Go on with a run whose worker is gone, from its last checkpoint or, without one, its start.

        Raises as :meth:`open`.
        """
        with self._gate(run.id):
            return self._revived(run)

    def _revived(self, run: Run) -> Run:
        current = self._runs.get(run.id)
        if current is not None and current is not run and not current.lost:
            return current  # another tab has been quicker
        checkpoint = self.saved(run)
        if checkpoint is None and self.keeper:
            checkpoint = self.keeper.last_of(run.id, run.owner)  # its place was needed, and its file is filed
        if current is None:
            self._make_room("" if run.background else run.owner)
        revived = self._launch(
            run.id, run.owner, run.experiment, checkpoint, continues=True, background=run.background
        )
        if checkpoint and loads(checkpoint.facts["experiment"]) != run.experiment:
            revived.change(run.experiment)
        return revived

    def saved(self, run: Run) -> Record | None:
        """The last checkpoint a worker wrote down by itself; None when there is none that can be read."""
        try:
            return Record.from_bytes(self._file(run.id).read_bytes())
        except (OSError, RecordError):
            return None

    def end(self, run: Run) -> None:
        """End a run and forget it."""
        with self._lock:
            self._runs.pop(run.id, None)
        run.close()
        if self.keeper:
            self.keeper.soon()  # its worker writes a last time, and the keeper clears away

    @property
    def n_runs(self) -> int:
        """How many runs are held."""
        return len(self._runs)

    def log(self) -> str:
        """What workers wrote down before they ended unexpectedly."""
        return (self._folder / "workers.log").read_text(errors="replace")

    def close(self) -> None:
        """End every run and every process of this engine."""
        for run in list(self._runs.values()):
            run.close()
        self._runs.clear()
        self._launcher.close()
        if self.keeper:
            self.keeper.stop()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _file(self, run_id: str) -> Path:
        return self._written / f"{run_id}.record"

    def _launch(
        self,
        run_id: str,
        owner: str,
        experiment: Experiment,
        checkpoint: Record | None,
        *,
        kept: bool = True,
        continues: bool = False,
        sweep: str = "",
        parent: tuple[str, int] = ("", 0),
        background: bool = False,
    ) -> Run:
        facts = {
            **(checkpoint.facts if checkpoint else {"experiment": dumps(experiment)}),
            **orders(
                pause_after_s=self.settings.pause_after_s,
                end_after_s=self.settings.end_after_s,
                file=str(self._file(run_id)) if kept else "",
                line=run_id,
                owner=hashed(owner),
                life=_later_than(checkpoint),
                sweep=sweep,
                parent=parent,
                continues=continues,
                nice=self.settings.background_nice if background else 0,
            ),
        }
        order = Record(facts, checkpoint.arrays if checkpoint else {}).to_bytes()
        try:
            connection, hello = self._greet(order)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            # the fork server may have died with the worker in its hands; the launcher starts another
            try:
                connection, hello = self._greet(order)
            except (EOFError, BrokenPipeError, ConnectionResetError):
                raise ConnectionError("the worker ended before it began") from None
        if "refused" in hello:
            connection.close()
            raise ValueError(hello["refused"])
        run = Run(run_id, owner, experiment, connection, hello["pid"], background=background)
        with self._lock:
            self._runs[run_id] = run
        return run

    def _greet(self, order: bytes) -> tuple[Connection, Mapping[str, Any]]:
        """Have a worker begin; what it says first.  Raises ``EOFError`` or ``OSError`` where it is gone."""
        connection = self._launcher.launch()
        connection.send_bytes(order)
        if not connection.poll(START_PATIENCE_S):
            connection.close()
            raise ConnectionError("the worker does not answer")
        return connection, Record.from_bytes(connection.recv_bytes()).facts

    def _make_room(self, owner: str) -> None:
        """End the visitor's least lately watched run when they hold as many as they may."""
        now = time.monotonic()
        for run in list(self._runs.values()):
            if now - run.asked > WATCHED_S:
                run.rest()
        with self._lock:
            mine = sorted(
                (run for run in self._runs.values() if run.owner == owner and not run.background),
                key=lambda run: run.asked,
            )
            everyones = sorted(self._runs.values(), key=lambda run: run.asked)
        if len(mine) >= self.bounds.max_runs_per_visitor:
            if now - mine[0].asked < WATCHED_S:
                raise EngineFull(
                    f"You are watching {len(mine)} runs, as many as one visitor may.  Close a tab first."
                )
            self.end(mine[0])
        elif len(everyones) >= self.bounds.max_runs:
            if now - everyones[0].asked < WATCHED_S:
                raise EngineFull(
                    f"This server is teaching {len(everyones)} networks, as many as it may.  Try again soon."
                )
            self.end(everyones[0])


def _later_than(checkpoint: Record | None) -> int:
    """The life of a new worker: the time, and more than that of the worker before it, whose clock may err."""
    before = checkpoint.facts.get("saved", {}).get("life", 0) if checkpoint else 0
    return max(time.time_ns(), int(before) + 1)
