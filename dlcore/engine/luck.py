"""Many seeds of one experiment, or of two, trained at once in the background."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from dlcore.engine.local import EngineFull, LocalEngine
from dlcore.engine.run import Run
from dlcore.experiment import Experiment
from dlcore.link import dumps
from dlcore.record import Record

PATIENCE_S = 120.0
"""How long one piece is waited for; a step of many large networks takes a while."""
PICTURE_EVERY_S = 1.0
FORGOTTEN_AFTER_S = 60.0
"""Once nobody has looked for so long, nothing further is trained."""


@dataclass(frozen=True)
class LuckProgress:
    """How far an ensemble, or two, have come."""

    share: float
    """Of all the epochs, 0 to 1."""
    epoch: int
    running: bool
    message: str = ""
    """Why they ended before their time, in a sentence; "" where they did not."""


class Luck:
    """Train n seeds of each wanted experiment at once, the experiments by turns, for a number of epochs.

    The training goes on in the background, in a run of its own that never plays, through the same calls as
    any other; it ends when somebody stops it, or nobody has looked for a minute.  Safe to use from several
    threads.
    """

    def __init__(
        self, engine: LocalEngine, wanted: Mapping[str, Experiment], n: int, epochs: int, owner: str
    ) -> None:
        self.wanted = dict(wanted)
        self.n = n
        self.epochs = epochs
        self._engine = engine
        self._owner = f"ensemble of {owner}"
        self._records: dict[str, Record] = {}
        self._pictured: dict[str, tuple[float, int]] = {}
        """When each was last drawn, and at which step."""
        self._message = ""
        self._stopped = threading.Event()
        self._asked = time.monotonic()
        self._thread = threading.Thread(target=self._train, name="glassbox-luck", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, why: str = "Stopped before all epochs were done.") -> None:
        """Leave them where they are; what they have come to stays."""
        self._message = self._message or why
        self._stopped.set()

    def wait(self, patience_s: float) -> None:
        """Wait until they have ended, no longer than ``patience_s``."""
        self._thread.join(patience_s)

    @property
    def running(self) -> bool:
        """Whether there is more to come."""
        return self._thread.is_alive()

    def progress(self) -> LuckProgress:
        """How far they have come; asking is what keeps them going."""
        self._asked = time.monotonic()
        running, records = self.running, self.records()
        passed = sum(min(float(each.facts["passed"]), self.epochs) for each in records.values())
        share = passed / (self.epochs * len(self.wanted)) if self.epochs else 1.0
        epoch = min((int(each.facts["epoch"]) for each in records.values()), default=0)
        return LuckProgress(min(share, 1.0), epoch, running, "" if running else self._message)

    def records(self) -> dict[str, Record]:
        """What each has come to: the arrays of :func:`dlcore.engine.ensembles.arrays`, and its last maps."""
        return dict(self._records)

    def _train(self) -> None:
        try:
            run = self._engine.start(next(iter(self.wanted.values())), self._owner, kept=False)
        except (EngineFull, OSError, ValueError) as refusal:
            self._message = f"No run could be started: {refusal}"
            return
        try:
            left = list(self.wanted)
            while left and not self._over():
                name = left.pop(0)
                if not self._go_on(run, name):
                    left.append(name)
        except (ValueError, ConnectionError) as failure:
            self._message = str(failure)
        finally:
            self._engine.end(run)

    def _over(self) -> bool:
        if time.monotonic() - self._asked > FORGOTTEN_AFTER_S:
            self._message = "Stopped, because nobody was watching."
            return True
        return self._stopped.is_set()

    def _go_on(self, run: Run, name: str) -> bool:
        """Have one go on for a piece; whether it is done, and drawn as it is in the end."""
        last = self._records.get(name)
        ended = last is not None and last.facts["epoch"] >= self.epochs
        when, _ = self._pictured.get(name, (-PICTURE_EVERY_S, -1))
        picture = ended or time.monotonic() - when >= PICTURE_EVERY_S
        told = run.ask(
            "ensemble",
            patience_s=PATIENCE_S,
            experiment=dumps(self.wanted[name]),
            n=self.n,
            epochs=self.epochs,
            picture=picture,
        )
        if told is None:
            raise ConnectionError(run.ended or "The networks take too long for a step.  Choose fewer seeds.")
        if picture:
            self._pictured[name] = time.monotonic(), int(told.facts["step"])
        kept = last.arrays if last is not None else {}  # the last maps stay until there are newer ones
        self._records[name] = Record(told.facts, {**kept, **told.arrays})
        return int(told.facts["epoch"]) >= self.epochs and self._pictured[name][1] == told.facts["step"]
