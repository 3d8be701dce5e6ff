"""Small experiments with everything that the registries hold."""

import typing
from typing import Literal

from dlcore.data import datasets
from dlcore.experiment import Experiment
from dlcore.layers import FLAT, IMAGE, SEQUENCE, TOKENS, layers
from dlcore.losses import losses

SMALL = {"network": ({"kind": "dense", "units": 4},)}
GIVEN = {
    FLAT: {"data": {"kind": "moons", "n_points": 60}, "network": ({"kind": "dense", "units": 6},)},
    SEQUENCE: {
        "data": {"kind": "surnames", "n_each": 20},
        "network": ({"kind": "embedding", "size": 8},),
        "batch_size": 40,
    },
    IMAGE: {"data": {"kind": "digits", "n_images": 100}, "network": (), "batch_size": 25},
    TOKENS: {"data": {"kind": "surnames", "n_each": 20}, "network": (), "batch_size": 40},
}
"""For each form of samples an experiment whose last layer gives it."""


def fitting(data):
    return next(loss() for loss in losses if data.task in loss.tasks)


def mended(**settings):
    """The nearest experiment that can run: with bridges between layers, and a loss that fits."""
    experiment = Experiment(**settings)
    for _ in range(8):
        problems = experiment.problems()
        if problems:
            experiment = experiment.model_copy(update=dict(problems[0].remedy))
    assert not experiment.problems(), experiment.problems()
    return experiment


def choices(field):
    """The values of a setting that is a choice."""
    kind = field.annotation
    if typing.get_origin(kind) is Literal:
        return list(typing.get_args(kind))
    return [False, True] if kind is bool else []


def versions(cls, shape):
    """A layer as it is made for a shape, and with each other choice that fits."""
    made = cls.made_for(shape)
    others = [
        made.model_copy(update={name: value})
        for name, field in cls.settings().items()
        for value in choices(field)
        if value != getattr(made, name)
    ]
    return [each for each in (made, *others) if not each.needs(shape)]


def with_layers():
    """Experiments with each layer of the registry, in each of its choices, on all that it takes."""
    found = []
    for cls in layers:
        for each in cls.takes:
            start = Experiment(**GIVEN[each])
            shape = start.input_shape
            for layer in start.network:
                shape = layer.output_shape(shape)
            for layer in versions(cls, shape):
                found.append(mended(**{**GIVEN[each], "network": (*start.network, layer)}))
    return found


def with_data():
    """Experiments with each data set of the registry."""
    found = []
    for cls in datasets:
        data = cls().at_most(100)
        found.append(mended(data=data, loss=fitting(data), batch_size=50, **SMALL))
    return found
