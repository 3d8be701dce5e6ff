"""Train, validation and test: who may see what."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dlcore.data.base import Dataset, Task
from dlcore.data.own import Own
from dlcore.spec import Declared

CLASSED = (Task.BINARY, Task.CLASSES)
"""The tasks whose samples have a class each."""


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
    first, second = _ordinary_cuts(n_points, split)
    if split.folds < 2:
        return first, second
    return max(1, second - len(range(split.fold % split.folds, second, split.folds))), second


def _ordinary_cuts(n_points: int, split: Split) -> tuple[int, int]:
    first = max(1, min(round(n_points * split.train / 100), n_points - 1))
    return first, first + max(0, min(round(n_points * split.validation / 100), n_points - first - 1))


def turned(order: NDArray[np.int64], split: Split, y: NDArray[Any]) -> NDArray[np.int64]:
    """An order of the samples in which the piece that a fold keeps for validation stands before the test.

    y (N,) are their classes, which the folds share alike: sorted by class, each sample in turn is the next
    fold's (stratified cross-validation; Kohavi, 1995).
    """
    if split.folds < 2:
        return order
    _, second = cuts(len(order), split)
    kept = order[:second]
    own = np.isin(kept, kept[np.argsort(y[kept], kind="stable")[split.fold % split.folds :: split.folds]])
    return np.concatenate([kept[~own], kept[own], order[second:]])


@dataclass(frozen=True)
class Fitted:
    """How gaps are filled and numbers scaled for the network, as the training share alone has it."""

    filling: Any = None
    """(F,): what stands in for a missing number of each column; None where none may be missing."""
    offset: Any = None
    """(F,) or (1,); None where numbers are left as they are."""
    width: Any = None
    answer_offset: Any = None
    """The same for the answers; None where they are classes, or left as they are."""
    answer_width: Any = None

    def given(self, x: NDArray[Any]) -> NDArray[Any]:
        """What the network is given of samples as they were measured: x (N, *sample_shape), nan in gaps."""
        if self.filling is not None:
            x = np.where(np.isnan(x), self.filling.astype(np.float32), x)
        return x if self.offset is None else _scaled(x, self.offset, self.width)

    def asked(self, y: NDArray[Any]) -> NDArray[Any]:
        """What the network is to answer, y (N, *answer_shape) being as they were measured."""
        return y if self.answer_offset is None else _scaled(y, self.answer_offset, self.answer_width)

    def measured(self, y: NDArray[Any]) -> NDArray[Any]:
        """Answers of the network in the unit of the data: (N, …) → (N, …)."""
        return y if self.answer_offset is None else y * self.answer_width + self.answer_offset


def fit(data: Dataset, train: Parts) -> Fitted:
    """Fit filling and scaling on the training share, as it was measured: nothing else is looked at."""
    filling, x = None, train.x
    if data.fill is not None:
        filling = data.fill(x.astype(np.float64))
        x = np.where(np.isnan(x), filling.astype(np.float32), x)
    if data.scale is None:
        return Fitted(filling)
    given = x.astype(np.float64)
    # a series is on one scale at all of its steps, and answers with more of itself
    offset, width = data.scale(given.reshape(-1, 1) if data.ordered else given)
    if data.task is not Task.REGRESSION:
        return Fitted(filling, offset, width)
    answers = (offset, width) if data.ordered else data.scale(train.y.astype(np.float64))
    return Fitted(filling, offset, width, *answers)


def measured(data: Dataset, split: Split, data_seed: int, split_seed: int) -> dict[str, Parts]:
    """Draw the samples and share them out as they are: on no scale, nan where a number is missing."""
    x, y = drawn(data, data_seed)
    shares = shared(data, y, split, split_seed)
    return {name: Parts(x[chosen], y[chosen]) for name, chosen in shares.items()}


def prepare(data: Dataset, split: Split, data_seed: int, split_seed: int) -> dict[str, Parts]:
    """Draw the points and share them out: ``train``, ``validation`` and ``test``; validation may be empty.

    Gaps are filled and numbers scaled as the training share has it.
    """
    parts = measured(data, split, data_seed, split_seed)
    fitted = fit(data, parts["train"])
    return {name: Parts(fitted.given(part.x), fitted.asked(part.y)) for name, part in parts.items()}


@lru_cache(maxsize=2)
def drawn(data: Dataset, seed: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """The samples, kept: some take a second to read, and a network that is edited is given them each time."""
    x, y = data.draw(seed)
    for array in (x, y):
        array.flags.writeable = False  # whoever prepares them takes copies
    return x, y


def shared(data: Dataset, y: NDArray[Any], split: Split, split_seed: int) -> dict[str, NDArray[np.int64]]:
    """Which of the samples with answers y each share holds: by chance, or of a series in time."""
    n = len(y)
    if data.ordered:
        return in_time(n, split, math.prod(data.answer_shape))
    rng = np.random.default_rng(split_seed)
    # points of one's own come and go: sorted by a draw for each, one more leaves the others where they are
    order = np.argsort(rng.random(n)) if isinstance(data, Own) else rng.permutation(n)
    order = turned(order, split, y if data.task in CLASSED else np.zeros(n))
    first, second = cuts(n, split)
    return {"train": order[:first], "validation": order[first:second], "test": order[second:]}


def in_time(n: int, split: Split, horizon: int) -> dict[str, NDArray[np.int64]]:
    """Share n windows of a series out, in their order: what is learnt from comes before what is judged by.

    Windows whose ``horizon`` answers would lie in two shares are left out: (n,) → three rows of numbers.  A
    fold is judged by the piece that follows all it learns from, so that the folds learn from ever more.
    """
    gap = horizon - 1
    first, second = _ordinary_cuts(n - 2 * gap, split)
    end = second
    if split.folds > 1:
        size = max(1, second // (split.folds + 1))
        first = min((split.fold % split.folds + 1) * size, second)
        end = min(first + size, second)
    order = np.arange(n)
    return {
        "train": order[:first],
        "validation": order[first + gap : end + gap],
        "test": order[second + 2 * gap :],
    }


def class_counts(part: Parts, n_classes: int) -> tuple[int, ...]:
    """How many answers of each class a share has."""
    return tuple(np.bincount(part.y[part.y >= 0].ravel(), minlength=n_classes).tolist())


def _scaled(numbers: NDArray[Any], offset: Any, width: Any) -> NDArray[np.float32]:
    """Bring numbers to the scale that the training share set: nothing else was looked at."""
    scaled: NDArray[np.float32] = ((numbers - offset) / width).astype(np.float32)
    return scaled
