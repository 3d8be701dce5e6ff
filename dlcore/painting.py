"""Points put on the plane by hand: each stroke gives a new experiment."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dlcore.data import PLANE, Own
from dlcore.data.own import MAX_CLASSES, MAX_POINTS, MIN_POINTS
from dlcore.experiment import Experiment
from dlcore.spec import Declared

REACH = 0.4
"""How near to the pointer a point must lie to be meant, in units of the plane."""
Place = Annotated[tuple[float, float], Field()]


class Stroke(Declared):
    """What one movement of the pointer does.  It comes from a browser."""

    tool: Literal["add", "erase", "move"]
    places: tuple[Place, ...] = Field(min_length=1, max_length=200)
    """Where the pointer was; for ``move`` where it began and where it ended."""
    label: float = 0.0
    """The class, or the value, of the points that are added."""


class PaintError(ValueError):
    """Refuse a stroke, in a sentence for its painter."""


def paint(experiment: Experiment, stroke: Stroke) -> Experiment:
    """Carry out a stroke on the experiment's points, which become points of one's own.

    Raises ``PaintError`` when there is no room for more points, or too few would be left.
    """
    data = experiment.data
    own = data if isinstance(data, Own) else Own.like(data, experiment.seeds.data)
    x, y = (array.copy() for array in own.read())
    places = np.clip(np.array(stroke.places), -PLANE, PLANE)
    if stroke.tool == "add":
        x, y = _added(x, y, places, _label(stroke, own))
    elif stroke.tool == "erase":
        x, y = _erased(x, y, places)
    else:
        x = _moved(x, places)
    return experiment.model_copy(update={"data": Own.of(x, y, own.target)})


Points = NDArray[np.float64]


def _label(stroke: Stroke, own: Own) -> float:
    if own.target == "values":
        return float(np.clip(stroke.label, -1, 1))
    if stroke.label != int(stroke.label) or not 0 <= stroke.label < MAX_CLASSES:
        raise PaintError(f"A class is a whole number from 0 to {MAX_CLASSES - 1}.")
    return stroke.label


def _added(x: Points, y: Points, places: Points, label: float) -> tuple[Points, Points]:
    if len(x) + len(places) > MAX_POINTS:
        raise PaintError(f"There is room for {MAX_POINTS} points.  Erase some first.")
    return np.concatenate([x, places]), np.concatenate([y, np.full(len(places), label)])


def _erased(x: Points, y: Points, places: Points) -> tuple[Points, Points]:
    near = (np.linalg.norm(x[:, None] - places[None], axis=2) < REACH).any(1)
    if len(x) - near.sum() < MIN_POINTS:
        raise PaintError(f"At least {MIN_POINTS} points must be left.")
    # the last points fill the gaps, so that the others keep their place, and with it their share
    kept = np.arange(len(x))
    for gap in np.flatnonzero(near)[::-1]:
        kept[gap] = kept[len(kept) - 1]
        kept = kept[:-1]
    return x[kept], y[kept]


def _moved(x: Points, places: Points) -> Points:
    away: Any = np.linalg.norm(x - places[0], axis=1)
    if away.min() < REACH:
        x[away.argmin()] = places[-1]
    return x
