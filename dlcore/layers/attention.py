"""Attention: every step looks at the steps that matter to it."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, SerializeAsAny

from dlcore.activations import GELU, Activation, activations
from dlcore.layers.base import SEQUENCE, Frozen, Layer, Shape, layers
from dlcore.spec import LIVE, Call

MOST_HEADS = 16


@layers.add
class Positions(Layer):
    r"""Add to each step a row of numbers that says where in the sequence it is.

    (N, T, D) → (N, T, D).  Sines: $P_{t, 2i} = \sin(t / 10000^{2i / D})$ and
    $P_{t, 2i + 1} = \cos(t / 10000^{2i / D})$.  Vaswani et al., 2017.
    """

    kind: Literal["positions"] = "positions"
    title = "Positional encoding"
    family = "Attention"
    takes = (SEQUENCE,)
    how: Literal["sine", "learned"] = Field("sine", description="Waves of different length, or rows to learn")
    frozen: Frozen = False

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        name = "SinePositions" if self.how == "sine" else "LearnedPositions"
        return (Call(f"dlcore.blocks.{name}", *shape),)

    def n_parameters(self, shape: Shape) -> int:
        return math.prod(shape) if self.how == "learned" else 0


Head = Annotated[int, Field(ge=0, le=MOST_HEADS - 1)]


class Attending(Layer):
    """A layer in which steps look at each other."""

    family = "Attention"
    takes = (SEQUENCE,)

    heads: int = Field(4, ge=1, le=MOST_HEADS, description="How many ways of looking work side by side")
    causal: bool = Field(False, description="Whether a step sees itself and what came before it only")
    rotary: bool = Field(
        False, description="Whether queries and keys are turned by their position, so that distance counts"
    )
    dropout: float = Field(
        0.0,
        ge=0,
        le=0.9,
        description="Chance that one look, or one result, is silenced while training",
        json_schema_extra={**LIVE, "step": 0.05},
    )
    silenced_heads: tuple[Head, ...] = Field(
        (),
        max_length=MOST_HEADS,
        description="Heads that are switched off, counted from 0: what they see is not handed on",
        json_schema_extra={**LIVE, "form": False},
    )

    def needs(self, shape: Shape) -> str:
        wrong = super().needs(shape)
        if not wrong and shape[1] % (self.heads * (1 + self.rotary)):
            each = "an even number for each" if self.rotary else "the same for each"
            return f"features that {self.heads} heads can share, {each}"
        return wrong

    @classmethod
    def made_for(cls, shape: Shape) -> Self:
        """Four heads, or fewer where they could not share the features."""
        return cls(heads=next(heads for heads in (4, 3, 2, 1) if shape[-1] % heads == 0))

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def attention(self, shape: Shape) -> Call:
        """The module in which steps look at each other."""
        options: dict[str, Any] = {"causal": self.causal, "dropout": self.dropout}
        options["silenced"] = self.silenced_heads
        if self.rotary:
            options["rotary_steps"] = shape[0]
        return Call("dlcore.blocks.SelfAttention", shape[1], self.heads, **options)

    def n_parameters(self, shape: Shape) -> int:
        return 4 * (shape[1] + 1) * shape[1]

    def multiply_adds(self, shape: Shape) -> int:
        """Those of four matrices, and of every step with every other: also where a mask hides them after."""
        steps, size = shape
        return 4 * steps * size * size + 2 * steps * steps * size

    def n_numbers(self, shape: Shape) -> int:
        """Queries, keys, values and what comes of them, and every step with every other in each head."""
        return 5 * math.prod(shape) + self.heads * shape[0] ** 2


@layers.add
class SelfAttention(Attending):
    r"""Give each step a mean of all steps, weighed by how much its query is like their keys.

    (N, T, D) → (N, T, D).  $h = W_O\, \mathrm{softmax}(Q K^\top / \sqrt{d} + M)\, V$ in each head of size d,
    M being −∞ where a mask hides a step.  Vaswani et al., 2017; rotary: Su et al., 2021.
    """

    kind: Literal["self_attention"] = "self_attention"
    title = "Self-attention"
    frozen: Frozen = False

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (self.attention(shape),)


@layers.add
class TransformerBlock(Attending):
    r"""Let steps look at each other, then think each by itself; both are added to what was there.

    (N, T, D) → (N, T, D).  Pre-norm: $x \mathrel{+}= A(\mathrm{norm}(x))$, then
    $x \mathrel{+}= W_2 \varphi(W_1 \mathrm{norm}(x))$.  Vaswani et al., 2017; pre-norm: Xiong et al., 2020.
    """

    kind: Literal["transformer_block"] = "transformer_block"
    title = "Transformer block"
    hidden: int = Field(64, ge=1, le=1024, description="How many neurons each step thinks with")
    activation: Annotated[SerializeAsAny[Activation], BeforeValidator(activations.parse)] = Field(
        GELU(), description="What those neurons make of their sums"
    )
    norm: Literal["before", "after"] = Field(
        "before", description="Whether numbers are brought to one scale before each half, or after it"
    )
    frozen: Frozen = False

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        size = shape[1]
        thinking = Call(
            "torch.nn.Sequential",
            Call("torch.nn.Linear", size, self.hidden),
            *self.activation.calls(),
            Call("torch.nn.Linear", self.hidden, size),
        )
        block = Call(
            "dlcore.blocks.TransformerBlock",
            size,
            attention=self.attention(shape),
            thinking=thinking,
            norm_first=self.norm == "before",
            dropout=self.dropout,
        )
        return (block,)

    def n_parameters(self, shape: Shape) -> int:
        size = shape[1]
        thinking = (size + 1) * self.hidden + (self.hidden + 1) * size
        return super().n_parameters(shape) + thinking + 4 * size

    def multiply_adds(self, shape: Shape) -> int:
        return super().multiply_adds(shape) + 2 * math.prod(shape) * self.hidden

    def n_numbers(self, shape: Shape) -> int:
        return super().n_numbers(shape) + 4 * math.prod(shape) + 2 * shape[0] * self.hidden
