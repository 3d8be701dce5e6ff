"""What a person can set of a row of numbers: a slider's range, or the categories to choose from."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dlcore.data.base import PLANE, Dataset
from dlcore.data.own_table import OwnTable

STEPS = 200
"""About so many places a slider has."""


@dataclass(frozen=True)
class Field:
    """One feature of a row: a number between ``low`` and ``high``, multiples of ``step`` both, or one of
    ``choices``."""

    name: str
    column: int
    """The first of the row's columns that it stands in; each of the choices has one, 1 where it is chosen."""
    low: float = 0.0
    high: float = 1.0
    step: float = 1.0
    whole: bool = False
    choices: tuple[str, ...] = ()
    gaps: bool = False
    """Whether the number may be missing."""
    mark: int = -1
    """The column that is 1 where the number is missing; −1 for none."""

    def bounds(self, value: float) -> tuple[float, float]:
        """Between which steps a slider runs that starts at a value: wider where that lies outside."""
        return _outward(min(self.low, value), max(self.high, value), self.step)


def fields(data: Dataset, x: NDArray[np.floating]) -> list[Field]:
    """The features of rows x (N, F), the training share's as they were measured, nan in gaps."""
    if data.planar:
        return [Field(name, i, -PLANE, PLANE, 0.05) for i, name in enumerate(("x₁", "x₂"))]
    if not isinstance(data, OwnTable):
        names = getattr(data, "columns", None) or [f"number {i + 1}" for i in range(x.shape[1])]
        return [_number(str(name), i, x[:, i]) for i, name in enumerate(names)]
    facts, marks = data.facts, {}
    first_mark = x.shape[1] - len(facts["gaps"])
    if data.mark_missing:
        marks = {name: first_mark + i for i, name in enumerate(facts["gaps"])}
    found = [
        _number(name, i, x[:, i], name in facts["gaps"], marks.get(name, -1))
        for i, name in enumerate(facts["numbers"])
    ]
    column = len(found)
    for name, values in facts["categories"]:
        found.append(Field(name, column, choices=tuple(values)))
        column += len(values)
    return found


def _number(name: str, column: int, x: NDArray[np.floating], gaps: bool = False, mark: int = -1) -> Field:
    there = x[~np.isnan(x)]
    if not len(there):
        return Field(name, column, gaps=gaps, mark=mark)
    low, high = float(there.min()), float(there.max())
    whole = bool((there == np.round(there)).all()) and high - low < 1e6
    step = 1.0 if whole else _step(high - low)
    low, high = _outward(low, high, step)
    return Field(name, column, low, high, step, whole, gaps=gaps, mark=mark)


def _outward(low: float, high: float, step: float) -> tuple[float, float]:
    """The next multiples of a step: a slider rounds its ends, too, and refuses what is then beyond."""
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return round(math.floor(low / step + 1e-6) * step, digits), round(
        math.ceil(high / step - 1e-6) * step, digits
    )


def _step(width: float) -> float:
    """A round number of which about 200 make up a width."""
    if width <= 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(width / STEPS))
    return next(size * k for k in (1, 2, 5, 10) if size * k >= width / STEPS)
