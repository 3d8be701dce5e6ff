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


def solid(record: Arrays, layer: int, truth: NDArray[np.float32], task: Task, theme: Theme) -> go.Figure:
    """Draw one layer of the solids probe's record in space; it can be turned, and stays as it was turned."""
    path = _path(record[f"{layer}.grid"])
    lines = go.Scatter3d(
        x=path[:, 0], y=path[:, 1], z=path[:, 2], mode="lines", line={"width": 1.5, "color": theme.faint},
        hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    points = record[f"{layer}.points"]
    return go.Figure([lines, *_points(points, truth, task, theme)], _scene(theme))


def alt(layer_name: str, dims: int = 2) -> str:
    """What the picture shows, for those who cannot see it."""
    if dims == 3:
        return (
            f"The plane as {layer_name} sees it, in three dimensions: a square grid bent by the network, "
            "with the training points"
        )
    return f"The plane as {layer_name} sees it: a square grid bent by the network, with the training points"


def _lines(grid: NDArray[np.float32], theme: Theme) -> go.Scatter:
    path = _path(grid)
    return go.Scatter(
        x=path[:, 0], y=path[:, 1], mode="lines", line={"width": 0.8, "color": theme.faint}, hoverinfo="skip",
        showlegend=False,
    )  # fmt: skip


def _path(grid: NDArray[np.float32]) -> NDArray[np.float32]:
    """Every line of the grid in one, with gaps between them: (side, side, D) → (L, D)."""
    gap = np.full((1, grid.shape[-1]), np.nan, np.float32)
    ways = [*grid, *grid.transpose(1, 0, 2)]
    return np.concatenate([part for line in ways for part in (line, gap)])


def _points(
    points: NDArray[np.float32], truth: NDArray[np.float32], task: Task, theme: Theme
) -> list[go.Scatter | go.Scatter3d]:
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
) -> go.Scatter | go.Scatter3d:
    common = {
        "x": points[:, 0],
        "y": points[:, 1],
        "mode": "markers",
        "name": name,
        "showlegend": False,
        "hovertemplate": f"{name}<extra></extra>",
    }
    line = {"width": 0.8, "color": theme.outline}
    if points.shape[1] == 2:
        return go.Scatter(**common, marker={"symbol": symbol, "size": 6, "color": colour, "line": line})
    # Plotly draws fewer shapes in space
    symbol = {"triangle-up": "x", "star": "circle-open"}.get(symbol, symbol)
    return go.Scatter3d(**common, z=points[:, 2], marker={"symbol": symbol, "size": 3.5, "color": colour})


def _layout(theme: Theme) -> go.Layout:
    made = layout(theme, margin={"l": 34, "r": 4, "t": 4, "b": 34})
    made.xaxis.update(title={"text": "first direction"}, showgrid=False)
    made.yaxis.update(title={"text": "second direction", "standoff": 0}, showgrid=False)
    return made


def _scene(theme: Theme) -> go.Layout:
    names = ("first", "second", "third")
    axes = {
        f"{axis}axis": {
            "title": {"text": f"{name} direction", "font": {"size": 11, "color": theme.faint}},
            "color": theme.faint,
            "gridcolor": theme.line,
            "showbackground": False,
            "zeroline": False,
            "nticks": 5,
            "tickfont": {"size": 10},
        }
        for axis, name in zip("xyz", names, strict=True)
    }
    made = layout(theme, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    # no camera: Plotly takes one that is given for a wish to go back to it with every picture
    made.update(
        scene={
            **axes,
            "aspectmode": "manual",
            "aspectratio": dict.fromkeys("xyz", 0.85),
            "uirevision": "keep",
            "dragmode": "turntable",
        }
    )
    return made
