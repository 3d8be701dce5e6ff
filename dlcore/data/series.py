"""Series: numbers in time, cut into windows.  Every ``sample`` is printed whole into the exported script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dlcore.data.base import Dataset, Scale, datasets
from dlcore.data.scaling import SCALES, Scaling

Drawn = tuple[NDArray[Any], NDArray[Any]]
Generator = np.random.Generator

MAX_WINDOW = 64
MAX_HORIZON = 24


@dataclass(frozen=True)
class Calendar:
    """What the steps of a series are: step i lies at ``begins + i * every``, in ``unit``."""

    unit: str = "step"
    begins: float = 0.0
    every: float = 1.0
    measured: str = "value"
    """What is measured, with its unit."""

    def at(self, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """When steps of the series are: (…) → (…)."""
        return self.begins + self.every * steps.astype(np.float64)


class Series(Dataset):
    """Numbers in time: the network sees a window of them and answers what comes next."""

    calendar: ClassVar[Calendar] = Calendar()

    window: int = Field(24, ge=2, le=MAX_WINDOW, description="How many steps the network sees")
    horizon: int = Field(1, ge=1, le=MAX_HORIZON, description="How many of the steps that follow it answers")
    scaling: Scaling = Field("standard", description="How the numbers are brought to one scale")

    @property
    def n_steps_in_all(self) -> int:
        """How long the series is."""
        raise TypeError("a series says how long it is")

    @property
    def season(self) -> int:
        """After how many steps the series about repeats itself: what a naive forecast goes by."""
        raise TypeError("a series says how long its season is")

    @property
    def when(self) -> Calendar:
        """What the steps of this series are."""
        return self.calendar

    @property
    def ordered(self) -> bool:
        return True

    @property
    def planar(self) -> bool:
        return False

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return (self.window, 1)

    @property
    def answer_shape(self) -> tuple[int, ...]:
        return () if self.horizon == 1 else (self.horizon,)

    @property
    def n_classes(self) -> int:
        return 0

    @property
    def size(self) -> int:
        return self.n_steps_in_all - self.window - self.horizon + 1

    def at_most(self, n_points: int) -> Series:
        return self

    @property
    def scale(self) -> Scale | None:
        return SCALES.get(self.scaling)

    def arguments(self) -> dict[str, Any]:
        return {name: value for name, value in super().arguments().items() if name != "scaling"}


@datasets.add
class Sines(Series):
    """One to four sines added up, with noise: what a network can know, and what nobody can.

    The longest has the period asked for, each further one a shorter period and less weight.
    """

    kind: Literal["sines"] = "sines"
    title = "Sines with noise"
    n_steps: int = Field(
        600,
        ge=200,
        le=4000,
        title="Steps",
        description="How long the series is",
        json_schema_extra={"step": 50},
    )
    waves: int = Field(2, ge=1, le=4, description="How many sines are added up")
    period: int = Field(24, ge=12, le=96, description="After how many steps the longest sine repeats itself")
    noise: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Standard deviation of what is added by chance, where the longest sine has height 1",
        json_schema_extra={"step": 0.05},
    )

    @property
    def n_steps_in_all(self) -> int:
        return self.n_steps

    @property
    def season(self) -> int:
        return self.period

    def at_most(self, n_points: int) -> Sines:
        return self.model_copy(update={"n_steps": max(200, n_points + self.window + self.horizon - 1)})

    @staticmethod
    def sample(
        rng: Generator, window: int, horizon: int, n_steps: int, waves: int, period: int, noise: float
    ) -> Drawn:
        steps = np.arange(n_steps)
        values = rng.normal(0, noise, n_steps)
        for k, phase in enumerate(rng.uniform(0, 2 * np.pi, waves)):
            # the golden ratio between the periods: the sum never quite repeats itself
            values = values + 0.6**k * np.sin(2 * np.pi * 1.618**k * steps / period + phase)
        seen = np.lib.stride_tricks.sliding_window_view(values, window + horizon)
        return seen[:, :window, None], seen[:, window:] if horizon > 1 else seen[:, window]


class RealSeries(Series):
    """A measured series, all of it."""

    n_measured: ClassVar[int]
    period: ClassVar[int]

    @property
    def n_steps_in_all(self) -> int:
        return self.n_measured

    @property
    def season(self) -> int:
        return self.period


@datasets.add
class Sunspots(RealSeries):
    """Spots on the sun, a number for each year from 1700 to 2008 (SILSO, Royal Observatory of Belgium)."""

    kind: Literal["sunspots"] = "sunspots"
    n_measured = 309
    period = 11
    calendar = Calendar("year", 1700, 1, "yearly mean of the sunspot number")

    @staticmethod
    def sample(rng: Generator, window: int, horizon: int) -> Drawn:
        from statsmodels.datasets import sunspots

        values = sunspots.load_pandas().data["SUNACTIVITY"].to_numpy()
        seen = np.lib.stride_tricks.sliding_window_view(values, window + horizon)
        return seen[:, :window, None], seen[:, window:] if horizon > 1 else seen[:, window]


@datasets.add
class CarbonDioxide(RealSeries):
    """Carbon dioxide in the air over Mauna Loa, a number for each month from 1958 to 2001 (Keeling et al.).

    A season on a rising trend: the test share lies above all that was learnt from.  Months without a
    measurement are filled in along a straight line.
    """

    kind: Literal["co2"] = "co2"
    title = "CO₂ in the air"
    n_measured = 526
    period = 12
    calendar = Calendar("year", 1958 + 2.5 / 12, 1 / 12, "monthly mean of CO₂ (parts per million)")

    @staticmethod
    def sample(rng: Generator, window: int, horizon: int) -> Drawn:
        from statsmodels.datasets import co2

        values = co2.load_pandas().data["co2"].resample("MS").mean().interpolate().to_numpy()
        seen = np.lib.stride_tricks.sliding_window_view(values, window + horizon)
        return seen[:, :window, None], seen[:, window:] if horizon > 1 else seen[:, window]


@datasets.add
class ElNino(RealSeries):
    """The temperature of the eastern tropical Pacific, a number for each month from 1950 to 2010 (NOAA)."""

    kind: Literal["el_nino"] = "el_nino"
    title = "El Niño"
    n_measured = 732
    period = 12
    calendar = Calendar("year", 1950 + 0.5 / 12, 1 / 12, "monthly mean of the sea's temperature (°C)")

    @staticmethod
    def sample(rng: Generator, window: int, horizon: int) -> Drawn:
        from statsmodels.datasets import elnino

        values = elnino.load_pandas().data.drop(columns="YEAR").to_numpy().ravel()
        seen = np.lib.stride_tricks.sliding_window_view(values, window + horizon)
        return seen[:, :window, None], seen[:, window:] if horizon > 1 else seen[:, window]


def joined(x: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    """Put the windows of a series, in their order, together again: x (N, T, 1), y (N,) or (N, H) →
    (N + T + H − 1,)."""
    answers = y.reshape(len(y), -1)
    return np.concatenate([x[:, 0, 0], x[-1, 1:, 0], answers[-1]])


def seasonal_naive(values: NDArray[Any], first: int, n: int, ahead: int, season: int) -> NDArray[Any]:
    """Forecast that all will be as it was a season ago, or as many seasons as it takes to be known by then.

    For the n steps from ``first`` on, each from what was known ``ahead`` steps before it; nan where the
    series had not begun.  Hyndman and Athanasopoulos, Forecasting, 3rd ed., section 5.2.
    """
    back = season * -(-ahead // season)
    steps = np.arange(first, first + n) - back
    return np.where(steps >= 0, values[np.maximum(steps, 0)], np.nan)
