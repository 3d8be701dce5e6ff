"""The small picture of a run: what a gallery of saved runs shows of it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from dlcore.data import Task
from dlcore.experiment import Experiment
from dlcore.probes.base import on_the_plane, plane_inputs
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.session import Session

SIDE = 48
MOST_MAPS = 8
LONGEST = 28
"""Places along a side of one map of a picture."""
FULL = 255


@lru_cache(maxsize=2)
def _grid(experiment: Experiment) -> Tensor:
    return plane_inputs(experiment, SIDE)


def miniature(session: Session) -> Arrays:
    """The run in a few kilobytes; nothing where there is no picture of it.

    On the plane, 48 × 48 places, row 0 the lowest: ``map`` uint8, of two classes and of values the answer −1
    to 1 as 0 to 255, of more classes the class, and then ``sure`` uint8, 0 a tie, 255 sure.  Of images:
    ``sample`` (h, w) uint8, one test image, and ``maps`` (K ≤ 8, h, w) uint8, what the first layer with
    channels makes of it, from its least to its largest number.
    """
    e = session.experiment
    with session.judged():
        if on_the_plane(e):
            return _plane(session)
        if len(e.shapes()[0]) == 3 and e.objective.answers:
            return _maps(session)
    return {}


def _plane(session: Session) -> Arrays:
    e = session.experiment
    with looking(session.network.module):
        shown = e.loss.confidence(session.network.module(_grid(e)), e.data.task)
    if e.data.task is not Task.CLASSES:
        value = torch.nan_to_num(shown[:, 0]).clamp(-1, 1)
        return {"map": _bytes((value + 1) / 2).reshape(SIDE, SIDE)}
    best = torch.nan_to_num(shown).topk(2, dim=1)
    sure = best.values[:, 0] - best.values[:, 1]
    label = best.indices[:, 0].numpy().astype(np.uint8)
    return {"map": label.reshape(SIDE, SIDE), "sure": _bytes(sure).reshape(SIDE, SIDE)}


def _maps(session: Session) -> Arrays:
    share = next(each for each in ("test", "train") if len(session.tensors[each].x))
    made = session.tensors[share].x[:1]
    sample = made[0].mean(0)
    arrays: Arrays = {"sample": _stretched(sample)}
    with looking(session.network.module):
        for module in session.network.module:
            made = module(made)
            if made.ndim == 4 and any(True for _ in module.parameters()):
                return {**arrays, "maps": np.stack([_stretched(each) for each in made[0, :MOST_MAPS]])}
            if made.ndim != 4:
                break
    return arrays


def _stretched(map: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A map (h, w) from its least to its largest number, at most ``LONGEST`` places a side."""
    map = torch.nan_to_num(map)
    every = max(1, -(-max(map.shape) // LONGEST))
    map = map[::every, ::every]
    low, high = map.min(), map.max()
    return _bytes((map - low) / (high - low).clamp(min=1e-12))


def _bytes(share: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return (share.clamp(0, 1) * FULL).round().numpy().astype(np.uint8)
