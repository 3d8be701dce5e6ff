"""Losses: how wrong an answer is, and what the last layer must look like to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Literal

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
    INPUT = "the sample itself"
    DISTRIBUTION = "samples like these, each of noise"


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

    @property
    def weighs(self) -> bool:
        """Whether :meth:`call` has to know how many samples of each class there are to learn from."""
        return False

    def call(self, task: Task, counts: Sequence[int] = ()) -> Call:
        """The module that computes it from outputs and targets.

        ``counts`` are the training samples of each class; without them all classes weigh the same.
        """
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


EVERY_CLASS = frozenset({Task.BINARY, Task.CLASSES, Task.TOKENS})


def smoothing(default: float) -> Any:
    """The field of a loss that does not ask for certainty."""
    return Field(
        default,
        ge=0,
        le=0.5,
        description="Share of the right class's target that is dealt out to all classes alike",
        json_schema_extra={"step": 0.05},
    )


class Probable(Loss):
    """What losses share that read the outputs as chances of the classes."""

    tasks = EVERY_CLASS

    def head(self, task: Task, n_classes: int, n_values: int = 1) -> Head:
        return Head(1 if task is Task.BINARY else n_classes, Target.INDEX)

    def confidence(self, outputs: Tensor, task: Task) -> Tensor:
        # 2σ(z) − 1 = tanh(z / 2): the chance of class 1 over that of class 0
        return (outputs / 2).tanh() if task is Task.BINARY else outputs.softmax(-1)


class Weighing(Loss):
    """What losses share that can make up for classes of unequal size.

    Balanced, class k weighs N / (K nₖ): n₁ … n_K samples of each class are learnt from, N in all (King and
    Zeng, 2001).
    """

    class_weights: Literal["none", "balanced"] = Field(
        "none", description="Balanced: the rarer a class among the training samples, the more each weighs"
    )

    @property
    def weighs(self) -> bool:
        return self.class_weights == "balanced"

    def weight(self, counts: Sequence[int]) -> dict[str, Call]:
        """The weights of the classes as a keyword of torch's; none where they are not asked for or known."""
        if not self.weighs or not counts:
            return {}
        each = sum(counts) / len(counts)
        return {"weight": Call("torch.tensor", [each / max(n, 1) for n in counts])}

    def pos_weight(self, counts: Sequence[int]) -> dict[str, Call]:
        """How much more a sample of its class weighs than one of another: of two classes, of the second."""
        if not self.weighs or not counts:
            return {}
        ratios = [(sum(counts) - n) / max(n, 1) for n in counts]
        return {"pos_weight": Call("torch.tensor", ratios[1:] if len(counts) == 2 else ratios)}


@losses.add
class CrossEntropy(Weighing, Probable):
    r"""How surprised the network is by the right class, in nats.

    With label smoothing ε the target of the right class is $1 - \epsilon + \epsilon/K$ and that of each other
    one $\epsilon/K$ (Szegedy et al., 2016).
    """

    kind: Literal["cross_entropy"] = "cross_entropy"
    title = "Cross-entropy"
    formula = r"-\ln p_{\text{right class}}"
    label_smoothing: float = smoothing(0.0)

    def head(self, task: Task, n_classes: int, n_values: int = 1) -> Head:
        return Head(1, Target.ZERO_ONE) if task is Task.BINARY else Head(n_classes, Target.INDEX)

    def call(self, task: Task, counts: Sequence[int] = ()) -> Call:
        softly = {"label_smoothing": self.label_smoothing} if self.label_smoothing else {}
        if task is Task.BINARY:
            smoothed = "dlcore.criteria.SmoothedBinaryCrossEntropy"
            return Call(
                smoothed if softly else "torch.nn.BCEWithLogitsLoss",
                **softly,
                **self.pos_weight(counts),
            )
        tokens = task is Task.TOKENS
        name = "dlcore.blocks.TokenCrossEntropy" if tokens else "torch.nn.CrossEntropyLoss"
        return Call(name, **self.weight(counts), **softly)


@losses.add
class Focal(Weighing, Probable):
    """Cross-entropy in which what is answered well already counts less (Lin et al., 2017)."""

    kind: Literal["focal"] = "focal"
    formula = r"-(1 - p)^\gamma \ln p, \quad p = p_{\text{right class}}"
    gamma: float = Field(
        2.0,
        ge=0,
        le=5,
        title="Focus γ",
        description="How much less well answered samples count; 0 is cross-entropy",
        json_schema_extra={"step": 0.5},
    )

    def call(self, task: Task, counts: Sequence[int] = ()) -> Call:
        return Call("dlcore.criteria.FocalLoss", gamma=self.gamma, **self.weight(counts))


