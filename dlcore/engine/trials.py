"""Several experiments trained one after another in the background, in one worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from dlcore.engine.local import EngineFull, LocalEngine
from dlcore.engine.protocol import Frame, State
from dlcore.engine.run import Run
from dlcore.experiment import Experiment

LOOK_EVERY_S = 0.1
FORGOTTEN_AFTER_S = 60.0
"""Once nobody has looked for so long, nothing further is trained."""
DONE = (State.FINISHED, State.FAILED)
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class TrialsProgress(Generic[K]):
    """How far trials have come."""

    done: int
    n: int
    now: K | None
    """The one that is being trained; None where none is."""
    epoch: int
    running: bool
    message: str = ""
    """Why they ended before their time, in a sentence; "" where they did not."""


class Trials(Generic[K]):
    """Train each experiment from its own start until its own stop, and keep what it came to.

    The training goes on in the background, in a run of its own, through the same calls as any other; it ends
    when somebody stops it, or nobody has looked for a minute.  Safe to use from several threads.
    """

    def __init__(
        self, engine: LocalEngine, wanted: Mapping[K, Experiment], owner: str, what: str = "trials"
    ) -> None:
        self.wanted = dict(wanted)
        self._engine = engine
        self._owner = f"{what} of {owner}"
        self._done: dict[K, Frame] = {}
        self._now: K | None = None
        self._epoch = 0
        self._message = ""
        self._stopped = threading.Event()
        self._asked = time.monotonic()
        self._thread = threading.Thread(target=self._train, name="glassbox-trials", daemon=True)

    def start(self) -> None:
        """Begin with the first."""
        self._thread.start()

    def stop(self, why: str = "Stopped before all were done.") -> None:
        """Leave them where they are; those that are done stay."""
        self._message = self._message or why
        self._stopped.set()

    def wait(self, patience_s: float) -> None:
        """Wait until they have ended, no longer than ``patience_s``."""
        self._thread.join(patience_s)

    @property
    def running(self) -> bool:
        """Whether there is more to come."""
        return self._thread.is_alive()

    def progress(self) -> TrialsProgress[K]:
        """How far they have come; asking is what keeps them going."""
        self._asked = time.monotonic()
        done, n = len(self._done), len(self.wanted)
        return TrialsProgress(done, n, self._now, self._epoch, self.running, self._message)

    def frames(self) -> dict[K, Frame]:
        """The last picture of each that is done, with its epoch and its measures."""
        return dict(self._done)

    def _train(self) -> None:
        try:
            run = self._engine.start(next(iter(self.wanted.values())), self._owner, kept=False)
        except (EngineFull, OSError, ValueError) as refusal:
            self._message = f"No run could be started: {refusal}"
            return
        try:
            for number, (key, experiment) in enumerate(self.wanted.items()):
                self._now, self._epoch = key, 0
                # a change keeps the weights of layers that did not change: reset, or they learn of each other
                run.change(experiment)
                run.do("reset")
                run.do("play")
                frame = self._end_of(run, revision=3 + 2 * number)
                if frame is None:
                    return
                self._done[key] = frame
        finally:
            self._now = None
            self._engine.end(run)

    def _end_of(self, run: Run, revision: int) -> Frame | None:
        """The picture once one is trained; None where it was stopped or lost."""
        while not self._stopped.wait(LOOK_EVERY_S):
            if time.monotonic() - self._asked > FORGOTTEN_AFTER_S:
                self._message = "Stopped, because nobody was watching."
                return None
            frame = run.frame(())
            if run.lost:
                self._message = frame.message
                return None
            if frame.revision < revision:
                continue  # a picture of the one before
            self._epoch = frame.epoch
            if frame.state in DONE:
                return frame
        return None
