"""The thumbnails of a report, as pictures that stand in the document itself."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from dlcore.charts.theme import DARK, LIGHT
from dlcore.charts.thumbnails import picture
from dlcore.data import PLANE, Task, prepare
from dlcore.experiment import Experiment
from dlcore.export.markup import node
from dlcore.record import Arrays

DARK_SCREEN = "screen and (prefers-color-scheme: dark)"
MOST_POINTS = 300
"""Points of each share that are drawn."""
DARK_SCREEN = "screen and (prefers-color-scheme: dark)"


def thumbnail(arrays: Arrays, task: Task, alt: str) -> Element | None:
    """The picture of one moment, as the page's ground is light or dark; None where there is none."""
    light, dark = (picture(arrays, task, theme) for theme in (LIGHT, DARK))
    if not light:
        return None
    kind = "plane" if "map" in arrays else "features"
    other = node("source", media=DARK_SCREEN, srcset=dark)
    return node("picture", other, node("img", src=light, alt=alt, class_=kind))


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
