"""Bring columns to one scale, by the training share alone.  Each is printed whole into exported code."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dlcore.data.base import Scale

Scaling = Literal["standard", "min-max", "robust", "none"]


def standard(x: NDArray[Any]) -> tuple[Any, Any]:
    """The mean and the standard deviation of each column: (N, F) → (F,), (F,)."""
    return x.mean(0), np.maximum(x.std(0), 1e-9)


def min_max(x: NDArray[Any]) -> tuple[Any, Any]:
    """The least number and the range of each column: (N, F) → (F,), (F,)."""
    return x.min(0), np.maximum(x.max(0) - x.min(0), 1e-9)


def robust(x: NDArray[Any]) -> tuple[Any, Any]:
    """The median and the distance between the quartiles of each column: (N, F) → (F,), (F,)."""
    low, middle, high = np.quantile(x, [0.25, 0.5, 0.75], axis=0)
    return middle, np.maximum(high - low, 1e-9)


SCALES: dict[Scaling, Scale] = {"standard": standard, "min-max": min_max, "robust": robust}
