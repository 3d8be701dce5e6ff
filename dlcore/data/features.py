"""The inputs a network may be given: functions of the two coordinates."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from dlcore.spec import Declared, Registry

Column = NDArray[Any]


class Feature(Declared):
    """One number computed from a point."""

    label: ClassVar[str]

    @staticmethod
    def column(x1: Column, x2: Column) -> Column:
        """Compute the input of N points: (N,), (N,) → (N,)."""
        raise TypeError("a feature declares its own column")


features: Registry[Feature] = Registry("input")


@features.add
class X1(Feature):
    """The first coordinate."""

    kind: Literal["x1"] = "x1"
    label = "x₁"

    @staticmethod
    def column(x1: Column, x2: Column) -> Column:
        return x1


@features.add
class X2(Feature):
    """The second coordinate."""

    kind: Literal["x2"] = "x2"
    label = "x₂"

    @staticmethod
    def column(x1: Column, x2: Column) -> Column:
        return x2


@features.add
class X1Squared(Feature):
    """The first coordinate squared."""

    kind: Literal["x1_squared"] = "x1_squared"
    label = "x₁²"

    @staticmethod
    def column(x1: Column, x2: Column) -> Column:
        return x1**2


@features.add
class X2Squared(Feature):
    """The second coordinate squared."""

    kind: Literal["x2_squared"] = "x2_squared"
    label = "x₂²"

    @staticmethod
    def column(x1: Column, x2: Column) -> Column:
        return x2**2


@features.add
class Product(Feature):
    """The product of the coordinates."""

    kind: Literal["product"] = "product"
    label = "x₁x₂"

    @staticmethod
    def column(x1: Column, x2: Column) -> Column:
        return x1 * x2


@features.add
class SinX1(Feature):
    """The sine of the first coordinate."""

    kind: Literal["sin_x1"] = "sin_x1"
    label = "sin x₁"

    @staticmethod
    def column(x1: Column, x2: Column) -> Column:
        return np.sin(x1)


@features.add
class SinX2(Feature):
    """The sine of the second coordinate."""

    kind: Literal["sin_x2"] = "sin_x2"
    label = "sin x₂"

    @staticmethod
    def column(x1: Column, x2: Column) -> Column:
        return np.sin(x2)


@features.add
class CosX1(Feature):
    """The cosine of the first coordinate."""

    kind: Literal["cos_x1"] = "cos_x1"
    label = "cos x₁"

    @staticmethod
    def column(x1: Column, x2: Column) -> Column:
        return np.cos(x1)


@features.add
class CosX2(Feature):
    """The cosine of the second coordinate."""

    kind: Literal["cos_x2"] = "cos_x2"
    label = "cos x₂"

    @staticmethod
    def column(x1: Column, x2: Column) -> Column:
        return np.cos(x2)


@features.add
class Radius(Feature):
    """The distance from the middle."""

    kind: Literal["radius"] = "radius"
    label = "r"

    @staticmethod
    def column(x1: Column, x2: Column) -> Column:
        return np.hypot(x1, x2)


def columns(inputs: tuple[Feature, ...], x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute what the network is given: x (N, 2) → (N, len(inputs)), float32."""
    return np.stack([type(each).column(x[:, 0], x[:, 1]) for each in inputs], 1).astype(np.float32)
