"""Augmentation: training images that are never seen twice as they are.

One function does it, in numpy, for a batch in the worker, for the preview on the page, and printed whole into
the exported script: what is shown is what is learnt from.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dlcore.spec import LIVE, Declared, Problem

BLENDED_BY = frozenset(
    f"torch.nn.{name}" for name in ("CrossEntropyLoss", "BCEWithLogitsLoss", "MSELoss", "L1Loss", "HuberLoss")
)
"""Criteria whose targets may lie between two answers, as mix-up makes them."""


class Augmentation(Declared):
    """What is done to each image of a training batch, anew every time.

    Validation and test images stay as they are.  With nothing set, a run costs what it costs without.
    """

    shift: float = Field(
        0.0, ge=0, le=0.3, description="How far an image is moved at most, as a share of its side",
        json_schema_extra={**LIVE, "step": 0.02},
    )  # fmt: skip
    rotate: int = Field(
        0, ge=0, le=180, description="How far it is turned at most, either way",
        json_schema_extra={**LIVE, "step": 5, "unit": "°"},
    )  # fmt: skip
    zoom: float = Field(
        0.0, ge=0, le=0.5, description="How much larger or smaller it becomes at most, as a share",
        json_schema_extra={**LIVE, "step": 0.05},
    )  # fmt: skip
    flip: bool = Field(
        False, description="Every other image is mirrored, left for right", json_schema_extra=LIVE
    )
    noise: float = Field(
        0.0, ge=0, le=0.5, description="Standard deviation of what is added to each pixel",
        json_schema_extra={**LIVE, "step": 0.02},
    )  # fmt: skip
    cut_out: float = Field(
        0.0, ge=0, le=0.6, title="Cut-out",
        description="Side of a square that is blotted out, as a share of the image's (DeVries, Taylor, 2017)",
        json_schema_extra={**LIVE, "step": 0.05},
    )  # fmt: skip
    mix_up: float = Field(
        0.0, ge=0, le=1, title="Mix-up",
        description="α: two images and their answers are blended, more evenly with more (Zhang et al., 2018)",
        json_schema_extra={**LIVE, "step": 0.05},
    )  # fmt: skip

    @property
    def active(self) -> bool:
        """Whether anything is done at all."""
        return self != Augmentation()

    def problems(self, of_images: bool, loss: str, criterion: str) -> list[Problem]:
        """Why samples that are no images, or a loss by the name of its module, do not go with it."""
        if self.active and not of_images:
            return [
                Problem(
                    "Augmentation",
                    "Only images are shifted, turned or mixed, and these data hold none.",
                    "It is left out.",
                    {"augmentation": Augmentation()},
                )
            ]
        if self.mix_up and criterion and criterion not in BLENDED_BY:
            return [
                Problem(
                    "Augmentation",
                    f"Mix-up asks for answers between two classes, and {loss} takes whole ones only.",
                    "It is left out; cross-entropy would take it.",
                    {"augmentation": self.model_copy(update={"mix_up": 0.0})},
                )
            ]
        return []

    def arguments(self) -> dict[str, Any]:
        """The settings as :func:`augment` takes them."""
        return {name: getattr(self, name) for name in self.settings()}


def chance(batch_seed: int, epoch: int, seen: int) -> np.random.Generator:
    """The generator for the batch that begins at sample ``seen`` of an epoch: a resumed run makes it again.

    The last number keeps it apart from the one that orders the epoch: to numpy, trailing zeros are nothing.
    """
    return np.random.default_rng((batch_seed, epoch, seen, 1))


def augment(
    rng: np.random.Generator,
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    shift: float,
    rotate: float,
    zoom: float,
    flip: bool,
    noise: float,
    cut_out: float,
    mix_up: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Alter images x (B, C, H, W), and with mix-up their targets y (B, …): new arrays of the same shapes.

    What comes into view at an edge repeats that edge; what is cut out becomes the image's mean.
    """
    n, n_channels, height, width = x.shape
    if shift or rotate or zoom:
        angle = np.radians(rng.uniform(-rotate, rotate, (n, 1, 1))).astype(np.float32)
        size = rng.uniform(1 - zoom, 1 + zoom, (n, 1, 1)).astype(np.float32)
        move = rng.uniform(-shift, shift, (2, n, 1, 1)).astype(np.float32)
        down = np.arange(height, dtype=np.float32)[:, None] - (height - 1) / 2 - move[0] * height
        across = np.arange(width, dtype=np.float32) - (width - 1) / 2 - move[1] * width
        cosine, sine = np.cos(angle) / size, np.sin(angle) / size
        # where each pixel comes from, (B, H, W), and between which four pixels that is
        row = np.clip(cosine * down + sine * across + (height - 1) / 2, 0, height - 1)
        column = np.clip(cosine * across - sine * down + (width - 1) / 2, 0, width - 1)
        top, left = np.minimum(np.floor(row), height - 2), np.minimum(np.floor(column), width - 2)
        below, right = (row - top)[:, None], (column - left)[:, None]
        first = np.arange(n * n_channels, dtype=np.int32).reshape(n, n_channels, 1, 1) * (height * width)
        corner = first + (top * width + left).astype(np.int32)[:, None]
        flat = np.ascontiguousarray(x).reshape(-1)
        above = flat[corner] * (1 - right) + flat[corner + 1] * right
        beneath = flat[corner + width] * (1 - right) + flat[corner + width + 1] * right
        x = above * (1 - below) + beneath * below
    if flip:
        x = np.where(rng.random((n, 1, 1, 1)) < 0.5, x[..., ::-1], x)
    if noise:
        x = x + np.float32(noise) * rng.standard_normal(x.shape, np.float32)
    if cut_out:
        middle = rng.uniform(0, 1, (2, n, 1, 1, 1)) * np.array([height, width]).reshape(2, 1, 1, 1, 1)
        rows = np.abs(np.arange(height)[:, None] + 0.5 - middle[0]) < cut_out * height / 2
        columns = np.abs(np.arange(width) + 0.5 - middle[1]) < cut_out * width / 2
        x = np.where(rows & columns, x.mean((2, 3), keepdims=True), x)
    if mix_up:
        share, other = np.float32(rng.beta(mix_up, mix_up)), rng.permutation(n)
        x = share * x + (1 - share) * x[other]
        y = share * y + (1 - share) * y[other]
    return x, y
