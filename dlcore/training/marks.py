"""What was changed in a run and when, in few words."""

from __future__ import annotations

from collections.abc import Sequence

from dlcore.experiment import Change, Experiment, diff
from dlcore.spec import Declared

MOST = 40
NAMED = 2
LONGEST = 80


class Marks:
    """Pairs of (epoch, label), oldest first; only the newest ``MOST`` are kept."""

    def __init__(self, pairs: Sequence[tuple[float, str]] = ()) -> None:
        self.pairs = [(float(epoch), str(label)) for epoch, label in pairs][-MOST:]

    def add(self, epoch: float, label: str) -> None:
        """Mark an epoch, which may be a fraction; without a label, nothing."""
        if label:
            self.pairs = [*self.pairs, (round(float(epoch), 3), label[:LONGEST])][-MOST:]


def label(before: Experiment, after: Experiment) -> str:
    """Say how two experiments differ in what trains: ``learning rate 0.003 → 0.01``; "" when they do not."""
    changes = [change for change in diff(before, after) if not change.path.startswith("stop.")]
    named = [
        f"{_name(before, change)} {_value(change.before)} → {_value(change.after)}" for change in changes
    ]
    more = len(named) - NAMED
    return ", ".join(named[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _name(experiment: Experiment, change: Change) -> str:
    holder, _, last = change.path.rpartition(".")
    words = last.replace("_", " ")
    family, _, place = holder.partition(".")
    if family == "network" and place.isdigit():
        kind = experiment.network[int(place)].heading().lower()
        return kind if len(words) == 1 else f"{kind} {words}"
    return words if len(words) > 2 else words.upper()


def _value(value: object) -> str:
    if isinstance(value, Declared):
        return value.heading()
    if isinstance(value, float):
        return f"{value:.3g}".replace("-", "−")
    return str(value)
