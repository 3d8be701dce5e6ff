"""Points of one's own: painted on the plane or read from a file, carried whole by the experiment."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

import dlcore.data.points  # noqa: F401  # enters the patterns first, so that they are shown first
from dlcore.data.base import PLANE, Dataset, Task, datasets

MAX_POINTS = 1_000
MIN_POINTS = 4
"""Fewer cannot be shared out so that there is something to learn from and something to be tested on."""
MAX_CLASSES = 6
SIDE = 4094
"""Steps along each side of the plane: 0 is −6, 2047 is 0, 4094 is 6."""
VALUES = 254
"""Steps of a value: 0 is −1, 127 is 0, 254 is 1."""
RECORD = 4
TEXT = -(-MAX_POINTS * RECORD * 4 // 3)

Target = Literal["classes", "values"]


def pack(x: ArrayLike, y: ArrayLike, target: Target = "classes") -> str:
    """Write points as a text of letters, digits, ``-`` and ``_``: x (N, 2), y (N,) → four bytes a point.

    What lies outside the plane or ±1 is moved to its edge.  Raises ``ValueError`` for more than 1,000 points,
    for numbers that are not finite, and for classes other than 0 to 5.
    """
    places = np.asarray(x, np.float64).reshape(-1, 2)
    answers = np.asarray(y, np.float64).reshape(-1)
    if not np.isfinite(places).all() or not np.isfinite(answers).all():
        raise ValueError("a point has a coordinate or an answer that is no number")
    if len(places) != len(answers) or len(places) > MAX_POINTS:
        raise ValueError(f"at most {MAX_POINTS} points, each with one answer")
    if target == "classes" and not np.isin(answers, range(MAX_CLASSES)).all():
        raise ValueError(f"a class is a whole number from 0 to {MAX_CLASSES - 1}")
    grid = np.rint((np.clip(places, -PLANE, PLANE) + PLANE) / (2 * PLANE) * SIDE).astype(np.uint32)
    label = answers if target == "classes" else np.rint((np.clip(answers, -1, 1) + 1) / 2 * VALUES)
    words = grid[:, 0] << 20 | grid[:, 1] << 8 | label.astype(np.uint32)
    return base64.urlsafe_b64encode(words.astype(">u4").tobytes()).rstrip(b"=").decode()


@lru_cache(maxsize=64)
def unpack(text: str, target: Target = "classes") -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Read the points of a text: x (N, 2) and y (N,), both read-only and rounded to three decimals.

    Raises ``ValueError``, in words, for any text that :func:`pack` does not write: it comes from strangers.
    """
    words = np.frombuffer(_bytes(text), ">u4").astype(np.uint32)
    grid = np.stack([words >> 20, words >> 8 & 0xFFF], 1)
    label = words & 0xFF
    if (grid > SIDE).any():
        raise ValueError("a point lies outside the plane")
    if target == "classes" and (label >= MAX_CLASSES).any():
        raise ValueError(f"a point is of class {label.max()}, and classes run from 0 to {MAX_CLASSES - 1}")
    if target == "values" and (label > VALUES).any():
        raise ValueError("a point has a value above 1")
    # three decimals tell all steps apart and read well in the exported script; adding 0 turns −0 into 0
    x = np.round(grid * (2 * PLANE / SIDE) - PLANE, 3) + 0.0
    y = label.astype(np.float64) if target == "classes" else np.round(label * (2 / VALUES) - 1, 3) + 0.0
    x.flags.writeable = y.flags.writeable = False
    return x, y


def _bytes(text: str) -> bytes:
    if len(text) > TEXT:
        raise ValueError(f"the points are more than {MAX_POINTS}")
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("the points are damaged") from error
    # one text only for the same points: two experiments are equal when they are the same
    if len(packed) % RECORD or base64.urlsafe_b64encode(packed).rstrip(b"=").decode() != text:
        raise ValueError("the points are damaged or cut short")
    return packed


def _start() -> str:
    """Two bent rows of points to begin with, one above the other."""
    along = np.linspace(-4.5, 4.5, 20)
    bend = along**2 / 6
    lower, upper = np.stack([along, bend - 4], 1), np.stack([along, bend - 0.5], 1)
    return pack(np.concatenate([lower, upper]), np.repeat([0, 1], 20))


START = _start()


@datasets.add
class Own(Dataset):
    """Points of your own, painted on the plane or read from a file."""

    kind: Literal["own"] = "own"
    title = "Own points"
    target: Target = Field(
        "classes", description="What a point carries: a class or a value", json_schema_extra={"form": False}
    )
    points: str = Field(
        START, max_length=TEXT, description="The points, packed", json_schema_extra={"form": False}
    )

    names: tuple[Annotated[str, Field(min_length=1, max_length=24)], ...] = Field(
        (),
        max_length=MAX_CLASSES,
        description="What the classes are called, in their order; empty where they have no names",
        json_schema_extra={"form": False},
    )

    @field_validator("points")
    @classmethod
    def _can_be_read(cls, points: str, info: ValidationInfo) -> str:
        try:
            unpack(points, info.data.get("target", "classes"))
        except ValueError as error:
            raise PydanticCustomError("points", "{reason}", {"reason": str(error)}) from error
        return points

    @field_validator("names")
    @classmethod
    def _can_be_shown(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not all(name.isprintable() for name in names):
            raise PydanticCustomError("names", "a name has a letter that cannot be shown")
        return names

    @classmethod
    def of(cls, x: ArrayLike, y: ArrayLike, target: Target = "classes") -> Own:
        """Make a data set of x (N, 2) and y (N,).  Raises ``ValueError`` as :func:`pack` does."""
        return cls(points=pack(x, y, target), target=target)

    @classmethod
    def like(cls, data: Dataset, seed: int, most: int = MAX_POINTS) -> Own:
        """Take over the points of another data set, every so-many-th where they are more than ``most``."""
        x, y = data.draw(seed)
        chosen = np.linspace(0, len(x) - 1, min(len(x), most)).round().astype(int)
        return cls.of(x[chosen], y[chosen], "values" if data.task is Task.REGRESSION else "classes")

    def read(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The points as they stand: x (N, 2), y (N,), both read-only."""
        return unpack(self.points, self.target)

    @property
    def size(self) -> int:
        return len(self.points) * 3 // 4 // RECORD

    def at_most(self, n_points: int) -> Own:
        x, y = self.read()
        return self.with_points(x[:n_points], y[:n_points])

    def with_points(self, x: ArrayLike, y: ArrayLike) -> Own:
        """The same names with other points.  Raises ``ValueError`` as :func:`pack` does."""
        return self.model_copy(update={"points": pack(x, y, self.target)})

    @property
    def n_classes(self) -> int:
        """One more than the highest class there is, and at least two; 0 for values."""
        return 0 if self.target == "values" else int(max(1, self.read()[1].max(initial=0))) + 1

    def arguments(self) -> dict[str, Any]:
        x, y = self.read()
        answers = y.astype(int) if self.target == "classes" else y
        return {"points": list(zip(*x.T.tolist(), answers.tolist(), strict=True))}

    @staticmethod
    def sample(
        rng: np.random.Generator, points: list[tuple[float, float, float]]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        table = np.array(points).reshape(-1, 3)
        return table[:, :2], table[:, 2]
