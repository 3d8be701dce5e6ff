"""The network as a graph: every layer a box, every way of the numbers an arrow, drawn as SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from dlcore.charts.theme import Theme
from dlcore.experiment import Experiment
from dlcore.layers import Layer, Parallel, shown
from dlcore.stack import Row, rows

WIDTH, HEIGHT = 158, 36
"""Of a layer's box, in px."""
GAP = 16
"""Between a box and the next one, where the arrow is."""
SIDE = 22
"""Beside a block, where its skip runs."""
COLUMN = 560
"""How high a column grows before the next one begins beside it."""
WAY = 'class="way"'
"""Marks what is coloured as a way of the numbers, once the theme is known."""
JOINT = 8
"""The radius of what joins ways."""


@dataclass(frozen=True)
class Part:
    """Something drawn from its upper left corner on; ways come in above its middle and leave below."""

    width: float
    height: float
    draw: Callable[[float, float], Iterator[str]]


def svg(experiment: Experiment, theme: Theme) -> str:
    """Draw the network of an experiment, whether or not it can be built."""
    table = {row.place: row for row in rows(experiment)}
    parts = [
        _box(experiment.data.heading(), shown(experiment.input_shape), theme, ends=True),
        *(_layer(place, table, theme) for place in map(str, range(len(experiment.network)))),
        _box("Output", str(experiment.head().units), theme, ends=True),
    ]
    columns = list(_columns(parts))
    width = sum(column.width for column in columns) + 2 * GAP * (len(columns) + 1)
    height = max(column.height for column in columns) + 2 * GAP
    way = f'fill="none" stroke="{theme.faint}" stroke-width="1.2"'
    drawn: list[str] = []
    x = 2.0 * GAP
    for i, column in enumerate(columns):
        drawn += column.draw(x, GAP)
        after = x + column.width + 2 * GAP
        if i + 1 < len(columns):
            drawn.append(_over(x + column.width / 2, GAP + column.height, after, columns[i + 1].width))
        x = after
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-label="{escape(alt(experiment))}" '
        f'font-family="sans-serif" fill="{theme.text}">'
        f'<defs><marker id="tip" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6" '
        f'orient="auto"><path d="M0 0L6 3L0 6z" fill="{theme.faint}"/></marker></defs>'
        f'<rect width="100%" height="100%" fill="{theme.ground}"/>'
        f'<g stroke-linejoin="round">{"".join(drawn).replace(WAY, way)}</g></svg>'
    )


def alt(experiment: Experiment) -> str:
    """What the graph shows, for those who cannot see it."""
    names = [row.layer.heading() for row in rows(experiment) if "." not in row.place]
    return f"Graph of the network: {experiment.data.heading()}, {', '.join(names) or 'no layer'}, output"


def _columns(parts: list[Part]) -> Iterator[Part]:
    """Lay parts below each other, and go on in another column where one is full."""
    held: list[Part] = []
    for part in parts:
        if held and sum(each.height + GAP for each in held) + part.height > COLUMN:
            yield _pile(held)
            held = []
        held.append(part)
    yield _pile(held)


def _pile(parts: list[Part]) -> Part:
    """Parts below each other, an arrow from each to the next."""
    width = max((part.width for part in parts), default=0.0)
    height = sum(part.height for part in parts) + GAP * max(0, len(parts) - 1)

    def draw(x: float, y: float) -> Iterator[str]:
        middle = x + width / 2
        for i, part in enumerate(parts):
            yield from part.draw(middle - part.width / 2, y)
            y += part.height
            if i + 1 < len(parts):
                yield _way(f"M{middle:g} {y:g}V{y + GAP:g}")
                y += GAP

    return Part(width, height, draw)


def _layer(place: str, table: dict[str, Row], theme: Theme) -> Part:
    row = table[place]
    layer = row.layer
    stacks = [] if layer.off else layer.stacks()
    if not stacks:
        shape = "off" if layer.off else "?" if row.after is None else shown(row.after)
        return _box(layer.heading(), shape, theme, off=layer.off, wrong=bool(row.needed))
    piles = [
        _pile([_layer(f"{place}.{name}.{i}", table, theme) for i in range(len(held))])
        for name, held in stacks
    ]
    return _block(layer, row, piles, theme)


