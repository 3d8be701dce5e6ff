"""The experiment: one immutable value that decides a run, seeds included."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SerializeAsAny

from dlcore.activations import ELU, Linear
from dlcore.data import Dataset, Feature, Own, Spiral, Split, Task, datasets, features
from dlcore.data.augment import BLENDED_BY, Augmentation
from dlcore.data.features import X1, X2
from dlcore.data.own import MIN_POINTS
from dlcore.initializers import Initializer, Xavier, initializers
from dlcore.interventions import BIAS, Held, Silenced
from dlcore.layers import (
    FLAT,
    FORMS,
    IMAGE,
    SEQUENCE,
    Dense,
    Embedding,
    Flatten,
    GlobalPool,
    Layer,
    Shape,
    Tokens,
    built,
    count,
    form,
    layers,
    shown,
)
from dlcore.limits import Limits, limits
from dlcore.losses import CrossEntropy, Head, Loss, losses
from dlcore.optimizers import Adam, Optimizer, optimizers
from dlcore.regularisation import Regularisation
from dlcore.schedules import Constant, Schedule, schedules
from dlcore.spec import LIVE, Declared, Problem
from dlcore.spec.declared import extra

Seed = Annotated[int, Field(ge=0, le=999_999)]


class Seeds(Declared):
    """The four places where chance enters; the same seeds give the same run."""

    data: Seed = Field(1, description="Which points are drawn")
    split: Seed = Field(1, description="Which of them are kept for validation and test")
    init: Seed = Field(1, description="Which weights the network starts from")
    batches: Seed = Field(1, description="In which order the points come, and what dropout silences")


class Stop(Declared):
    """When a run is over: whichever rule is met first, at the end of an epoch."""

    epochs: int = Field(
        0,
        ge=0,
        le=1_000_000,
        description="Stop after so many epochs; 0 goes on until paused",
        json_schema_extra={**LIVE, "log": True},
    )
    measure: Literal["no target", "test loss", "validation loss", "test score", "validation score"] = Field(
        "no target",
        title="Or when it has reached a target",
        description="What has to reach the target at the end of an epoch; the score is accuracy or R²",
        json_schema_extra=LIVE,
    )
    target: float = Field(
        0.95,
        ge=0.001,
        le=10,
        description="A loss stops the run at this or less, a score at this or more",
        json_schema_extra={**LIVE, "log": True},
    )
    patience: int = Field(
        0,
        ge=0,
        le=1000,
        description="Early stopping: after so many epochs without a better validation loss; 0 is never",
        json_schema_extra={**LIVE, "log": True},
    )
    restore_best: bool = Field(
        True,
        title="Best weights back",
        description="After early stopping, go back to the weights of the best epoch",
        json_schema_extra=LIVE,
    )


class Experiment(Declared):
    """Everything that decides a run."""

    data: Annotated[SerializeAsAny[Dataset], BeforeValidator(datasets.parse)] = Field(
        Spiral(), description="What there is to learn"
    )
    split: Split = Field(Split(), description="How the points are shared out")
    inputs: tuple[Annotated[SerializeAsAny[Feature], BeforeValidator(features.parse)], ...] = Field(
        (X1(), X2()),
        min_length=1,
        max_length=len(features),
        description="What the network is given of a point",
    )
    network: tuple[Annotated[SerializeAsAny[Layer], BeforeValidator(layers.parse)], ...] = Field(
        (Dense(units=8, activation=ELU()),) * 3, max_length=64, description="The hidden layers, in order"
    )
    loss: Annotated[SerializeAsAny[Loss], BeforeValidator(losses.parse)] = Field(
        CrossEntropy(), description="What training makes small"
    )
    optimizer: Annotated[SerializeAsAny[Optimizer], BeforeValidator(optimizers.parse)] = Field(
        Adam(learning_rate=0.003), description="How a gradient becomes a step", json_schema_extra=LIVE
    )
    schedule: Annotated[SerializeAsAny[Schedule], BeforeValidator(schedules.parse)] = Field(
        Constant(), description="How the learning rate changes over time", json_schema_extra=LIVE
    )
    augmentation: Augmentation = Field(
        Augmentation(), description="What is done to the images that are learnt from"
    )
    regularisation: Regularisation = Field(Regularisation(), description="What holds the weights down")
    init: Annotated[SerializeAsAny[Initializer], BeforeValidator(initializers.parse)] = Field(
        Xavier(), description="Where the weights start"
    )
    held: tuple[Held, ...] = Field(
        (), max_length=200, description="Weights that training does not move", json_schema_extra=LIVE
    )
    silenced: tuple[Silenced, ...] = Field(
        (), max_length=64, description="Neurons that are switched off", json_schema_extra=LIVE
    )
    batch_size: int = Field(
        10, ge=1, le=500, description="How many points one step looks at", json_schema_extra=LIVE
    )
    stop: Stop = Field(Stop(), description="When the run is over")
    seeds: Seeds = Field(Seeds(), description="Where chance enters")

    def head(self) -> Head:
        """The output layer, which follows from the data and the loss."""
        return self.loss.head(self.data.task, self.data.n_classes, math.prod(self.data.answer_shape))

    @property
    def input_shape(self) -> Shape:
        """The shape of one sample as it enters the network: of a point, the inputs computed of it."""
        if self.data.planar:
            return (len(self.inputs),)
        shape = self.data.sample_shape
        return Tokens(shape[0], len(self.data.vocabulary)) if self.data.vocabulary else shape

    def shapes(self) -> tuple[Shape, ...]:
        """The shape of one sample: as it enters, after each layer, and as it leaves the output layer.

        For an experiment whose layers fit on each other; :meth:`problems` says whether they do.
        """
        shapes: list[Shape] = [self.input_shape]
        for layer in self.stack():
            shapes.append(layer.output_shape(shapes[-1]))
        return tuple(shapes)

    def stack(self) -> tuple[Layer, ...]:
        """The hidden layers as they are built and, as a layer, the output."""
        # copied and not made: a loss that does not fit its data asks for no units at all
        output = Dense(activation=Linear()).model_copy(update={"units": self.head().units})
        return (*built(self.network), output)

    def n_parameters(self) -> int:
        """How many weights and biases training moves."""
        return sum(each.n_parameters(shape) for each, shape in zip(self.stack(), self.shapes(), strict=False))

    def multiply_adds(self) -> int:
        """How many products the network adds up to answer for one point."""
        return sum(
            each.multiply_adds(shape) for each, shape in zip(self.stack(), self.shapes(), strict=False)
        )

    def problems(self, bounds: Limits | None = None) -> list[Problem]:
        """List every reason why this experiment cannot run, each with a remedy; none is none."""
        return list(_problems(self, bounds or limits()))


def _problems(experiment: Experiment, bounds: Limits) -> Iterator[Problem]:
    task = experiment.data.task
    if task not in experiment.loss.tasks:
        fitting = next(loss for loss in losses if task in loss.tasks)
        yield Problem(
            "Loss",
            f"{experiment.loss.heading()} does not fit {experiment.data.heading()}, a {task} problem.",
            f"Use {fitting.heading().lower()}.",
            {"loss": fitting()},
        )
    kinds = [each.kind_name() for each in experiment.inputs]
    if len(set(kinds)) < len(kinds):
        once = tuple(each for i, each in enumerate(experiment.inputs) if each not in experiment.inputs[:i])
        yield Problem("Inputs", "An input is listed twice.", "Keep one of each.", {"inputs": once})
    if experiment.split.test < 5:
        yield Problem(
            "Split",
            f"Training and validation leave {experiment.split.test} % for the test.",
            "Leave at least 5 %.",
            {
                "split": Split(
                    train=min(experiment.split.train, 85), validation=min(experiment.split.validation, 10)
                )
            },
        )
    stop = experiment.stop
    if experiment.split.validation == 0 and (stop.patience or stop.measure.startswith("validation")):
        measure = "no target" if stop.measure.startswith("validation") else stop.measure
        yield Problem(
            "Stop",
            "The stop watches the validation points, and there are none.",
            "Keep some points for validation.",
            {"stop": stop.model_copy(update={"patience": 0, "measure": measure})},
        )
    if experiment.data.size > bounds.max_points:
        yield Problem(
            "Data",
            f"{experiment.data.size} points are more than this server's {bounds.max_points}.",
            "Draw fewer.",
            {"data": experiment.data.at_most(bounds.max_points)},
        )
    elif experiment.data.size < MIN_POINTS:
        yield Problem(
            "Data",
            f"Too few points to learn from and be tested on: {experiment.data.size}.",
            f"It takes {MIN_POINTS}; here are some to begin with.",
            {"data": Own()},
        )
    yield from _augmentation_problems(experiment)
    misfits = list(_misfits(experiment))
    yield from misfits
    if not misfits:
        yield from _network_problems(experiment, bounds)
        yield from _intervention_problems(experiment)


def _augmentation_problems(e: Experiment) -> Iterator[Problem]:
    if e.augmentation.active and form(e.input_shape) != IMAGE:
        yield Problem(
            "Augmentation",
            f"Only images are shifted, turned or mixed, and {e.data.heading()} holds none.",
            "It is left out.",
            {"augmentation": Augmentation()},
        )
    elif (
        e.augmentation.mix_up
        and e.data.task in e.loss.tasks
        and e.loss.call(e.data.task).target not in BLENDED_BY
    ):
        yield Problem(
            "Augmentation",
            f"Mix-up asks for answers between two classes, and {e.loss.heading()} takes whole ones only.",
            "It is left out; cross-entropy would take it.",
            {"augmentation": e.augmentation.model_copy(update={"mix_up": 0.0})},
        )


def _misfits(experiment: Experiment) -> Iterator[Problem]:
    """The first layer that cannot take what the one before it gives."""
    shape, network, before = experiment.input_shape, experiment.network, "the data"
    for i, layer in enumerate(built(network)):
        needed = layer.needs(shape)
        if needed:
            yield _misfit(experiment, i, f"Layer {i + 1} ({layer.heading()})", needed, before, shape)
            return
        shape, before = layer.output_shape(shape), f"layer {i + 1}"
    if not _fits(experiment, len(network), shape):
        needed = FORMS[_answered(experiment)]
        yield _misfit(experiment, len(network), "The output layer", needed, before, shape)


def _answered(e: Experiment) -> int:
    """The form that the output layer needs: a step for each token that is asked for, else one flat row."""
    return SEQUENCE if e.data.task is Task.TOKENS else FLAT


def _fits(e: Experiment, at: int, shape: Shape) -> bool:
    return not built(e.network)[at].needs(shape) if at < len(e.network) else form(shape) == _answered(e)


def _misfit(e: Experiment, at: int, who: str, needed: str, before: str, shape: Shape) -> Problem:
    """Say what does not fit, with the first of the usual bridges that mends it."""
    what = f"{who} needs {needed}, and {before} gives {shown(shape)}."
    for bridge in (Flatten(), GlobalPool(), Embedding()):
        if not bridge.needs(shape) and _fits(e, at, bridge.output_shape(shape)):
            mended = (*e.network[:at], bridge, *e.network[at:])
            return Problem("Network", what, f"Put {bridge.heading()} before it.", {"network": mended})
    if at == len(e.network):
        mended = e.network[:-1]
        return Problem("Network", what, "Take the last layer away.", {"network": mended})
    mended = (*e.network[:at], *e.network[at + 1 :])
    return Problem("Network", what, "Take it away, or change what comes before.", {"network": mended})


def _network_problems(experiment: Experiment, bounds: Limits) -> Iterator[Problem]:
    n_layers = count(experiment.network)
    if n_layers > bounds.max_layers:
        yield Problem(
            "Network",
            f"{n_layers} layers are more than this server's {bounds.max_layers}.",
            "Take some away.",
            {"network": _first(experiment.network, bounds.max_layers)},
        )
        return
    wide = [i for i, layer in enumerate(experiment.network) if getattr(layer, "units", 0) > bounds.max_units]
    if wide:
        narrowed = tuple(
            layer.model_copy(update={"units": bounds.max_units}) if i in wide else layer
            for i, layer in enumerate(experiment.network)
        )
        yield Problem(
            "Network",
            f"Layer {wide[0] + 1} has more units than this server's {bounds.max_units}.",
            "Make it narrower.",
            {"network": narrowed},
        )
    elif experiment.n_parameters() > bounds.max_parameters:
        yield Problem(
            "Network",
            f"{experiment.n_parameters()} parameters are more than this server's {bounds.max_parameters}.",
            "Use fewer or narrower layers.",
            {"network": experiment.network[:-1]},
        )


def _first(network: tuple[Layer, ...], most: int) -> tuple[Layer, ...]:
    """No more than ``most`` layers in all; the last one stays, which may be what the output layer needs."""
    while count(network) > most:
        network = (*network[:-2], network[-1]) if len(network) > 1 else ()
    return network


def _intervention_problems(experiment: Experiment) -> Iterator[Problem]:
    """Holds and silences that point at what is not there: a layer may have been taken away."""
    shapes = experiment.shapes()
    dense = {i for i, layer in enumerate(built(experiment.network)) if isinstance(layer, Dense)}
    weighted = {*dense, len(experiment.network)}
    held = tuple(
        each
        for each in experiment.held
        if each.layer in weighted
        and each.unit < shapes[each.layer + 1][-1]
        and BIAS <= each.source < shapes[each.layer][-1]
    )
    if held != experiment.held:
        yield Problem("Network", "A held weight is not in this network.", "It is let go.", {"held": held})
    silenced = tuple(
        each for each in experiment.silenced if each.layer in dense and each.unit < shapes[each.layer + 1][-1]
    )
    if silenced != experiment.silenced:
        yield Problem(
            "Network", "A silenced neuron is not in this network.", "It is forgotten.", {"silenced": silenced}
        )


@dataclass(frozen=True)
class Change:
    """One field that differs between two experiments; ``live`` when a running session can take it."""

    path: str
    before: Any
    after: Any
    live: bool


def diff(a: Experiment, b: Experiment) -> list[Change]:
    """List the fields in which b differs from a; an empty list means the same experiment."""
    # points of one's own may come and go while a run goes on, as long as the network's answer keeps its shape
    painted = isinstance(b.data, Own) and a.head() == b.head() and a.data.n_classes == b.data.n_classes
    return [
        replace(change, live=painted) if change.path.split(".")[0] == "data" else change
        for change in _changes(a, b, "", live=False)
    ]


def _changes(a: Any, b: Any, path: str, live: bool) -> Iterator[Change]:
    if a == b:
        return
    if isinstance(a, Declared) and type(a) is type(b):
        for name, field in a.settings().items():
            inner = f"{path}.{name}" if path else name
            yield from _changes(getattr(a, name), getattr(b, name), inner, bool(extra(field, "live")))
    elif isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        for i, (before, after) in enumerate(zip(a, b, strict=True)):
            yield from _changes(before, after, f"{path}.{i}", live)
    else:
        yield Change(path, a, b, live)


def value_at(experiment: Declared, path: str) -> Any:
    """Read one setting: ``value_at(e, "network.0.units")``."""
    value: Any = experiment
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, tuple) else getattr(value, step)
    return value


def with_value(experiment: Experiment, path: str, value: Any) -> Experiment:
    """Change one setting: ``with_value(e, "network.0.units", 6)``.  Raises ``ValidationError``."""
    changed = _with_value(experiment, path.split("."), value)
    assert isinstance(changed, Experiment)
    return changed


def _with_value(holder: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    step, *rest = path
    if isinstance(holder, tuple):
        i = int(step)
        return (*holder[:i], _with_value(holder[i], rest, value), *holder[i + 1 :])
    fields = {name: getattr(holder, name) for name in type(holder).model_fields}
    return type(holder).model_validate({**fields, step: _with_value(fields[step], rest, value)})
