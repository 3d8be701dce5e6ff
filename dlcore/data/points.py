"""The patterns of the plane.  Every ``sample`` is printed whole into the exported script."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dlcore.data.base import Pattern, datasets

Drawn = tuple[NDArray[Any], NDArray[Any]]
Generator = np.random.Generator


@datasets.add
class Circle(Pattern):
    """A disc inside a ring: no straight line parts them, a circle does."""

    kind: Literal["circle"] = "circle"

    @staticmethod
    def sample(rng: Generator, n_points: int, noise: float) -> Drawn:
        half = n_points // 2
        radius = np.concatenate([5 * rng.uniform(0.7, 1.0, half), 5 * rng.uniform(0.0, 0.5, half)])
        angle = rng.uniform(0, 2 * np.pi, 2 * half)
        x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
        return x + rng.normal(0, 2 * noise, x.shape), np.repeat([0, 1], half)


@datasets.add
class Xor(Pattern):
    """Four squares, opposite corners alike: the sign of x₁·x₂ decides (Minsky and Papert, 1969)."""

    kind: Literal["xor"] = "xor"
    title = "XOR"

    @staticmethod
    def sample(rng: Generator, n_points: int, noise: float) -> Drawn:
        corner = rng.uniform(0.3, 5, (n_points, 2)) * rng.choice([-1, 1], (n_points, 2))
        y = (corner[:, 0] * corner[:, 1] > 0).astype(int)
        return corner + rng.normal(0, 2 * noise, corner.shape), y


@datasets.add
class TwoGaussians(Pattern):
    """Two round clouds: one straight line parts them."""

    kind: Literal["two_gaussians"] = "two_gaussians"

    @staticmethod
    def sample(rng: Generator, n_points: int, noise: float) -> Drawn:
        half = n_points // 2
        y = np.repeat([0, 1], half)
        centre = np.where(y == 1, 2.0, -2.0)[:, None]
        return centre + rng.normal(0, 0.6 + 3 * noise, (2 * half, 2)), y


@datasets.add
class Spiral(Pattern):
    """Two arms wound around each other: the classic that needs depth or good features."""

    kind: Literal["spiral"] = "spiral"
    turns: float = Field(
        1.75, ge=0.5, le=3, description="How often each arm goes round", json_schema_extra={"step": 0.25}
    )

    @staticmethod
    def sample(rng: Generator, n_points: int, noise: float, turns: float) -> Drawn:
        half = n_points // 2
        y = np.repeat([0, 1], half)
        along = np.tile(np.arange(half) / half, 2)
        angle = 2 * np.pi * turns * along + np.pi * y
        x = 5 * along[:, None] * np.stack([np.sin(angle), np.cos(angle)], 1)
        return x + rng.normal(0, 1.2 * noise, x.shape), y


@datasets.add
class Moons(Pattern):
    """Two half moons that reach into each other."""

    kind: Literal["moons"] = "moons"

    @staticmethod
    def sample(rng: Generator, n_points: int, noise: float) -> Drawn:
        half = n_points // 2
        y = np.repeat([0, 1], half)
        angle = rng.uniform(0, np.pi, 2 * half)
        x = np.stack([np.cos(angle) + y - 0.5, np.sin(angle) * (1 - 2 * y) + 0.5 * y - 0.25], 1)
        return 3 * x + rng.normal(0, 2 * noise, x.shape), y


@datasets.add
class Checkerboard(Pattern):
    """Squares of two colours: many small regions, each easy, together hard."""

    kind: Literal["checkerboard"] = "checkerboard"
    squares: int = Field(4, ge=2, le=6, description="Squares along each side")

    @staticmethod
    def sample(rng: Generator, n_points: int, noise: float, squares: int) -> Drawn:
        x = rng.uniform(0, squares, (n_points, 2))
        y = np.floor(x).sum(1).astype(int) % 2
        return 10 * x / squares - 5 + rng.normal(0, noise, x.shape), y


@datasets.add
class Rings(Pattern):
    """Rings within rings, one class each."""

    kind: Literal["rings"] = "rings"
    classes: int = Field(3, ge=2, le=4, description="How many rings")

    @staticmethod
    def sample(rng: Generator, n_points: int, noise: float, classes: int) -> Drawn:
        each = n_points // classes
        y = np.repeat(np.arange(classes), each)
        radius = 5 * (y + rng.uniform(0.25, 0.75, y.size)) / classes
        angle = rng.uniform(0, 2 * np.pi, y.size)
        x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
        return x + rng.normal(0, 1.2 * noise, x.shape), y


@datasets.add
class Blobs(Pattern):
    """Round clouds around a circle, one class each."""

    kind: Literal["blobs"] = "blobs"
    classes: int = Field(3, ge=2, le=6, description="How many clouds")

    @staticmethod
    def sample(rng: Generator, n_points: int, noise: float, classes: int) -> Drawn:
        each = n_points // classes
        y = np.repeat(np.arange(classes), each)
        angle = 2 * np.pi * y / classes + np.pi / 2
        centre = 3.5 * np.stack([np.cos(angle), np.sin(angle)], 1)
        return centre + rng.normal(0, 0.4 + 3 * noise, centre.shape), y


class Clouds(Pattern):
    """What patterns share that are many small round clouds, alternately of two classes."""

    @property
    def spread(self) -> float:
        """The standard deviation of each cloud."""
        return 0.05 + self.noise

    @property
    def centres(self) -> NDArray[np.float64]:
        """The middles of the clouds: (K, 2)."""
        raise TypeError("clouds say where they are")


@datasets.add
class GaussianRing(Clouds):
    """Eight small clouds in a ring: what a generator forgets when it collapses (Metz et al., 2017)."""

    kind: Literal["gaussian_ring"] = "gaussian_ring"

    @property
    def centres(self) -> NDArray[np.float64]:
        angle = 2 * np.pi * np.arange(8) / 8
        return np.asarray(4 * np.stack([np.cos(angle), np.sin(angle)], 1), np.float64)

    @staticmethod
    def sample(rng: Generator, n_points: int, noise: float) -> Drawn:
        cloud = np.arange(n_points) % 8
        angle = 2 * np.pi * cloud / 8
        centre = 4 * np.stack([np.cos(angle), np.sin(angle)], 1)
        return centre + rng.normal(0, 0.05 + noise, centre.shape), cloud % 2


@datasets.add
class GaussianGrid(Clouds):
    """Twenty-five small clouds in five rows of five (Srivastava et al., 2017)."""

    kind: Literal["gaussian_grid"] = "gaussian_grid"

    @property
    def centres(self) -> NDArray[np.float64]:
        cloud = np.arange(25)
        return np.asarray(2 * np.stack([cloud % 5 - 2, cloud // 5 - 2], 1), np.float64)

    @staticmethod
    def sample(rng: Generator, n_points: int, noise: float) -> Drawn:
        cloud = np.arange(n_points) % 25
        centre = 2.0 * np.stack([cloud % 5 - 2, cloud // 5 - 2], 1)
        return centre + rng.normal(0, 0.05 + noise, centre.shape), cloud % 2


@datasets.add
class Heart(Pattern):
    """A heart in its surroundings: one region, round above and pointed below."""

    kind: Literal["heart"] = "heart"

    @staticmethod
    def sample(rng: Generator, n_points: int, noise: float) -> Drawn:
        x = rng.uniform(-5, 5, (n_points, 2))
        u, v = x[:, 0] / 3.2, x[:, 1] / 3.2 + 0.1
        y = ((u**2 + v**2 - 1) ** 3 - u**2 * v**3 < 0).astype(int)
        return x + rng.normal(0, noise, x.shape), y


@datasets.add
class Plane(Pattern):
    """A tilted plane: linear regression is all it takes."""

    kind: Literal["plane"] = "plane"
    regression = True

    @staticmethod
    def sample(rng: Generator, n_points: int, noise: float) -> Drawn:
        x = rng.uniform(-5, 5, (n_points, 2))
        return x, np.clip(x.sum(1) / 10 + rng.normal(0, noise, n_points), -1, 1)


@datasets.add
class GaussianBumps(Pattern):
    """Hills and hollows: five bumps of either sign."""

    kind: Literal["gaussian_bumps"] = "gaussian_bumps"
    regression = True

    @staticmethod
    def sample(rng: Generator, n_points: int, noise: float) -> Drawn:
        x = rng.uniform(-5, 5, (n_points, 2))
        bumps = [(-3, 3, 1), (3, 3, -1), (0, 0, 1), (-3, -3, -1), (3, -3, 1)]
        y = sum(sign * np.exp(-((x[:, 0] - a) ** 2 + (x[:, 1] - b) ** 2) / 2.5) for a, b, sign in bumps)
        return x, np.clip(y + rng.normal(0, noise, n_points), -1, 1)


@datasets.add
class Ripple(Pattern):
    """A wave around the middle: value changes sign again and again with distance."""

    kind: Literal["ripple"] = "ripple"
    regression = True

    @staticmethod
    def sample(rng: Generator, n_points: int, noise: float) -> Drawn:
        x = rng.uniform(-5, 5, (n_points, 2))
        y = np.cos(1.5 * np.hypot(x[:, 0], x[:, 1]))
        return x, np.clip(y + rng.normal(0, noise, n_points), -1, 1)
