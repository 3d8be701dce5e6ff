"""The thumbnails of a report, as pictures that stand in the document itself."""

from __future__ import annotations

import base64
import io
from functools import cache
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dlcore.charts.boundary import pixels
from dlcore.charts.theme import DARK, LIGHT, Theme
from dlcore.data import PLANE, Task, prepare
from dlcore.experiment import Experiment
from dlcore.export.markup import node
from dlcore.record import Arrays

Pixels = NDArray[np.uint8]
GAP = 2
MOST_POINTS = 300
"""Points of each share that are drawn."""
DARK_SCREEN = "screen and (prefers-color-scheme: dark)"


def thumbnail(arrays: Arrays, task: Task, alt: str) -> Element | None:
    """The picture of one moment, as the page's ground is light or dark; None where there is none."""
    if "map" in arrays:
        light, dark = (_source(_plane(arrays, task, theme)) for theme in (LIGHT, DARK))
        other = node("source", media=DARK_SCREEN, srcset=dark)
        return node("picture", other, node("img", src=light, alt=alt, class_="plane"))
    if "maps" in arrays:
        return node("img", src=_source(_features(arrays)), alt=alt, class_="features")
    return None


def large(arrays: Arrays, experiment: Experiment, alt: str) -> Element | None:
    """The answers over the plane with the data's points on them; None where there is no such picture."""
    e = experiment
    drawn = thumbnail(arrays, e.task, alt) if "map" in arrays and e.data.planar else None
    if drawn is None:
        return None
    dots = [
        _dot(float(x[0]), float(x[1]), float(y), e.task, share)
        for share, part in prepare(e.data, e.split, e.seeds.data, e.seeds.split).items()
        for x, y in zip(part.x[:MOST_POINTS], part.y[:MOST_POINTS], strict=True)
    ]
    side = 2 * PLANE
    points = node("svg", dots, viewBox=f"{-PLANE:g} {-PLANE:g} {side:g} {side:g}", aria_hidden="true")
    return node("div", drawn, points, class_="large")


def _dot(x: float, y: float, answer: float, task: Task, share: str) -> Element:
    """A training point filled, another as a ring; the higher it lies, the less its y in a drawing."""
    value = task is Task.REGRESSION
    colour = ("positive" if answer > 0 else "negative") if value else f"class-{int(answer)}"
    if task is Task.BINARY:
        colour = "positive" if answer > 0 else "negative"
    faded = {"fill_opacity": f"{min(1.0, abs(answer)):.2f}"} if value else {}
    ring = "" if share == "train" else " ring"
    return node("circle", cx=f"{x:.2f}", cy=f"{-y:.2f}", r=0.09, class_=f"{colour}{ring}", **faded)


def about(arrays: Arrays) -> str:
    """What the picture is of, in words."""
    return "Answers all over the plane" if "map" in arrays else "A sample and the first layer's maps of it"


def _plane(arrays: Arrays, task: Task, theme: Theme) -> Pixels:
    """The answers over the plane, (S, S) uint8 with the lowest row first → (S, S, 3), the highest first."""
    if "sure" in arrays:
        record = {"label": arrays["map"], "strength": arrays["sure"].astype(np.float32) / 255}
        return pixels(record, Task.CLASSES, theme)
    return pixels({"value": arrays["map"].astype(np.float32) / 127.5 - 1}, task, theme)


def _features(arrays: Arrays) -> Pixels:
    """A sample and its maps side by side: (h, w) and (K, h′, w′) uint8 → (H, W, 3)."""
    sample, maps = arrays["sample"], arrays["maps"]
    height = max(sample.shape[-2], maps.shape[-2])
    cells = [_grown(np.repeat(sample[..., None], 3, 2) if sample.ndim == 2 else sample, height)]
    cells += [_grown(_cividis()[each], height) for each in maps]
    gap = np.full((height, GAP, 3), 128, np.uint8)
    return np.concatenate([part for cell in cells for part in (cell, gap)][:-1], 1)


def _grown(cell: Pixels, height: int) -> Pixels:
    """A picture (h, w, 3) brought to a height, whole pixels repeated and the rest left dark."""
    times = max(1, height // cell.shape[0])
    large = cell.repeat(times, 0).repeat(times, 1)
    return np.pad(large, ((0, height - large.shape[0]), (0, 0), (0, 0)))


@cache
def _cividis() -> Pixels:
    """The scale of magnitudes: (256, 3)."""
    from plotly.colors import sample_colorscale

    triples = sample_colorscale("cividis", list(np.linspace(0, 1, 256)), colortype="tuple")
    return (np.array(triples) * 255).round().astype(np.uint8)


def _source(picture: Pixels) -> str:
    """A picture (h, w, 3) as a data address, in at most 256 colours."""
    written = io.BytesIO()
    image = Image.fromarray(picture)
    image.quantize(256, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(written.getvalue()).decode()}"
