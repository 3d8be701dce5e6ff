"""Optimizers: how a gradient becomes a step."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from dlcore.spec import LIVE, Call, Declared, Registry

Share = Annotated[float, Field(ge=0, le=0.9999)]


class Optimizer(Declared):
    """A rule that moves the weights; all of its settings may change while it runs."""

    target: ClassVar[str]
    formula: ClassVar[str]

    learning_rate: float = Field(
        0.03, ge=1e-6, le=10, description="How far one step goes", json_schema_extra={**LIVE, "log": True}
    )

    def hyperparameters(self) -> dict[str, Any]:
        """The settings under torch's own names."""
        return {"lr": self.learning_rate}

    def call(self) -> Call:
        """The optimizer to build on a network's parameters."""
        return Call(self.target, **self.hyperparameters())


optimizers: Registry[Optimizer] = Registry("optimizer")


@optimizers.add
class SGD(Optimizer):
    """Step against the gradient; with momentum, keep rolling (Robbins and Monro, 1951; Polyak, 1964)."""

    kind: Literal["sgd"] = "sgd"
    title = "SGD"
    target = "torch.optim.SGD"
    formula = r"v \leftarrow \mu v + g, \quad w \leftarrow w - \eta v"
    momentum: Share = Field(
        0.0, description="How much of the last step is kept", json_schema_extra={**LIVE, "step": 0.05}
    )
    nesterov: bool = Field(
        False, description="Look ahead along the momentum (Nesterov, 1983)", json_schema_extra=LIVE
    )

    def hyperparameters(self) -> dict[str, Any]:
        # torch refuses Nesterov without momentum; there the two are the same rule
        return {
            "lr": self.learning_rate,
            "momentum": self.momentum,
            "nesterov": self.nesterov and self.momentum > 0,
        }


class TwoMoments(Optimizer):
    """What Adam and its kin share: running means of the gradient and of its square."""

    learning_rate: float = Field(
        0.01, ge=1e-6, le=10, description="How far one step goes", json_schema_extra={**LIVE, "log": True}
    )
    beta1: Share = Field(
        0.9, title="β₁", description="Memory of the mean gradient", json_schema_extra={**LIVE, "step": 0.01}
    )
    beta2: Share = Field(
        0.999, title="β₂", description="Memory of its square", json_schema_extra={**LIVE, "step": 0.001}
    )

    def hyperparameters(self) -> dict[str, Any]:
        return {"lr": self.learning_rate, "betas": (self.beta1, self.beta2)}


class Fused(TwoMoments):
    """Of these torch has a version in one piece: on a small network a step takes two thirds of the time."""

    def hyperparameters(self) -> dict[str, Any]:
        return {**super().hyperparameters(), "fused": True}


@optimizers.add
class Adam(Fused):
    """Scale each weight's step by its gradients' recent size (Kingma and Ba, 2015)."""

    kind: Literal["adam"] = "adam"
    target = "torch.optim.Adam"
    formula = r"w \leftarrow w - \eta\, \hat m / (\sqrt{\hat v} + \epsilon)"


@optimizers.add
class AdamW(Fused):
    """Adam whose weight decay stays out of the gradient (Loshchilov and Hutter, 2019)."""

    kind: Literal["adamw"] = "adamw"
    title = "AdamW"
    target = "torch.optim.AdamW"
    formula = r"w \leftarrow (1 - \eta\lambda)\,w - \eta\, \hat m / (\sqrt{\hat v} + \epsilon)"
    weight_decay: float = Field(
        0.01,
        ge=0,
        le=1,
        description="Share of each weight taken away, times the rate",
        json_schema_extra={**LIVE, "step": 0.01},
    )

    def hyperparameters(self) -> dict[str, Any]:
        return {**super().hyperparameters(), "weight_decay": self.weight_decay}


@optimizers.add
class RMSprop(Optimizer):
    """Divide each step by the gradients' recent size (Hinton, 2012)."""

    kind: Literal["rmsprop"] = "rmsprop"
    title = "RMSprop"
    target = "torch.optim.RMSprop"
    formula = r"w \leftarrow w - \eta\, g / (\sqrt{v} + \epsilon)"
    learning_rate: float = Field(
        0.01, ge=1e-6, le=10, description="How far one step goes", json_schema_extra={**LIVE, "log": True}
    )
    smoothing: Share = Field(
        0.99, description="Memory of the squared gradient", json_schema_extra={**LIVE, "step": 0.01}
    )
    momentum: Share = Field(
        0.0, description="How much of the last step is kept", json_schema_extra={**LIVE, "step": 0.05}
    )

    def hyperparameters(self) -> dict[str, Any]:
        return {"lr": self.learning_rate, "alpha": self.smoothing, "momentum": self.momentum}


@optimizers.add
class Adagrad(Optimizer):
    """Divide each step by all the gradients so far: steps only get smaller (Duchi et al., 2011)."""

    kind: Literal["adagrad"] = "adagrad"
    target = "torch.optim.Adagrad"
    formula = r"w \leftarrow w - \eta\, g / (\sqrt{\textstyle\sum g^2} + \epsilon)"


@optimizers.add
class Adadelta(Optimizer):
    """Adagrad that forgets, and finds its own scale (Zeiler, 2012)."""

    kind: Literal["adadelta"] = "adadelta"
    target = "torch.optim.Adadelta"
    formula = r"w \leftarrow w - \eta\, \frac{\sqrt{u + \epsilon}}{\sqrt{v + \epsilon}}\, g"
    learning_rate: float = Field(
        1.0, ge=1e-6, le=10, description="How far one step goes", json_schema_extra={**LIVE, "log": True}
    )
    smoothing: Share = Field(
        0.9, description="Memory of the squared gradient", json_schema_extra={**LIVE, "step": 0.01}
    )

    def hyperparameters(self) -> dict[str, Any]:
        return {"lr": self.learning_rate, "rho": self.smoothing}


@optimizers.add
class NAdam(TwoMoments):
    """Adam that looks ahead along its momentum (Dozat, 2016)."""

    kind: Literal["nadam"] = "nadam"
    title = "NAdam"
    target = "torch.optim.NAdam"
    formula = r"w \leftarrow w - \eta\, (\beta_1 \hat m + (1 - \beta_1)\, g) / (\sqrt{\hat v} + \epsilon)"
