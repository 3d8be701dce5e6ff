"""How the numbers of a layer are spread: over time, and now."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts.theme import Theme, axis_title, layout
from dlcore.record import Arrays

LEVELS = 60
SHOWN = 0.995
"""How much of all numbers lies in the range that is drawn: a few far out would flatten the rest."""


def figure(record: Arrays, whose: str, theme: Theme) -> go.Figure:
    """Draw the histograms probe's record: a column for each moment, and that of now at its side."""
    edges = bounds(record)
    shares = rebinned(record, edges)  # (R, LEVELS)
    middles = (edges[1:] + edges[:-1]) / 2
    made = layout(theme, margin={"l": 62, "r": 8, "t": 8, "b": 40}, showlegend=False)
    made.xaxis.update(title={"text": "epoch"}, domain=[0, 0.72], showgrid=False)
    made.yaxis.update(title={"text": f"value of the {whose}"}, showgrid=False, range=[edges[0], edges[-1]])
    made.update(
        xaxis2={
            **_axis(made.xaxis),
            "domain": [0.76, 1],
            "title": axis_title("share now (%)", theme),
            "rangemode": "tozero",
        },
    )
    epochs = np.array([f"{epoch:.4g}" for epoch in record["epoch"]])
    heat = go.Heatmap(
        z=np.sqrt(shares / np.maximum(shares.max(1, keepdims=True), 1e-12)).T.astype(np.float32),
        x=record["epoch"], y=middles, colorscale="cividis", showscale=False, zmin=0, zmax=1,
        customdata=np.broadcast_to(100 * shares.T, shares.T.shape).astype(np.float32),
        hovertemplate="epoch %{x:.3g}<br>around %{y:.3g}: %{customdata:.2f} %<extra></extra>",
    ) if len(epochs) > 1 else go.Heatmap(
        z=np.sqrt(shares / max(float(shares.max()), 1e-12)).T.astype(np.float32),
        x=[float(record["epoch"][0])], y=middles, colorscale="cividis", showscale=False,
        hovertemplate="around %{y:.3g}<extra></extra>",
    )  # fmt: skip
    now = go.Scatter(
        x=(100 * shares[-1]).astype(np.float32), y=middles, xaxis="x2", mode="lines", fill="tozerox",
        line={"width": 1.5, "color": theme.accent, "shape": "hv"},
        hovertemplate="around %{y:.3g}: %{x:.2f} %<extra></extra>",
    )  # fmt: skip
    return go.Figure([heat, now], made)


def _axis(axis: go.layout.XAxis) -> dict[str, object]:
    return {name: value for name, value in axis.to_plotly_json().items() if name not in {"title", "domain"}}


def alt(whose: str, layer: str) -> str:
    """What the picture shows, for those who cannot see it."""
    return f"How the {whose} of layer {layer} are spread over time, as a heat map, and now, as a histogram"


def counted(record: Arrays) -> bool:
    """Whether there is anything to draw."""
    return bool(len(record.get("low", ())) and np.isfinite(record["low"]).any())


def bounds(record: Arrays) -> NDArray[np.float64]:
    """Edges of the bins that all moments share: (LEVELS + 1,)."""
    low, high = record["low"].astype(float), record["high"].astype(float)
    known = np.isfinite(low)
    centres = (
        low[known, None]
        + (np.arange(record["share"].shape[1]) + 0.5) / record["share"].shape[1] * (high - low)[known, None]
    )  # (R, B)
    order = np.argsort(centres, axis=None)
    weight = np.cumsum(record["share"][known].astype(float).ravel()[order])
    weight /= max(weight[-1], 1e-12)
    spots = centres.ravel()[order]
    first = spots[np.searchsorted(weight, (1 - SHOWN) / 2)]
    last = spots[min(np.searchsorted(weight, (1 + SHOWN) / 2), len(spots) - 1)]
    room = 0.05 * (last - first) or 0.5 * max(abs(first), 1e-6)
    return np.linspace(first - room, last + room, LEVELS + 1)


def rebinned(record: Arrays, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of each moment's numbers between neighbouring edges: (R, LEVELS)."""
    shares = np.zeros((len(record["low"]), len(edges) - 1))
    for row, (low, high) in enumerate(zip(record["low"], record["high"], strict=True)):
        if np.isfinite(low):
            own = np.linspace(low, high, record["share"].shape[1] + 1)
            below = np.append(0, np.cumsum(record["share"][row].astype(float)))
            shares[row] = np.diff(np.interp(edges, own, below))
    return shares
