"""k-fold cross-validation: an experiment trained once for each fold, one after another, in one worker."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass

import numpy as np

from dlcore.engine.local import EngineFull, LocalEngine
from dlcore.engine.protocol import Frame, State
from dlcore.engine.run import Run
from dlcore.experiment import Experiment
from dlcore.record import Arrays

LOOK_EVERY_S = 0.1
FORGOTTEN_AFTER_S = 60.0
"""Once nobody has looked for so long, no further fold is trained."""
MEASURES = (
    "train_loss",
    "validation_loss",
    "test_loss",
    "train_score",
    "validation_score",
    "test_score",
)
DONE = (State.FINISHED, State.FAILED)


def folded(experiment: Experiment, k: int, fold: int, epochs: int) -> Experiment:
    """The experiment that fold ``fold`` of k trains, for so many epochs unless its own stop comes first."""
    split = experiment.split.model_copy(update={"folds": k, "fold": fold})
    stop = experiment.stop.model_copy(update={"epochs": epochs})
    return experiment.model_copy(update={"split": split, "stop": stop})


@dataclass(frozen=True)
class Progress:
    """How far a cross-validation has come."""

    fold: int
    """The fold that is being trained, counted from 0; k once all are done."""
    folds: int
    epoch: int
    epochs: int
    running: bool
    message: str = ""
    """Why it ended before its time, in a sentence; "" where it did not."""

    @property
    def share(self) -> float:
        """The share of all the epochs that is done, 0 to 1."""
        done = self.fold + min(self.epoch / self.epochs, 1.0) * (self.fold < self.folds)
        return done / self.folds


class Folds:
    """Train an experiment k times: each time another piece of the points is kept for validation.

    The test points stay out of it.  The training goes on in the background, in a run of its own, through the
    same calls as any other; it ends when somebody stops it, or nobody has looked for a minute.  Safe to use
    from several threads.
    """

    def __init__(self, engine: LocalEngine, experiment: Experiment, k: int, epochs: int, owner: str) -> None:
        self.experiment = experiment
        self.k = k
        self.epochs = epochs
        self._engine = engine
        self._owner = f"cross-validation of {owner}"
        self._measured = np.full((k, len(MEASURES)), np.nan)
        self._ended_at = np.zeros(k, np.int32)
        self._fold = 0
        self._epoch = 0
        self._message = ""
        self._stopped = threading.Event()
        self._asked = time.monotonic()
        self._thread = threading.Thread(target=self._train, name="glassbox-folds", daemon=True)

    def start(self) -> None:
        """Begin with the first fold."""
        self._thread.start()

    def stop(self) -> None:
        """Leave it where it is; the folds that are done stay."""
        self._message = self._message or "Stopped before the last fold was done."
        self._stopped.set()

    def wait(self, patience_s: float) -> None:
        """Wait until it has ended, no longer than ``patience_s``."""
        self._thread.join(patience_s)

    @property
    def running(self) -> bool:
        """Whether there is more to come."""
        return self._thread.is_alive()

    def progress(self) -> Progress:
        """How far it has come; asking is what keeps it going."""
        self._asked = time.monotonic()
        return Progress(self._fold, self.k, self._epoch, self.epochs, self.running, self._message)

    def frame(self) -> Frame:
        """What is measured so far, as the arrays of ``folds`` in a frame.

        ``fold`` (k,) int32 from 0, ``epoch`` (k,) int32 at which it ended; the losses and scores at its end,
        (k,) float32, nan where a fold is not done or has broken down; and of each measure ``mean.…`` and
        ``spread.…``, (1,) float32: the mean over the folds that are done and their standard deviation
        (n − 1 in the denominator; nan for fewer than two).
        """
        now = self.progress()
        state = State.PLAYING if now.running else State.PAUSED if self._message else State.FINISHED
        arrays = {f"folds.{name}": array for name, array in self._arrays().items()}
        return Frame(state, self._message, epoch=now.epoch, arrays=arrays, watched=["folds"])

    def _arrays(self) -> Arrays:
        arrays: Arrays = {"fold": np.arange(self.k, dtype=np.int32), "epoch": self._ended_at.copy()}
        for name, column in zip(MEASURES, self._measured.T.copy(), strict=True):
            done = column[np.isfinite(column)]
            mean = done.mean() if len(done) else math.nan
            spread = done.std(ddof=1) if len(done) > 1 else math.nan
            arrays[name] = column.astype(np.float32)
            arrays[f"mean.{name}"] = np.array([mean], np.float32)
            arrays[f"spread.{name}"] = np.array([spread], np.float32)
        return arrays

    def _train(self) -> None:
        try:
            run = self._engine.start(folded(self.experiment, self.k, 0, self.epochs), self._owner)
        except (EngineFull, OSError, ValueError) as refusal:
            self._message = f"No run could be started: {refusal}"
            return
        try:
            for fold in range(self.k):
                self._fold, self._epoch = fold, 0
                if fold:
                    # a change keeps the weights of layers that did not change: reset, or folds learn of folds
                    run.change(folded(self.experiment, self.k, fold, self.epochs))
                    run.do("reset")
                run.do("play")
                frame = self._end_of(run, revision=1 + 2 * fold)
                if frame is None:
                    return
                self._ended_at[fold] = frame.epoch
                told = [frame.measures[name] for name in MEASURES]
                self._measured[fold] = [math.nan if value is None else value for value in told]
            self._fold = self.k
        finally:
            self._engine.end(run)

    def _end_of(self, run: Run, revision: int) -> Frame | None:
        """The picture once a fold is trained; None where it was stopped or lost."""
        while not self._stopped.wait(LOOK_EVERY_S):
            if time.monotonic() - self._asked > FORGOTTEN_AFTER_S:
                self._message = "Stopped, because nobody was watching."
                return None
            frame = run.frame(())
            if run.lost:
                self._message = frame.message
                return None
            if frame.revision < revision:
                continue  # a picture of the fold before
            self._epoch = frame.epoch
            if frame.state in DONE:
                return frame
        return None
