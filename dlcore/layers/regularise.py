"""Layers that only hinder learning, so that it generalises."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dlcore.layers.base import Layer, Shape, layers
from dlcore.spec import Call


@layers.add
class Dropout(Layer):
    r"""Silence random activations while training.

    (N, *) → (N, *).  $h = m \odot x / (1 - p)$ with $m_i \sim \mathrm{Bernoulli}(1 - p)$.  Srivastava et
    al., 2014.
    """

    kind: Literal["dropout"] = "dropout"
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
