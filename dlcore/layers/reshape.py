"""Layers that only lay the same numbers out, bend them, or bring them to one scale."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SerializeAsAny

from dlcore.activations import Activation, ReLU, activations
from dlcore.layers.base import IMAGE, SEQUENCE, Layer, Shape, layers
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
class Activate(Layer):
    r"""Bend every number by itself.

    (N, *) → (N, *).  $h = \varphi(x)$.
    """

    kind: Literal["activate"] = "activate"
    title = "Activation"
    activation: Annotated[SerializeAsAny[Activation], BeforeValidator(activations.parse)] = Field(
        ReLU(), description="What becomes of each number"
    )

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return self.activation.calls() or (Call("torch.nn.Identity"),)


@layers.add
class LayerNorm(Layer):
    r"""Bring all numbers of a sample to mean 0 and variance 1, then scale and shift each.

    (N, *) → (N, *).  $h = \gamma \odot (x - \mu) / \sqrt{\sigma^2 + \epsilon} + \beta$.  Ba et al., 2016.
    """

    kind: Literal["layer_norm"] = "layer_norm"
    title = "Layer normalisation"

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (Call("torch.nn.LayerNorm", list(shape)),)

    def n_parameters(self, shape: Shape) -> int:
        return 2 * math.prod(shape)


@layers.add
class GroupNorm(Layer):
    r"""Bring each group of channels of a sample to mean 0 and variance 1, then scale and shift each channel.

    (N, C, *) → (N, C, *).  $h = \gamma \odot (x - \mu_g) / \sqrt{\sigma_g^2 + \epsilon} + \beta$.
    Wu and He, 2018.
    """

    kind: Literal["group_norm"] = "group_norm"
    title = "Group normalisation"
    takes = (SEQUENCE, IMAGE)
    groups: int = Field(1, ge=1, le=64, description="Into how many groups the channels fall")

    def needs(self, shape: Shape) -> str:
        wrong = super().needs(shape)
        return wrong or (f"a number of channels that {self.groups} divides" if shape[0] % self.groups else "")

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (Call("torch.nn.GroupNorm", self.groups, shape[0]),)

    def n_parameters(self, shape: Shape) -> int:
        return 2 * shape[0]
