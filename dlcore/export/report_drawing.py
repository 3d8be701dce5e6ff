"""The curves of a report: lines on two axes, drawn without a program that would have to run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from dlcore.charts.curves import thinned
from dlcore.export.markup import node
from dlcore.export.report_words import count

Floats = NDArray[np.float64]
WIDTH, HEIGHT = 520, 260
LEFT, RIGHT, TOP, BOTTOM = 60, 22, 10, 40
LABEL_PX = 12
"""How far apart two labels are at the ends of lines."""
LOG_FROM = 100.0
"""How many times larger than the smallest the largest value is from which on an axis is logarithmic."""


@dataclass(frozen=True)
class Line:
    """One curve: ``x`` and ``y`` (R,), nan where there is a gap."""

    name: str
    x: Floats
    y: Floats
    share: str
    """``train``, ``validation`` or ``test``: solid, dashed or dotted."""
    colour: int = 0
    """Which of the report's colours it has."""
    label: str = ""
    """What is written at its end."""


@dataclass(frozen=True)
class Axis:
    """From numbers to places on the drawing."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high, value = (math.log10(each) if self.log else each for each in (self.low, self.high, value))
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round numbers on the axis, some four to six of them."""
        if self.log:
            first, last = (round(math.log10(each)) for each in (self.low, self.high))
            return [10.0**power for power in range(first, last + 1, max(1, (last - first) // 5))]
        step = _round_step(self.high - self.low)
        first = math.ceil(self.low / step - 1e-9)
        return [i * step for i in range(first, math.floor(self.high / step + 1e-9) + 1)]


def curves(
    name: str,
    lines: Sequence[Line],
    title: str,
    about: str,
    x_title: str,
    marks: Sequence[tuple[float, str]] = (),
    *,
    log: bool = False,
) -> Element:
    """Draw lines with their axes; the ``name`` is one that no other drawing of the document has.

    With ``log``, values that lie far apart are drawn on powers of ten.
    """
    lines = [each for each in lines if np.isfinite(each.y).any()]
    across, up = _axes(lines, log)
    y_title = f"{title}, logarithmic" if up.log else title
    return node(
        "svg",
        node("title", title, id=f"{name}-title"),
        node("desc", about, id=f"{name}-about"),
        _grid(across, up, x_title, y_title),
        (_mark(across(epoch), epoch, what) for epoch, what in marks if across.low <= epoch <= across.high),
        (_line(each, across, up) for each in lines),
        _ends(lines, across, up),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_labelledby=f"{name}-title {name}-about",
        class_="curves",
    )


def _axes(lines: Sequence[Line], log: bool) -> tuple[Axis, Axis]:
    x = np.concatenate([each.x[np.isfinite(each.y)] for each in lines] or [np.zeros(1)])
    y = np.concatenate([each.y[np.isfinite(each.y)] for each in lines] or [np.zeros(1)])
    last = float(x.max(initial=0.0)) or 1.0
    across = Axis(0.0, last, LEFT, WIDTH - RIGHT)
    low, high = float(y.min(initial=np.inf)), float(y.max(initial=-np.inf))
    if log and low > 0 and high / low > LOG_FROM:
        powers = math.floor(math.log10(low)), math.ceil(math.log10(high))
        return across, Axis(10.0 ** powers[0], 10.0 ** powers[1], HEIGHT - BOTTOM, TOP, log=True)
    low = min(low, 0.0)
    high = high if high > low else low + 1.0
    step = _round_step(high - low)
    bounds = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return across, Axis(*bounds, HEIGHT - BOTTOM, TOP)


def _round_step(span: float) -> float:
    """1, 2 or 5 times a power of ten, of which about five make the span."""
    power = 10.0 ** math.floor(math.log10(span / 5))
    return next(each * power for each in (1, 2, 5, 10) if each * power >= span / 5 * (1 - 1e-9))


def _grid(across: Axis, up: Axis, x_title: str, y_title: str) -> Element:
    ground, middle = HEIGHT - BOTTOM, (LEFT + WIDTH - RIGHT) / 2
    drawn = [
        each
        for value in up.ticks()
        for each in (
            _rule(LEFT, up(value), WIDTH - RIGHT, up(value)),
            node("text", _tick(value), x=LEFT - 6, y=_px(up(value) + 3.5), class_="end"),
        )
    ]
    for value in across.ticks():
        drawn.append(_rule(across(value), ground, across(value), ground + 4))
        drawn.append(node("text", _tick(value), x=_px(across(value)), y=ground + 16, class_="middle"))
    drawn.append(node("text", x_title, x=_px(middle), y=HEIGHT - 6, class_="middle"))
    turned = f"rotate(-90 12 {ground / 2:g})"
    drawn.append(node("text", y_title, x=12, y=_px(ground / 2), class_="middle", transform=turned))
    return node("g", drawn, class_="axes", aria_hidden="true")


def _tick(value: float) -> str:
    if abs(value) >= 1000:
        return count(value) if abs(value) < 1e6 else f"{value:.0e}".replace("e+0", "e")
    return f"{value:g}".replace("-", "−")


def _rule(x1: float, y1: float, x2: float, y2: float) -> Element:
    return node("line", x1=_px(x1), y1=_px(y1), x2=_px(x2), y2=_px(y2))


def _mark(x: float, epoch: float, what: str) -> Element:
    return node(
        "g", node("title", f"epoch {epoch:g}: {what}"), _rule(x, TOP, x, HEIGHT - BOTTOM), class_="mark"
    )


def _line(line: Line, across: Axis, up: Axis) -> Element:
    kept = thinned(len(line.x))
    x, y = line.x[kept], line.y[kept]
    path, lifted = [], True
    for at, value in zip(x, y, strict=True):
        if not math.isfinite(value):
            lifted = True
            continue
        path.append(f"{'M' if lifted else 'L'}{_px(across(at))} {_px(up(value))}")
        lifted = False
    told = node("title", line.name)
    held = f"line {line.share} run-{line.colour}"
    if len(path) == 1:
        last = int(np.flatnonzero(np.isfinite(y))[0])
        dot = node("circle", cx=_px(across(x[last])), cy=_px(up(y[last])), r=3)
        return node("g", told, dot, class_=f"{held} point")
    return node("path", told, d="".join(path), class_=held)


def _ends(lines: Sequence[Line], across: Axis, up: Axis) -> Element | None:
    """The labels at the ends of lines, moved apart where they would cover each other."""
    told = sorted(
        (
            (up(line.y[last]), across(line.x[last]), line)
            for line in lines
            if line.label
            for last in np.flatnonzero(np.isfinite(line.y))[-1:]
        ),
        key=lambda each: each[0],
    )
    if not told:
        return None
    heights = [height for height, _, _ in told]
    for i in range(1, len(heights)):
        heights[i] = max(heights[i], heights[i - 1] + LABEL_PX)
    over = max(0.0, heights[-1] - (HEIGHT - BOTTOM))
    return node(
        "g",
        (
            node("text", line.label, x=_px(x + 4), y=_px(y - over + 3.5), class_="label")
            for y, (_, x, line) in zip(heights, told, strict=True)
        ),
        aria_hidden="true",
    )


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
