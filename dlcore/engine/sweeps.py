"""All sweeps of this server: begun, found again by their owner, gone on with."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from dlcore.engine.local import LocalEngine
from dlcore.engine.slots import Slots, spare_cores
from dlcore.engine.sweeping import Sweeping
from dlcore.outcomes import Trial
from dlcore.store import Store, StoreError
from dlcore.sweeps import Sweep

MOST_RUNNING = 2
MOST_KEPT = 20
"""Of one visitor so many sweeps are kept; the oldest goes, with its runs, when one more begins."""
KEEP_EVERY_S = 1.0
CLOSE_PATIENCE_S = 2.0


class SweepRefused(RuntimeError):
    """Refuse a sweep, in a sentence for the visitor."""


class Sweeps:
    """Start sweeps, and find them again; all of them share the cores that are to spare."""

    def __init__(self, engine: LocalEngine, store: Store, n_at_once: int = 0) -> None:
        self._engine = engine
        self._store = store
        self._slots = Slots(n_at_once or spare_cores())
        self._known: dict[str, Sweeping] = {}
        self._kept_at: dict[str, float] = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()

    def start(self, sweep: Sweep, owner: str) -> Sweeping:
        """Begin a sweep.  Raises ``SweepRefused``, in a sentence."""
        wrong = sweep.problems(self._engine.bounds)
        if wrong:
            raise SweepRefused(str(wrong[0]))
        self._make_room(owner)
        self._tidy(owner)
        made = self._made(sweep, owner)
        with self._lock:
            self._known[made.id] = made
        self._keep(made, True)
        made.start()
        return made

    def go_on(self, sweeping: Sweeping) -> None:
        """Train what is missing of a sweep.  Raises ``SweepRefused``, in a sentence."""
        if not sweeping.running:
            self._make_room(sweeping.owner)
        with self._lock:
            self._known[sweeping.id] = sweeping
        sweeping.start()

    def of(self, owner: str) -> list[Sweeping]:
        """An owner's sweeps, the newest first, those of servers before this one among them.

        Where the store cannot be asked just now, those of this server.
        """
        try:
            kept = self._store.of(owner).sweeps()[:MOST_KEPT]
        except StoreError:
            return [each for each in reversed(list(self._known.values())) if each.owner == owner]
        found = (self._known.get(each.id) or self._read(owner, each.id, each.plan) for each in kept)
        return [each for each in found if each is not None and each.owner == owner]

    def find(self, sweep_id: str, owner: str) -> Sweeping | None:
        """One of the owner's sweeps; None for anybody else's."""
        with self._lock:
            known = self._known.get(sweep_id)
        if known is not None:
            return known if secrets.compare_digest(known.owner.encode(), owner.encode()) else None
        return next((each for each in self.of(owner) if each.id == sweep_id), None)

    def forget(self, sweeping: Sweeping) -> None:
        """Stop a sweep and delete it, with its runs.  Raises ``StoreError`` where that cannot be done now."""
        sweeping.stop()
        sweeping.wait(CLOSE_PATIENCE_S)
        with self._writing:
            self._store.of(sweeping.owner).forget_sweep(sweeping.id)
            with self._lock:
                self._known.pop(sweeping.id, None)

    def close(self) -> None:
        """Stop all of them; what is done stays written down."""
        running = [each for each in list(self._known.values()) if each.running]
        for each in running:
            each.stop()
        for each in running:
            each.wait(CLOSE_PATIENCE_S)

    def _make_room(self, owner: str) -> None:
        running = [each for each in list(self._known.values()) if each.owner == owner and each.running]
        if len(running) >= MOST_RUNNING:
            raise SweepRefused(
                f"{len(running)} of your sweeps are under way, as many as one visitor may have.  "
                "Stop one, or wait until it is done."
            )

    def _tidy(self, owner: str) -> None:
        """Let go of what nobody has looked at for long, which the store has, and of an owner's oldest."""
        for each in list(self._known.values()):
            if not each.running and not each.unsaved and each.forgotten:
                with self._lock:
                    self._known.pop(each.id, None)
        try:
            for old in self._store.of(owner).sweeps()[MOST_KEPT - 1 :]:
                self._store.of(owner).forget_sweep(old.id)
        except StoreError:
            return  # next time

    def _made(self, sweep: Sweep, owner: str, sweep_id: str = "", known: tuple[Trial, ...] = ()) -> Sweeping:
        return Sweeping(
            self._engine, sweep, owner, self._slots, sweep_id=sweep_id, known=known, keep=self._keep
        )

    def _keep(self, sweeping: Sweeping, final: bool) -> None:
        """Write down what has come out; not for every training of a fraction of a second."""
        with self._writing:
            now = time.monotonic()
            due = final or now - self._kept_at.get(sweeping.id, -KEEP_EVERY_S) >= KEEP_EVERY_S
            if not due or sweeping.id not in self._known:  # one that was deleted while it ended stays so
                return
            self._kept_at[sweeping.id] = now
            trials = [trial.facts() for trial in sweeping.outcomes().trials]
            plan = {"sweep": sweeping.sweep.model_dump(mode="json"), "trials": trials}
            try:
                self._store.of(sweeping.owner).keep_sweep(sweeping.id, plan)
                sweeping.unsaved = ""
            except StoreError as trouble:
                sweeping.unsaved = f"{trouble}  The sweep goes on."

    def _read(self, owner: str, sweep_id: str, plan: Mapping[str, Any]) -> Sweeping | None:
        """A sweep of a server before this one; None where another version has written it."""
        try:
            sweep = Sweep.model_validate(plan["sweep"])
            trials = tuple(Trial.read(each) for each in plan["trials"])
            if sweep.problems(self._engine.bounds):
                return None
        except (ValidationError, KeyError, TypeError, ValueError):
            return None
        made = self._made(sweep, owner, sweep_id, trials)
        with self._lock:
            return self._known.setdefault(sweep_id, made)
