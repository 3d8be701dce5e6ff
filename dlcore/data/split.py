"""Train, validation and test: who may see what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dlcore.data.base import Dataset, Task
from dlcore.data.own import Own
from dlcore.spec import Declared


class Split(Declared):
    """Share the points out: first training, then validation, and what is left is the test set."""

    train: int = Field(
        50,
        ge=5,
        le=90,
        description="Share of the points to learn from",
        json_schema_extra={"unit": "%", "step": 5},
    )
    validation: int = Field(
        10,
        ge=0,
        le=90,
        description="Share of the points to tune settings by",
        json_schema_extra={"unit": "%", "step": 5},
    )

    @property
    def test(self) -> int:
        """The share left over for the final judgement, in percent."""
        return 100 - self.train - self.validation


@dataclass(frozen=True)
class Parts:
    """One share of the samples: x (N, *sample_shape), y (N, *answer_shape) what is to be learnt."""

    x: NDArray[Any]
    y: NDArray[Any]

    def __len__(self) -> int:
        return len(self.x)


def cuts(n_points: int, split: Split) -> tuple[int, int]:
    """Where training ends and where validation ends; of two points or more, one at least is for each of
    training and test."""
    first = max(1, min(round(n_points * split.train / 100), n_points - 1))
    return first, first + max(0, min(round(n_points * split.validation / 100), n_points - first - 1))


def prepare(data: Dataset, split: Split, data_seed: int, split_seed: int) -> dict[str, Parts]:
    """Draw the points and share them out: ``train``, ``validation`` and ``test``; validation may be empty."""
    x, y = _drawn(data, data_seed)
    shares = (
        in_time(len(x), split, y[0].size) if data.ordered else _at_random(data, len(x), split, split_seed)
    )
    if data.fill is not None:
        filled = data.fill(x[shares["train"]].astype(np.float64))
        x = np.where(np.isnan(x), filled.astype(np.float32), x)
    if data.scale is not None:
        offset, width = data.scale(x[shares["train"]].astype(np.float64))
        x = _scaled(x, offset, width)
        if data.task is Task.REGRESSION:
            if not data.ordered:  # a series answers with more of itself, on the same scale
                offset, width = data.scale(y[shares["train"]].astype(np.float64))
            y = _scaled(y, offset, width)
    return {name: Parts(x[chosen], y[chosen]) for name, chosen in shares.items()}


@lru_cache(maxsize=2)
def _drawn(data: Dataset, seed: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """The samples, kept: some take a second to read, and a network that is edited is given them each time."""
    x, y = data.draw(seed)
    for array in (x, y):
        array.flags.writeable = False  # whoever prepares them takes copies
    return x, y


def _at_random(data: Dataset, n: int, split: Split, seed: int) -> dict[str, NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    # points of one's own come and go: sorted by a draw for each, one more leaves the others where they are
    order = np.argsort(rng.random(n)) if isinstance(data, Own) else rng.permutation(n)
    first, second = cuts(n, split)
    return {"train": order[:first], "validation": order[first:second], "test": order[second:]}


def in_time(n: int, split: Split, horizon: int) -> dict[str, NDArray[np.int64]]:
    """Share n windows of a series out, in their order: what is learnt from comes before what is judged by.

    Windows whose ``horizon`` answers would lie in two shares are left out: (n,) → three rows of numbers.
    """
    gap = horizon - 1
    first, second = cuts(n - 2 * gap, split)
    order = np.arange(n)
    return {
        "train": order[:first],
        "validation": order[first + gap : second + gap],
        "test": order[second + 2 * gap :],
    }


def _scaled(numbers: NDArray[Any], offset: Any, width: Any) -> NDArray[np.float32]:
    """Bring numbers to the scale that the training share set: nothing else was looked at."""
    scaled: NDArray[np.float32] = ((numbers - offset) / width).astype(np.float32)
    return scaled
