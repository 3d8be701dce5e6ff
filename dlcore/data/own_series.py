"""A series of one's own: a file with one column of numbers, or with a date and a number in each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from dlcore.data import table
from dlcore.data.base import datasets
from dlcore.data.series import Calendar, Drawn, Generator, Series
from dlcore.data.shelf import Shelved
from dlcore.data.table import TableError

MIN_STEPS = 60
MAX_STEPS = 4_500
LARGEST = 1e12
MOST_MISSING = 0.2
LEAST_LIKENESS = 0.3
"""How alike a series must be to itself a season ago, as an autocorrelation, to have a season."""
DATES = ("ISO8601", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%m/%Y", "%d.%m.%y", "%b %Y", "%Y %b")
DAYS_OF_A_YEAR = 365.2425


@dataclass(frozen=True)
class Measured:
    """A series that can be learnt from, and what was done to make it so."""

    values: NDArray[np.float64]
    """(n,), in the order of time."""
    calendar: Calendar
    season: int
    notes: tuple[str, ...] = ()

    def about(self) -> dict[str, Any]:
        """The facts that :class:`OwnSeries` goes by."""
        when = asdict(self.calendar)
        return {"holds": "series", "steps": len(self.values), "season": self.season, "calendar": when}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What goes on the shelf: ``values`` (n,) float64."""
        return {"values": self.values}


def read_series(data: bytes) -> Measured:
    """Read a file of one column of numbers, or of a date and a number.  Raises ``TableError``, in words.

    Rows are put in the order of their dates; where numbers are missing the gap is filled along a straight
    line; of a long series the last 4,500 steps are used.
    """
    rows, names, notes = _columns(data)
    values = table.numbers(rows[-1])
    calendar = Calendar(measured=names[-1] or "value")
    if len(rows) == 2:
        when, unit = _times(rows[0])
        kept = np.isfinite(when)
        if kept.mean() < 1 - MOST_MISSING:
            raise TableError(
                "The first column is neither a date nor a number.  Keep one column, or a date and a number."
            )
        order = np.argsort(when[kept], kind="stable")
        if (np.diff(order) < 0).any():
            notes.append("The rows are put in the order of their dates.")
        values, when = values[kept][order], when[kept][order]
        steps = np.diff(when)
        every = float(np.median(steps)) if len(steps) else 1.0
        if every <= 0:
            raise TableError("Many rows have the same date.  Keep one number for each.")
        if np.abs(steps - every).max() > 0.5 * every:
            notes.append("The steps are not all equally long; they are taken as if they were.")
        calendar = Calendar(unit, float(when[max(0, len(when) - MAX_STEPS)]), every, calendar.measured)
    values, more = _whole(values)
    return Measured(values, calendar, season_of(values), tuple([*notes, *more]))


def _columns(data: bytes) -> tuple[list[pd.Series], list[str], list[str]]:
    """One column of text, or two, under their names."""
    text, notes = table.decoded(data)
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if lines and not any(mark in line for line in lines for mark in table.PREFERRED):
        column = pd.Series(lines, dtype=str)
        named = not np.isfinite(table.numbers(column.iloc[:1])[0])
        return [column.iloc[int(named) :]], [lines[0][: table.MAX_NAME] if named else ""], notes
    found = table.read(data)
    if len(found.names) != 2:
        raise TableError(
            f"The file has {len(found.names)} columns.  Keep one column of numbers, or a date and a number."
        )
    names = list(found.names) if found.header else ["", ""]
    return [found.body[name] for name in found.names], names, list(found.notes)


def _times(column: pd.Series) -> tuple[NDArray[np.float64], str]:
    """When rows are: years of dates, or days where they are close together; else the numbers themselves."""
    numbers = table.numbers(column)
    if np.isfinite(numbers).mean() > 1 - MOST_MISSING:
        return numbers, "year" if 1000 < np.nanmedian(numbers) < 3000 else "time"
    tried = [pd.to_datetime(column, format=each, errors="coerce") for each in DATES]
    dates = max(tried, key=lambda read: read.notna().sum())
    if not dates.notna().any():
        return numbers, "time"
    first = dates.min()
    days = (dates - first) / pd.Timedelta(days=1)
    if days.sort_values().diff().median() < 7:
        return days.to_numpy(np.float64), f"days since {first:%Y-%m-%d}"
    start = first.year + (first.day_of_year - 1) / DAYS_OF_A_YEAR
    return start + days.to_numpy(np.float64) / DAYS_OF_A_YEAR, "year"


