"""A saved run with all that is written about it: what reports, tables and event files are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

import numpy as np

from dlcore.experiment import Experiment
from dlcore.record import Arrays

MEASURES = ("train_loss", "validation_loss", "test_loss", "train_score", "validation_score", "test_score")
"""The columns of a history's ``rows``."""
SHARES = ("train", "validation", "test")


@dataclass(frozen=True)
class Saved:
    """A saved run as it is listed."""

    id: str
    line: str
    name: str
    notes: str
    tags: tuple[str, ...]
    experiment: Experiment
    begun: datetime
    saved: datetime
    state: str
    message: str
    epoch: int
    step: int
    seconds: float
    measures: Mapping[str, float | None]
    n_parameters: int
    parent: str = ""
    parent_step: int = 0
    sweep: str = ""
    marks: tuple[tuple[float, str], ...] = ()


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
        n_rows = len(rows)
        unknown = np.full(n_rows, np.nan)
        return {
            "epoch": self.history["epoch"],
            "step": self.history.get("step", unknown),
            "seconds": self.history.get("seconds", unknown),
            **{name: rows[:, i] for i, name in enumerate(MEASURES)},
        }

    @property
    def title(self) -> str:
        """The name that was given, else the id."""
        return self.saved.name.strip() or self.saved.id
