"""The stack of an experiment as a table: what comes in and out of each layer, and what it costs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from dlcore.experiment import Experiment
from dlcore.layers import Layer, Shape, built, layers
from dlcore.spec import Problem

Stack = tuple[Layer, ...]


@dataclass(frozen=True)
class Row:
    """One layer of the stack, with what comes in and out; None where that cannot be known."""

    place: str
    """``3`` for the fourth layer, ``3.inside.0`` for the first inside of it, ``3.paths.1.0`` in a branch."""
    layer: Layer
    before: Shape | None
    after: Shape | None
    n_parameters: int = 0
    multiply_adds: int = 0
    needed: str = ""
    """What the layer needs that its input is not; "" where it fits."""


def rows(experiment: Experiment) -> list[Row]:
    """Every layer in the order of reading, those inside of others after the layer that holds them."""
    return list(_rows(experiment.network, "", experiment.input_shape))


def _rows(stack: Stack, at: str, shape: Shape | None) -> Iterator[Row]:
    for i, (layer, made) in enumerate(zip(stack, built(stack), strict=True)):
        place = f"{at}{i}"
        inner = [row for name, held in layer.stacks() for row in _rows(held, f"{place}.{name}.", shape)]
        needed = "" if shape is None else made.needs(shape)
        if shape is None or needed:
            yield Row(place, layer, shape, None, needed=needed)
            shape = None
        else:
            after = made.output_shape(shape)
            yield Row(place, layer, shape, after, made.n_parameters(shape), made.multiply_adds(shape))
            shape = after
        yield from inner


def repair(experiment: Experiment) -> Problem | None:
    """The first thing that keeps the stack from being built, with its remedy; None where it can be."""
    for problem in experiment.problems():
        if "network" in problem.remedy:
            return problem
    return None


def fitting(shape: Shape) -> tuple[str, ...]:
    """The kinds of layer that samples of a shape can be given to, with the settings that suit them."""
    return tuple(each.kind_name() for each in layers if not each.made_for(shape).needs(shape))


def memory(experiment: Experiment) -> int:
    """About how many bytes a step takes: weights, gradients, what the optimizer keeps, and activations."""
    per_weight = 2 + _KEPT.get(experiment.optimizer.kind_name(), 1)
    kept = sum(math.prod(row.after) for row in rows(experiment) if row.after) * 2
    return 4 * (per_weight * experiment.n_parameters() + kept * experiment.batch_size)


_KEPT = {"sgd": 0, "adam": 2, "adamw": 2, "nadam": 2, "radam": 2}
"""How many numbers an optimizer remembers of each weight."""