def _whole(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], list[str]]:
    """The values without gaps, and not more than there may be."""
    notes = []
    if len(values) > MAX_STEPS:
        notes.append(f"The series has {len(values):,} steps; the last {MAX_STEPS:,} are used.")
        values = values[-MAX_STEPS:]
    known = np.isfinite(values) & (np.abs(values) < LARGEST)
    if known.sum() < MIN_STEPS:
        raise TableError(
            f"It takes {MIN_STEPS} numbers, and here are {known.sum()}.  Choose a longer series."
        )
    if known.mean() < 1 - MOST_MISSING:
        raise TableError(f"{(~known).sum():,} of {len(known):,} rows have no number.  Fill them in first.")
    if not known.all():
        notes.append(f"{(~known).sum():,} missing numbers are filled in along a straight line.")
        steps = np.arange(len(values))
        values = np.interp(steps, steps[known], values[known])
    if np.ptp(values) == 0:
        raise TableError("All numbers are the same, so there is nothing to learn.  Choose another series.")
    return values, notes


def season_of(values: Sequence[float] | NDArray[np.float64]) -> int:
    """After how many steps a series is most like itself: the highest peak of the autocorrelation of what
    is left without its straight line; 1 where there is none: as it was a step ago."""
    series = np.asarray(values, np.float64)
    steps = np.arange(len(series))
    left = series - np.polyval(np.polyfit(steps, series, 1), steps)
    padded = np.fft.rfft(left, 2 * len(left))
    likeness = np.fft.irfft(padded * padded.conj())[: len(left) // 3]
    if likeness[0] <= 0:
        return 1
    likeness = likeness / likeness[0] * len(left) / (len(left) - np.arange(len(likeness)))
    inner = likeness[1:-1]
    peaks = 1 + np.flatnonzero((inner > likeness[:-2]) & (inner >= likeness[2:]) & (inner > LEAST_LIKENESS))
    peaks = peaks[peaks > 1]
    if not len(peaks):
        return 1
    # multiples of the season are peaks nearly as high: the first of those that are
    return int(peaks[likeness[peaks] > 0.9 * likeness[peaks].max()][0])


@datasets.add
class OwnSeries(Shelved, Series):
    """A series of your own, from a file with a column of numbers, or a date and a number in each row.

    While nothing is uploaded, a swing that comes to rest.
    """

    kind: Literal["own_series"] = "own_series"
    title = "Own series"
    holds = "series"
    example = Measured(np.zeros(400), Calendar(measured="deflection"), 25).about()

    @model_validator(mode="after")
    def _is_long_enough(self) -> Self:
        steps, least = self.n_steps_in_all, self.window + 3 * self.horizon + 4
        if steps < least:
            raise PydanticCustomError(
                "series",
                "a series of {steps} steps is too short for a window of {window} and {horizon} answers",
                {"steps": steps, "window": self.window, "horizon": self.horizon},
            )
        return self

    @property
    def n_steps_in_all(self) -> int:
        return int(self.facts["steps"])

    @property
    def season(self) -> int:
        return int(self.facts["season"])

    @property
    def when(self) -> Calendar:
        return Calendar(**self.facts["calendar"])

    @staticmethod
    def sample(rng: Generator, file: str, window: int, horizon: int) -> Drawn:
        if file:
            with np.load(file) as opened:
                values = opened["values"]
        else:
            steps = np.arange(400)
            values = np.exp(-steps / 200) * np.cos(2 * np.pi * steps / 25)
        seen = np.lib.stride_tricks.sliding_window_view(values, window + horizon)
        return seen[:, :window, None], seen[:, window:] if horizon > 1 else seen[:, window]
