"""Small experiments with everything that the registries hold."""

import typing
from typing import Literal

from dlcore.data import Task, datasets
from dlcore.experiment import Experiment
from dlcore.layers import FLAT, IMAGE, SEQUENCE, TOKENS, layers
from dlcore.losses import losses
from dlcore.optimizers import optimizers
from dlcore.schedules import schedules
from dlcore.templates import TEMPLATES

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
        if value != getattr(made, name) and name != "off"
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
    off = ({"kind": "conv2d"}, {"kind": "dropout", "off": True}, {"kind": "dense", "off": True})
    heads = ({"kind": "embedding", "size": 8}, {"kind": "transformer_block", "silenced_heads": (1, 2)})
    return [
        *found,
        mended(**{**GIVEN[IMAGE], "network": off}),
        mended(**{**FORMATS[Task.TOKENS], "network": heads}),
    ]


def with_data():
    """Experiments with each data set of the registry."""
    found = []
    for cls in datasets:
        data = cls().at_most(100)
        found.append(mended(data=data, loss=fitting(data), batch_size=50, **SMALL))
    return found


def with_templates():
    """The experiment of each template, on fewer samples."""
    return [template.on(template.data.at_most(100)) for template in TEMPLATES]


FORMATS = {
    Task.BINARY: {"data": {"kind": "moons", "n_points": 60, "noise": 0.3}},
    Task.CLASSES: {"data": "iris", "batch_size": 30},
    Task.REGRESSION: {"data": {"kind": "sines", "n_steps": 200, "horizon": 3}, "batch_size": 40},
    Task.TOKENS: {
        "data": {"kind": "reverse", "n_strings": 100},
        "network": ({"kind": "embedding", "size": 8},),
        "batch_size": 20,
    },
}
"""For each task an experiment."""


def with_losses():
    """Experiments with each loss of the registry, in each of its choices, for each of its tasks."""
    found = []
    for cls in losses:
        for task in sorted(cls.tasks):
            given = {**SMALL, **FORMATS[task]}
            fields = {name: choices(field) for name, field in cls.settings().items()}
            others = [cls(**{name: value}) for name, values in fields.items() for value in values]
            smoothed = [cls(label_smoothing=0.2)] if "label_smoothing" in fields else []
            found += [
                mended(**given, loss=loss) for loss in {cls(): 0, **dict.fromkeys([*others, *smoothed])}
            ]
    return found


NORMED = {
    "data": {"kind": "moons", "n_points": 80},
    "network": ({"kind": "dense", "units": 6}, "batch_norm", "dropout"),
}


RECURRENT = {
    **GIVEN[SEQUENCE],
    "network": ({"kind": "embedding", "size": 4}, "self_attention", {"kind": "gru", "units": 4}),
}


def with_rules():
    """Experiments with each optimizer, schedule and way of averaging, and with what goes along with them."""
    pulls = (
        {"l1": 0.001, "l2": 0.01, "max_norm": 0.5},
        {"l1": 0.001, "l2": 0.01, "how": "decoupled decay"},
        {"average": "EMA", "memory": 0.9},
        {"average": "SWA", "average_from": 2},
    )
    return [
        *(Experiment(**NORMED, optimizer=cls()) for cls in optimizers),
        *(Experiment(**NORMED, optimizer=cls(), regularisation=pulls[1]) for cls in optimizers),
        *(Experiment(**NORMED, schedule=cls()) for cls in schedules),
        *(Experiment(**NORMED, schedule=cls(), optimizer="lbfgs") for cls in schedules),
        *(Experiment(**NORMED, regularisation=pull) for pull in pulls),
        *(Experiment(**SMALL, regularisation=pull) for pull in pulls[2:]),
        Experiment(
            **NORMED,
            schedule={"kind": "plateau", "patience": 1},
            optimizer={"kind": "sgd", "learning_rate": 9.0},
        ),
        *(mended(**RECURRENT, regularisation=pull) for pull in pulls[:2]),
        Experiment(**NORMED, split={"folds": 4, "fold": 2}),
        mended(data="diabetes", loss="mean_squared", split={"folds": 5, "fold": 1}, **SMALL),
        Experiment(data="spiral", split={"folds": 3, "fold": 0, "validation": 30}, **SMALL),
    ]


def with_augmentation():
    """Experiments on images that are never seen twice as they are."""
    each = {
        "shift": 0.1,
        "rotate": 20,
        "zoom": 0.2,
        "flip": True,
        "noise": 0.1,
        "cut_out": 0.3,
        "mix_up": 0.4,
    }
    given = {**GIVEN[IMAGE], "network": ("flatten",)}
    return [
        *(Experiment(**given, augmentation={name: value}) for name, value in each.items()),
        Experiment(**given, augmentation=each),
        Experiment(**given, augmentation=each, optimizer="lbfgs"),
        Experiment(**given, augmentation=each, loss="mean_squared", schedule="cosine"),
    ]
