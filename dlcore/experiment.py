"""The experiment: one immutable value that decides a run, seeds included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, SerializeAsAny

from dlcore.activations import ELU, Linear
from dlcore.data import Dataset, Feature, Own, Spiral, Split, Task, datasets, features
from dlcore.data.augment import Augmentation
from dlcore.data.features import X1, X2
from dlcore.data.split import Parts, class_counts, prepare
from dlcore.initializers import Initializer, Xavier, initializers
from dlcore.interventions import Held, Silenced
from dlcore.layers import (
    Dense,
    Layer,
    Shape,
    Tokens,
    built,
    layers,
)
from dlcore.limits import Limits, limits
from dlcore.losses import CrossEntropy, Head, Loss, losses
from dlcore.objectives import Objective, Supervised, objectives
from dlcore.optimizers import Adam, Optimizer, optimizers
from dlcore.problems import problems
from dlcore.regularisation import Regularisation
from dlcore.schedules import Constant, Schedule, schedules
from dlcore.spec import LIVE, Call, Declared, Problem
from dlcore.spec.declared import extra

D = TypeVar("D", bound=Declared)
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
    objective: Annotated[SerializeAsAny[Objective], BeforeValidator(objectives.parse)] = Field(
        Supervised(), description="What the network is asked for"
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

    @property
    def task(self) -> Task:
        """What the network's answers are: what the data ask for, unless the objective asks for another."""
        return self.objective.task(self.data)

    def head(self) -> Head:
        """The output layer, which follows from the objective, the data and the loss."""
        return self.objective.head(self.loss, self.data, self.input_shape)

    def criterion(self, train: Parts | None = None) -> Call:
        """The loss as a call.  Where it weighs classes, by their counts in the training share, drawn here
        unless it is given."""
        if not self.loss.weighs:
            return self.objective.criterion(self.loss, self.data)
        if train is None:
            train = prepare(self.data, self.split, self.seeds.data, self.seeds.split)["train"]
        return self.objective.criterion(self.loss, self.data, class_counts(train, self.data.n_classes))

    @property
    def input_shape(self) -> Shape:
        """The shape of what enters the network, as the objective has it; mostly, of a sample."""
        return self.objective.input_shape(self.sample_shape)

    @property
    def sample_shape(self) -> Shape:
        """The shape of one sample as networks see it: of a point, the inputs computed of it."""
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
        return list(problems(self, bounds or limits()))


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


def with_value(holder: D, path: str, value: Any) -> D:
    """Change one setting: ``with_value(e, "network.0.units", 6)``.  Raises ``ValidationError``."""
    changed = _with_value(holder, path.split("."), value)
    assert isinstance(changed, type(holder))
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
