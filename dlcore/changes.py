"""What differs between two experiments, in few words."""

from __future__ import annotations

from dlcore.data import Feature
from dlcore.experiment import Change, Experiment, diff
from dlcore.interventions import Held, Silenced
from dlcore.layers import Dense
from dlcore.objectives import Supervised
from dlcore.spec import Declared

NAMED = 2
LONGEST = 40
MOST_LISTED = 6
MOST_KINDS = 3
PLACES = {"network": "layer", "inputs": "input"}


def label(before: Experiment, after: Experiment, named: int = NAMED) -> str:
    """Say how two experiments differ in what trains: ``learning rate 0.003 → 0.01``; "" when they do not.

    At most ``named`` differences are named, the others counted.
    """
    changes = [change for change in diff(before, after) if not change.path.startswith("stop.")]
    said = [_said(before, change) for change in changes]
    more = len(said) - named
    return ", ".join(said[:named]) + (f" and {more} more" if more > 0 else "")


def summary(experiment: Experiment) -> str:
    """Say what an experiment is, in one short line: ``Spiral · 8-8-8 ELU · Adam 0.003``."""
    e = experiment
    if e.network and all(isinstance(layer, Dense) for layer in e.network):
        widths = "-".join(str(layer.units) for layer in e.network if isinstance(layer, Dense))
        used = dict.fromkeys(layer.activation.heading() for layer in e.network if isinstance(layer, Dense))
        stack = f"{widths} {', '.join(used)}"
    else:
        kinds = [layer.heading() for layer in e.network]
        listed = [f"{kinds.count(kind)} × {kind}" for kind in dict.fromkeys(kinds)]
        more = len(listed) - MOST_KINDS
        stack = ", ".join(listed[:MOST_KINDS]) + (f" and {more} more" if more > 0 else "")
    rule = f"{e.optimizer.heading()} {shown(e.optimizer.learning_rate)}"
    asked = "" if isinstance(e.objective, Supervised) else e.objective.heading()
    return " · ".join(part for part in (e.data.heading(), asked, stack or "no hidden layer", rule) if part)


def _said(before: Experiment, change: Change) -> str:
    said = name(before, change.path)
    if packed(change.before) or packed(change.after):
        return f"other {said}"
    return f"{said} {shown(change.before)} → {shown(change.after)}"


def packed(value: object) -> bool:
    """Whether a value is a long text, such as packed points, that nobody can read."""
    return isinstance(value, str) and len(value) > LONGEST


def name(experiment: Experiment, path: str) -> str:
    """What people call a setting: ``layer 2 units`` for ``network.1.units``."""
    holder, _, last = path.rpartition(".")
    if last.isdigit():
        return f"{PLACES.get(holder, holder)} {int(last) + 1}"
    words = last.replace("_", " ")
    family, _, place = holder.partition(".")
    if family == "network" and place.isdigit():
        layer = experiment.network[int(place)]
        number = sum(isinstance(each, Dense) for each in experiment.network[: int(place) + 1])
        kind = f"layer {number}" if isinstance(layer, Dense) else layer.heading().lower()
        return kind if len(words) == 1 else f"{kind} {words}"
    if family == "seeds":
        return f"{words} seed"
    return words if len(words) > 2 else words.upper()


def shown(value: object) -> str:
    """A setting's value in few words."""
    if isinstance(value, Dense):
        return f"{value.units} {value.activation.heading()}"
    if isinstance(value, Feature):
        return value.label
    if isinstance(value, Declared):
        return value.heading()
    if isinstance(value, float):
        return f"{value:.3g}".replace("-", "−")
    if isinstance(value, tuple):
        plain = len(value) > MOST_LISTED or any(isinstance(each, Held | Silenced) for each in value)
        return str(len(value)) if plain else f"({', '.join(shown(each) for each in value)})"
    return str(value)
