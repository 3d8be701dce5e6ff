"""What every layer declares: the shape it makes and the modules that make it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from dlcore.spec import Call, Declared, Registry

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


class Layer(Declared):
    """One step of a network."""

    takes: ClassVar[tuple[int, ...]] = (FLAT, SEQUENCE, IMAGE)
    """Which ``FORMS`` a sample may have."""

    off: bool = Field(
        False, description="Whether the layer is left out of the network", json_schema_extra={"form": False}
    )

    def needs(self, shape: Shape) -> str:
        """What the layer needs that samples of ``shape`` are not, in words; "" where they fit."""
        return "" if form(shape) in self.takes else " or ".join(FORMS[each] for each in self.takes)

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of one sample after the layer, given a shape that fits."""
        raise TypeError("a layer declares its own output_shape")

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        """The modules that compute the layer on samples of ``shape``, in order."""
        raise TypeError("a layer declares its own calls")

    def slots(self) -> list[tuple[str, tuple[Layer, ...]]]:
        """The stacks that the layer holds, by name: ``inside``, or ``paths.0``, ``paths.1`` and so on."""
        found: list[tuple[str, tuple[Layer, ...]]] = []
        for name in ("inside", "paths"):
            held = getattr(self, name, None)
            if name == "inside" and held is not None:
                found.append((name, held))
            elif held is not None:
                found += [(f"{name}.{i}", path) for i, path in enumerate(held)]
        return found

    def n_parameters(self, shape: Shape) -> int:
        """How many numbers the layer learns on samples of ``shape``."""
        return 0

    def multiply_adds(self, shape: Shape) -> int:
        """How many products the layer adds up for one sample of ``shape``: about half its FLOPs."""
        return 0


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
    return sum(1 + sum(count(inner) for _, inner in each.slots()) for each in stack)


layers: Registry[Layer] = Registry("layer")
