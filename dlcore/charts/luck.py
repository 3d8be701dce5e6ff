"""What seeds alone make of an experiment: the mean answer, its spread, and where the scores end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts import boundary
from dlcore.charts.curves import thinned, title
from dlcore.charts.theme import Theme, layout
from dlcore.data import PLANE, Task
from dlcore.record import Arrays

APART = 1 / 44
"""How far dots of one height lie apart at least, as a share of the scores' span."""
LEAST_SPAN = 0.04
LARGEST_DOT, SMALLEST_DOT = 11.0, 4.0
DOTS_PX = 190
NEAR = 0.06
"""How far from a dot a click may be, as a share of the picture."""


@dataclass(frozen=True)
class Group:
    """The members of one ensemble: what it is called, and what they have come to."""

    name: str
    record: Arrays
    """The arrays of :func:`dlcore.engine.ensembles.arrays`."""
    first_seed: int

    @property
    def scores(self) -> NDArray[np.float32]:
        """The score on the test share (n,), nan for a member that broke down."""
        found: NDArray[np.float32] = np.where(self.record["failed"], np.nan, self.record["test_score"])
        return found.astype(np.float32)


def mean_map(record: Arrays, task: Task, n_classes: int, theme: Theme) -> go.Figure:
    """Draw the mean answer of the members all over the plane."""
    return boundary.figure(record, task, n_classes, theme)


def mean_alt(task: Task, n: int) -> str:
    """What the picture shows, for those who cannot see it."""
    what = "value" if task is Task.REGRESSION else "answer"
    return f"Map of the mean {what} of {n} networks that differ in their seeds, all over the plane"


def spread_map(record: Arrays, task: Task, n_classes: int, theme: Theme) -> go.Figure:
    """Draw by how much the members differ all over the plane: the standard deviation of their answers."""
    spread = record["spread"]
    side = len(spread)
    cell = 2 * PLANE / side
    largest = 1.0 if task is Task.BINARY else 0.5 if task is Task.CLASSES else _largest(spread)
    made = boundary.plane({}, task, n_classes, theme)
    made.add_trace(
        go.Heatmap(
            z=spread,
            x0=-PLANE + cell / 2,
            dx=cell,
            y0=-PLANE + cell / 2,
            dy=cell,
            zmin=0,
            zmax=largest,
            colorscale="cividis",
            zsmooth="fast",
            colorbar={
                "thickness": 8,
                "outlinewidth": 0,
                "len": 0.9,
                "tickvals": [0, largest],
                "ticktext": ["0", f"{largest:.2g}"],
                "tickfont": {"size": 11, "color": theme.faint},
            },
            hovertemplate="x₁ %{x:.2f}, x₂ %{y:.2f}<br>standard deviation: %{z:.3f}<extra></extra>",
        )
    )
    return made


def _largest(spread: NDArray[np.float32]) -> float:
    known = spread[np.isfinite(spread)]
    return max(float(known.max(initial=0.0)), 0.01)


def spread_alt(record: Arrays, n: int) -> str:
    """What the picture shows, for those who cannot see it."""
    known = record["spread"][np.isfinite(record["spread"])]
    if not len(known):
        return f"All {n} networks broke down, so there is no spread to be seen"
    return (
        f"Map of the standard deviation of the answers of {n} networks that differ in their seeds: "
        f"{known.mean():.2f} on average, {known.max():.2f} at most"
    )


def distribution(groups: Sequence[Group], task: Task, theme: Theme) -> go.Figure:
    """Draw every seed as a dot at its score on the test share; of two groups the second hangs below the line.

    A bar holds nine seeds in ten, a stroke on it is their median.
    """
    dots = stacked(groups)
    tallest = max((int(np.abs(y).max(initial=1)) for _, y in dots), default=1)
    size = float(np.clip(DOTS_PX / (tallest * len(groups)), SMALLEST_DOT, LARGEST_DOT))
    traces: list[go.Scatter] = []
    for number, (group, (x, y)) in enumerate(zip(groups, dots, strict=True)):
        colour = colour_of(number, theme)
        seeds = group.first_seed + np.arange(len(group.scores))
        known = np.isfinite(group.scores)
        traces.append(
            go.Scatter(
                x=x[known],
                y=y[known],
                mode="markers",
                name=group.name,
                customdata=seeds[known],
                marker={"size": size, "color": colour, "line": {"width": 0.6, "color": theme.outline}},
                hovertemplate=f"seed %{{customdata}}<br>{title('score', task)} %{{x:.4f}}<extra></extra>",
            )
        )
        if known.any():
            low, middle, high = np.percentile(group.scores[known], (5, 50, 95))
            at = 0.45 if number == 0 else -0.45
            traces += [
                go.Scatter(
                    x=[low, high],
                    y=[at, at],
                    mode="lines",
                    showlegend=False,
                    line={"color": colour, "width": 4},
                    hovertemplate=f"nine in ten: {low:.3f} to {high:.3f}<extra></extra>",
                ),
                go.Scatter(
                    x=[middle],
                    y=[at],
                    mode="markers",
                    showlegend=False,
                    marker={
                        "symbol": "line-ns",
                        "size": 16,
                        "line": {"width": 3, "color": theme.text},
                    },
                    hovertemplate=f"median {middle:.3f}<extra></extra>",
                ),
            ]
    made = go.Figure(traces, layout(theme, margin={"l": 16, "r": 12, "t": 24, "b": 36}))
    low, high = span(groups)
    room = 0.04 * (high - low)
    made.layout.xaxis.update(
        title={"text": f"{title('score', task)} on the test points"}, range=[low - room, high + room]
    )
    reach = tallest + 1
    made.layout.yaxis.update(
        range=[-reach if len(groups) > 1 else -0.4, reach], visible=False, fixedrange=True
    )
    made.layout.showlegend = len(groups) > 1
    made.add_hline(0, line={"color": theme.line, "width": 1})
    return made


