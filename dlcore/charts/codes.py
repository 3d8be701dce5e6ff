"""The plane of the codes, errors of what is known and what is strange, and what the size of a code buys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts import projection
from dlcore.charts.theme import Theme, layout
from dlcore.data import Task
from dlcore.record import Arrays

BINS = 40
AT_THE_RIGHT = {"x": 0.98, "xanchor": "right", "orientation": "v", "bgcolor": "rgba(0,0,0,0)"}


def plane(
    record: Arrays, task: Task, names: Sequence[str], theme: Theme, at: tuple[float, float] | None = None
) -> go.Figure:
    """Draw the codes probe's record: each test sample where its code lies, and a cross at ``at``."""
    shown = {**record, "share": np.full(2, np.nan, np.float32)}
    made = projection.figure(shown, task, names, theme)
    if len(record["stranger"]):
        made.add_trace(
            go.Scatter(
                x=record["stranger"][:, 0], y=record["stranger"][:, 1], mode="markers", name="left out",
                marker={"symbol": "x-thin", "size": 6, "line": {"width": 1, "color": theme.faint}},
                hovertemplate="one that was left out<extra></extra>", showlegend=False,
            )
        )  # fmt: skip
    if at is not None:
        made.add_trace(
            go.Scatter(
                x=[at[0]], y=[at[1]], mode="markers", hoverinfo="skip", showlegend=False,
                marker={"symbol": "circle-cross-open", "size": 17, "color": theme.accent,
                        "line": {"width": 2.5}},
            )
        )  # fmt: skip
    low, high = record["range"]
    titles = [f"number {k + 1} of the code" for k in range(2)]
    if record["size"][0] > 2:
        titles = [f"component {k + 1} of the codes" for k in range(2)]
    if record["size"][0] == 1:
        titles[1] = ""
    for axis, k in ((made.layout.xaxis, 0), (made.layout.yaxis, 1)):
        axis.update(
            title={"text": titles[k]},
            range=[float(low[k]), float(high[k])],
            constrain="range",
            zeroline=False,
        )
    made.layout.yaxis.update(scaleanchor=None)
    return made


def plane_alt(size: int) -> str:
    """What the picture shows, for those who cannot see it."""
    shown = "in the plane of their codes" if size <= 2 else "in the plane that their codes spread along most"
    return f"Test samples {shown}, coloured by a class that the network was never told"


def errors(record: Arrays, whose: str, theme: Theme) -> go.Figure:
    """Draw how far off the answers to known and to strange samples are, as two histograms on one axis."""
    known, strange = record["known"], record["strange"]
    most = float(np.quantile(np.concatenate([known, strange]), 0.995)) or 1e-6
    edges = np.linspace(0, most, BINS + 1)
    made = layout(theme, margin={"l": 52, "r": 8, "t": 8, "b": 40}, barmode="overlay", bargap=0)
    made.xaxis.update(title={"text": "mean squared error of one sample"}, range=[0, most])
    made.yaxis.update(title={"text": "share of samples (%)"}, rangemode="tozero")
    made.legend.update(
        y=0.98, yanchor="top", x=0.98, xanchor="right", orientation="v", bgcolor="rgba(0,0,0,0)"
    )
    traces = []
    for name, values, colour in (("learnt from", known, theme.positive), (whose, strange, theme.negative)):
        counts = np.histogram(np.minimum(values, most), edges)[0]
        traces.append(
            go.Bar(
                x=(edges[1:] + edges[:-1]) / 2, y=100 * counts / max(1, len(values)), name=name,
                width=most / BINS, marker={"color": colour, "opacity": 0.65},
                hovertemplate="around %{x:.3f}: %{y:.1f} %<extra>%{fullData.name}</extra>",
            )
        )  # fmt: skip
    return go.Figure(traces, made)


def errors_alt(whose: str) -> str:
    """What the picture shows, for those who cannot see it."""
    return f"Histograms of the error of samples of the kinds learnt from, and of {whose}"


def sizes(
    reached: Mapping[int, float], straight: NDArray[np.float64], upto: Sequence[int], theme: Theme
) -> go.Figure:
    """Draw the share of the variance that codes of several sizes keep, beside principal components.

    ``straight`` (K,) is what as many components keep, for each size of ``upto``.
    """
    made = layout(theme, margin={"l": 52, "r": 8, "t": 8, "b": 40})
    made.xaxis.update(
        title={"text": "size of the code (numbers)"}, type="log", tickvals=list(upto),
        ticktext=list(map(str, upto)), range=[-0.08, float(np.log10(max(upto))) + 0.08],
    )  # fmt: skip
    made.yaxis.update(title={"text": "kept of the test variance (%)"}, range=[0, 102])
    made.legend.update(
        y=0.06, yanchor="bottom", x=0.98, xanchor="right", orientation="v", bgcolor="rgba(0,0,0,0)"
    )
    chosen = sorted(reached)
    lines = [
        ("principal components", list(upto), 100 * straight, theme.faint, "dot"),
        ("autoencoders", chosen, [100 * reached[k] for k in chosen], theme.accent, "solid"),
    ]
    return go.Figure(
        [
            go.Scatter(
                x=x, y=np.asarray(y, np.float32), mode="lines+markers", name=name, marker={"size": 8},
                line={"width": 2, "color": colour, "dash": dash}, cliponaxis=False,
                hovertemplate="%{x} numbers: %{y:.1f} %<extra>%{fullData.name}</extra>",
            )
            for name, x, y, colour, dash in lines
        ],
        made,
    )  # fmt: skip


def sizes_alt() -> str:
    """What the picture shows, for those who cannot see it."""
    return (
        "The share of the variance that codes keep over their size, for autoencoders and principal components"
    )


def terms(history: Sequence[tuple[float, float, float]], theme: Theme) -> go.Figure:
    """Draw the two losses of a variational autoencoder on the test share, told apart: rows of epoch, squared
    error and divergence in nats."""
    made = layout(theme, margin={"l": 58, "r": 58, "t": 8, "b": 40})
    rows = np.array(history, np.float32).reshape(-1, 3)
    made.xaxis.update(title={"text": "epoch"})
    made.yaxis.update(title={"text": "squared error"}, rangemode="tozero")
    made.update(
        yaxis2={
            **{k: v for k, v in made.yaxis.to_plotly_json().items() if k != "title"},
            "title": {"text": "divergence (nats)", "font": {"size": 12, "color": theme.faint}},
            "overlaying": "y", "side": "right", "rangemode": "tozero", "showgrid": False, "nticks": 4,
        }
    )  # fmt: skip
    pairs = (("reconstruction", 1, "y", theme.positive), ("divergence", 2, "y2", theme.negative))
    return go.Figure(
        [
            go.Scatter(
                x=rows[:, 0], y=rows[:, column], yaxis=axis, mode="lines", name=name,
                line={"width": 2, "color": colour},
                hovertemplate="epoch %{x}: %{y:.4f}<extra>%{fullData.name}</extra>",
            )
            for name, column, axis, colour in pairs
        ],
        made,
    )  # fmt: skip


def terms_alt() -> str:
    """What the picture shows, for those who cannot see it."""
    return "The two losses of the variational autoencoder over the epochs: reconstruction and divergence"
