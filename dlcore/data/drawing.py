"""A drawing by hand as a picture of a data set: on its grid, and placed as its pictures are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dlcore.data.base import Dataset
from dlcore.data.images import Digits, Mnist

FINEST = 80
"""About so many places the drawing has along each side; a multiple of the picture's own."""
FAINT = 0.05
"""What is no more than this is not ink."""


def fineness(side: int) -> int:
    """How many places of the drawing lie along one pixel."""
    return max(1, round(FINEST / side))


def places_itself(data: Dataset) -> bool:
    """Whether the pictures of a data set were centred and brought to one size."""
    return isinstance(data, Digits | Mnist)


def pictured(ink: NDArray[np.floating], data: Dataset, centred: bool) -> NDArray[np.float32]:
    """Bring a drawing, ink (C, H·f, W·f) between 0 and 1, to the grid of a data set: (C, H, W).

    ``centred`` places it as the pictures of the data set are.  MNIST: the ink fits into 20 × 20 of the
    28 × 28 pixels, its proportions kept, and its centre of mass is in pixel (14, 14) (LeCun et al., 1998).
    Digits: as high as the picture, and in the middle (Alpaydin and Kaynak, 1998).
    """
    channels, height, width = data.sample_shape
    there = np.argwhere(ink.max(0) > FAINT)
    if centred and len(there):
        (top, left), (bottom, right) = there.min(0), there.max(0) + 1
        ink = _placed(ink[:, top:bottom, left:right], data, height, width)
    f_down, f_across = ink.shape[1] // height, ink.shape[2] // width
    small = ink.reshape(channels, height, f_down, width, f_across).mean((2, 4))
    given: NDArray[np.float32] = np.clip(small, 0, 1).astype(np.float32)
    return given


def _placed(ink: NDArray[np.floating], data: Dataset, height: int, width: int) -> NDArray[np.floating]:
    """Ink cut to its edges, on a ground of (H·f, W·f), scaled and placed as the data set's pictures are."""
    f = fineness(height)
    room = (20 / 28 if isinstance(data, Mnist) else 1.0) * height * f
    scale = room / max(ink.shape[1:]) if isinstance(data, Mnist) else room / ink.shape[1]
    scale = min(scale, width * f / ink.shape[2])
    rows, columns = (max(1, round(n * scale)) for n in ink.shape[1:])
    sized = np.stack([_resized(each, rows, columns) for each in ink])
    middle = np.array([rows, columns]) / 2
    if isinstance(data, Mnist) and sized.sum():
        mass = sized.sum(0)
        middle = np.array(
            [(mass.sum(1 - axis) * (np.arange(mass.shape[axis]) + 0.5)).sum() for axis in (0, 1)]
        )
        middle = middle / mass.sum() - f / 2  # the real ones have theirs in the pixel right of the middle
    grain = f if isinstance(data, Mnist) else 1  # they were moved by whole pixels
    top, left = (
        int(np.clip(grain * round((whole / 2 - at) / grain), 0, whole - n))
        for whole, at, n in zip((height * f, width * f), middle, (rows, columns), strict=True)
    )
    ground = np.zeros((len(ink), height * f, width * f))
    ground[:, top : top + rows, left : left + columns] = sized
    return ground


def _resized(ink: NDArray[np.floating], rows: int, columns: int) -> NDArray[np.floating]:
    image = Image.fromarray(ink.astype(np.float32))
    return np.asarray(image.resize((columns, rows), Image.Resampling.BILINEAR))
