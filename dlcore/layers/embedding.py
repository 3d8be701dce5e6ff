"""From tokens to numbers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dlcore.layers.base import TOKENS, Frozen, Layer, Shape, Tokens, layers
from dlcore.spec import Call


@layers.add
class Embedding(Layer):
    r"""Give each token of the vocabulary a row of numbers of its own, which training moves.

    (N, T) → (N, T, size).  $h_t = E_{x_t}$.  Bengio et al., 2003.
    """

    kind: Literal["embedding"] = "embedding"
    family = "Tokens"
    takes = (TOKENS,)
    size: int = Field(16, ge=1, le=256, description="How many numbers stand for one token")
    frozen: Frozen = False

    def output_shape(self, shape: Shape) -> Shape:
        return (shape[0], self.size)

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (Call("torch.nn.Embedding", _vocabulary(shape), self.size),)

    def n_parameters(self, shape: Shape) -> int:
        return _vocabulary(shape) * self.size


def _vocabulary(shape: Shape) -> int:
    assert isinstance(shape, Tokens)
    return shape.vocabulary
