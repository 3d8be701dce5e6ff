"""Ensembles: copies of one experiment that differ in nothing but chance."""

from __future__ import annotations

import math
from collections.abc import Iterator

from dlcore.data.augment import Augmentation
from dlcore.experiment import Experiment
from dlcore.layers import Layer, built
from dlcore.layers.attention import Attending
from dlcore.layers.code import GaussianCode
from dlcore.layers.normalise import BatchNorm
from dlcore.layers.recurrent import Recurrent
from dlcore.objectives import Supervised
from dlcore.optimizers import LBFGS, Adam, Muon
from dlcore.schedules import Constant
from dlcore.spec import Problem

SIZES = (16, 32, 64)
"""How many seeds may be trained at once."""
N_SEEDS = 1_000_000
MOST_NUMBERS = 24_000_000
"""Numbers that all members together may keep of one batch: 4 bytes each, and as much again for gradients."""
MOST_WEIGHTS = 8_000_000


def member(experiment: Experiment, number: int) -> Experiment:
    """The experiment with the ``number``-th seeds from its own on: number 0 is the experiment itself.

    The data, and which of them are kept for the test, stay the same.
    """
    seeds = experiment.seeds
    moved = {name: (getattr(seeds, name) + number) % N_SEEDS for name in ("init", "batches")}
    return experiment.model_copy(update={"seeds": seeds.model_copy(update=moved)})


def why_not(experiment: Experiment, n: int = SIZES[0]) -> str:
    """Say why n seeds of an experiment cannot be trained at once, and what to change; "" when they can."""
    found = obstacle(experiment, n)
    return f"{found.what}  {found.next}" if found else ""


def obstacle(experiment: Experiment, n: int = SIZES[0]) -> Problem | None:
    """The first reason why n seeds of an experiment cannot be trained at once; None when they can."""
    return next(_obstacles(experiment, n), None)


def _obstacles(e: Experiment, n: int) -> Iterator[Problem]:
    yield from e.problems()
    if not isinstance(e.objective, Supervised):
        yield Problem(
            "Objective",
            f"{e.objective.heading()} is trained one network at a time.",
            "Learn from answers that are known.",
            {"objective": Supervised()},
        )
    if isinstance(e.optimizer, Muon | LBFGS):
        yield Problem(
            "Optimizer",
            f"{e.optimizer.heading()} looks at a network as a whole, so several cannot share its steps.",
            "Use Adam, SGD or another that moves each weight by itself.",
            {"optimizer": Adam()},
        )
    if e.schedule.watches:
        yield Problem(
            "Schedule",
            f"{e.schedule.heading()} watches the loss, and each seed would come to another learning rate.",
            "Keep the learning rate constant, or let it follow the epochs.",
            {"schedule": Constant()},
        )
    if e.stop.measure != "no target" or e.stop.patience:
        yield Problem(
            "Stop",
            "Each seed would stop at another epoch.",
            "Let all of them train for the same number of epochs: no target, and a patience of 0.",
            {"stop": e.stop.model_copy(update={"measure": "no target", "patience": 0})},
        )
    if e.augmentation.active:
        yield Problem(
            "Augmentation",
            "Images are shifted, turned and mixed for one network at a time.",
            "Leave the images as they are.",
            {"augmentation": Augmentation()},
        )
    yield from _in_the_stack(e)
    yield from _too_much(e, n)


def _in_the_stack(e: Experiment) -> Iterator[Problem]:
    layers = tuple(_each(e.network))
    for layer in layers:
        if isinstance(layer, Recurrent | GaussianCode):
            yield Problem(
                "Network",
                f"{layer.heading()} is trained one network at a time.",
                "Take the layer out, or use convolutions or attention instead.",
            )
        if isinstance(layer, Attending) and layer.dropout:
            yield Problem(
                "Network",
                "Dropout within attention would be drawn otherwise than in a run by itself.",
                "Set that dropout to 0; a dropout layer may stay.",
            )
    if e.regularisation.average != "none" and any(isinstance(layer, BatchNorm) for layer in layers):
        yield Problem(
            "Regularisation",
            "With averaged weights batch normalisation is counted anew, one network at a time.",
            "Do without averaged weights, or without batch normalisation.",
            {"regularisation": e.regularisation.model_copy(update={"average": "none"})},
        )


def _each(stack: tuple[Layer, ...]) -> Iterator[Layer]:
    """Each layer of a stack that is not switched off, those inside of others among them."""
    for layer in built(stack):
        yield layer
        for _, inside in layer.stacks():
            yield from _each(inside)


def _too_much(e: Experiment, n: int) -> Iterator[Problem]:
    """What would not fit into memory beside the other runs."""
    numbers = n * e.batch_size * n_numbers(e)
    if numbers > MOST_NUMBERS or n * e.n_parameters() > MOST_WEIGHTS:
        yield Problem(
            "Network",
            f"{n} networks of this size at once need more memory than one run may take.",
            "Choose fewer seeds, a smaller batch or a smaller network.",
        )


def n_numbers(e: Experiment) -> int:
    """How many numbers one network makes of one sample."""
    shapes = e.shapes()
    return math.prod(shapes[0]) + sum(
        layer.n_numbers(shape) for layer, shape in zip(e.stack(), shapes, strict=False)
    )
