"""A saved run at a glance: a small picture of what it has learnt, or how its loss fell."""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor
from plotly.colors import sequential

from dlcore.charts import boundary
from dlcore.charts.curves import thinned
from dlcore.charts.samples import address
from dlcore.charts.theme import OKABE_ITO, Theme
from dlcore.data import Task
from dlcore.record import Arrays

SIDE = 96
GAP = 2
"""Pixels between the maps of a sheet."""
WIDTH, HEIGHT = 96, 96
STEPS = np.array([ImageColor.getrgb(each) for each in sequential.Cividis], np.float64)
CIVIDIS = np.stack(
    [np.interp(np.linspace(0, 1, 256), np.linspace(0, 1, len(STEPS)), channel) for channel in STEPS.T], 1
).astype(np.uint8)
"""From a magnitude to its colour: (256, 3)."""


def picture(record: Arrays, task: Task, theme: Theme) -> str:
    """The address of a saved thumbnail's picture; "" where the record holds none.

    On the plane ``map`` (S, S) uint8, a value from −1 to 1 as 0…255 or the class, with its ``sure`` (S, S);
    of images ``sample`` (h, w) and, where there are any, the first ``maps`` (K, h', w'), all uint8.
    """
    if "map" in record:
        return address(_plane(record, task, theme))
    if "maps" in record:
        return address(_sheet(record["sample"], record["maps"], theme))
    if "sample" in record:
        return address(np.repeat(record["sample"][..., None], 3, 2))
    return ""


def _plane(record: Arrays, task: Task, theme: Theme) -> NDArray[np.uint8]:
    if "sure" in record:
        label = np.minimum(record["map"], len(OKABE_ITO) - 1)
        return boundary.pixels({"label": label, "strength": record["sure"] / 255}, Task.CLASSES, theme)
    return boundary.pixels({"value": record["map"] / 127.5 - 1}, task, theme)


def _sheet(sample: NDArray[np.uint8], maps: NDArray[np.uint8], theme: Theme) -> NDArray[np.uint8]:
    """The sample, then its maps, in three rows of three: (SIDE, SIDE, 3)."""
    cell = (SIDE - 2 * GAP) // 3
    ground = ImageColor.getrgb(theme.ground)
    made = np.empty((SIDE, SIDE, 3), np.uint8)
    made[:] = ground
    pictures = [np.repeat(sample[..., None], 3, 2), *(CIVIDIS[each] for each in maps[:8])]
    for i, each in enumerate(pictures):
        top, left = (i // 3) * (cell + GAP), (i % 3) * (cell + GAP)
        scaled = Image.fromarray(each).resize((cell, cell), Image.Resampling.NEAREST)
        made[top : top + cell, left : left + cell] = np.asarray(scaled)
    return made


def sparkline(history: Arrays, theme: Theme, last_epoch: float = np.inf) -> str:
    """The losses of a history as the address of a small SVG: training solid, test dotted; on a log scale.

    An empty one where there is no history.  What came after ``last_epoch`` is left out, and keeps its room.
    """
    losses = history["rows"][:, [0, 2]].astype(np.float64) if history else np.zeros((0, 2))
    losses[~(losses > 0)] = np.nan
    kept = thinned(len(losses))
    height = np.log(losses[kept])
    finite = height[np.isfinite(height)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    if np.isfinite(last_epoch):
        height[history["epoch"][kept] > last_epoch] = np.nan
    y = 6 + (HEIGHT - 12) * (high - height) / max(high - low, 1e-9)
    x = np.linspace(4, WIDTH - 4, len(kept)) if len(kept) > 1 else np.full(len(kept), WIDTH / 2)
    pen = f'fill="none" stroke="{theme.accent}" stroke-width="1.8" stroke-linecap="round"'
    lines = "".join(
        f'<path d="{_path(x, y[:, k])}" {pen} {dash}/>'
        for k, dash in ((0, ""), (1, 'stroke-dasharray="2 3"'))
    )
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{lines}</svg>'
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn.encode()).decode()}"


def _path(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    """A line that is broken where there is no number; a number by itself is a dot."""
    there = np.isfinite(y)
    begins = there & ~np.append(False, there[:-1])
    return "".join(
        f"{'M' if begins[i] else 'L'}{x[i]:.1f} {y[i]:.1f}{'h0' if begins[i] else ''}"
        for i in np.flatnonzero(there)
    )


def alt(record: Arrays, name: str) -> str:
    """What the small picture shows, for those who cannot see it."""
    if "map" in record:
        return f"What {name} answers all over the plane"
    if "maps" in record:
        return f"A sample, and what the first layer of {name} makes of it"
    if "sample" in record:
        return f"A sample of what {name} learnt from"
    return f"How the loss of {name} fell"
