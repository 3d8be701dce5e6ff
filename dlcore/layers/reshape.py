"""Layers that only lay the same numbers out anew."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from dlcore.layers.base import FLAT, IMAGE, SEQUENCE, Layer, Shape, form, layers, shown
from dlcore.spec import Call


@layers.add
class Flatten(Layer):
    r"""Lay all numbers of a sample in one row.

    (N, *) → (N, F), F being the product of the sizes.
    """

    kind: Literal["flatten"] = "flatten"

    def output_shape(self, shape: Shape) -> Shape:
        return (math.prod(shape),)

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (Call("torch.nn.Flatten"),)


@layers.add
class ToImage(Layer):
    r"""Lay the numbers of a sample out as an image, channel by channel and row by row.

    (N, *) → (N, channels, height, width).
    """

    kind: Literal["to_image"] = "to_image"
    title = "To an image"
    channels: int = Field(1, ge=1, le=256, description="How many maps the image has")
    height: int = Field(4, ge=1, le=64, description="How many rows each map has")
    width: int = Field(4, ge=1, le=64, description="How many numbers each row has")

    def needs(self, shape: Shape) -> str:
        wrong = super().needs(shape)
        asked = self.output_shape(shape)
        if not wrong and math.prod(shape) != math.prod(asked):
            return f"{math.prod(asked)} numbers for {shown(asked)}"
        return wrong

    @classmethod
    def made_for(cls, shape: Shape) -> ToImage:
        """The squarest image of one channel."""
        n = math.prod(shape)
        height = next(h for h in range(min(64, math.isqrt(n)), 0, -1) if n % h == 0)
        return cls(height=height, width=min(64, n // height))

    def output_shape(self, shape: Shape) -> Shape:
        return (self.channels, self.height, self.width)

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        flat = () if form(shape) == FLAT else (Call("torch.nn.Flatten"),)
        return (*flat, Call("torch.nn.Unflatten", 1, self.output_shape(shape)))


@layers.add
class ToSequence(Layer):
    r"""Cut the numbers of a flat sample into steps of equal length.

    (N, F) → (N, steps, F / steps).
    """

    kind: Literal["to_sequence"] = "to_sequence"
    title = "To a sequence"
    takes = (FLAT,)
    steps: int = Field(4, ge=1, le=256, description="Into how many steps the numbers are cut")

    def needs(self, shape: Shape) -> str:
        wrong = super().needs(shape)
        uneven = not wrong and shape[0] % self.steps
        return f"a number of inputs that {self.steps} steps divide" if uneven else wrong

    @classmethod
    def made_for(cls, shape: Shape) -> ToSequence:
        """Two numbers a step where the inputs are even, else one."""
        return cls(steps=min(256, shape[0] // (2 - shape[0] % 2)))

    def output_shape(self, shape: Shape) -> Shape:
        return (self.steps, shape[0] // self.steps)

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (Call("torch.nn.Unflatten", 1, self.output_shape(shape)),)


@layers.add
class Rows(Layer):
    r"""Read an image row by row, from the top: each row is a step.

    (N, C, H, W) → (N, H, C · W).
    """

    kind: Literal["rows"] = "rows"
    title = "Rows as steps"
    takes = (IMAGE,)

    def output_shape(self, shape: Shape) -> Shape:
        return (shape[1], shape[0] * shape[2])

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (Call("dlcore.blocks.Transpose"), Call("torch.nn.Flatten", 2))


@layers.add
class Patches(Layer):
    r"""Cut an image into square patches: each patch is a step.

    (N, C, H, W) → (N, H / size · W / size, C · size²).  Dosovitskiy et al., 2021.
    """

    kind: Literal["patches"] = "patches"
    takes = (IMAGE,)
    size: int = Field(4, ge=1, le=16, description="How many places wide and high a patch is")

    def needs(self, shape: Shape) -> str:
        wrong = super().needs(shape)
        uneven = not wrong and (shape[1] % self.size or shape[2] % self.size)
        return f"an image whose sides patches of {self.size} divide" if uneven else wrong

    @classmethod
    def made_for(cls, shape: Shape) -> Patches:
        """Patches of 4, or the next smaller ones that divide the sides."""
        return cls(size=next(size for size in (4, 3, 2, 1) if not any(side % size for side in shape[1:])))

    def output_shape(self, shape: Shape) -> Shape:
        channels, height, width = shape
        return (height // self.size * (width // self.size), channels * self.size**2)

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (
            Call("torch.nn.Unfold", kernel_size=self.size, stride=self.size),
            Call("dlcore.blocks.Transpose"),
        )


@layers.add
class Transpose(Layer):
    r"""Swap steps and features, so that the next layer mixes the steps of each feature.

    (N, T, D) → (N, D, T).  Tolstikhin et al., 2021.
    """

    kind: Literal["transpose"] = "transpose"
    takes = (SEQUENCE,)

    def output_shape(self, shape: Shape) -> Shape:
        return shape[::-1]

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (Call("dlcore.blocks.Transpose"),)
