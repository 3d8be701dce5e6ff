"""Layers that only hinder learning, so that it generalises."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dlcore.layers.base import IMAGE, SEQUENCE, Layer, Shape, channelwise, layers
from dlcore.spec import Call


@layers.add
class Dropout(Layer):
    r"""Silence random activations while training.

    (N, *) → (N, *).  $h = m \odot x / (1 - p)$ with $m_i \sim \mathrm{Bernoulli}(1 - p)$.  Srivastava et
    al., 2014.
    """

    kind: Literal["dropout"] = "dropout"
    family = "Regularisation"
    p: float = Field(
        0.2,
        ge=0,
        le=0.9,
        description="Chance that one activation is silenced",
        json_schema_extra={"live": True, "step": 0.05},
    )

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (Call("torch.nn.Dropout", p=self.p),)


@layers.add
class SpatialDropout(Layer):
    r"""Silence whole channels at random while training.

    (N, C, H, W) → (N, C, H, W), and of a sequence its features, (N, T, D) → (N, T, D).
    Tompson et al., 2015.
    """

    kind: Literal["spatial_dropout"] = "spatial_dropout"
    family = "Regularisation"
    takes = (SEQUENCE, IMAGE)
    p: float = Field(
        0.2,
        ge=0,
        le=0.9,
        description="Chance that one channel is silenced",
        json_schema_extra={"live": True, "step": 0.05},
    )

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        name = "Dropout2d" if len(shape) == IMAGE else "Dropout1d"
        return channelwise(shape, Call(f"torch.nn.{name}", p=self.p))


@layers.add
class GaussianNoise(Layer):
    r"""Add noise to every number while training.

    (N, *) → (N, *).  $h = x + \sigma \epsilon$ with $\epsilon \sim \mathcal N(0, 1)$.  Bishop, 1995.
    """

    kind: Literal["gaussian_noise"] = "gaussian_noise"
    title = "Gaussian noise"
    family = "Regularisation"
    std: float = Field(
        0.1,
        ge=0,
        le=2,
        title="Spread",
        description="Standard deviation of the noise",
        json_schema_extra={"live": True, "step": 0.05},
    )

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (Call("dlcore.blocks.GaussianNoise", std=self.std),)
