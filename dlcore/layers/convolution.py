"""Convolutions: the same small window of weights at every place."""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, SerializeAsAny

from dlcore.activations import Activation, ReLU, activations
from dlcore.layers.base import IMAGE, SEQUENCE, Frozen, Layer, Shape, channels_first, channelwise, layers
from dlcore.spec import Call

LARGEST_SIDE = 256
"""How many places wide and high an image may become; a few layers more, and no memory would hold it."""


class Window(Layer):
    """A layer that slides a window over all dimensions but that of the channels."""

    family = "Convolution"
    target: ClassVar[str]

    channels: int = Field(8, ge=1, le=256, description="How many patterns the layer looks for")
    kernel: int = Field(3, ge=1, le=11, description="How many places wide and high the window is")
    stride: int = Field(1, ge=1, le=4, description="How many places the window moves at a time")
    padding: int = Field(1, ge=0, le=5, description="How many places of zeros lie around the input")
    activation: Annotated[SerializeAsAny[Activation], BeforeValidator(activations.parse)] = Field(
        ReLU(), description="What becomes of each sum"
    )
    frozen: Frozen = False

    def length(self, before: int) -> int:
        """How long a dimension of ``before`` places is after the layer; below 1 where it does not fit."""
        raise TypeError("a window declares its own length")

    def options(self) -> dict[str, Any]:
        """The settings under torch's own names."""
        return {"stride": self.stride, "padding": self.padding}

    def needs(self, shape: Shape) -> str:
        wrong = super().needs(shape)
        if not wrong and min(map(self.length, channels_first(shape)[1:])) < 1:
            return f"an input that a window of {self.kernel} fits in"
        return wrong

    def output_shape(self, shape: Shape) -> Shape:
        return channels_first((self.channels, *map(self.length, channels_first(shape)[1:])))

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        n_channels = channels_first(shape)[0]
        window = Call(self.target, n_channels, self.channels, self.kernel, **self.options())
        return (*channelwise(shape, window), *self.activation.calls())


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
        if not wrong and (channels_first(shape)[0] % self.groups or self.channels % self.groups):
            return f"numbers of channels, before and after, that {self.groups} groups divide"
        return wrong

    def n_parameters(self, shape: Shape) -> int:
        return (self._weights(shape) + 1) * self.channels

    def multiply_adds(self, shape: Shape) -> int:
        return self._weights(shape) * math.prod(self.output_shape(shape))

    def _weights(self, shape: Shape) -> int:
        """How many numbers are under one window."""
        return channels_first(shape)[0] // self.groups * math.prod([self.kernel] * (len(shape) - 1))


@layers.add
class Conv1d(Convolution):
    r"""Slide a window along a sequence and look for the same patterns at every step.

    (N, T, D) → (N, T', channels) with $T' = \lfloor (T + 2p - d(k - 1) - 1) / s \rfloor + 1$.
    Waibel et al., 1989.
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

    def needs(self, shape: Shape) -> str:
        return super().needs(shape) or too_large(self.output_shape(shape))

    def n_parameters(self, shape: Shape) -> int:
        return (shape[0] * self.kernel * self.kernel + 1) * self.channels

    def multiply_adds(self, shape: Shape) -> int:
        return math.prod(shape) * self.kernel * self.kernel * self.channels


@layers.add
class Upsample(Layer):
    r"""Make an image larger by repeating every place.

    (N, C, H, W) → (N, C, factor H, factor W).  Odena et al., 2016.
    """

    kind: Literal["upsample"] = "upsample"
    family = "Convolution"
    takes = (IMAGE,)
    factor: int = Field(2, ge=2, le=4, description="How many times as large")

    def needs(self, shape: Shape) -> str:
        return super().needs(shape) or too_large(self.output_shape(shape))

    def output_shape(self, shape: Shape) -> Shape:
        return (shape[0], *(side * self.factor for side in shape[1:]))

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (Call("torch.nn.Upsample", scale_factor=self.factor),)


@layers.add
class SqueezeExcite(Layer):
    r"""Weigh each channel by what all channels show on the whole.

    (N, C, H, W) → (N, C, H, W), and of a sequence its features, (N, T, D) → (N, T, D).
    $h_c = x_c\, \sigma(W_2 \max(0, W_1 \bar x))_c$ with the mean $\bar x$ over all places.  Hu et al., 2018.
    """

    kind: Literal["squeeze_excite"] = "squeeze_excite"
    title = "Squeeze-and-excitation"
    family = "Convolution"
    takes = (SEQUENCE, IMAGE)
    ratio: int = Field(4, ge=1, le=16, description="How many times fewer numbers the channels go through")
    frozen: Frozen = False

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (Call("dlcore.blocks.SqueezeExcite", *self._sizes(shape)),)

    def n_parameters(self, shape: Shape) -> int:
        channels, squeezed = self._sizes(shape)
        return (channels + 1) * squeezed + (squeezed + 1) * channels

    def multiply_adds(self, shape: Shape) -> int:
        channels, squeezed = self._sizes(shape)
        return 2 * channels * squeezed

    def _sizes(self, shape: Shape) -> tuple[int, int]:
        channels = channels_first(shape)[0]
        return channels, max(1, channels // self.ratio)


def too_large(shape: Shape) -> str:
    """What a layer that makes images larger needs where they become larger than a server can hold."""
    return f"an image that it makes no larger than {LARGEST_SIDE}" if max(shape[1:]) > LARGEST_SIDE else ""
