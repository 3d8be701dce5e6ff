"""What every layer declares: the shape it makes and the modules that make it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, ClassVar

from pydantic import Field

from dlcore.spec import LIVE, Call, Declared, Registry

Shape = tuple[int, ...]
"""The shape of one sample: no batch dimension."""
TOKENS, FLAT, SEQUENCE, IMAGE = 0, 1, 2, 3
FORMS = {
    TOKENS: "tokens",
    FLAT: "a flat input",
    SEQUENCE: "a sequence (steps, features)",
    IMAGE: "images (channels, height, width)",
}
"""What a layer may be given, in words."""


FAMILIES = (
    "Dense",
    "Convolution",
    "Pooling",
    "Recurrent",
    "Attention",
    "Tokens",
    "Normalisation",
    "Regularisation",
    "Activation",
    "Shape",
    "Structure",
)
"""What a layer may be for, in the order of the palette."""
Frozen = Annotated[bool, Field(description="Whether training leaves the layer alone", json_schema_extra=LIVE)]


class Tokens(tuple[int, ...]):
    """The shape (T,) of T numbers, each of which names one of a vocabulary: only an embedding takes it."""

    vocabulary: int

    def __new__(cls, length: int, vocabulary: int) -> Tokens:
        made = super().__new__(cls, (length,))
        made.vocabulary = vocabulary
        return made


def form(shape: Shape) -> int:
    """Which of ``FORMS`` samples of a shape have: the number of dimensions, and 0 for tokens."""
    return TOKENS if isinstance(shape, Tokens) else len(shape)


def shown(shape: Shape) -> str:
    """Write a shape for people: ``1 × 28 × 28``, ``16``, ``12 tokens of 27``."""
    if isinstance(shape, Tokens):
        return f"{shape[0]} tokens of {shape.vocabulary}"
    return " × ".join(map(str, shape))


def channels_first(shape: Shape) -> Shape:
    """The shape with its channels in front, as torch's windows want it: a sequence (T, D) becomes (D, T).

    Done twice, it is the shape as it was.
    """
    return shape[::-1] if form(shape) == SEQUENCE else shape


def channelwise(shape: Shape, *calls: Call) -> tuple[Call, ...]:
    """Modules that take channels first, made to take samples of ``shape``: a sequence is turned and back."""
    turn = (Call("dlcore.blocks.Transpose"),) if form(shape) == SEQUENCE else ()
    return (*turn, *calls, *turn)


class Layer(Declared):
    """One step of a network."""

    family: ClassVar[str] = "Shape"
    """Which of ``FAMILIES`` it belongs to."""

    takes: ClassVar[tuple[int, ...]] = (FLAT, SEQUENCE, IMAGE)
    """Which ``FORMS`` a sample may have."""

    off: bool = Field(
        False, description="Whether the layer is left out of the network", json_schema_extra={"form": False}
    )

    def needs(self, shape: Shape) -> str:
        """What the layer needs that samples of ``shape`` are not, in words; "" where they fit."""
        return "" if form(shape) in self.takes else " or ".join(FORMS[each] for each in self.takes)

    @classmethod
    def made_for(cls, shape: Shape) -> Layer:
        """The layer with settings to begin with on samples of ``shape``; it may not fit all the same."""
        return cls()

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of one sample after the layer, given a shape that fits."""
        raise TypeError("a layer declares its own output_shape")

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        """The modules that compute the layer on samples of ``shape``, in order."""
        raise TypeError("a layer declares its own calls")

    def stacks(self) -> tuple[tuple[str, tuple[Layer, ...]], ...]:
        """The stacks that the layer holds, by name: ``inside``, or ``paths.0``, ``paths.1`` and so on."""
        return ()

    def n_parameters(self, shape: Shape) -> int:
        """How many numbers the layer learns on samples of ``shape``."""
        return 0

    def multiply_adds(self, shape: Shape) -> int:
        """How many products the layer adds up for one sample of ``shape``: about half its FLOPs."""
        return 0

    def n_numbers(self, shape: Shape) -> int:
        """How many numbers the layer makes of one sample, and keeps until the gradient has come back."""
        return math.prod(self.output_shape(shape))


class Bypass(Layer):
    """Hand a sample on as it is, (N, *) → (N, *): what is built where a layer is switched off."""

    takes = (TOKENS, FLAT, SEQUENCE, IMAGE)

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (Call("torch.nn.Identity"),)


def built(stack: Iterable[Layer]) -> tuple[Layer, ...]:
    """The layers of a stack as they are built, each in its place: one that is switched off is a bypass."""
    return tuple(Bypass() if each.off else each for each in stack)


def count(stack: Iterable[Layer]) -> int:
    """How many layers a stack has, those inside of others among them."""
    return sum(1 + sum(count(inner) for _, inner in each.stacks()) for each in stack)


layers: Registry[Layer] = Registry("layer")
