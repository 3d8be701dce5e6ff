"""A window sliding over a picture, with every number it meets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlcore.charts.theme import Theme
from dlcore.record import Record
from dlcore.sliding import LARGEST, Window, results
from pages.parts.components import component
from pages.parts.state import triggered

COLOURS = ("red", "green", "blue")


@dataclass(frozen=True)
class Slid:
    """A window over an image (C, H, W) with a kernel (C, k, k), which pooling does without."""

    image: NDArray[np.float32]
    window: Window
    kernel: NDArray[np.float32] | None
    bias: float
    input_name: str
    output_name: str
    begun: str
    """Changes with the picture: the window then stands in its middle again."""
    channels: Sequence[str] = ("",)
    editable: bool = False
    """Whether the kernel's numbers may be typed over."""
    sized: bool = False
    """Whether the window's size may be changed."""
    taken: float = 0
    """The number of the last typed kernel that arrived."""


def sliding(
    slid: Slid,
    theme: Theme,
    key: str,
    *,
    greyed: bool = False,
    on_kernel: Callable[[Mapping[str, Any]], None] = lambda said: None,
    on_size: Callable[[Mapping[str, Any]], None] = lambda said: None,
) -> None:
    """Draw it on nodes that stay; what is typed into the kernel, and another size, are told.

    Raises ``ValueError``, in words, where the window does not fit the picture.
    """
    image, window = slid.image, slid.window
    size = (len(image), window.size, window.size)
    kernel = np.zeros(size, np.float32) if slid.kernel is None else slid.kernel
    made = results(image, window, kernel, slid.bias)
    output = made["output"]
    rows, columns = output.shape[1:]
    coloured = tuple(slid.channels) == COLOURS
    signed, most = bool(output.min() < -1e-6), float(np.abs(output).max(initial=1e-6))
    facts = {
        "window": vars(window),
        "channels": list(slid.channels),
        "inputName": slid.input_name,
        "outputName": slid.output_name,
        "inputAlt": f"{slid.input_name}: point at a place, or move the window with the arrow keys",
        "outputAlt": f"{slid.output_name}: point at a place to see where it comes from",
        "inputPalette": "colour" if coloured else "sign" if image.min() < 0 else "ink",
        "inputScale": max(float(np.abs(image).max(initial=0)), 1e-6) if image.max() > 1 else 1.0,
        "outputPalette": "sign" if signed else "light" if coloured else "ink",
        "outputScale": most if signed else max(most, 1.0 if image.max() <= 1 else 1e-6),
        "at": [rows // 2, columns // 2],
        "begun": slid.begun,
        "bias": slid.bias,
        "editable": slid.editable,
        "sizes": LARGEST if slid.sized else 0,
        "taken": slid.taken,
        "theme": theme.tokens(),
        "greyed": greyed,
    }
    arrays = {"image": image.astype(np.float32), "kernel": kernel.astype(np.float32), **made}
    component("sliding")(
        key=key,
        data=Record(facts, arrays).to_bytes(),
        on_kernel_change=triggered(key, "kernel", on_kernel),
        on_size_change=triggered(key, "size", on_size),
    )
