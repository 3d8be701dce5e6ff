"""k-fold cross-validation: an experiment trained once for each fold, one after another, in one worker."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dlcore.engine.local import LocalEngine
from dlcore.engine.protocol import Frame, State
from dlcore.engine.trials import Trials
from dlcore.experiment import Experiment
from dlcore.record import Arrays

MEASURES = (
    "train_loss",
    "validation_loss",
    "test_loss",
    "train_score",
    "validation_score",
    "test_score",
)


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
        wanted = {fold: folded(experiment, k, fold, epochs) for fold in range(k)}
        self._trials = Trials(engine, wanted, owner, "cross-validation")

    def start(self) -> None:
        """Begin with the first fold."""
        self._trials.start()

    def stop(self) -> None:
        """Leave it where it is; the folds that are done stay."""
        self._trials.stop("Stopped before the last fold was done.")

    def wait(self, patience_s: float) -> None:
        """Wait until it has ended, no longer than ``patience_s``."""
        self._trials.wait(patience_s)

    @property
    def running(self) -> bool:
        """Whether there is more to come."""
        return self._trials.running

    def progress(self) -> Progress:
        """How far it has come; asking is what keeps it going."""
        now = self._trials.progress()
        return Progress(now.done, self.k, now.epoch, self.epochs, now.running, now.message)

    def frame(self) -> Frame:
        """What is measured so far, as the arrays of ``folds`` in a frame.

        ``fold`` (k,) int32 from 0, ``epoch`` (k,) int32 at which it ended; the losses and scores at its end,
        (k,) float32, nan where a fold is not done or has broken down; and of each measure ``mean.…`` and
        ``spread.…``, (1,) float32: the mean over the folds that are done and their standard deviation
        (n − 1 in the denominator; nan for fewer than two).
        """
        now = self.progress()
        state = State.PLAYING if now.running else State.PAUSED if now.message else State.FINISHED
        arrays = {f"folds.{name}": array for name, array in self._arrays().items()}
        return Frame(state, now.message, epoch=now.epoch, arrays=arrays, watched=["folds"])

    def _arrays(self) -> Arrays:
        done = self._trials.frames()
        measured = np.full((self.k, len(MEASURES)), np.nan)
        ended_at = np.zeros(self.k, np.int32)
        for fold, frame in done.items():
            ended_at[fold] = frame.epoch
            told = [frame.measures[name] for name in MEASURES]
            measured[fold] = [math.nan if value is None else value for value in told]
        arrays: Arrays = {"fold": np.arange(self.k, dtype=np.int32), "epoch": ended_at}
        for name, column in zip(MEASURES, measured.T, strict=True):
            known = column[np.isfinite(column)]
            mean = known.mean() if len(known) else math.nan
            spread = known.std(ddof=1) if len(known) > 1 else math.nan
            arrays[name] = column.astype(np.float32)
            arrays[f"mean.{name}"] = np.array([mean], np.float32)
            arrays[f"spread.{name}"] = np.array([spread], np.float32)
        return arrays
