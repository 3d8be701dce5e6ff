"""What the network answers all over the plane."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from torch import Tensor

from dlcore.data import Task
from dlcore.experiment import Experiment
from dlcore.probes.base import PlaneProbe, add, plane_inputs
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.session import Session

FINE, COARSE = 96, 64
MOST_FINE = 256
"""Multiply-adds a point up to which the finer map costs the run no more than half a millisecond."""


def side(experiment: Experiment) -> int:
    """Cells along a side of the map: more for a small network with one output, whose answers are cheap."""
    small = experiment.multiply_adds() <= MOST_FINE and experiment.data.task is not Task.CLASSES
    return FINE if small else COARSE


@lru_cache(maxsize=4)
def _grid(experiment: Experiment) -> Tensor:
    return plane_inputs(experiment, side(experiment))


@add
class Boundary(PlaneProbe):
    """The answer at S × S places of the plane, S as :func:`side` says; row 0 is the lowest x₂.

    Two classes: ``value`` (S, S) float32, −1 (surely class 0) to 1 (surely class 1).  More classes:
    ``label`` (S, S) uint8 and ``strength`` (S, S) float32, 0 (a tie) to 1 (sure).  Regression:
    ``value``, the answer.
    """

    kind = "boundary"

    def read(self, session: Session) -> Arrays:
        experiment = session.experiment
        task, grid = experiment.data.task, _grid(experiment)
        n_cells = math.isqrt(len(grid))
        with looking(session.network.module):
            outputs = session.network.module(grid)
            shown = experiment.loss.confidence(outputs, task)
            if task is not Task.CLASSES:
                return {"value": shown[:, 0].numpy().reshape(n_cells, n_cells)}
            best = shown.topk(2, dim=1)
            strength = (best.values[:, 0] - best.values[:, 1]).numpy()
            label = best.indices[:, 0].numpy().astype(np.uint8)
        return {"label": label.reshape(n_cells, n_cells), "strength": strength.reshape(n_cells, n_cells)}
