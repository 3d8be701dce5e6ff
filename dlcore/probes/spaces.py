"""The plane as each layer sees it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dlcore.experiment import Experiment
from dlcore.probes.base import Probe, add, plane_inputs
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.session import Session

LINES = 19
"""Lines of the grid in each direction."""


@lru_cache(maxsize=4)
def _grid(experiment: Experiment) -> Tensor:
    return plane_inputs(experiment, LINES)


@add
class Spaces(Probe):
    """A grid over the plane and the training points, carried through each layer and laid into two dimensions.

    For layer i (counted as in the experiment): ``i.grid`` (19, 19, 2) and ``i.points`` (N, 2) float32.  Two
    neurons are shown as they are; more by their two principal components, turned to lie as nearly as can
    be like the plane itself (orthogonal Procrustes), lest the picture spin from frame to frame.
    """

    kind = "spaces"

    def read(self, session: Session) -> Arrays:
        grid, points = _grid(session.experiment), session.tensors["train"].x
        arrays: Arrays = {}
        with looking(session.network.module):
            seen = session.network.layer_outputs(torch.cat([grid, points]))
        for layer, values in enumerate(seen[:-1]):
            flat = laid(torch.nan_to_num(values).double().numpy(), len(grid)).astype(np.float32)
            arrays[f"{layer}.grid"] = flat[: len(grid)].reshape(LINES, LINES, 2)
            arrays[f"{layer}.points"] = flat[len(grid) :]
        return arrays


def laid(values: NDArray[np.float64], n_grid: int) -> NDArray[np.float64]:
    """Lay (N, D) into two dimensions, (N, 2); the first ``n_grid`` rows are the grid that sets the turn."""
    if values.shape[1] == 1:
        return np.concatenate([values, np.zeros_like(values)], 1)
    if values.shape[1] == 2:
        return values
    centred = values - values[:n_grid].mean(0)
    _, _, axes = np.linalg.svd(centred[:n_grid], full_matrices=False)
    flat = centred @ axes[:2].T
    side = round(n_grid**0.5)
    steps = np.arange(side) - (side - 1) / 2
    plane = np.stack([np.tile(steps, side), np.repeat(steps, side)], 1)
    left, _, right = np.linalg.svd(flat[:n_grid].T @ plane)
    return np.asarray(flat @ left @ right)
