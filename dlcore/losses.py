"""Losses: how wrong an answer is, and what the last layer must look like to be asked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from dlcore.data.base import Task
from dlcore.spec import Call, Declared, Registry

if TYPE_CHECKING:
    from torch import Tensor


class Target(StrEnum):
    """How what is to be learnt is written as numbers."""

    VALUE = "value"
    ZERO_ONE = "0 or 1"
    SIGN = "−1 or 1"
    INDEX = "class number"
    ONE_HOT = "1 for the class, 0 for the others"


@dataclass(frozen=True)
class Head:
    """The output layer that a task and a loss ask for: how many units, what follows them, which targets."""

    units: int
    target: Target
    calls: tuple[Call, ...] = ()
    activation: str = "linear"


class Loss(Declared):
    """A number that training makes small."""

    formula: ClassVar[str]
    tasks: ClassVar[frozenset[Task]] = frozenset({Task.BINARY, Task.CLASSES, Task.REGRESSION})

    def head(self, task: Task, n_classes: int, n_values: int = 1) -> Head:
        """The output layer for this loss; ``n_values`` is how many values regression asks for."""
        if task is Task.REGRESSION:
            return Head(n_values, Target.VALUE)
        if task is Task.BINARY:
            return Head(1, Target.SIGN, (Call("torch.nn.Tanh"),), "tanh")
        return Head(n_classes, Target.ONE_HOT)

    def call(self, task: Task) -> Call:
        """The module that computes it from outputs and targets."""
        raise TypeError("a loss declares its own call")

    def confidence(self, outputs: Tensor, task: Task) -> Tensor:
        """Turn outputs into what pictures show.

        Two classes: (N, 1) → (N, 1) between −1 (surely class 0) and 1 (surely class 1).  More classes:
        (N, K) → (N, K), shares between 0 and 1.  Regression: the value itself.
        """
        return (
            outputs if task is Task.REGRESSION else outputs.clamp(-1.0 if task is Task.BINARY else 0.0, 1.0)
        )


losses: Registry[Loss] = Registry("loss")


@losses.add
class CrossEntropy(Loss):
    """How surprised the network is by the right class, in nats."""

    kind: Literal["cross_entropy"] = "cross_entropy"
    title = "Cross-entropy"
    formula = r"-\ln p_{\text{right class}}"
    tasks = frozenset({Task.BINARY, Task.CLASSES, Task.TOKENS})

    def head(self, task: Task, n_classes: int, n_values: int = 1) -> Head:
        return Head(1, Target.ZERO_ONE) if task is Task.BINARY else Head(n_classes, Target.INDEX)

    def call(self, task: Task) -> Call:
        if task is Task.TOKENS:
            return Call("dlcore.blocks.TokenCrossEntropy")
        return Call("torch.nn.BCEWithLogitsLoss" if task is Task.BINARY else "torch.nn.CrossEntropyLoss")

    def confidence(self, outputs: Tensor, task: Task) -> Tensor:
        # 2σ(z) − 1 = tanh(z / 2): the chance of class 1 over that of class 0
        return (outputs / 2).tanh() if task is Task.BINARY else outputs.softmax(-1)


@losses.add
class MeanSquared(Loss):
    """The mean of the squared errors: large errors weigh most."""

    kind: Literal["mean_squared"] = "mean_squared"
    title = "Mean squared error"
    formula = r"\tfrac1B \sum (\hat y - y)^2"

    def call(self, task: Task) -> Call:
        return Call("torch.nn.MSELoss")


@losses.add
class MeanAbsolute(Loss):
    """The mean of the absolute errors: an outlier weighs no more than its distance."""

    kind: Literal["mean_absolute"] = "mean_absolute"
    title = "Mean absolute error"
    formula = r"\tfrac1B \sum |\hat y - y|"

    def call(self, task: Task) -> Call:
        return Call("torch.nn.L1Loss")


@losses.add
class Huber(Loss):
    """Squared for small errors, absolute for large ones (Huber, 1964)."""

    kind: Literal["huber"] = "huber"
    title = "Huber"
    formula = r"\tfrac12 e^2 \text{ if } |e| < \delta \text{ else } \delta\,(|e| - \tfrac12\delta)"
    delta: float = Field(
        1.0, ge=0.05, le=2, description="Where squared turns into absolute", json_schema_extra={"step": 0.05}
    )

    def call(self, task: Task) -> Call:
        return Call("torch.nn.HuberLoss", delta=self.delta)


@losses.add
class Hinge(Loss):
    """Punish answers that are wrong or right by less than a margin of one (Cortes and Vapnik, 1995)."""

    kind: Literal["hinge"] = "hinge"
    formula = r"\max(0, 1 - y\,z)"
    tasks = frozenset({Task.BINARY, Task.CLASSES})

    def head(self, task: Task, n_classes: int, n_values: int = 1) -> Head:
        return Head(1, Target.SIGN) if task is Task.BINARY else Head(n_classes, Target.INDEX)

    def call(self, task: Task) -> Call:
        return Call("dlcore.blocks.BinaryHingeLoss" if task is Task.BINARY else "torch.nn.MultiMarginLoss")

    def confidence(self, outputs: Tensor, task: Task) -> Tensor:
        return outputs.clamp(-1, 1) if task is Task.BINARY else outputs.softmax(-1)
