"""The decision boundary with the points."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts.theme import MARKERS, OKABE_ITO, Theme, layout, mixed
from dlcore.data import PLANE, Parts, Task
from dlcore.record import Arrays

MAP_STRENGTH = 0.55
"""How much colour the map takes: the rest is left to the points on it."""
RING = {"train": False, "validation": True, "test": True}


def figure(record: Arrays, task: Task, n_classes: int, theme: Theme, *, how: str = "answer") -> go.Figure:
    """Draw the boundary probe's record as a map.

    ``how``: the ``answer`` with its confidence, the ``decision`` alone, or how ``unsure`` the network is.
    """
    if how == "unsure" and task is not Task.REGRESSION:
        made = _unsure(record["strength"] if task is Task.CLASSES else np.abs(record["value"]), theme)
    elif how == "decision":
        made = _map({**record, **_decided(record)}, task, n_classes, theme)
    else:
        made = _map(record, task, n_classes, theme)
    return go.Figure([made], _layout(theme))


def _decided(record: Arrays) -> Arrays:
    """The record with nothing left between yes and no."""
    if "value" in record:
        return {"value": np.where(record["value"] > 0, 1.0, -1.0).astype(np.float32)}
    return {"strength": np.full_like(record["strength"], 0.999)}


def _unsure(strength: NDArray[np.float32], theme: Theme) -> go.Heatmap:
    return go.Heatmap(
        z=1 - strength,
        **_centres(len(strength)),
        zmin=0,
        zmax=1,
        colorscale="cividis",
        zsmooth="fast",
        colorbar={
            "thickness": 8,
            "outlinewidth": 0,
            "len": 0.9,
            "tickvals": [0, 1],
            "ticktext": ["sure", "unsure"],
            "tickfont": {"size": 11, "color": theme.faint},
        },
        hovertemplate="x₁ %{x:.2f}, x₂ %{y:.2f}<br>uncertainty: %{z:.3f}<extra></extra>",
    )


def mistakes(record: Arrays, task: Task, shares: Collection[str], theme: Theme) -> go.Scatter:
    """Mark the points that the network gets wrong, of the mistakes probe's record, with a cross."""
    chosen = np.isin(record["share"], [i for i, share in enumerate(RING) if share in shares])
    off = np.abs(record["answer"] - record["truth"]) > (0.25 if task is Task.REGRESSION else 0.5)
    x, answer, truth = (record[name][chosen & off] for name in ("x", "answer", "truth"))
    return go.Scatter(
        x=x[:, 0],
        y=x[:, 1],
        mode="markers",
        name="wrong",
        meta="marks",
        showlegend=False,
        marker={"symbol": "x-thin", "size": 13, "line": {"width": 2, "color": theme.text}},
        customdata=np.stack([answer, truth], 1),
        hovertemplate="answer %{customdata[0]:.3g}, truth %{customdata[1]:.3g}<extra>wrong</extra>",
    )


def traced(place: tuple[float, float], theme: Theme) -> go.Scatter:
    """Put a ring around the training point that is gone through."""
    return go.Scatter(
        x=[place[0]],
        y=[place[1]],
        mode="markers",
        name="traced",
        showlegend=False,
        marker={"symbol": "circle-open", "size": 17, "line": {"width": 2.5}, "color": theme.text},
    )


def neuron_figure(record: Arrays, row: int, name: str, theme: Theme) -> go.Figure:
    """Draw one map of the neurons probe's record, the one in ``row``, large."""
    scale = float(record["scale"][row])
    if scale < 1e-9:
        scale = 1.0  # a neuron that answers 0 everywhere: nothing to stretch
    value = record["maps"][row].astype(np.float32) * (scale / 127)
    made = go.Figure([_valued_map(value, scale, name, theme)], _layout(theme))
    made.data[0].zsmooth = "best"
    return made


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


def plane(parts: Mapping[str, Parts], task: Task, n_classes: int, theme: Theme) -> go.Figure:
    """Draw points alone, without a network's answers."""
    return go.Figure(points(parts, task, n_classes, theme), _layout(theme))


def alt(task: Task, n_classes: int) -> str:
    """What the picture shows, for those who cannot see it."""
    if task is Task.REGRESSION:
        return "Map of the value the network answers at every place of the plane, with the data points"
    return f"Map of which of {n_classes} classes the network answers all over the plane, with the data points"


def _centres(side: int) -> dict[str, float]:
    cell = 2 * PLANE / side
    return {"x0": -PLANE + cell / 2, "dx": cell, "y0": -PLANE + cell / 2, "dy": cell}


def _map(record: Arrays, task: Task, n_classes: int, theme: Theme) -> go.Heatmap:
    if task is not Task.CLASSES:
        word = "value" if task is Task.REGRESSION else "class 1 over class 0"
        return _valued_map(record["value"], 1.0, word, theme)
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


def _valued_map(value: NDArray[np.float32], largest: float, word: str, theme: Theme) -> go.Heatmap:
    """A map of values from −largest (negative) to largest (positive)."""
    soft = [[at, mixed(str(colour), theme.ground, MAP_STRENGTH)] for at, colour in theme.diverging()]
    ends = [f"{largest:.3g}".replace("-", "−") for largest in (-largest, 0, largest)]
    return go.Heatmap(
        z=value,
        **_centres(len(value)),
        zmin=-largest,
        zmax=largest,
        colorscale=soft,
        zsmooth="fast",
        colorbar={
            "thickness": 8,
            "outlinewidth": 0,
            "len": 0.9,
            "tickvals": [-largest, 0, largest],
            "ticktext": ends,
            "tickfont": {"size": 11, "color": theme.faint},
        },
        hovertemplate=f"x₁ %{{x:.2f}}, x₂ %{{y:.2f}}<br>{word}: %{{z:.3f}}<extra></extra>",
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


@lru_cache(maxsize=8)
def _layout(theme: Theme) -> go.Layout:
    axis = {"range": [-PLANE, PLANE], "dtick": 2, "showgrid": False, "fixedrange": False}
    made = layout(theme, margin={"l": 34, "r": 4, "t": 4, "b": 34})
    made.xaxis.update(**axis, title={"text": "x₁"}, constrain="domain")
    made.yaxis.update(**axis, title={"text": "x₂", "standoff": 0}, scaleanchor="x", constrain="domain")
    return made
