"""Layers that hold stacks of layers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, SerializeAsAny, model_validator
from pydantic_core import PydanticCustomError

from dlcore.activations import Activation, Linear, ReLU, activations
from dlcore.layers.base import (
    IMAGE,
    Frozen,
    Layer,
    Shape,
    built,
    channels_first,
    channelwise,
    form,
    layers,
    shown,
)
from dlcore.layers.convolution import Conv2d
from dlcore.layers.dense import Dense
from dlcore.spec import Call

DEEPEST = 3
"""How many layers that hold layers may lie in one another."""
MOST_INSIDE = 64
"""How many layers one layer may hold, those inside of those included."""
MOST_IN_STACK, MOST_BRANCHES = 16, 4

Stack = tuple[Annotated[SerializeAsAny[Layer], BeforeValidator(layers.parse)], ...]
HOLDERS = ("inside", "paths")


class Nest(Layer):
    """A layer that holds stacks of layers."""

    family = "Structure"

    @model_validator(mode="before")
    @classmethod
    def _bounded(cls, value: Any) -> Any:
        """Refuse what lies too deep before anything inside is read: each level costs the reader a call."""
        level, depth, n_inside = _held(value), 1, 0
        while level:
            below = [each for holder in level for each in _held(holder)]
            depth += bool(below)
            n_inside += len(level)
            if depth > DEEPEST or n_inside > MOST_INSIDE:
                raise PydanticCustomError(
                    "too_deep",
                    "layers may lie in one another {deepest} deep, and {most} in one layer",
                    {"deepest": DEEPEST, "most": MOST_INSIDE},
                )
            level = below
        return value

    def stacks(self) -> tuple[tuple[str, tuple[Layer, ...]], ...]:
        """The stacks it holds, each with the name of its ``nn.Sequential`` in the layer's first module."""
        raise TypeError("a nest declares its own stacks")

    def needs(self, shape: Shape) -> str:
        return super().needs(shape) or next(filter(None, (misfit(s, shape) for _, s in self.stacks())), "")

    def n_parameters(self, shape: Shape) -> int:
        return sum(
            layer.n_parameters(each) for _, stack in self.stacks() for layer, each in walk(stack, shape)
        )

    def multiply_adds(self, shape: Shape) -> int:
        return sum(
            layer.multiply_adds(each) for _, stack in self.stacks() for layer, each in walk(stack, shape)
        )

    def n_numbers(self, shape: Shape) -> int:
        return super().n_numbers(shape) + sum(
            layer.n_numbers(each) for _, stack in self.stacks() for layer, each in walk(stack, shape)
        )


@layers.add
class Residual(Nest):
    r"""Add what layers make of their input to the input itself, so that they learn what to change.

    (N, *) → (N, *) of the layers inside.  $h = \varphi(P x + f(x))$; P is the identity, or where the shapes
    differ a matrix at every place.  He et al., 2016.
    """

    kind: Literal["residual"] = "residual"
    title = "Residual"
    inside: Stack = Field(
        (Dense(units=8, activation=ReLU()), Dense(units=8, activation=Linear())),
        max_length=MOST_IN_STACK,
        description="The layers that are skipped",
        json_schema_extra={"form": False},
    )
    activation: Annotated[SerializeAsAny[Activation], BeforeValidator(activations.parse)] = Field(
        Linear(), description="What becomes of each sum"
    )
    frozen: Frozen = False

    @classmethod
    def made_for(cls, shape: Shape) -> Self:
        """Two convolutions for images, else two dense layers, of the width that there is."""
        width = min(channels_first(shape)[0], 256)
        if form(shape) == IMAGE:
            return cls(inside=(Conv2d(channels=width), Conv2d(channels=width, activation=Linear())))
        return cls(inside=(Dense(units=width, activation=ReLU()), Dense(units=width, activation=Linear())))

    def stacks(self) -> tuple[tuple[str, tuple[Layer, ...]], ...]:
        return (("inside", self.inside),)

    def needs(self, shape: Shape) -> str:
        wrong = super().needs(shape)
        if wrong:
            return wrong
        after = self.output_shape(shape)
        if _projection(shape, after) is None:
            return (
                f"layers inside that keep the form, or halve it: they make {shown(after)} of {shown(shape)}"
            )
        return ""

    def output_shape(self, shape: Shape) -> Shape:
        return through(self.inside, shape)

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        project = _projection(shape, self.output_shape(shape))
        assert project is not None
        block = Call(
            "dlcore.blocks.Residual",
            inside=_sequential(self.inside, shape),
            project=Call("torch.nn.Sequential", *project),
        )
        return (block, *self.activation.calls())

    def n_parameters(self, shape: Shape) -> int:
        before, after = channels_first(shape), channels_first(self.output_shape(shape))
        return super().n_parameters(shape) + (before != after) * (before[0] + 1) * after[0]

    def multiply_adds(self, shape: Shape) -> int:
        after = self.output_shape(shape)
        projected = (shape != after) * channels_first(shape)[0] * math.prod(after)
        return super().multiply_adds(shape) + projected


