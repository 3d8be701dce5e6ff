"""What each neuron answers all over the plane."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from dlcore.experiment import Experiment
from dlcore.probes.base import PlaneProbe, add, plane_inputs
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.session import Session

SIDE = 24
DRAWN = 16
"""Neurons of one layer that get a map; wider layers are drawn folded."""


@lru_cache(maxsize=4)
def _grid(experiment: Experiment) -> Tensor:
    return plane_inputs(experiment, SIDE)


@add
class Neurons(PlaneProbe):
    """One small map per input and per neuron (of each layer at most the first 16).

    ``maps`` (M, 24, 24) int8: the inputs first, then layer by layer, the output layer last; row 0 is the
    lowest x₂; ±127 stands for ±``scale``.  ``scale`` (M,) float32: the largest size of the neuron's answer
    on the plane.
    """

    kind = "neurons"

    def read(self, session: Session) -> Arrays:
        grid = _grid(session.experiment)
        with looking(session.network.module):
            layers = [grid, *session.network.layer_outputs(grid)]
            values = torch.cat([layer[:, :DRAWN] for layer in layers], 1).T
            values = torch.nan_to_num(values, nan=0.0, posinf=1e30, neginf=-1e30)
            scale = values.abs().amax(1).clamp(min=1e-12)
            maps = (values / scale[:, None] * 127).round().to(torch.int8)
        return {"maps": maps.numpy().reshape(-1, SIDE, SIDE), "scale": scale.numpy().astype(np.float32)}