def _block(layer: Layer, row: Row, piles: list[Part], theme: Theme) -> Part:
    """Ways that part above and join below: each inner stack is one, and so is what skips it."""
    apart = isinstance(layer, Parallel)
    inner = sum(pile.width for pile in piles) + SIDE * (len(piles) - 1)
    width = inner + 2 * SIDE + (0 if apart else 2 * SIDE)
    tallest = max(pile.height for pile in piles)
    top = 18 + GAP  # its name stands above the place where the ways part
    height = top + GAP + tallest + GAP + 2 * JOINT + 8
    sign = "+" if not apart or getattr(layer, "join", "") == "sum" else "‖"

    def draw(x: float, y: float) -> Iterator[str]:
        colour = theme.text if row.needed else theme.line
        yield (
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="8" fill="none" '
            f'stroke="{colour}" stroke-width="{2 if row.needed else 1}" stroke-dasharray="4 3"/>'
        )
        yield f'<text x="{x + 8:g}" y="{y + 13:g}" font-size="10.5">{escape(layer.heading())}</text>'
        middle, split = x + width / 2, y + top
        joint = y + height - JOINT - 8
        yield _way(f"M{middle:g} {y:g}V{split:g}", tip=False)
        at = x + SIDE + (0 if apart else SIDE)
        for pile in piles:
            centre = at + pile.width / 2
            begin, end = split + GAP, split + GAP + pile.height
            yield _way(f"M{middle:g} {split:g}H{centre:g}V{begin:g}")
            yield from pile.draw(at, begin)
            if abs(centre - middle) < 1:
                yield _way(f"M{centre:g} {end:g}V{joint - JOINT:g}")
            else:
                side = middle + (JOINT if centre > middle else -JOINT)
                yield _way(f"M{centre:g} {end:g}V{joint:g}H{side:g}")
            at += pile.width + SIDE
        if not apart:
            yield _way(f"M{middle:g} {split:g}H{x + SIDE:g}V{joint:g}H{middle - JOINT:g}")
        yield (
            f'<circle cx="{middle:g}" cy="{joint:g}" r="{JOINT}" fill="{theme.ground}" '
            f'stroke="{theme.faint}"/>'
            f'<text x="{middle:g}" y="{joint + 4:g}" font-size="12" text-anchor="middle">{sign}</text>'
        )
        yield _way(f"M{middle:g} {joint + JOINT:g}V{y + height:g}", tip=False)

    return Part(width, height, draw)


def _box(
    name: str, shape: str, theme: Theme, *, ends: bool = False, off: bool = False, wrong: bool = False
) -> Part:
    """A layer: its name, and the shape that it gives."""
    stroke = theme.text if wrong else theme.accent if ends else theme.faint
    dashes = ' stroke-dasharray="3 3"' if off else ""
    long = f"⚠ {name}" if wrong else name
    long = long if len(long) <= 26 else f"{long[:25]}…"

    def draw(x: float, y: float) -> Iterator[str]:
        middle = x + WIDTH / 2
        yield (
            f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="5" fill="{theme.ground}" '
            f'stroke="{stroke}" stroke-width="{2 if wrong else 1}"{dashes}/>'
            f'<text x="{middle:g}" y="{y + 15:g}" font-size="11" font-weight="600" text-anchor="middle">'
            f"{escape(long)}</text>"
            f'<text x="{middle:g}" y="{y + 29:g}" font-size="10.5" text-anchor="middle">'
            f"{escape(shape)}</text>"
        )

    return Part(WIDTH, HEIGHT, draw)


def _way(path: str, tip: bool = True) -> str:
    end = ' marker-end="url(#tip)"' if tip else ""
    return f'<path {WAY} d="{path}"{end}/>'


def _over(x: float, bottom: float, after: float, width: float) -> str:
    """From the foot of a column to the head of the next one."""
    between, head = after - GAP, GAP / 2
    return _way(f"M{x:g} {bottom:g}V{bottom + GAP / 2:g}H{between:g}V{head:g}H{after + width / 2:g}V{GAP:g}")
