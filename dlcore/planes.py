"""Planes through the space of a network's weights: which directions to look along, and what lies in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
TINY = 1e-12


@dataclass(frozen=True)
class Plane:
    """A plane through weights: ``centre`` (P,) + a · ``directions``[0] + b · ``directions``[1], each (P,)."""

    centre: Floats
    directions: Floats

    def project(self, weights: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where weights (n, P) lie over the plane, (n, 2), and which share of their way from the centre lies
        in it, (n,): the squared length of its shadow, of its own.  The centre itself has all of it."""
        away = weights.astype(np.float64) - self.centre
        ways = self.directions.astype(np.float64)
        at = np.linalg.lstsq(ways.T, away.T, rcond=None)[0].T
        length, shadow = (away**2).sum(1), ((at @ ways) ** 2).sum(1)
        share = np.where(length > TINY, shadow / np.maximum(length, TINY), 1.0)
        return np.asarray(at, np.float64), np.asarray(share, np.float64)


def filter_plane(centre: Floats, rows: NDArray[np.int32], seed: int) -> Plane:
    """Two random directions, each filter of them as long as the network's own (Li et al., 2018).

    ``rows`` (R,) are the lengths of the filters in their order; a negative length is that of numbers that
    belong to no filter, such as biases, and are left as they are.
    """
    drawn = np.random.default_rng(seed).normal(size=(2, len(centre)))
    lengths = np.abs(rows)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    own = np.sqrt(np.add.reduceat(centre.astype(np.float64) ** 2, starts))
    for way in drawn:
        random = np.sqrt(np.add.reduceat(way**2, starts))
        way *= np.repeat(np.where(rows > 0, own / np.maximum(random, TINY), 0.0), lengths)
    return Plane(centre, drawn.astype(np.float32))


def path_plane(centre: Floats, paths: list[Floats]) -> Plane:
    """The plane through the centre in which most of the paths (n, P) lies: their first two principal
    directions, each path counting as much as any other, and each as long as 1."""
    away = [path.astype(np.float64) - centre for path in paths]
    fair = [each / max(float(np.sqrt((each**2).sum())), TINY) for each in away]
    _, _, ways = np.linalg.svd(np.concatenate(fair), full_matrices=False)
    first, second = ways[0], ways[1] if len(ways) > 1 else np.zeros_like(ways[0])
    if not second.any():  # all on one line: any second direction shows it
        second = np.random.default_rng(0).normal(size=len(first))
        second -= (second @ first) * first
        second /= np.sqrt((second**2).sum())
    return Plane(centre, np.stack([first, second]).astype(np.float32))


def window(places: list[NDArray[np.float64]], least: float = 0.0) -> tuple[float, float, float, float]:
    """The part of the plane that shows all places (n, 2) with room around: left, right, low, high."""
    every = np.concatenate([np.zeros((1, 2)), *places])
    every = every[np.isfinite(every).all(1)]
    low, high = every.min(0), every.max(0)
    half = np.maximum(np.maximum((high - low) * 0.65, (high - low).max() * 0.35), max(least, 1e-3))
    middle = (low + high) / 2
    return (
        float(middle[0] - half[0]),
        float(middle[0] + half[0]),
        float(middle[1] - half[1]),
        float(middle[1] + half[1]),
    )


def coarse_to_fine(side: int, coarsest: int = 4) -> NDArray[np.int64]:
    """The points of a grid in the order in which they are worked out: (side², 2) rows and columns.

    First every ``coarsest``-th of every such row, then those half as far apart, until all are there.
    """
    rows, columns = np.divmod(np.arange(side * side), side)
    level = np.zeros(side * side, np.int64)
    apart = coarsest
    while apart > 1:
        level[(rows % apart != 0) | (columns % apart != 0)] += 1
        apart //= 2
    order = np.argsort(level, kind="stable")
    return np.stack([rows, columns], 1)[order]


def filled(heights: Floats, coarsest: int = 4) -> Floats:
    """A grid with holes (nan) made whole for drawing: each takes the height of the known point that its block
    begins with, of the finest block that has one."""
    whole = heights.copy()
    apart = 2
    while apart <= coarsest and np.isnan(whole).any():
        blocks = heights[::apart, ::apart]
        spread = np.repeat(np.repeat(blocks, apart, 0), apart, 1)[: heights.shape[0], : heights.shape[1]]
        whole = np.where(np.isnan(whole), spread, whole)
        apart *= 2
    return whole
