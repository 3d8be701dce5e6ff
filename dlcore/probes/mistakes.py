"""Which samples the network gets wrong."""

from __future__ import annotations

import numpy as np
import torch

from dlcore.data import Task
from dlcore.experiment import Experiment
from dlcore.probes.base import Probe, add
from dlcore.probes.samples import first
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.metrics import decisions
from dlcore.training.session import SHARES, Session

MOST, FEWEST = 5000, 200
PRODUCTS = 30_000_000


@add
class Mistakes(Probe):
    """For every sample, training samples first, then validation, then test; of large networks and large data
    for the first of each share.

    ``truth`` and ``answer`` (M,) float32: classes, or values; of a sample with several values or tokens one
    after the other, tokens of which nothing is asked left out.  ``share`` (M,) uint8: 0 for training, 1 for
    validation, 2 for test.  On the plane also ``x`` (M, 2) float32.
    """

    kind = "mistakes"

    def applies(self, experiment: Experiment) -> bool:
        return experiment.objective.labelled

    def read(self, session: Session) -> Arrays:
        n = first(session, PRODUCTS, FEWEST, MOST)
        parts = [session.tensors[share].first(n) for share in SHARES]
        task = session.experiment.data.task
        with looking(session.network.module):
            outputs = session.network.module(torch.cat([part.x for part in parts]))
            answers = decisions(outputs, task).numpy()
        truth = torch.cat([part.truth for part in parts]).numpy().reshape(answers.shape)
        share = np.repeat(np.arange(3, dtype=np.uint8), [len(part.x) for part in parts])
        share = np.broadcast_to(share.reshape(-1, *[1] * (truth.ndim - 1)), truth.shape)
        asked = truth >= 0 if task is Task.TOKENS else np.ones(truth.shape, bool)
        planar = session.experiment.data.planar
        where = {"x": np.concatenate([session.points[each].x[:n] for each in SHARES])} if planar else {}
        return {
            **where,
            "truth": truth[asked].astype(np.float32),
            "answer": answers[asked].astype(np.float32),
            "share": share[asked],
        }
