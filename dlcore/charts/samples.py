"""Samples as they are: sheets of images, and how the numbers of a column lie."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dlcore.charts.theme import OKABE_ITO, Theme

GAP = 2
"""Pixels between two images of a sheet, in the images' own pixels times their magnification."""
BINS = 24
WIDTH, HEIGHT = 120, 40


def class_colours(n_classes: int, theme: Theme) -> tuple[str, ...]:
    """A colour for each class; none where there are more classes than colours that can be told apart."""
    if n_classes == 2:
        return theme.negative, theme.positive
    return OKABE_ITO[:n_classes] if 2 < n_classes <= len(OKABE_ITO) else ()


def sheet(rows: Sequence[NDArray[np.float32]], cell: int) -> NDArray[np.uint8]:
    """Lay images out in rows, each in a cell of ``cell`` pixels: [(K, C, H, W), …] → (R·, K·, 4).

    Numbers from 0 to 1 go from black to white; what lies beyond is cut off.  Rows may be of unequal length:
    what is left over, and what is between the images, is transparent.
    """
    step = cell + GAP
    longest = max((len(row) for row in rows), default=0)
    made = np.zeros((max(0, len(rows) * step - GAP), max(0, longest * step - GAP), 4), np.uint8)
    for i, row in enumerate(rows):
        for k, image in enumerate(row):
            pixels = (np.clip(image, 0, 1) * 255).round().astype(np.uint8).transpose(1, 2, 0)
            colours = np.repeat(pixels, 3, 2) if pixels.shape[2] == 1 else pixels[:, :, :3]
            how = Image.Resampling.NEAREST if max(colours.shape) <= cell else Image.Resampling.BOX
            drawn = np.asarray(Image.fromarray(colours).resize((cell, cell), how))
            place = made[i * step : i * step + cell, k * step : k * step + cell]
            place[..., :3], place[..., 3] = drawn, 255
    return made


def address(pixels: NDArray[np.uint8]) -> str:
    """A picture (H, W, 3 or 4) as a PNG whose address is all of it."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def number(value: float) -> str:
    """Three significant digits, with a minus sign and thin spaces in thousands."""
    size = abs(value)
    if size and not 1e-3 <= size < 1e6:
        return f"{value:.2e}".replace("e+0", "e").replace("e-0", "e−").replace("-", "−")
    digits = max(0, 2 - int(np.floor(np.log10(size)))) if size else 0
    text = f"{value:,.{min(digits, 6)}f}"
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return ("0" if short in ("-0", "") else short).replace("-", "−").replace(",", "\u2009")


def histogram(
    values: NDArray[np.floating], y: NDArray[np.integer] | None, colours: Sequence[str], theme: Theme
) -> str:
    """How often which number occurs, as the address of an SVG: values (N,), stacked by their classes y (N,).

    Without classes or colours, in one colour.  Numbers that are not finite are left out.
    """
    there = np.isfinite(values)
    values, y = values[there], None if y is None else y[there]
    parted = y is not None and len(colours) > 0
    of_class = [values[y == k] for k in range(len(colours))] if parted else [values]
    fills = list(colours) if parted else [theme.accent]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    counts = np.stack([np.histogram(each, edges)[0] for each in of_class])  # (K, BINS)
    tops = counts.cumsum(0) / max(1, counts.sum(0).max()) * HEIGHT
    bars = []
    for k in reversed(range(len(fills))):  # the upper ones first, so that each covers what lies behind it
        path = "".join(
            f"M{b * WIDTH / BINS:.1f} {HEIGHT}v{-top:.1f}h{WIDTH / BINS - 0.8:.1f}v{top:.1f}z"
            for b, top in enumerate(tops[k])
            if top > 0
        )
        bars.append(f'<path d="{path}" fill="{fills[k]}"/>')
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none">'
        f"{''.join(bars)}</svg>"
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn.encode()).decode()}"


def spread(name: str, values: NDArray[np.floating]) -> str:
    """In words what :func:`histogram` draws."""
    values = values[np.isfinite(values)]
    if not len(values):
        return f"{name}: no numbers"
    low, first, third, high = (number(float(each)) for each in np.quantile(values, [0, 0.25, 0.75, 1]))
    return f"{name}: from {low} to {high}, half of them between {first} and {third}"
