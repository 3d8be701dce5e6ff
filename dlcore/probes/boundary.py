"""What the network answers all over the plane."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from torch import Tensor

from dlcore.data import Task
from dlcore.experiment import Experiment
from dlcore.probes.base import PlaneProbe, add, plane_inputs
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.session import Session

SIDE = 64


@lru_cache(maxsize=4)
def _grid(experiment: Experiment) -> Tensor:
    return plane_inputs(experiment, SIDE)


@add
class Boundary(PlaneProbe):
    """The answer at 64 × 64 places of the plane; row 0 is the lowest x₂.

    Two classes: ``value`` (64, 64) float32, −1 (surely class 0) to 1 (surely class 1).  More classes:
    ``label`` (64, 64) uint8 and ``strength`` (64, 64) float32, 0 (a tie) to 1 (sure).  Regression:
    ``value``, the answer.
    """

    kind = "boundary"

    def read(self, session: Session) -> Arrays:
        experiment = session.experiment
        task = experiment.data.task
        with looking(session.network.module):
            outputs = session.network.module(_grid(experiment))
            shown = experiment.loss.confidence(outputs, task)
            if task is not Task.CLASSES:
                return {"value": shown[:, 0].numpy().reshape(SIDE, SIDE)}
            best = shown.topk(2, dim=1)
            strength = (best.values[:, 0] - best.values[:, 1]).numpy()
            label = best.indices[:, 0].numpy().astype(np.uint8)
        return {"label": label.reshape(SIDE, SIDE), "strength": strength.reshape(SIDE, SIDE)}
