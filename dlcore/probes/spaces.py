"""The plane as each layer sees it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dlcore.experiment import Experiment
from dlcore.probes.base import PlaneProbe, add, plane_inputs
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.session import Session

LINES = 19
"""Lines of the grid in each direction."""


@lru_cache(maxsize=4)
def _grid(experiment: Experiment) -> Tensor:
    return plane_inputs(experiment, LINES)


def _through(session: Session, dims: int) -> Iterator[tuple[int, NDArray[np.float32], int]]:
    """Carry grid and training points through each layer that has ``dims`` neurons, or fewer for two."""
    grid, points = _grid(session.experiment), session.tensors["train"].x
    with looking(session.network.module):
        seen = session.network.layer_outputs(torch.cat([grid, points]))
    for layer, values in enumerate(seen[:-1]):
        if values.shape[1] >= dims or dims == 2:
            flat = laid(torch.nan_to_num(values).double().numpy(), len(grid), dims)
            yield layer, flat.astype(np.float32), len(grid)


def _arrays(session: Session, dims: int) -> Arrays:
    arrays: Arrays = {}
    for layer, flat, n_grid in _through(session, dims):
        arrays[f"{layer}.grid"] = flat[:n_grid].reshape(LINES, LINES, dims)
        arrays[f"{layer}.points"] = flat[n_grid:]
    return arrays


@add
class Spaces(PlaneProbe):
    """A grid over the plane and the training points, carried through each layer and laid into two dimensions.

    For layer i (counted as in the experiment): ``i.grid`` (19, 19, 2) and ``i.points`` (N, 2) float32.  Two
    neurons are shown as they are; more by their two principal components, turned to lie as nearly as can
    be like the plane itself (orthogonal Procrustes), lest the picture spin from frame to frame.
    """

    kind = "spaces"

    def read(self, session: Session) -> Arrays:
        return _arrays(session, 2)


@add
class Solids(PlaneProbe):
    """The same in three dimensions, for every layer of at least three neurons.

    For layer i: ``i.grid`` (19, 19, 3) and ``i.points`` (N, 3) float32.  Three neurons are shown as they are;
    more by their three principal components, turned so that two of them lie like the plane.
    """

    kind = "solids"

    def read(self, session: Session) -> Arrays:
        return _arrays(session, 3)


def laid(values: NDArray[np.float64], n_grid: int, dims: int = 2) -> NDArray[np.float64]:
    """Lay (N, D) into (N, dims); the first ``n_grid`` rows are the grid that sets the turn."""
    if values.shape[1] < dims:
        return np.concatenate([values, np.zeros((len(values), dims - values.shape[1]))], 1)
    if values.shape[1] == dims:
        return values
    centred = values - values[:n_grid].mean(0)
    _, _, axes = np.linalg.svd(centred[:n_grid], full_matrices=False)
    flat = centred @ axes[:dims].T
    side = round(n_grid**0.5)
    steps = np.arange(side) - (side - 1) / 2
    plane = np.stack([np.tile(steps, side), np.repeat(steps, side), _bowl(steps)], 1)[:, :dims]
    left, _, right = np.linalg.svd(flat[:n_grid].T @ plane)
    return np.asarray(flat @ left @ right)


def _bowl(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the third direction is turned to, for the plane itself has none: bent upwards, and lopsided."""
    x, y = np.tile(steps, len(steps)), np.repeat(steps, len(steps))
    height = x**2 + 0.7 * y**2 + 0.5 * x * y
    return np.asarray((height - height.mean()) / len(steps))
