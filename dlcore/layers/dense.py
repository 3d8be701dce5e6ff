"""The fully connected layer."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SerializeAsAny

from dlcore.activations import Activation, Tanh, activations
from dlcore.layers.base import FLAT, SEQUENCE, Frozen, Layer, Shape, layers
from dlcore.spec import Call


@layers.add
class Dense(Layer):
    r"""Connect every input to every unit, then bend the sums.

    (N, F) → (N, units), and of a sequence each step by itself, (N, T, F) → (N, T, units).
    $h = \varphi(W x + b)$.  Rosenblatt, 1958.
    """

    kind: Literal["dense"] = "dense"
    family = "Dense"
    takes = (FLAT, SEQUENCE)
    units: int = Field(4, ge=1, le=256, description="How many neurons the layer has")
    activation: Annotated[SerializeAsAny[Activation], BeforeValidator(activations.parse)] = Field(
        Tanh(), description="What each neuron makes of its weighted sum"
    )
    frozen: Frozen = False

    def output_shape(self, shape: Shape) -> Shape:
        return (*shape[:-1], self.units)

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (Call("torch.nn.Linear", shape[-1], self.units), *self.activation.calls())

    def n_parameters(self, shape: Shape) -> int:
        return (shape[-1] + 1) * self.units

    def multiply_adds(self, shape: Shape) -> int:
        return math.prod(shape) * self.units
