"""Activations that stand by themselves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SerializeAsAny

from dlcore.activations import Activation, ReLU, activations
from dlcore.layers.base import IMAGE, Layer, Shape, form, layers
from dlcore.spec import Call


@layers.add
class Activate(Layer):
    r"""Bend every number by itself.

    (N, *) → (N, *).  $h = \varphi(x)$.
    """

    kind: Literal["activate"] = "activate"
    title = "Activation"
    family = "Activation"
    activation: Annotated[SerializeAsAny[Activation], BeforeValidator(activations.parse)] = Field(
        ReLU(), description="What becomes of each number"
    )

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return self.activation.calls() or (Call("torch.nn.Identity"),)


@layers.add
class Softmax(Layer):
    r"""Turn numbers into shares of one: those of a sample, of a step, or of a place of an image.

    (N, *) → (N, *).  $h_i = e^{x_i} / \sum_j e^{x_j}$.  Bridle, 1990.
    """

    kind: Literal["softmax"] = "softmax"
    family = "Activation"

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (Call("torch.nn.Softmax", dim=1 if form(shape) == IMAGE else -1),)
