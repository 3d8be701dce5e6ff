"""The code of a variational autoencoder."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dlcore.layers.base import FLAT, Frozen, Layer, Shape, layers
from dlcore.spec import Call


@layers.add
class GaussianCode(Layer):
    r"""Make a mean and a width of each sample, and draw from that Gaussian while training.

    (N, F) → (N, units).  $z = \mu + \sigma \odot \varepsilon$ with $\varepsilon \sim N(0, 1)$; when judged
    and shown, $z = \mu$.  Kingma and Welling, 2013.
    """

    kind: Literal["gaussian_code"] = "gaussian_code"
    title = "Gaussian code"
    family = "Structure"
    takes = (FLAT,)
    units: int = Field(2, ge=1, le=64, title="Size", description="How many numbers the code has")
    frozen: Frozen = False

    def output_shape(self, shape: Shape) -> Shape:
        return (self.units,)

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (Call("dlcore.blocks.GaussianCode", shape[-1], self.units),)

    def n_parameters(self, shape: Shape) -> int:
        return 2 * (shape[-1] + 1) * self.units

    def multiply_adds(self, shape: Shape) -> int:
        return 2 * shape[-1] * self.units

    def n_numbers(self, shape: Shape) -> int:
        return 3 * self.units
