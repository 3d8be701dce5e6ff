"""What the store gives: saved runs, their moments, and what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from dlcore.experiment import Experiment

MEASURES = (
    "train_loss",
    "validation_loss",
    "test_loss",
    "train_score",
    "validation_score",
    "test_score",
)
Sort = Literal["saved", "begun", "name", "test_score", "test_loss", "parameters", "seconds"]


class StoreError(RuntimeError):
    """The store cannot be asked just now: why, in a sentence."""


@dataclass(frozen=True)
class Saved:
    """A saved run.  Times are UTC; losses and scores are None where they are no finite numbers."""

    id: str
    line: str
    """The engine's run that trains it, or did."""
    name: str
    """What its owner calls it; "" where it has no name."""
    notes: str
    tags: tuple[str, ...]
    experiment: Experiment
    begun: datetime
    saved: datetime
    state: str
    """What it did when it was saved last: ``playing``, ``paused``, ``finished`` or ``failed``."""
    message: str
    """Why it ended, in a sentence; "" where it did not."""
    epoch: int
    step: int
    seconds: float
    """Seconds of training."""
    measures: Mapping[str, float | None]
    """By the names of ``MEASURES``."""
    n_parameters: int
    parent: str
    """The saved run that it was branched from; "" where it began at epoch 0."""
    parent_step: int
    sweep: str
    """The sweep it belongs to; "" for none."""
    marks: tuple[tuple[float, str], ...] = ()
    """Epochs at which something was changed, with what it was; read by :meth:`Runs.get` alone."""


@dataclass(frozen=True)
class Moment:
    """A checkpoint that is kept."""

    step: int
    epoch: int
    seconds: float
    n_bytes: int


@dataclass(frozen=True)
class SavedSweep:
    """A sweep that was begun."""

    id: str
    begun: datetime
    plan: Mapping[str, Any]


@dataclass(frozen=True)
class Query:
    """Which saved runs are wanted, and in which order."""

    words: str = ""
    """All of these words are in the name, the notes, a tag, or what the run is."""
    tags: tuple[str, ...] = field(default=())
    """It has all of these tags."""
    data: str = ""
    """The kind of its data set; "" is any."""
    sweep: str | None = ""
    """"" leaves out what belongs to a sweep, an id asks for that sweep's, None for all."""
    sort: Sort = "saved"
    descending: bool = True
    limit: int = 24
    offset: int = 0
    deleted: bool = False
    """Those that were deleted within the last hour, instead of those that were not."""
