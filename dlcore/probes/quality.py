"""How good answers are: what is taken for what, ROC curves, calibration; for values, how far they are off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dlcore.data import Task
from dlcore.experiment import Experiment
from dlcore.probes.answers import answers
from dlcore.probes.base import Probe, add
from dlcore.record import Arrays
from dlcore.training.session import Session

MOST_CLASSES = 40
MOST_CURVES = 8
CORNERS = 101
"""Places of a ROC curve that are kept."""
BINS = 10
MOST_VALUES = 1000
Numbers = NDArray[np.float64]


@add
class Quality(Probe):
    """How the first test samples are answered (at most 2,000, fewer of a large network); once a second.

    Of classes: ``classes`` (C,) int32, the numbers of the at most 40 commonest; ``confusion`` (C, C) int32,
    truth in rows and answers in columns, and ``elsewhere`` (C,) int32, what was taken for none of them;
    ``curve`` (R,) int32, the numbers of the at most 8 commonest, of two classes the second alone, with
    ``roc`` (R, 101, 2) float32, false and true positive rates of that class against the others, and ``area``
    (R,) float32 under them, nan where a class or the others are missing.  ``calibration`` (10, 3) float32:
    of the answers in each tenth of confidence the mean confidence, the accuracy, nan for none, and how many
    there are.

    Of values: ``truth`` and ``answer`` (M,) float32, at most 1,000, and ``which`` (M,) int32, the place of
    the value where a sample has several; ``determination`` (H,) float32, R² of each.

    ``count`` (1,) int32, how many answers were looked at.
    """

    kind = "quality"
    every_s = 1.0

    def applies(self, experiment: Experiment) -> bool:
        return experiment.objective.labelled

    def read(self, session: Session) -> Arrays:
        truth, answer, shares = (each.numpy() for each in answers(session))
        if session.experiment.data.task is Task.REGRESSION:
            return _values(truth.reshape(len(truth), -1), answer.reshape(len(truth), -1))
        asked = truth >= 0
        truth, answer, shares = truth[asked], answer[asked], shares[asked].astype(np.float64)
        common = np.argsort(-np.bincount(truth, minlength=shares.shape[1]), kind="stable")
        classes = np.sort(common[:MOST_CLASSES])
        counts, elsewhere = confusion(truth, answer, classes)
        curves = np.array([1]) if shares.shape[1] == 2 else np.sort(common[:MOST_CURVES])
        drawn = [roc(truth == k, shares[:, k]) for k in curves]
        return {
            "classes": classes.astype(np.int32),
            "confusion": counts,
            "elsewhere": elsewhere,
            "curve": curves.astype(np.int32),
            "roc": np.stack([corners for corners, _ in drawn]).astype(np.float32),
            "area": np.array([area for _, area in drawn], np.float32),
            "calibration": calibration(answer == truth, shares.max(1, initial=0.0)).astype(np.float32),
            "count": np.array([len(truth)], np.int32),
        }


def confusion(
    truth: NDArray[np.int64], answer: NDArray[np.int64], classes: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Count what of each class was taken for what: (C, C), and for none of these classes: (C,)."""
    place = np.full(
        max(truth.max(initial=0), answer.max(initial=0), classes.max(initial=0)) + 1, len(classes)
    )
    place[classes] = np.arange(len(classes))
    n = len(classes) + 1
    counts = np.bincount(place[truth] * n + place[answer], minlength=n * n).reshape(n, n).astype(np.int32)
    return counts[:-1, :-1], counts[:-1, -1]


def roc(positive: NDArray[np.bool_], share: Numbers) -> tuple[Numbers, float]:
    """The ROC curve, false and true positive rates: (101, 2), and the area under it (Fawcett, 2006)."""
    if positive.all() or not positive.any():
        return np.full((CORNERS, 2), np.nan), float("nan")
    order = np.argsort(-share, kind="stable")
    ranked, hits = share[order], positive[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)  # equal shares are one step
    true = np.append(0, np.cumsum(hits)[last]).astype(float)
    false = np.append(0, np.cumsum(~hits)[last]).astype(float)
    rates = np.stack([false / false[-1], true / true[-1]], 1)
    area = float(np.trapezoid(rates[:, 1], rates[:, 0]))
    kept = np.round(np.linspace(0, len(rates) - 1, CORNERS)).astype(int)
    return rates[kept], area


def calibration(right: NDArray[np.bool_], confidence: Numbers) -> Numbers:
    """Mean confidence, accuracy and number of the answers in each tenth of confidence: (10, 3)."""
    tenth = np.minimum((confidence * BINS).astype(int), BINS - 1)
    count = np.bincount(tenth, minlength=BINS).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(tenth, confidence, BINS) / count
        accuracy = np.bincount(tenth, right.astype(float), BINS) / count
    return np.stack([mean, accuracy, count], 1)


def _values(truth: NDArray[np.float32], answer: NDArray[np.float32]) -> Arrays:
    left = np.square(truth - answer).sum(0, dtype=np.float64)
    spread = np.square(truth - truth.mean(0)).sum(0, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        determination = np.where(spread > 0, 1 - left / spread, (left == 0).astype(float))
    n_rows = max(1, MOST_VALUES // truth.shape[1])
    which = np.tile(np.arange(truth.shape[1], dtype=np.int32), min(n_rows, len(truth)))
    return {
        "truth": truth[:n_rows].ravel().astype(np.float32)[:MOST_VALUES],
        "answer": np.nan_to_num(answer[:n_rows]).ravel().astype(np.float32)[:MOST_VALUES],
        "which": which[:MOST_VALUES],
        "determination": determination.astype(np.float32),
        "count": np.array([len(truth)], np.int32),
    }
