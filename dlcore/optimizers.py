"""Optimizers: how a gradient becomes a step."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from dlcore.spec import LIVE, Call, Declared, Registry

Share = Annotated[float, Field(ge=0, le=0.9999)]


def decay(default: float) -> Any:
    """The field of an optimizer whose weight decay stays out of the gradient."""
    return Field(
        default,
        ge=0,
        le=1,
        description="Share of each weight taken away, times the rate",
        json_schema_extra={**LIVE, "step": 0.01},
    )


class Optimizer(Declared):
    """A rule that moves the weights; all of its settings may change while it runs."""

    target: ClassVar[str]
    formula: ClassVar[str]
    searches: ClassVar[bool] = False
    """Whether one step looks at the loss of its batch several times, and is given what computes it."""

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
    weight_decay: float = decay(0.01)

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


@optimizers.add
class RAdam(TwoMoments):
    """Adam that begins as plain momentum, until there are gradients enough to scale by (Liu et al., 2020)."""

    kind: Literal["radam"] = "radam"
    title = "RAdam"
    target = "torch.optim.RAdam"
    formula = r"w \leftarrow w - \eta\, r_t\, \hat m / (\sqrt{\hat v} + \epsilon)"


@optimizers.add
class Lion(TwoMoments):
    """Move every weight by the same length, against the sign of its mean gradient (Chen et al., 2023)."""

    kind: Literal["lion"] = "lion"
    target = "dlcore.updates.Lion"
    formula = (
        r"w \leftarrow (1 - \eta\lambda)\,w - \eta\, \operatorname{sign}(\beta_1 m + (1 - \beta_1)\, g), "
        r"\quad m \leftarrow \beta_2 m + (1 - \beta_2)\, g"
    )
    learning_rate: float = Field(
        0.003, ge=1e-6, le=10, description="How far one step goes", json_schema_extra={**LIVE, "log": True}
    )
    beta2: Share = Field(
        0.99,
        title="β₂",
        description="Memory of the mean that is kept",
        json_schema_extra={**LIVE, "step": 0.01},
    )
    weight_decay: float = decay(0.01)

    def hyperparameters(self) -> dict[str, Any]:
        return {**super().hyperparameters(), "weight_decay": self.weight_decay}


@optimizers.add
class Muon(TwoMoments):
    """Give each direction of a weight matrix an equal step; AdamW for all that is none (Jordan et al., 2024).

    The momentum M is brought near the orthogonal matrix U Vᵀ of its singular vectors by five Newton–Schulz
    steps.  Its rate is scaled so that one rate suits matrices and all the rest (Liu et al., 2025).
    """

    kind: Literal["muon"] = "muon"
    target = "dlcore.updates.Muon"
    formula = (
        r"M \leftarrow \mu M + (1 - \mu)\, g = U \Sigma V^\top, "
        r"\quad W \leftarrow (1 - \eta\lambda)\,W - 0.2\, \eta \sqrt{\max(r, c)}\; U V^\top"
    )
    momentum: Share = Field(
        0.95, description="Memory of a matrix's gradient", json_schema_extra={**LIVE, "step": 0.01}
    )
    weight_decay: float = decay(0.01)

    def hyperparameters(self) -> dict[str, Any]:
        momenta = {**super().hyperparameters(), "momentum": self.momentum}
        return {**momenta, "weight_decay": self.weight_decay}


@optimizers.add
class LBFGS(Optimizer):
    """Step by the curvature that the last gradients tell, and search along the step (Liu and Nocedal, 1989).

    One step looks at the loss of its batch several times; at home where a batch is the whole training share.
    """

    kind: Literal["lbfgs"] = "lbfgs"
    title = "L-BFGS"
    target = "torch.optim.LBFGS"
    searches = True
    formula = r"w \leftarrow w - \eta\, H g, \quad H \approx (\nabla^2 L)^{-1}"
    learning_rate: float = Field(
        1.0, ge=1e-6, le=10, description="How far one step goes", json_schema_extra={**LIVE, "log": True}
    )
    iterations: int = Field(4, ge=1, le=20, description="Moves within one step", json_schema_extra=LIVE)
    memory: int = Field(
        10, ge=1, le=50, description="How many earlier moves tell the curvature", json_schema_extra=LIVE
    )
    line_search: bool = Field(
        True,
        description="Search along each move until the loss falls well (Wolfe, 1969)",
        json_schema_extra=LIVE,
    )

    def hyperparameters(self) -> dict[str, Any]:
        return {
            "lr": self.learning_rate,
            "max_iter": self.iterations,
            "max_eval": self.iterations * 5 // 4,
            "history_size": self.memory,
            "line_search_fn": "strong_wolfe" if self.line_search else None,
        }