@losses.add
class OneAgainstAll(Weighing):
    """Binary cross-entropy of each class against all the others, as if a sample could be of several."""

    kind: Literal["one_against_all"] = "one_against_all"
    title = "Binary cross-entropy, one against all"
    formula = r"-\tfrac1K \sum_k y_k \ln \sigma(z_k) + (1 - y_k) \ln(1 - \sigma(z_k))"
    tasks = frozenset({Task.CLASSES, Task.TOKENS})

    def head(self, task: Task, n_classes: int, n_values: int = 1) -> Head:
        return Head(n_classes, Target.INDEX if task is Task.TOKENS else Target.ONE_HOT)

    def call(self, task: Task, counts: Sequence[int] = ()) -> Call:
        tokens = task is Task.TOKENS
        name = "dlcore.criteria.OneAgainstAll" if tokens else "torch.nn.BCEWithLogitsLoss"
        return Call(name, **self.pos_weight(counts))

    def confidence(self, outputs: Tensor, task: Task) -> Tensor:
        return outputs.sigmoid()


@losses.add
class KLDivergence(Probable):
    r"""How far the answered chances p are from smoothed targets q (Kullback and Leibler, 1951).

    q is $1 - \epsilon + \epsilon/K$ for the right class, $\epsilon/K$ for each other.  The gradient is that
    of smoothed cross-entropy; the value differs by the entropy of q, so that a perfect answer costs 0.
    """

    kind: Literal["kl_divergence"] = "kl_divergence"
    title = "KL divergence"
    formula = r"\sum_k q_k \ln (q_k / p_k)"
    label_smoothing: float = smoothing(0.1)

    def call(self, task: Task, counts: Sequence[int] = ()) -> Call:
        return Call("dlcore.criteria.SmoothedKLDivergence", label_smoothing=self.label_smoothing)


@losses.add
class CosineDistance(Loss):
    """The angle between answer and axis of the right class, whatever its length (Barz and Denzler, 2020)."""

    kind: Literal["cosine_distance"] = "cosine_distance"
    formula = r"1 - \frac{z_{\text{right class}}}{\lVert z \rVert}"
    tasks = frozenset({Task.CLASSES, Task.TOKENS})

    def head(self, task: Task, n_classes: int, n_values: int = 1) -> Head:
        return Head(n_classes, Target.INDEX)

    def call(self, task: Task, counts: Sequence[int] = ()) -> Call:
        return Call("dlcore.criteria.CosineLoss")

    def confidence(self, outputs: Tensor, task: Task) -> Tensor:
        lengths = outputs.square().sum(-1, keepdim=True).sqrt().clamp(min=1e-8)
        return (outputs / lengths).clamp(0, 1)


@losses.add
class MeanSquared(Loss):
    """The mean of the squared errors: large errors weigh most."""

    kind: Literal["mean_squared"] = "mean_squared"
    title = "Mean squared error"
    formula = r"\tfrac1B \sum (\hat y - y)^2"

    def call(self, task: Task, counts: Sequence[int] = ()) -> Call:
        return Call("torch.nn.MSELoss")


@losses.add
class MeanAbsolute(Loss):
    """The mean of the absolute errors: an outlier weighs no more than its distance."""

    kind: Literal["mean_absolute"] = "mean_absolute"
    title = "Mean absolute error"
    formula = r"\tfrac1B \sum |\hat y - y|"

    def call(self, task: Task, counts: Sequence[int] = ()) -> Call:
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

    def call(self, task: Task, counts: Sequence[int] = ()) -> Call:
        return Call("torch.nn.HuberLoss", delta=self.delta)


@losses.add
class Hinge(Loss):
    """Punish answers that are wrong or right by less than a margin of one (Cortes and Vapnik, 1995)."""

    kind: Literal["hinge"] = "hinge"
    formula = r"\max(0, 1 - y\,z)"
    tasks = frozenset({Task.BINARY, Task.CLASSES})

    def head(self, task: Task, n_classes: int, n_values: int = 1) -> Head:
        return Head(1, Target.SIGN) if task is Task.BINARY else Head(n_classes, Target.INDEX)

    def call(self, task: Task, counts: Sequence[int] = ()) -> Call:
        return Call("dlcore.blocks.BinaryHingeLoss" if task is Task.BINARY else "torch.nn.MultiMarginLoss")

    def confidence(self, outputs: Tensor, task: Task) -> Tensor:
        return outputs.clamp(-1, 1) if task is Task.BINARY else outputs.softmax(-1)
