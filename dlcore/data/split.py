"""Train, validation and test: who may see what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dlcore.data.base import Dataset, Scale, Task
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

    folds: int = Field(
        0,
        ge=0,
        le=20,
        description="Cross-validation: pieces that training and validation points are cut into; below 2 none",
        json_schema_extra={"form": False},
    )
    fold: int = Field(
        0,
        ge=0,
        le=19,
        description="Cross-validation: the piece that is kept for validation; the others are learnt from",
        json_schema_extra={"form": False},
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
    second = first + max(0, min(round(n_points * split.validation / 100), n_points - first - 1))
    if split.folds < 2:
        return first, second
    start, end = piece(second, split)
    return max(1, second - (end - start)), second


def piece(n_points: int, split: Split) -> tuple[int, int]:
    """Where the piece begins and ends that a fold keeps for validation, among its n points."""
    k = split.fold % split.folds
    return k * n_points // split.folds, (k + 1) * n_points // split.folds


def turned(order: NDArray[np.int64], split: Split) -> NDArray[np.int64]:
    """An order of the samples in which the piece that a fold keeps for validation stands before the test."""
    _, second = cuts(len(order), split)
    if split.folds < 2:
        return order
    _, end = piece(second, split)
    return np.concatenate([order[end:second], order[:end], order[second:]])


def prepare(data: Dataset, split: Split, data_seed: int, split_seed: int) -> dict[str, Parts]:
    """Draw the points and share them out: ``train``, ``validation`` and ``test``; validation may be empty."""
    x, y = data.draw(data_seed)
    rng = np.random.default_rng(split_seed)
    # points of one's own come and go: sorted by a draw for each, one more leaves the others where they are
    order = np.argsort(rng.random(len(x))) if isinstance(data, Own) else rng.permutation(len(x))
    order = turned(order, split)
    first, second = cuts(len(x), split)
    shares = {"train": order[:first], "validation": order[first:second], "test": order[second:]}
    if data.scale is not None:
        x = _scaled(data.scale, x, shares["train"])
        if data.task is Task.REGRESSION:
            y = _scaled(data.scale, y, shares["train"])
    return {name: Parts(x[chosen], y[chosen]) for name, chosen in shares.items()}


def class_counts(part: Parts, n_classes: int) -> tuple[int, ...]:
    """How many answers of each class a share has."""
    return tuple(np.bincount(part.y[part.y >= 0].ravel(), minlength=n_classes).tolist())


def _scaled(scale: Scale, numbers: NDArray[Any], train: NDArray[np.int64]) -> NDArray[np.float32]:
    """Bring numbers to the scale of the training share, which alone may be looked at."""
    offset, width = scale(numbers[train].astype(np.float64))
    scaled: NDArray[np.float32] = ((numbers - offset) / width).astype(np.float32)
    return scaled
