"""A window sliding over an image: what lies under it at every place, and what is made of that.

The lab's own arithmetic, in plain numpy, so that every number on the page can be followed by hand; the tests
hold it against torch's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float32]
How = Literal["sum", "max", "mean"]
LARGEST = 5
"""How many places wide and high a window is at most: more numbers could not be followed by hand."""


@dataclass(frozen=True)
class Window:
    """How a window of ``size`` × ``size`` places moves, and what is made of the numbers under it.

    ``sum`` weighs them with a kernel and adds them up; ``max`` and ``mean`` pool each channel by itself.
    ``dilation`` is how far apart the places under the window are.
    """

    size: int = 3
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    how: How = "sum"

    @property
    def reach(self) -> int:
        """How many places wide and high the window is with the gaps that dilation leaves."""
        return self.dilation * (self.size - 1) + 1

    def places(self, side: int) -> int:
        """At how many places of a dimension of ``side`` it stops; below 1 where it does not fit."""
        return (side + 2 * self.padding - self.reach) // self.stride + 1

    def problem(self, height: int, width: int) -> str:
        """Why the window cannot slide over an image of these sides, and what to do; "" where it can."""
        if self.how != "sum" and 2 * self.padding > self.size:
            return (
                f"Pooling pads by half of its window at most, and {self.padding} is more than half of "
                f"{self.size}.  Take less padding, or a larger window."
            )
        if self.how == "mean" and self.dilation > 1:
            return "A mean is taken of neighbours.  Set dilation to 1."
        if min(self.places(height), self.places(width)) < 1:
            return (
                f"The window reaches over {self.reach} × {self.reach} places, and the picture with its "
                f"padding has {height + 2 * self.padding} × {width + 2 * self.padding}.  Take a smaller "
                "window, less dilation, or more padding."
            )
        return ""


def padded(image: Numbers, window: Window) -> Numbers:
    """An image with its rim: (C, H, W) → (C, H + 2P, W + 2P); zeros, or under ``max`` −∞."""
    rim = -np.inf if window.how == "max" else 0.0
    p = window.padding
    return np.pad(image, ((0, 0), (p, p), (p, p)), constant_values=np.float32(rim))


def patches(image: Numbers, window: Window) -> Numbers:
    """What lies under the window at every place: (C, H, W) → (C, H', W', k, k).

    Raises ``ValueError``, in words, where the window does not fit.
    """
    problem = window.problem(*image.shape[1:])
    if problem:
        raise ValueError(problem)
    reach, step, gap = window.reach, window.stride, window.dilation
    seen = np.lib.stride_tricks.sliding_window_view(padded(image, window), (reach, reach), (1, 2))
    under: Numbers = seen[:, ::step, ::step, ::gap, ::gap]
    return under


def slide(image: Numbers, window: Window, kernel: Numbers | None = None) -> Numbers:
    """What the window makes of an image, channel by channel: (C, H, W) → (C, H', W').

    Under ``sum`` each is one channel's share, with its kernel (C, k, k); their sum and the bias, which
    :func:`together` gives, is what a convolution answers.  A kernel is laid on as it is, not turned around:
    mathematicians call that a cross-correlation, and every library of neural networks a convolution.
    """
    under = patches(image, window)
    pooled: Numbers
    if window.how == "max":
        pooled = under.max((3, 4))
        return pooled
    if window.how == "mean":
        pooled = under.mean((3, 4), dtype=np.float32)
        return pooled
    assert kernel is not None, "a sum is weighed"
    assert kernel.shape == under.shape[:1] + under.shape[3:], "each channel has a kernel of its own"
    shares: Numbers = np.einsum("chwij,cij->chw", under, kernel, dtype=np.float32, optimize=True)
    return shares


def together(shares: Numbers, bias: float) -> Numbers:
    """The channels' shares summed, with the bias: (C, H', W') → (H', W')."""
    total: Numbers = shares.sum(0, dtype=np.float32) + np.float32(bias)
    return total


