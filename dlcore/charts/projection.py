"""Samples as a layer sees them, laid into the plane."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts.theme import MARKERS, OKABE_ITO, Theme, layout, mixed
from dlcore.data import Task
from dlcore.record import Arrays

MOST_CLASSES = 36
"""Colours times markers: what can be told apart."""
AXES = (("component 1", "component 2"), ("t-SNE 1", "t-SNE 2"), ("UMAP 1", "UMAP 2"))


def figure(
    record: Arrays,
    task: Task,
    names: Sequence[str],
    theme: Theme,
    *,
    flat: int = 0,
    tokens: Sequence[str] = (),
) -> go.Figure:
    """Draw the projection probe's record, a colour and a marker for each class, its name where it lies.

    ``tokens`` names the rows of an embedding, which are written where they lie.
    """
    place, truth = record["place"], record["truth"]
    if "token" in record:
        traces = [_written(place, [tokens[int(k)] for k in record["token"]], theme)]
    elif task is Task.REGRESSION:
        traces = [_valued(place, truth, theme)]
    else:
        traces = classes(place, truth, task, names, theme)
    return go.Figure(traces, _layout(record, flat, place, theme))


def classes(
    place: NDArray[np.float32], truth: NDArray[np.float32], task: Task, names: Sequence[str], theme: Theme
) -> list[go.Scatter]:
    """Samples at their places (N, 2), a trace for each class and one with the names of all."""
    known = np.unique(truth.astype(int))[:MOST_CLASSES]
    traces = [_class(place, truth, int(k), names, task, theme) for k in known]
    return [*traces, _names(place, truth, known, names, theme)]


def alt(layer: str) -> str:
    """What the picture shows, for those who cannot see it."""
    return f"Test samples as layer {layer} sees them, in two dimensions, coloured by class"


def look_of(k: int, task: Task, theme: Theme) -> tuple[str, str]:
    """The colour and the marker of a class; after six, the colours come again with other markers."""
    if task is Task.BINARY:
        return (theme.negative, theme.positive)[k], MARKERS[k]
    n = len(OKABE_ITO)
    return OKABE_ITO[k % n], MARKERS[(k + k // n) % len(MARKERS)]


def _class(
    place: NDArray[np.float32],
    truth: NDArray[np.float32],
    k: int,
    names: Sequence[str],
    task: Task,
    theme: Theme,
) -> go.Scatter:
    colour, marker = look_of(k, task, theme)
    chosen = np.flatnonzero(truth == k)
    return go.Scatter(
        x=place[chosen, 0], y=place[chosen, 1], mode="markers", name=_named(names, k), showlegend=False,
        marker={"symbol": marker, "size": 7, "color": colour, "line": {"width": 0.7, "color": theme.outline}},
        customdata=chosen, hovertemplate="test sample %{customdata}<extra>%{fullData.name}</extra>",
    )  # fmt: skip


def _names(
    place: NDArray[np.float32],
    truth: NDArray[np.float32],
    known: NDArray[np.int64],
    names: Sequence[str],
    theme: Theme,
) -> go.Scatter:
    middles = np.array([np.median(place[truth == k], axis=0) for k in known]).reshape(-1, 2)
    return go.Scatter(
        x=middles[:, 0], y=middles[:, 1], mode="text",
        text=[f"<b>{_named(names, int(k))}</b>" for k in known],
        textfont={"size": 15, "color": theme.text}, hoverinfo="skip", showlegend=False,
    )  # fmt: skip


def _named(names: Sequence[str], k: int) -> str:
    return names[k] if k < len(names) else str(k)


def _valued(place: NDArray[np.float32], truth: NDArray[np.float32], theme: Theme) -> go.Scatter:
    most = max(float(np.abs(truth).max(initial=0)), 1e-12)
    scale = [[at, mixed(str(colour), theme.faint, 0.85)] for at, colour in theme.diverging()]
    return go.Scatter(
        x=place[:, 0], y=place[:, 1], mode="markers", showlegend=False, customdata=truth,
        marker={
            "size": 7, "color": truth, "colorscale": scale, "cmin": -most, "cmax": most,
            "line": {"width": 0.7, "color": theme.faint},
            "colorbar": {"thickness": 8, "outlinewidth": 0, "title": {"text": "truth", "font": {"size": 11}},
                         "tickfont": {"size": 11, "color": theme.faint}},
        },
        hovertemplate="truth %{customdata:.3g}<extra></extra>",
    )  # fmt: skip


def _written(place: NDArray[np.float32], words: Sequence[str], theme: Theme) -> go.Scatter:
    return go.Scatter(
        x=place[:, 0], y=place[:, 1], mode="text", text=list(words), showlegend=False,
        textfont={"size": 14, "color": theme.text}, hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def _layout(record: Arrays, flat: int, place: NDArray[np.float32], theme: Theme) -> go.Layout:
    made = layout(theme, margin={"l": 48, "r": 8, "t": 8, "b": 40})
    share = record["share"]
    titles = [
        title + ("" if np.isnan(part) else f" ({part:.0%} of the variance)")
        for title, part in zip(AXES[flat], share, strict=True)
    ]
    reach = 1.08 * max(float(np.abs(place).max(initial=0)), 1e-6)
    axis = {"zeroline": True, "zerolinecolor": theme.line, "range": [-reach, reach]}
    made.xaxis.update(**axis, title={"text": titles[0]}, constrain="domain")
    made.yaxis.update(**axis, title={"text": titles[1], "standoff": 2}, scaleanchor="x", constrain="domain")
    return made
