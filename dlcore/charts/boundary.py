"""The decision boundary with the points."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts.theme import MARKERS, OKABE_ITO, Theme, layout, mixed
from dlcore.data import PLANE, Parts, Task
from dlcore.record import Arrays

MAP_STRENGTH = 0.55
"""How much colour the map takes: the rest is left to the points on it."""
RING = {"train": False, "validation": True, "test": True}


def figure(record: Arrays, task: Task, n_classes: int, theme: Theme) -> go.Figure:
    """Draw the boundary probe's record as a map."""
    return go.Figure([_map(record, task, n_classes, theme)], _layout(theme))


def pixels(record: Arrays, task: Task, theme: Theme) -> NDArray[np.uint8]:
    """The boundary probe's record as a picture without axes: (side, side, 3), row 0 the highest x₂."""
    ground = _rgb(theme.ground)
    if task is Task.CLASSES:
        colour = np.array([_rgb(each) for each in OKABE_ITO])[record["label"]]
        share = record["strength"][..., None]
    else:
        value = np.nan_to_num(record["value"])[..., None]
        colour = np.where(value > 0, _rgb(theme.positive), _rgb(theme.negative))
        share = np.abs(value)
    mixture = ground + MAP_STRENGTH * np.clip(share, 0, 1) * (colour - ground)
    return np.flipud(mixture.round()).astype(np.uint8)


def _rgb(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], float)


def points(parts: Mapping[str, Parts], task: Task, n_classes: int, theme: Theme) -> list[go.Scatter]:
    """Draw the points that lie on the map: training points filled, the others as rings.

    They are traces of their own because they stay still while the map changes.
    """
    traces = []
    for share, part in parts.items():
        if task is Task.REGRESSION:
            traces.append(_valued(share, part, theme))
        else:
            colours = (theme.negative, theme.positive) if task is Task.BINARY else OKABE_ITO
            traces += [_classed(share, part, k, colours[k], theme) for k in range(n_classes)]
    return [trace for trace in traces if len(trace.x)]


def alt(task: Task, n_classes: int) -> str:
    """What the picture shows, for those who cannot see it."""
    if task is Task.REGRESSION:
        return "Map of the value the network answers at every place of the plane, with the data points"
    return f"Map of which of {n_classes} classes the network answers all over the plane, with the data points"


def _centres(side: int) -> dict[str, float]:
    cell = 2 * PLANE / side
    return {"x0": -PLANE + cell / 2, "dx": cell, "y0": -PLANE + cell / 2, "dy": cell}


def _map(record: Arrays, task: Task, n_classes: int, theme: Theme) -> go.Heatmap:
    soft = [[at, mixed(str(colour), theme.ground, MAP_STRENGTH)] for at, colour in theme.diverging()]
    if task is not Task.CLASSES:
        word = "value" if task is Task.REGRESSION else "class 1 over class 0"
        return go.Heatmap(
            z=record["value"],
            **_centres(len(record["value"])),
            zmin=-1,
            zmax=1,
            colorscale=soft,
            zsmooth="fast",
            colorbar={
                "thickness": 8,
                "outlinewidth": 0,
                "len": 0.9,
                "tickvals": [-1, 0, 1],
                "ticktext": ["−1", "0", "1"],
                "tickfont": {"size": 11, "color": theme.faint},
            },
            hovertemplate=f"x₁ %{{x:.2f}}, x₂ %{{y:.2f}}<br>{word}: %{{z:.3f}}<extra></extra>",
        )
    # one colour per class, from the page's ground (a tie) to full strength, side by side on one scale
    z = record["label"] + np.clip(record["strength"], 0.0, 0.999)
    scale: list[list[float | str]] = []
    for k in range(n_classes):
        full = mixed(OKABE_ITO[k], theme.ground, MAP_STRENGTH + 0.1)
        scale += [[k / n_classes, mixed(full, theme.ground, 0.25)], [(k + 1) / n_classes, full]]
    return go.Heatmap(
        z=z.astype(np.float32),
        **_centres(len(z)),
        zmin=0,
        zmax=n_classes,
        colorscale=scale,
        zsmooth=False,
        showscale=False,
        customdata=record["label"],
        hovertemplate="x₁ %{x:.2f}, x₂ %{y:.2f}<br>class %{customdata}<extra></extra>",
    )


def _classed(share: str, part: Parts, k: int, colour: str, theme: Theme) -> go.Scatter:
    chosen = part.x[part.y == k]
    ring = RING[share]
    return go.Scatter(
        x=chosen[:, 0],
        y=chosen[:, 1],
        mode="markers",
        name=f"class {k}, {share}",
        showlegend=False,
        marker={
            "symbol": MARKERS[k] + ("-open" if ring else ""),
            "size": 5.5 if ring else 6.5,
            "color": colour,
            "line": {"width": 1.2 if ring else 0.8, "color": colour if ring else theme.outline},
        },
        hovertemplate=f"class {k}, {share}<br>x₁ %{{x:.2f}}, x₂ %{{y:.2f}}<extra></extra>",
    )


def _valued(share: str, part: Parts, theme: Theme) -> go.Scatter:
    ring = RING[share]
    colours = [mixed(theme.positive if y > 0 else theme.negative, theme.ground, abs(y)) for y in part.y]
    return go.Scatter(
        x=part.x[:, 0],
        y=part.x[:, 1],
        mode="markers",
        name=share,
        showlegend=False,
        text=[f"{y:.3f}" for y in part.y],
        marker={
            "symbol": "square" if ring else "circle",
            "size": 6,
            "color": colours,
            "line": {"width": 0.8, "color": theme.faint},
        },
        hovertemplate=f"{share}: %{{text}}<br>x₁ %{{x:.2f}}, x₂ %{{y:.2f}}<extra></extra>",
    )


def _layout(theme: Theme) -> go.Layout:
    axis = {"range": [-PLANE, PLANE], "dtick": 2, "showgrid": False, "fixedrange": False}
    made = layout(theme, margin={"l": 34, "r": 4, "t": 4, "b": 34})
    made.xaxis.update(**axis, title={"text": "x₁"}, constrain="domain")
    made.yaxis.update(**axis, title={"text": "x₂", "standoff": 0}, scaleanchor="x", constrain="domain")
    return made
