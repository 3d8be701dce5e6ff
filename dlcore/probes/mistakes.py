"""Which points the network gets wrong."""

from __future__ import annotations

import numpy as np
import torch

from dlcore.probes.base import Probe, add
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.metrics import decisions
from dlcore.training.session import SHARES, Session


@add
class Mistakes(Probe):
    """For every point, training points first, then validation, then test.

    ``x`` (N, 2) float32 on the plane; ``truth`` and ``answer`` (N,) float32: classes, or values; ``share``
    (N,) uint8: 0 for training, 1 for validation, 2 for test.
    """

    kind = "mistakes"

    def read(self, session: Session) -> Arrays:
        parts = [session.tensors[share] for share in SHARES]
        with looking(session.network.module):
            outputs = session.network.module(torch.cat([part.x for part in parts]))
            answers = decisions(outputs, session.experiment.data.task).float()
        planar = session.experiment.data.planar
        where = {"x": np.concatenate([session.points[share].x for share in SHARES])} if planar else {}
        return {
            **where,
            "truth": torch.cat([part.truth for part in parts]).float().numpy(),
            "answer": answers.numpy(),
            "share": np.repeat(np.arange(3, dtype=np.uint8), [len(part.x) for part in parts]),
        }
