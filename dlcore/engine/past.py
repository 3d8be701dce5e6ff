"""The moments of a run that can be looked at again and gone back to."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from dlcore.record import Arrays, Record
from dlcore.thinning import least_missed
from dlcore.training.session import Session

MOST = 200
MOST_BYTES = 64_000_000
OVERHEAD_BYTES = 4_000
"""What a moment weighs besides its arrays."""
EVERY_S = 0.25
SHARE = 0.005
"""The share of the training time that moments may cost."""


class Moment(NamedTuple):
    """A checkpoint without its history, which is the beginning of the run's."""

    record: Record
    n_rows: int
    n_bytes: int

    @property
    def step(self) -> int:
        return int(self.record.facts["step"])


class Past:
    """Moments of one run, oldest first; the older, the further apart.

    It holds at most ``most`` of them and ``most_bytes`` bytes; the first and the last are always there.
    """

    def __init__(self, session: Session, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._shown: Session | None = None
        self.moments: list[Moment] = []
        self.start(session)

    def start(self, session: Session) -> None:
        """Forget everything: the run begins where the session stands."""
        self.moments.clear()
        self.add(session)

    def add_when_due(self, session: Session) -> None:
        """Keep a moment about four times a second, and less often where keeping one takes long."""
        if time.perf_counter() >= self._due:
            self.add(session)

    def add(self, session: Session) -> None:
        """Keep the present moment; no two of one step."""
        begun = time.perf_counter()
        record = session.snapshot()
        n_bytes = sum(array.nbytes for array in record.arrays.values()) + OVERHEAD_BYTES
        self.cut(session.step - 1)
        self.moments.append(Moment(record, len(session.history.epochs), n_bytes))
        self._thin()
        now = time.perf_counter()
        self._due = now + max(EVERY_S, (now - begun) / SHARE)

    def cut(self, step: int) -> None:
        """Forget what came after ``step``."""
        while self.moments and self.moments[-1].step > step:
            self.moments.pop()

    def _thin(self) -> None:
        while len(self.moments) > 2 and (
            len(self.moments) > self._most
            or sum(moment.n_bytes for moment in self.moments) > self._most_bytes
        ):
            del self.moments[least_missed([moment.step for moment in self.moments])]

    def checkpoint(self, session: Session, step: int) -> Record:
        """The whole checkpoint of the moment nearest to ``step``, of the run that ``session`` is."""
        moment = min(self.moments, key=lambda each: abs(each.step - step))
        rows = session.history.exact(moment.n_rows)
        history = {f"history.{name}": column for name, column in rows.items()}
        return Record(moment.record.facts, {**history, **moment.record.arrays})

    def session_at(self, session: Session, step: int) -> Session:
        """Another session, as the run was at the moment nearest to ``step``; the run itself is untouched."""
        record = self.checkpoint(session, step)
        if self._shown is None or self._shown.written() != record.facts["experiment"]:
            self._shown = Session.restored(record)
        elif self._shown.step != record.facts["step"]:
            self._shown.restore(record)
        return self._shown

    def arrays(self) -> Arrays:
        """Which moments there are: ``step`` (M,) int64 and ``epoch`` (M,) int32."""
        facts = [moment.record.facts for moment in self.moments]
        return {
            "step": np.array([each["step"] for each in facts], np.int64),
            "epoch": np.array([each["epoch"] for each in facts], np.int32),
        }
