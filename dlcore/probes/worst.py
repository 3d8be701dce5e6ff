"""The test samples that are answered worst."""

from __future__ import annotations

import numpy as np

from dlcore.data import Task
from dlcore.experiment import Experiment
from dlcore.probes.answers import answers
from dlcore.probes.base import Probe, add
from dlcore.record import Arrays
from dlcore.training.session import Session

MOST = 24
MOST_STEPS = 64
LEAST_SHARE = 1e-9


@add
class Worst(Probe):
    """Which of the first test samples (at most 2,000) are answered worst, at most 24; once a second.

    With ``order`` 0 those whose truth gets the smallest share, or whose values are furthest off; with 1 the
    wrong ones with the largest share for what was answered.  ``sample`` (G,) int32; ``truth`` and ``answer``
    (G, H) float32, at most 64 steps or values; ``surprise`` (G,) float32, −ln of the share of the truth
    (its mean over steps), or the mean squared error; ``share`` (G,) float32, that of what was answered (of
    tokens, the mean), nan for values.  ``count`` (2,) int32: how many samples were looked at, and how many
    of them are wrong.
    """

    kind = "worst"
    every_s = 1.0
    order: int = 0

    def applies(self, experiment: Experiment) -> bool:
        return experiment.objective.labelled

    def read(self, session: Session) -> Arrays:
        truth, answer, shares = (each.numpy() for each in answers(session))
        n = len(truth)
        truth, answer = truth.reshape(n, -1), answer.reshape(n, -1)
        if session.experiment.data.task is Task.REGRESSION:
            surprise = np.nan_to_num(np.square(truth - answer).mean(1))
            share, wrong = np.full(n, np.nan), np.zeros(n, bool)
            ranked = np.argsort(-surprise, kind="stable")
        else:
            asked = truth >= 0
            shares = shares.reshape(n, truth.shape[1], -1)
            of_truth = np.take_along_axis(shares, np.maximum(truth, 0)[..., None], 2)[..., 0]
            n_asked = np.maximum(asked.sum(1), 1)
            surprise = (-np.log(np.maximum(of_truth, LEAST_SHARE)) * asked).sum(1) / n_asked
            share = (shares.max(2) * asked).sum(1) / n_asked
            wrong = ((truth != answer) & asked).any(1)
            ranked = np.argsort(-np.where(wrong, share, -1.0) if self.order else -surprise, kind="stable")
            if self.order:
                ranked = ranked[wrong[ranked]]
        best = ranked[:MOST]
        return {
            "sample": best.astype(np.int32),
            "truth": truth[best, :MOST_STEPS].astype(np.float32),
            "answer": answer[best, :MOST_STEPS].astype(np.float32),
            "surprise": surprise[best].astype(np.float32),
            "share": share[best].astype(np.float32),
            "count": np.array([n, int(wrong.sum())], np.int32),
        }
