"""What training reports: small facts, no tensors."""

from __future__ import annotations

from typing import NamedTuple


class StepEnd(NamedTuple):
    """One update was made."""

    epoch: int
    seen: int
    """Points of this epoch that have been looked at, this batch included."""
    loss: float
    """The loss of the batch before the update, penalties included."""


class EpochEnd(NamedTuple):
    """Every point has been looked at once more."""

    epoch: int
    """How many epochs are now complete."""
