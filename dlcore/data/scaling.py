"""Bring columns to one scale and fill their gaps, by the training share alone.

Each function is printed whole into exported code.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dlcore.data.base import Fill, Scale

Scaling = Literal["standard", "min-max", "robust", "none"]
Filling = Literal["mean", "median", "most frequent"]


def standard(x: NDArray[Any]) -> tuple[Any, Any]:
    """The mean and the standard deviation of each column: (N, F) → (F,), (F,); 1 where nothing differs."""
    width = x.std(0)
    return x.mean(0), np.where(width > 1e-9, width, 1.0)


def min_max(x: NDArray[Any]) -> tuple[Any, Any]:
    """The least number and the range of each column: (N, F) → (F,), (F,); 1 where nothing differs."""
    width = x.max(0) - x.min(0)
    return x.min(0), np.where(width > 1e-9, width, 1.0)


def robust(x: NDArray[Any]) -> tuple[Any, Any]:
    """The median and the distance between the quartiles: (N, F) → (F,), (F,); 1 where they are the same."""
    low, middle, high = np.quantile(x, [0.25, 0.5, 0.75], axis=0)
    return middle, np.where(high - low > 1e-9, high - low, 1.0)


SCALES: dict[Scaling, Scale] = {"standard": standard, "min-max": min_max, "robust": robust}


def mean(x: NDArray[Any]) -> NDArray[Any]:
    """The mean of what is there, for each column: (N, F) with nan → (F,); 0 where nothing is."""
    there = ~np.isnan(x)
    middle: NDArray[Any] = np.where(there, x, 0).sum(0) / np.maximum(there.sum(0), 1)
    return middle


def median(x: NDArray[Any]) -> NDArray[Any]:
    """The median of what is there, for each column: (N, F) with nan → (F,); 0 where nothing is."""
    columns = [column[~np.isnan(column)] for column in x.T]
    return np.array([np.median(column) if len(column) else 0.0 for column in columns])


def most_frequent(x: NDArray[Any]) -> NDArray[Any]:
    """The number seen most often, the least of several, for each column: (N, F) with nan → (F,)."""
    columns = [np.unique(column[~np.isnan(column)], return_counts=True) for column in x.T]
    return np.array([seen[times.argmax()] if len(seen) else 0.0 for seen, times in columns])


FILLS: dict[Filling, Fill] = {"mean": mean, "median": median, "most frequent": most_frequent}
