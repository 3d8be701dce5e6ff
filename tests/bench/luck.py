"""Many seeds at once against one after the other."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import torch

from dlcore.bench import DEFAULT, Figure
from dlcore.training.ensemble import Ensemble
from dlcore.training.session import Session

N = 64
EPOCHS = 10
"""Of a block: 250 steps of the default net."""
SESSIONS = 8
"""So many of the 64 are trained in a block one after the other, and stand for all: each costs the same."""
ROUNDS = 5


def figures() -> Iterator[Figure]:
    """How much sooner 64 seeds of the playground's first net have made the same epochs."""
    yield at_once()


def at_once() -> Figure:
    """The time 64 seeds take one after the other, each by ``Session.advance``, over that of all at once.

    Both train in this process on one thread, and both keep the losses and scores of every epoch.  Blocks of
    one lie between blocks of the other, so that a machine that slows down slows both; the median counts.
    """
    torch.set_num_threads(1)
    ensemble = Ensemble(DEFAULT, N)
    sessions = [Session(each) for each in ensemble.members[:SESSIONS]]
    ratios: list[float] = []
    _together(ensemble)
    _one_by_one(sessions)
    before = _together(ensemble)
    for _ in range(ROUNDS):
        alone = _one_by_one(sessions) * N / SESSIONS
        after = _together(ensemble)
        ratios.append(alone / ((before + after) / 2))
        before = after
    return Figure.at_least(
        "64 seeds at once over one after the other, default 8-8-8", statistics.median(ratios), 8.0, "×"
    )


def _together(ensemble: Ensemble) -> float:
    begun = time.perf_counter()
    ensemble.advance_for(float("inf"), ensemble.epoch + EPOCHS)
    return time.perf_counter() - begun


def _one_by_one(sessions: list[Session]) -> float:
    n_steps = EPOCHS * -(-len(sessions[0].tensors["train"].x) // DEFAULT.batch_size)
    begun = time.perf_counter()
    for session in sessions:
        session.advance(n_steps)
    return time.perf_counter() - begun
