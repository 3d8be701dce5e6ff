"""Autosave: a worker writes its run down, so that nothing is lost when it is killed, or its server is.

The file is a record: the checkpoint of :meth:`Session.checkpoint`, the run's small picture and its clock, and
under ``saved`` what a gallery tells of it.  The server's side files it into the store.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.engine.protocol import State
from dlcore.probes.miniature import miniature
from dlcore.record import Record
from dlcore.training.history import Evaluation
from dlcore.training.session import Session

OFTEN_S, EVERY_S, RARELY_S = 1.0, 5.0, 9.0
"""How long a run goes on before it is written down again: by a young worker, as a rule, and where writing
takes long."""
SHARE = 0.005
"""The share of the time that writing may take, within those bounds."""
SOON_S = 0.5
TRY_AGAIN_S = 5.0
WORTH_S = 2.0
"""A run that was left earlier than this is not kept: its place is taken by the next."""
ROWS = 256
"""Of the clock.  When all are full, every second one goes."""


class Clock:
    """When a run was where: rows of epoch, step and seconds of training."""

    def __init__(self, rows: np.ndarray[Any, np.dtype[np.float64]] | None = None) -> None:
        self.rows: list[tuple[float, float, float]] = [] if rows is None else [tuple(row) for row in rows]
        self.seconds = self.rows[-1][2] if self.rows else 0.0
        self._every_s = max(0.1, self.seconds / ROWS)

    def add(self, seconds: float, session: Session) -> None:
        """Count seconds of training, and note where the run stands, now and then."""
        self.seconds += seconds
        if not self.rows or self.seconds - self.rows[-1][2] >= self._every_s:
            self.note(session)

    def note(self, session: Session) -> None:
        """Note where the run stands; what was later is forgotten."""
        while self.rows and self.rows[-1][1] >= session.step:
            self.rows.pop()
        passed = session.epoch + session.seen / max(1, len(session.tensors["train"].x))
        self.rows.append((passed, float(session.step), self.seconds))
        if len(self.rows) > ROWS:
            del self.rows[1::2]
            self._every_s *= 2

    def array(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The rows, (K, 3)."""
        return np.array(self.rows, np.float64).reshape(-1, 3)


class Autosave:
    """Writes one run after another into a file, each with an id of its own."""

    def __init__(self, orders: Mapping[str, Any], session: Session, given: Record) -> None:
        self._file = Path(orders["file"]) if orders["file"] else None
        self._orders = orders
        self._parent = str(orders["parent"]), int(orders["parent_step"])
        self._sweep = str(orders["sweep"])
        before = given.facts.get("saved") if orders["continues"] else None
        self.id = str(before["id"]) if before else secrets.token_urlsafe(12)
        self._begun = float(before["begun"]) if before else time.time()
        self._turns: list[int] = []
        if before:
            self._parent = str(before["parent"]), int(before["parent_step"])
            self._sweep = str(before["sweep"])
            self._turns = [int(step) for step in before["turns"]]
        self.clock = Clock(given.arrays.get("clock"))
        self.clock.note(session)
        self._written: tuple[Any, ...] = ()
        self._began = time.monotonic()
        self._due = self._began + OFTEN_S
        self.trouble = ""
        """Why the run could not be written down the last time, in a sentence; "" when it was."""

    def due(self) -> bool:
        """Whether it is time to write."""
        return self._file is not None and time.monotonic() >= self._due

    def soon(self) -> None:
        """Write within half a second: something was changed that a checkpoint has to have."""
        self._written = ()
        self._due = min(self._due, time.monotonic() + SOON_S)

    def save(self, session: Session, state: State, message: str = "") -> None:
        """Write the run down as it is, beside its place first: a reader never sees half of a file.

        What has nothing new, or never began, is not written.  A folder that cannot be written is no reason
        to stop the training: it is tried again.
        """
        begun, clock = time.perf_counter(), time.monotonic()
        pause_s = min(max(OFTEN_S, clock - self._began), EVERY_S)
        self._due = clock + pause_s
        now = session.step, state, message, session.written()
        if self._file is None or now == self._written or (not session.step and state is not State.PLAYING):
            return
        if self._write(self._record(session, state, message)):
            self._written = now
            took_s = time.perf_counter() - begun
            self._due = clock + min(max(pause_s, took_s / SHARE), RARELY_S)

    def _write(self, record: Record) -> bool:
        assert self._file is not None
        try:
            draft = self._file.with_suffix(".draft")
            draft.write_bytes(record.to_bytes())
            draft.replace(self._file)
        except OSError as error:
            self.trouble = (
                f"This run could not be written down ({error.strerror or error}).  It goes on, and is saved "
                "as soon as it can be."
            )
            self._due = time.monotonic() + TRY_AGAIN_S
            return False
        self.trouble = ""
        return True

    def turned(self, session: Session) -> None:
        """Somebody has put the run back to an earlier moment: what came after that is no longer its past."""
        self._turns.append(session.step)

    def begin_anew(self, session: Session, state: State, message: str) -> None:
        """The run that ``session`` is ends here, and another begins.

        It stays saved if it was worth it; else only where its owner has given it a name, tags or notes.
        """
        worth = self.clock.seconds >= WORTH_S or state in (State.FINISHED, State.FAILED)
        if self._file is not None and (session.step or self._file.exists()):
            self._write(self._record(session, state, message, forgotten=not (worth and session.epoch)))
            if self._file.exists():
                self._file.replace(self._file.with_stem(self.id))
        self.id = secrets.token_urlsafe(12)
        self._begun = time.time()
        self._parent, self._sweep = ("", 0), ""
        self._turns = []
        self._written = ()
        self.clock = Clock()

    def _record(self, session: Session, state: State, message: str, forgotten: bool = False) -> Record:
        self.clock.note(session)
        record = session.checkpoint()
        measures = zip(Evaluation._fields, session.latest(), strict=True)
        saved = {
            "id": self.id,
            "line": self._orders["line"],
            "owner": self._orders["owner"],
            "life": self._orders["life"],
            "sweep": self._sweep,
            "parent": self._parent[0],
            "parent_step": self._parent[1],
            "begun": self._begun,
            "saved": time.time(),
            "state": str(state),
            "message": message,
            "seconds": self.clock.seconds,
            "turns": self._turns,
            "forgotten": forgotten,
            "measures": {name: value if math.isfinite(value) else None for name, value in measures},
        }
        pictures = {f"picture.{name}": array for name, array in miniature(session).items()}
        arrays = {**record.arrays, **pictures, "clock": self.clock.array()}
        return Record({**record.facts, "saved": saved}, arrays)