def stacked(groups: Sequence[Group]) -> list[tuple[NDArray[np.float32], NDArray[np.int64]]]:
    """Where the dots of each group lie: its scores (n,), and how high each is on its pile (n,), from 1 up.

    The second group's piles go down.  No dot lies on another.
    """
    low, high = span(groups)
    made = []
    for number, group in enumerate(groups):
        scores, heights = group.scores, np.zeros(len(group.scores), np.int64)
        last: list[float] = []
        """At each height, where the last dot lies."""
        for i in np.argsort(scores, kind="stable"):
            if np.isfinite(scores[i]):
                free = [h for h, x in enumerate(last) if scores[i] - x >= APART * (high - low)]
                height = free[0] if free else len(last)
                last[height : height + 1] = [float(scores[i])]
                heights[i] = height + 1
        made.append((scores, heights if number == 0 else -heights))
    return made


def span(groups: Sequence[Group]) -> tuple[float, float]:
    """The least and the largest score of all, never too close to each other."""
    known = np.concatenate([group.scores for group in groups])
    known = known[np.isfinite(known)]
    if not len(known):
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    missing = max(LEAST_SPAN - (high - low), 0.0)
    high = min(high + missing / 2, max(high, 1.0))  # no score is better than 1
    return min(low, high - LEAST_SPAN), high


def nearest(groups: Sequence[Group], place: tuple[float, float]) -> tuple[int, int] | None:
    """The group and the member whose dot is nearest to a place of the picture; None where none is near."""
    low, high = span(groups)
    dots = stacked(groups)
    reach = max((float(np.abs(y).max(initial=1)) for _, y in dots), default=1.0) * len(groups)
    best: tuple[float, int, int] = (NEAR, -1, -1)
    for number, (x, y) in enumerate(dots):
        apart = np.hypot((x - place[0]) / (high - low), (y - place[1]) / reach)
        if np.isfinite(apart).any():
            i = int(np.nanargmin(apart))
            best = min(best, (float(apart[i]), number, i))
    return None if best[1] < 0 else (best[1], best[2])


def colour_of(number: int, theme: Theme) -> str:
    """The colour of the first and of the second group."""
    return theme.second if number else theme.accent


def distribution_alt(groups: Sequence[Group], task: Task, said: Sequence[str]) -> str:
    """What the picture shows, for those who cannot see it; ``said`` tells of each group."""
    each = "  ".join(
        f"{group.name}: {words}" if len(groups) > 1 else words
        for group, words in zip(groups, said, strict=True)
    )
    return f"{title('score', task)} on the test points, one dot for each seed.  {each}"


def bands(groups: Sequence[Group], measure: str, task: Task, theme: Theme, epochs: int = 0) -> go.Figure:
    """Draw ``loss`` or ``score`` of the test share over the epochs: median, half of the seeds, nine in ten.

    There is room for so many ``epochs``.
    """
    traces: list[go.Scatter] = []
    for number, group in enumerate(groups):
        colour = colour_of(number, theme)
        rows = thinned(len(group.record["epoch"]))
        epoch, band = group.record["epoch"][rows], group.record[f"{measure}_band"][rows]
        for low, high, strength in ((0, 4, 0.14), (1, 3, 0.22)):
            traces.append(
                go.Scatter(
                    x=np.concatenate([epoch, epoch[::-1]]),
                    y=np.concatenate([band[:, low], band[::-1, high]]),
                    mode="lines",
                    line={"width": 0},
                    fill="toself",
                    fillcolor=_faded(colour, strength),
                    hoverinfo="skip",
                    showlegend=False,
                )
            )
        traces.append(
            go.Scatter(
                x=epoch,
                y=band[:, 2],
                mode="lines" if len(epoch) > 1 else "markers",
                name=group.name,
                line={"color": colour, "width": 2},
                customdata=band[:, (0, 4)],
                hovertemplate=(
                    f"epoch %{{x}}<br>median test {title(measure, task)} %{{y:.4f}}<br>"
                    "nine in ten %{customdata[0]:.3f} to %{customdata[1]:.3f}<extra></extra>"
                ),
            )
        )
    made = go.Figure(traces, layout(theme, margin={"l": 48, "r": 8, "t": 24, "b": 34}))
    made.layout.xaxis.update(title={"text": "epoch"}, range=[0, max(epochs, _last(groups), 1)])
    made.layout.yaxis.update(title={"text": f"test {title(measure, task)}", "standoff": 2})
    made.layout.showlegend = len(groups) > 1
    return made


def _last(groups: Sequence[Group]) -> int:
    return max((int(group.record["epoch"][-1]) for group in groups), default=0)


def _faded(colour: str, strength: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{strength})"


def bands_alt(groups: Sequence[Group], measure: str, task: Task) -> str:
    """What the picture shows, for those who cannot see it."""
    ends = []
    for group in groups:
        low, _, middle, _, high = group.record[f"{measure}_band"][-1]
        name = f"{group.name}: " if len(groups) > 1 else ""
        ends.append(f"{name}median {middle:.3f}, nine in ten between {low:.3f} and {high:.3f}")
    return (
        f"Test {title(measure, task)} over the epochs, median and bands of the seeds.  At the end "
        f"{'; '.join(ends)}"
    ).replace("-", "−")
