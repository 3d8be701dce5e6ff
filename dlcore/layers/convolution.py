"""Convolutions: the same small window of weights at every place."""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, SerializeAsAny

from dlcore.activations import Activation, ReLU, activations
from dlcore.layers.base import IMAGE, SEQUENCE, Layer, Shape, layers
from dlcore.spec import LIVE, Call

PLACES = {SEQUENCE: "1d", IMAGE: "2d"}
"""How torch's names end for samples of so many dimensions."""


class Window(Layer):
    """A layer that slides a window over all dimensions but the first."""

    channels: int = Field(8, ge=1, le=256, description="How many patterns the layer looks for")
    kernel: int = Field(3, ge=1, le=11, description="How many places wide and high the window is")
    stride: int = Field(1, ge=1, le=4, description="How many places the window moves at a time")
    padding: int = Field(1, ge=0, le=5, description="How many places of zeros lie around the input")
    activation: Annotated[SerializeAsAny[Activation], BeforeValidator(activations.parse)] = Field(
        ReLU(), description="What becomes of each sum"
    )
    frozen: bool = Field(False, description="Whether training leaves the layer alone", json_schema_extra=LIVE)

    target: ClassVar[str]

    def length(self, before: int) -> int:
        """How long a dimension of ``before`` places is after the layer; below 1 where it does not fit."""
        raise TypeError("a window declares its own length")

    def options(self) -> dict[str, Any]:
        """The settings under torch's own names."""
        return {"stride": self.stride, "padding": self.padding}

    def needs(self, shape: Shape) -> str:
        wrong = super().needs(shape)
        if not wrong and min(map(self.length, shape[1:])) < 1:
            return f"an input that a window of {self.kernel} fits in"
        return wrong

    def output_shape(self, shape: Shape) -> Shape:
        return (self.channels, *map(self.length, shape[1:]))

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        window = Call(self.target, shape[0], self.channels, self.kernel, **self.options())
        return (window, *self.activation.calls())


class Convolution(Window):
    """A window whose sums may skip places, and keep groups of channels apart."""

    dilation: int = Field(1, ge=1, le=4, description="How far apart the places under the window are")
    groups: int = Field(1, ge=1, le=256, description="Into how many groups that do not mix channels fall")

    def length(self, before: int) -> int:
        return (before + 2 * self.padding - self.dilation * (self.kernel - 1) - 1) // self.stride + 1

    def options(self) -> dict[str, Any]:
        return {**super().options(), "dilation": self.dilation, "groups": self.groups}

    def needs(self, shape: Shape) -> str:
        wrong = super().needs(shape)
        if not wrong and (shape[0] % self.groups or self.channels % self.groups):
            return f"numbers of channels, before and after, that {self.groups} groups divide"
        return wrong

    def n_parameters(self, shape: Shape) -> int:
        return (self._weights(shape) + 1) * self.channels

    def multiply_adds(self, shape: Shape) -> int:
        return self._weights(shape) * math.prod(self.output_shape(shape))

    def _weights(self, shape: Shape) -> int:
        """How many numbers are under one window."""
        return shape[0] // self.groups * math.prod([self.kernel] * (len(shape) - 1))


@layers.add
class Conv1d(Convolution):
    r"""Slide a window over a sequence and look for the same patterns at every place.

    (N, C, L) → (N, C', L') with $L' = \lfloor (L + 2p - d(k - 1) - 1) / s \rfloor + 1$.  Waibel et al., 1989.
    """

    kind: Literal["conv1d"] = "conv1d"
    title = "Convolution 1-D"
    takes = (SEQUENCE,)
    target = "torch.nn.Conv1d"


@layers.add
class Conv2d(Convolution):
    r"""Slide a window over an image and look for the same patterns at every place.

    (N, C, H, W) → (N, C', H', W') with $H' = \lfloor (H + 2p - d(k - 1) - 1) / s \rfloor + 1$.
    LeCun et al., 1989.
    """

    kind: Literal["conv2d"] = "conv2d"
    title = "Convolution 2-D"
    takes = (IMAGE,)
    target = "torch.nn.Conv2d"


@layers.add
class ConvTranspose2d(Window):
    r"""Spread every place over a window: a convolution run backwards, which makes images larger.

    (N, C, H, W) → (N, C', H', W') with $H' = (H - 1) s - 2p + k$.  Zeiler et al., 2010.
    """

    kind: Literal["conv_transpose2d"] = "conv_transpose2d"
    title = "Transposed convolution 2-D"
    takes = (IMAGE,)
    target = "torch.nn.ConvTranspose2d"

    def length(self, before: int) -> int:
        return (before - 1) * self.stride - 2 * self.padding + self.kernel

    def n_parameters(self, shape: Shape) -> int:
        return (shape[0] * self.kernel * self.kernel + 1) * self.channels

    def multiply_adds(self, shape: Shape) -> int:
        return math.prod(shape) * self.kernel * self.kernel * self.channels


class Pool(Layer):
    """A layer that makes one number of each window."""

    takes = (SEQUENCE, IMAGE)
    name: ClassVar[str]
    size: int = Field(2, ge=2, le=8, description="How many places wide and high the window is")

    def needs(self, shape: Shape) -> str:
        wrong = super().needs(shape)
        return wrong or (f"at least {self.size} places" if min(shape[1:]) < self.size else "")

    def output_shape(self, shape: Shape) -> Shape:
        return (shape[0], *(side // self.size for side in shape[1:]))

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (Call(f"torch.nn.{self.name}{PLACES[len(shape)]}", self.size),)


@layers.add
class MaxPool(Pool):
    r"""Keep the largest number of each window.

    (N, C, *) → (N, C, * / size).  Riesenhuber and Poggio, 1999.
    """

    kind: Literal["max_pool"] = "max_pool"
    title = "Max pooling"
    name = "MaxPool"


@layers.add
class AveragePool(Pool):
    r"""Keep the mean of each window.

    (N, C, *) → (N, C, * / size).  LeCun et al., 1989.
    """

    kind: Literal["average_pool"] = "average_pool"
    title = "Average pooling"
    name = "AvgPool"


@layers.add
class GlobalPool(Layer):
    r"""Keep one number of each channel: its mean, or its largest.

    (N, C, *) → (N, C).  Lin et al., 2013.
    """

    kind: Literal["global_pool"] = "global_pool"
    title = "Global pooling"
    takes = (SEQUENCE, IMAGE)
    keep: Literal["mean", "largest"] = Field("mean", description="What is kept of a channel")

    def output_shape(self, shape: Shape) -> Shape:
        return shape[:1]

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        name = "Avg" if self.keep == "mean" else "Max"
        return (Call(f"torch.nn.Adaptive{name}Pool{PLACES[len(shape)]}", 1), Call("torch.nn.Flatten"))


@layers.add
class Upsample(Layer):
    r"""Make an image larger by repeating every place.

    (N, C, H, W) → (N, C, factor H, factor W).  Odena et al., 2016.
    """

    kind: Literal["upsample"] = "upsample"
    takes = (IMAGE,)
    factor: int = Field(2, ge=2, le=4, description="How many times as large")

    def output_shape(self, shape: Shape) -> Shape:
        return (shape[0], *(side * self.factor for side in shape[1:]))

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (Call("torch.nn.Upsample", scale_factor=self.factor),)