def _box(n: int) -> Numbers:
    return np.full((n, n), 1 / (n * n), np.float32)


def _grid(*rows: tuple[float, ...]) -> Numbers:
    return np.array(rows, np.float32)


KERNELS: Mapping[str, Numbers] = {
    "identity": _grid((0, 0, 0), (0, 1, 0), (0, 0, 0)),
    "box blur": _box(3),
    "Gaussian": _grid((1, 2, 1), (2, 4, 2), (1, 2, 1)) / np.float32(16),
    "sharpen": _grid((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "Sobel x": _grid((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "Sobel y": _grid((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "Laplacian": _grid((0, 1, 0), (1, -4, 1), (0, 1, 0)),
    "emboss": _grid((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
    "diagonal": _grid((2, -1, -1), (-1, 2, -1), (-1, -1, 2)),
    "shift left": _grid((0, 0, 0), (0, 0, 1), (0, 0, 0)),
}
"""Kernels that people know by name, 3 × 3."""

SAYS: Mapping[str, str] = {
    "identity": "Takes the number in the middle: the picture stays as it is.",
    "box blur": "The mean of the neighbours: what is fine is smeared out.",
    "Gaussian": "A mean in which near neighbours count more: softer than the box.",
    "sharpen": "The middle against its neighbours: what differs from them stands out.",
    "Sobel x": "Right minus left: strong where brightness changes from left to right, so on upright edges.",
    "Sobel y": "Below minus above: strong where brightness changes downwards, so on level edges.",
    "Laplacian": "The neighbours against the middle: edges of every direction, and nothing on even ground.",
    "emboss": "Light from the upper left: edges as if they were raised.",
    "diagonal": "Strong where a line falls from the upper left to the lower right.",
    "shift left": "Takes the right neighbour: the whole picture moves one place to the left.",
}
"""What each of them does, in a sentence."""


def resized(kernel: Numbers, size: int) -> Numbers:
    """Kernels (C, n, n) of another size about the same middle: cut at their rim, or with zeros around them.

    Where the sizes differ by an odd number the middle comes to lie half a place to the upper left.
    """
    n = kernel.shape[1]
    cut, put = max(0, (n - size + 1) // 2), max(0, (size - n) // 2)
    both = min(n, size)
    made = np.zeros((len(kernel), size, size), np.float32)
    made[:, put : put + both, put : put + both] = kernel[:, cut : cut + both, cut : cut + both]
    return made


def known(name: str, channels: int, size: int = 3) -> Numbers:
    """A kernel by its name for each channel, an equal part of it: (C, k, k).  Only a box has other sizes."""
    one = _box(size) if name == "box blur" else KERNELS[name]
    shared: Numbers = np.repeat(one[None] / np.float32(channels), channels, 0)
    return shared


def results(image: Numbers, window: Window, kernel: Numbers | None, bias: float) -> dict[str, Numbers]:
    """Everything that is drawn of it: ``shares`` (C, H', W'), and as ``output`` (M, H', W') their sum with
    the bias, or where it pools, each channel by itself."""
    shares = slide(image, window, kernel if window.how == "sum" else None)
    return {"shares": shares, "output": together(shares, bias)[None] if window.how == "sum" else shares}


def agreement(kernels: Numbers) -> float:
    """How much neighbouring weights are alike, on average over kernels (C, k, k) with k > 1: about 0 for
    noise, towards 1 for what is smooth, as edges and strokes are (Moran, 1950)."""
    centred = kernels - kernels.mean((1, 2), keepdims=True)
    beside = np.concatenate(
        [
            (centred[:, :, 1:] * centred[:, :, :-1]).reshape(len(kernels), -1),
            (centred[:, 1:] * centred[:, :-1]).reshape(len(kernels), -1),
        ],
        1,
    )
    spread = (centred**2).mean((1, 2))
    return float((beside.mean(1) / np.maximum(spread, 1e-12)).mean())