@layers.add
class Parallel(Nest):
    r"""Send the input through several stacks of layers, and join what comes out.

    (N, *) → (N, *): features, or channels of an image, side by side, or added.
    $h = [f_1(x), f_2(x), …]$ or $h = f_1(x) + f_2(x) + …$.  Szegedy et al., 2015.
    """

    kind: Literal["parallel"] = "parallel"
    title = "Parallel paths"
    paths: tuple[Annotated[Stack, Field(max_length=MOST_IN_STACK)], ...] = Field(
        ((Dense(units=4),), (Dense(units=4, activation=ReLU()),)),
        min_length=2,
        max_length=MOST_BRANCHES,
        description="The stacks side by side; an empty one passes its input on",
        json_schema_extra={"form": False},
    )
    join: Literal["side by side", "sum"] = Field(
        "side by side", description="Whether what comes out is put side by side, or added"
    )
    frozen: Frozen = False

    @classmethod
    def made_for(cls, shape: Shape) -> Self:
        """For images a small and a large window, else two dense layers."""
        if form(shape) == IMAGE:
            return cls(paths=((Conv2d(kernel=1, padding=0),), (Conv2d(kernel=3, padding=1),)))
        return cls()

    def stacks(self) -> tuple[tuple[str, tuple[Layer, ...]], ...]:
        return tuple((f"paths.{i}", path) for i, path in enumerate(self.paths))

    def needs(self, shape: Shape) -> str:
        wrong = super().needs(shape)
        if wrong:
            return wrong
        ends = [through(path, shape) for path in self.paths]
        fitting = ends if self.join == "sum" else [_but_channels(end) for end in ends]
        if len(set(fitting)) > 1:
            what = "the same shape" if self.join == "sum" else "shapes that go side by side"
            return f"paths that give {what}: they give {', '.join(map(shown, ends))}"
        return ""

    def output_shape(self, shape: Shape) -> Shape:
        ends = [channels_first(through(path, shape)) for path in self.paths]
        if self.join == "sum":
            return channels_first(ends[0])
        return channels_first((sum(end[0] for end in ends), *ends[0][1:]))

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        paths = [_sequential(path, shape) for path in self.paths]
        joined = 1 if form(self.output_shape(shape)) == IMAGE else -1
        return (Call("dlcore.blocks.Parallel", paths=paths, joined=None if self.join == "sum" else joined),)


def walk(stack: tuple[Layer, ...], shape: Shape) -> Iterator[tuple[Layer, Shape]]:
    """Each layer of a stack that fits, as it is built, with the shape that it is given."""
    for layer in built(stack):
        yield layer, shape
        shape = layer.output_shape(shape)


def through(stack: tuple[Layer, ...], shape: Shape) -> Shape:
    """The shape that a stack that fits makes of ``shape``."""
    for layer in built(stack):
        shape = layer.output_shape(shape)
    return shape


def misplaced(stack: tuple[Layer, ...], shape: Shape) -> int:
    """The place of the first layer of a stack that does not fit; one past the last where all do."""
    for i, layer in enumerate(built(stack)):
        if layer.needs(shape):
            return i
        shape = layer.output_shape(shape)
    return len(stack)


def misfit(stack: tuple[Layer, ...], shape: Shape) -> str:
    """Which layer of a stack does not fit, in words; "" where all do."""
    at = misplaced(stack, shape)
    if at == len(stack):
        return ""
    given = through(stack[:at], shape)
    which = f"number {at + 1}, {stack[at].heading()}, is given {shown(given)}"
    return f"layers inside that fit: {which} and needs {stack[at].needs(given)}"


def _held(value: Any) -> list[Any]:
    """What lies one level inside a layer, read or not."""
    if isinstance(value, Nest):
        return [layer for _, stack in value.stacks() for layer in stack]
    given = {"kind": value} if isinstance(value, str) else value
    if not isinstance(given, dict):
        return []
    found: list[Any] = []
    for name in HOLDERS:
        for each in _listed(given.get(name)):
            found += _listed(each) if isinstance(each, list | tuple) else [each]
    kind = given.get("kind")
    if found or not isinstance(kind, str) or kind not in layers.kinds():
        return found
    holds_by_default = issubclass(layers[kind], Nest) and not any(name in given for name in HOLDERS)
    return _held(layers[kind]()) if holds_by_default else []


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _sequential(stack: tuple[Layer, ...], shape: Shape) -> Call:
    return Call(
        "torch.nn.Sequential", *(call for layer, each in walk(stack, shape) for call in layer.calls(each))
    )


def _but_channels(shape: Shape) -> tuple[int, ...]:
    """What must be alike for shapes to go side by side: the form and all sizes but that of the channels."""
    return (form(shape), *channels_first(shape)[1:])


def _projection(before: Shape, after: Shape) -> tuple[Call, ...] | None:
    """What brings the input to the shape of the sum; None where a matrix at every so many places does not."""
    if before == after:
        return ()
    if form(before) != form(after):
        return None
    (channels, *sides), (new_channels, *new_sides) = channels_first(before), channels_first(after)
    strides = tuple(_stride(side, new) for side, new in zip(sides, new_sides, strict=True))
    if not all(strides):
        return None
    if form(before) == IMAGE:
        return (Call("torch.nn.Conv2d", channels, new_channels, 1, stride=strides),)
    if set(strides) <= {1}:
        return (Call("torch.nn.Linear", channels, new_channels),)
    return channelwise(before, Call("torch.nn.Conv1d", channels, new_channels, 1, stride=strides))


def _stride(before: int, after: int) -> int:
    """How many places apart ``after`` of ``before`` places lie, beginning with the first; 0 where none do."""
    return next((s for s in range(1, before + 1) if (before - 1) // s + 1 == after), 0)
