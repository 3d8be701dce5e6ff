"""Pooling: one number for many places."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from dlcore.layers.base import IMAGE, SEQUENCE, Layer, Shape, channels_first, channelwise, layers
from dlcore.spec import Call

PLACES = {SEQUENCE: "1d", IMAGE: "2d"}
"""How torch's names end for samples of so many dimensions."""


class Pool(Layer):
    """A layer that makes one number of each window."""

    family = "Pooling"
    takes = (SEQUENCE, IMAGE)
    name: ClassVar[str]
    size: int = Field(2, ge=2, le=8, description="How many places wide and high the window is")

    def needs(self, shape: Shape) -> str:
        wrong = super().needs(shape)
        small = not wrong and min(channels_first(shape)[1:]) < self.size
        return f"an input that a window of {self.size} fits in" if small else wrong

    def output_shape(self, shape: Shape) -> Shape:
        channels, *sides = channels_first(shape)
        return channels_first((channels, *(side // self.size for side in sides)))

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return channelwise(shape, Call(f"torch.nn.{self.name}{PLACES[len(shape)]}", self.size))


@layers.add
class MaxPool(Pool):
    r"""Keep the largest number of each window.

    (N, C, H, W) → (N, C, H / size, W / size), and along a sequence, (N, T, D) → (N, T / size, D).
    Riesenhuber and Poggio, 1999.
    """

    kind: Literal["max_pool"] = "max_pool"
    title = "Max pooling"
    name = "MaxPool"


@layers.add
class AveragePool(Pool):
    r"""Keep the mean of each window.

    (N, C, H, W) → (N, C, H / size, W / size), and along a sequence, (N, T, D) → (N, T / size, D).
    LeCun et al., 1989.
    """

    kind: Literal["average_pool"] = "average_pool"
    title = "Average pooling"
    name = "AvgPool"


@layers.add
class GlobalPool(Layer):
    r"""Keep one number of each channel: its mean, or its largest.

    (N, C, H, W) → (N, C), and along a sequence, (N, T, D) → (N, D).  Lin et al., 2013.
    """

    kind: Literal["global_pool"] = "global_pool"
    title = "Global pooling"
    family = "Pooling"
    takes = (SEQUENCE, IMAGE)
    keep: Literal["mean", "largest"] = Field("mean", description="What is kept of a channel")

    def output_shape(self, shape: Shape) -> Shape:
        return channels_first(shape)[:1]

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        name = "Avg" if self.keep == "mean" else "Max"
        turned = channelwise(shape)[:1]
        return (
            *turned,
            Call(f"torch.nn.Adaptive{name}Pool{PLACES[len(shape)]}", 1),
            Call("torch.nn.Flatten"),
        )
