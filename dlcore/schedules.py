"""Schedules: how the learning rate changes as training goes on."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar, Literal

from pydantic import Field

from dlcore.spec import LIVE, Declared, Registry


class Schedule(Declared):
    """A factor on the learning rate that depends on the epoch alone, so that runs can be resumed."""

    formula: ClassVar[str]
    watches: ClassVar[bool] = False
    """Whether the factor depends on how the run goes; ``at`` then tells it for a run that goes well."""
    factor: ClassVar[Callable[..., float]]
    """The factor at an epoch, which may be a fraction: ``factor(epoch, **settings)``.

    Every schedule has its own, a static method with nothing but ``math`` inside: the exported script prints
    it whole.
    """

    def at(self, epoch: float) -> float:
        """The factor at an epoch, with the declared settings."""
        return type(self).factor(epoch, **self.arguments())

    def arguments(self) -> dict[str, Any]:
        """The settings as :meth:`factor` takes them."""
        return {name: getattr(self, name) for name in self.settings()}


schedules: Registry[Schedule] = Registry("schedule")


@schedules.add
class Constant(Schedule):
    """Keep the learning rate as it is."""

    kind: Literal["constant"] = "constant"
    formula = r"\eta"

    @staticmethod
    def factor(epoch: float) -> float:
        return 1.0


@schedules.add
class StepDecay(Schedule):
    """Cut the learning rate every so many epochs."""

    kind: Literal["step"] = "step"
    formula = r"\eta\, \gamma^{\lfloor e / s \rfloor}"
    every: int = Field(
        100, ge=1, le=10_000, description="Epochs between two cuts", json_schema_extra={**LIVE, "log": True}
    )
    gamma: float = Field(
        0.5, ge=0.01, le=1, description="What is left after a cut", json_schema_extra={**LIVE, "step": 0.05}
    )

    @staticmethod
    def factor(epoch: float, every: int, gamma: float) -> float:
        return float(gamma ** (epoch // every))


@schedules.add
class Exponential(Schedule):
    """Shrink the learning rate by the same share every epoch."""

    kind: Literal["exponential"] = "exponential"
    formula = r"\eta\, \gamma^{e}"
    gamma: float = Field(
        0.995,
        ge=0.9,
        le=1,
        description="What is left after an epoch",
        json_schema_extra={**LIVE, "step": 0.001},
    )

    @staticmethod
    def factor(epoch: float, gamma: float) -> float:
        return float(gamma ** math.floor(epoch))


@schedules.add
class Cosine(Schedule):
    """Follow half a cosine down to nothing (Loshchilov and Hutter, 2017)."""

    kind: Literal["cosine"] = "cosine"
    formula = r"\tfrac{\eta}{2} (1 + \cos \pi e / E)"
    epochs: int = Field(
        1000,
        ge=1,
        le=100_000,
        description="Epochs until the rate reaches zero",
        json_schema_extra={**LIVE, "log": True},
    )

    @staticmethod
    def factor(epoch: float, epochs: int) -> float:
        return 0.5 * (1 + math.cos(math.pi * min(epoch / epochs, 1)))


@schedules.add
class WarmupCosine(Schedule):
    """Rise in a straight line, then follow half a cosine down."""

    kind: Literal["warmup_cosine"] = "warmup_cosine"
    title = "Warm-up + cosine"
    formula = r"\eta\, e / W \text{, then cosine}"
    warmup: int = Field(
        50, ge=1, le=10_000, description="Epochs of rising", json_schema_extra={**LIVE, "log": True}
    )
    epochs: int = Field(
        1000,
        ge=1,
        le=100_000,
        description="Epochs until the rate reaches zero, warm-up included",
        json_schema_extra={**LIVE, "log": True},
    )

    @staticmethod
    def factor(epoch: float, warmup: int, epochs: int) -> float:
        if epoch < warmup:
            return epoch / warmup
        return 0.5 * (1 + math.cos(math.pi * min((epoch - warmup) / max(epochs - warmup, 1), 1)))


@schedules.add
class OneCycle(Schedule):
    """Rise from a 25th to the full rate, then fall to almost nothing (Smith and Topin, 2018)."""

    kind: Literal["one_cycle"] = "one_cycle"
    title = "One-cycle"
    formula = r"\eta / 25 \nearrow \eta \searrow \eta / 250\,000"
    epochs: int = Field(
        1000,
        ge=1,
        le=100_000,
        description="Epochs of the whole cycle",
        json_schema_extra={**LIVE, "log": True},
    )
    rising: float = Field(
        0.3,
        ge=0.05,
        le=0.95,
        description="Share of the cycle spent rising",
        json_schema_extra={**LIVE, "step": 0.05},
    )

    @staticmethod
    def factor(epoch: float, epochs: int, rising: float) -> float:
        done = min(epoch / epochs, 1)
        if done < rising:
            start, end, share = 1 / 25, 1.0, done / rising
        else:
            start, end, share = 1.0, 1 / 250_000, (done - rising) / (1 - rising)
        return end + (start - end) / 2 * (1 + math.cos(math.pi * share))


@schedules.add
class Polynomial(Schedule):
    """Fall to nothing along a power of what is left; 1 is a straight line (Liu et al., 2015)."""

    kind: Literal["polynomial"] = "polynomial"
    formula = r"\eta\, (1 - e / E)^p"
    epochs: int = Field(
        1000,
        ge=1,
        le=100_000,
        description="Epochs until the rate reaches zero",
        json_schema_extra={**LIVE, "log": True},
    )
    power: float = Field(
        2.0,
        ge=0.25,
        le=5,
        description="1 falls evenly; more, fast at first",
        json_schema_extra={**LIVE, "step": 0.25},
    )

    @staticmethod
    def factor(epoch: float, epochs: int, power: float) -> float:
        return float((1 - min(epoch / epochs, 1)) ** power)


@schedules.add
class Cyclic(Schedule):
    """Rise and fall in straight lines, again and again (Smith, 2017)."""

    kind: Literal["cyclic"] = "cyclic"
    formula = r"\eta\, \bigl(\ell + (1 - \ell)(1 - |1 - 2 (e/E \bmod 1)|)\bigr)"
    epochs: int = Field(
        40,
        ge=2,
        le=10_000,
        description="Epochs of one rise and fall",
        json_schema_extra={**LIVE, "log": True},
    )
    lowest: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Share of the rate at the bottom",
        json_schema_extra={**LIVE, "step": 0.05},
    )
    halving: bool = Field(
        False, description="Each cycle rises half as high as the one before", json_schema_extra=LIVE
    )

    @staticmethod
    def factor(epoch: float, epochs: int, lowest: float, halving: bool) -> float:
        done = epoch / epochs
        cycle = math.floor(done)
        height = 1 - abs(1 - 2 * (done - cycle))
        return lowest + (1 - lowest) * height * (0.5**cycle if halving else 1.0)


@schedules.add
class Plateau(Schedule):
    """Cut the learning rate when the loss has not improved for a while; how it goes depends on the run.

    It watches the validation loss at the ends of epochs, or the training loss where nothing is kept for
    validation.  Better is less than 0.9999 of the best so far, as torch's ReduceLROnPlateau has it.
    """

    kind: Literal["plateau"] = "plateau"
    watches = True
    formula = r"\eta \leftarrow \gamma\, \eta \text{ after more than } s \text{ epochs no better}"
    patience: int = Field(
        10,
        ge=1,
        le=1000,
        description="Epochs without a better loss that are let pass before a cut",
        json_schema_extra={**LIVE, "log": True},
    )
    gamma: float = Field(
        0.5,
        ge=0.01,
        le=0.95,
        description="What is left after a cut",
        json_schema_extra={**LIVE, "step": 0.05},
    )
    lowest: float = Field(
        0.001,
        ge=1e-6,
        le=1,
        description="Share of the rate below which it is not cut",
        json_schema_extra={**LIVE, "log": True},
    )

    @staticmethod
    def factor(epoch: float, patience: int, gamma: float, lowest: float, now: float = 1.0) -> float:
        return now

    @staticmethod
    def after(
        loss: float, best: float, waited: int, now: float, patience: int, gamma: float, lowest: float
    ) -> tuple[float, int, float]:
        """Best loss, epochs since then and factor, once an epoch has ended with ``loss``.

        A static method with nothing from elsewhere inside: the exported script prints it whole.
        """
        if loss < best * 0.9999:
            return loss, 0, now
        if waited < patience:
            return best, waited + 1, now
        return best, 0, max(now * gamma, min(now, lowest))
