"""A series as one line again: when its steps are, whose share they are, and on which scale it is learnt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlcore.data.series import Series, joined, seasonal_naive
from dlcore.data.split import Split, shared


@dataclass(frozen=True)
class Timeline:
    """A series of n steps, and its windows by share."""

    data: Series
    values: NDArray[np.float32]
    """(n,), as they were measured."""
    times: NDArray[np.float64]
    """(n,), in the unit of the calendar."""
    windows: dict[str, NDArray[np.int64]]
    """The first steps of each share's windows."""
    offset: float
    width: float
    """What training learns from is (value − offset) / width."""

    def answered(self, share: str, ahead: int = 1) -> NDArray[np.int64]:
        """Which steps are answered in a share, ``ahead`` steps after a window's last: (N,)."""
        return self.windows[share] + self.data.window + ahead - 1

    def measured(self, scaled: NDArray[Any]) -> NDArray[np.float32]:
        """What the network gave, in the unit of the series: (…) → (…)."""
        return np.asarray(scaled * self.width + self.offset, np.float32)

    def naive(self, share: str, ahead: int = 1) -> NDArray[np.float64]:
        """The seasonal-naive forecast of :meth:`answered`'s steps: (N,), nan where nothing is known."""
        steps = self.answered(share, ahead)
        return seasonal_naive(self.values, int(steps[0]), len(steps), ahead, self.data.season)


def timeline(data: Series, split: Split, data_seed: int) -> Timeline:
    """Draw a series and lay it out as :func:`dlcore.data.prepare` shares it out."""
    x, y = data.draw(data_seed)
    values = joined(x, y)
    windows = shared(data, y, split, 0)  # a series is not shared out by chance
    offset, width = 0.0, 1.0
    if data.scale is not None:
        given = x[windows["train"]].astype(np.float64).reshape(-1, 1)
        offset, width = (float(each[0]) for each in data.scale(given))
    return Timeline(data, values, data.when.at(np.arange(len(values))), windows, offset, width)
