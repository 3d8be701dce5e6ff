"""A saved run with all that is written about it: what reports, tables and event files are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from dlcore.changes import summary
from dlcore.charts.comparison import COLUMNS
from dlcore.record import Arrays

if TYPE_CHECKING:
    # what writes an experiment's code needs no database
    from dlcore.store import Runs, Saved

MEASURES = tuple(COLUMNS)
"""The columns of a history's ``rows``."""
SHARES = ("train", "validation", "test")


@dataclass(frozen=True)
class Entry:
    """One run of a report."""

    saved: Saved
    history: Arrays
    """``epoch`` (R,) int64, ``rows`` (R, 6) float64 in the order of ``MEASURES``, ``step`` and ``seconds``
    (R,) float64."""
    pictures: Mapping[int, Arrays] = field(default_factory=lambda: MappingProxyType({}))
    """The thumbnails of the run's moments, by step."""
    epochs: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    """The epoch of each moment, by step."""

    def columns(self) -> Arrays:
        """The history by name: ``epoch``, ``step`` and ``seconds`` (R,), and every one of ``MEASURES``."""
        rows = self.history["rows"]
        unknown = np.full(len(rows), np.nan)
        return {
            "epoch": self.history["epoch"],
            "step": self.history.get("step", unknown),
            "seconds": self.history.get("seconds", unknown),
            **{name: rows[:, i] for i, name in enumerate(MEASURES)},
        }

    @property
    def title(self) -> str:
        """The name that was given, else what the run is in few words."""
        return self.saved.name.strip() or summary(self.saved.experiment)


NOTHING: Arrays = {"epoch": np.zeros(0, np.int64), "rows": np.zeros((0, len(MEASURES)))}


def entries(runs: Runs, ids: Sequence[str]) -> list[Entry]:
    """Saved runs with their histories and pictures, in the order of their ids; those not there are left out.

    Raises ``StoreError`` where the store cannot be asked.
    """
    return list(_entries(runs, ids))


def _entries(runs: Runs, ids: Sequence[str]) -> Iterator[Entry]:
    histories = runs.histories(ids)
    for each in dict.fromkeys(ids):
        saved = runs.get(each)
        if saved is not None:
            epochs = {moment.step: moment.epoch for moment in runs.moments(each)}
            yield Entry(saved, histories.get(each, NOTHING), runs.pictures_of(each), epochs)
