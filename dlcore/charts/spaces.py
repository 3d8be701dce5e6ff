"""The plane as a layer sees it: its grid bent, its points carried along."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts.theme import MARKERS, OKABE_ITO, Theme, layout, mixed
from dlcore.data import Task
from dlcore.record import Arrays


def figure(record: Arrays, layer: int, truth: NDArray[np.float32], task: Task, theme: Theme) -> go.Figure:
    """Draw one layer of the spaces probe's record; ``truth`` (N,) colours the training points."""
    grid, points = record[f"{layer}.grid"], record[f"{layer}.points"]
    return go.Figure([_lines(grid, theme), *_points(points, truth, task, theme)], _layout(theme))


def alt(layer_name: str) -> str:
    """What the picture shows, for those who cannot see it."""
    return f"The plane as {layer_name} sees it: a square grid bent by the network, with the training points"


def _lines(grid: NDArray[np.float32], theme: Theme) -> go.Scatter:
    """Every line of the grid in one trace, with gaps between them."""
    gap = np.full((1, 2), np.nan, np.float32)
    ways = [*grid, *grid.transpose(1, 0, 2)]
    path = np.concatenate([part for line in ways for part in (line, gap)])
    return go.Scatter(
        x=path[:, 0], y=path[:, 1], mode="lines", line={"width": 0.8, "color": theme.faint}, hoverinfo="skip",
        showlegend=False,
    )  # fmt: skip


def _points(
    points: NDArray[np.float32], truth: NDArray[np.float32], task: Task, theme: Theme
) -> list[go.Scatter]:
    if task is Task.REGRESSION:
        colours = [
            mixed(theme.positive if y > 0 else theme.negative, theme.ground, min(1.0, abs(float(y))))
            for y in truth
        ]
        return [_dots(points, "circle", colours, "value", theme)]
    palette = (theme.negative, theme.positive) if task is Task.BINARY else OKABE_ITO
    return [
        _dots(points[truth == k], MARKERS[k], palette[k], f"class {k}", theme)
        for k in range(int(truth.max()) + 1)
    ]


def _dots(
    points: NDArray[np.float32], symbol: str, colour: str | list[str], name: str, theme: Theme
) -> go.Scatter:
    return go.Scatter(
        x=points[:, 0],
        y=points[:, 1],
        mode="markers",
        name=name,
        showlegend=False,
        marker={"symbol": symbol, "size": 6, "color": colour, "line": {"width": 0.8, "color": theme.outline}},
        hovertemplate=f"{name}<extra></extra>",
    )


def _layout(theme: Theme) -> go.Layout:
    made = layout(theme, margin={"l": 34, "r": 4, "t": 4, "b": 34})
    made.xaxis.update(title={"text": "first direction"}, showgrid=False)
    made.yaxis.update(title={"text": "second direction", "standoff": 0}, showgrid=False)
    return made
