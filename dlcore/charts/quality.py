"""How good answers are: what is taken for what, ROC curves, calibration, values against truth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts.confusion import precision_and_recall
from dlcore.charts.theme import MARKERS, OKABE_ITO, Theme, axis_title, layout
from dlcore.record import Arrays

NUMBERED = 12
"""Classes up to which every cell of the matrix has its number written in it."""
LONGEST = 14
FEW = 10
"""Answers from which a point of the calibration is drawn full: fewer say little."""


def confusion(record: Arrays, names: Sequence[str], theme: Theme) -> go.Figure:
    """Draw the quality probe's confusion matrix, truth in rows, with precision and recall."""
    counts = record["confusion"].astype(np.int64)
    whole = np.concatenate([counts, record["elsewhere"][:, None]], 1)
    precision, _ = precision_and_recall(counts)
    with np.errstate(invalid="ignore"):
        recall = np.diag(counts) / whole.sum(1)
    shares = counts / np.maximum(whole.sum(1, keepdims=True), 1)
    called = [_short(names, int(k)) for k in record["classes"]]
    places = list(range(len(called)))
    small = len(called) <= NUMBERED
    room = 20 + 6 * max(len(name) for name in called) + 34 * small
    made = layout(theme, margin={"l": max(60, room), "r": 8, "t": 8, "b": max(50, room if not small else 50)})
    step = 1 if len(called) <= 24 else 2
    for axis, title, share in ((made.xaxis, "answer", precision), (made.yaxis, "truth", recall)):
        word = "precision" if title == "answer" else "recall"
        axis.update(
            title={"text": f"{title} ({word})" if small else title}, showgrid=False, tickvals=places[::step],
            ticktext=[_with(n, part) if small else n for n, part in zip(called, share, strict=True)][::step],
        )  # fmt: skip
    made.yaxis.update(autorange="reversed")
    if not small:
        made.xaxis.update(tickangle=-60)
    told = [
        [f"{called[i]} taken for {called[j]}: {counts[i, j]} of {whole[i].sum()}" for j in places]
        for i in places
    ]
    heat = go.Heatmap(
        z=shares.astype(np.float32), x=places, y=places, colorscale="cividis", zmin=0, zmax=1,
        showscale=False, xgap=1 if small else 0, ygap=1 if small else 0, text=counts, customdata=told,
        texttemplate="%{text}" if small else None, hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    return go.Figure([heat], made)


def roc(record: Arrays, names: Sequence[str], theme: Theme) -> go.Figure:
    """Draw the quality probe's ROC curves, each class against the others, with the areas under them."""
    made = layout(theme, margin={"l": 52, "r": 8, "t": 8, "b": 40})
    made.xaxis.update(title={"text": "false positive rate"}, range=[-0.01, 1.01])
    made.yaxis.update(title={"text": "true positive rate"}, range=[-0.01, 1.02])
    made.update(legend={"orientation": "v", "x": 0.98, "y": 0.04, "xanchor": "right", "yanchor": "bottom",
                        "bgcolor": "rgba(0,0,0,0)"})  # fmt: skip
    chance = go.Scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="chance (0.5)", hoverinfo="skip",
        line={"width": 1, "dash": "dot", "color": theme.faint},
    )  # fmt: skip
    traces = [chance]
    for row, k in enumerate(record["curve"]):
        area = float(record["area"][row])
        if np.isnan(area):
            continue
        corners = record["roc"][row]
        at = int(k) if len(record["curve"]) > 1 else 1
        colour = theme.positive if len(record["curve"]) == 1 else OKABE_ITO[at % len(OKABE_ITO)]
        dash = "solid" if row < len(OKABE_ITO) else "dash"
        traces.append(
            go.Scatter(
                x=corners[:, 0], y=corners[:, 1], mode="lines", name=f"{_short(names, int(k))} ({area:.3f})",
                line={"width": 2, "dash": dash, "color": colour},
                hovertemplate="%{x:.3f} false, %{y:.3f} true<extra>%{fullData.name}</extra>",
            )
        )  # fmt: skip
    return go.Figure(traces, made)


def calibration(record: Arrays, theme: Theme) -> go.Figure:
    """Draw the quality probe's calibration: accuracy over confidence, and how many answers are how sure."""
    mean, accuracy, count = record["calibration"].astype(float).T
    some = count > 0
    made = layout(theme, margin={"l": 52, "r": 8, "t": 8, "b": 40}, showlegend=False)
    made.xaxis.update(title={"text": "confidence in the answer"}, range=[0, 1.01], anchor="y2")
    made.yaxis.update(title={"text": "share that is right"}, range=[0, 1.03], domain=[0.3, 1])
    made.update(yaxis2={"domain": [0, 0.2], "title": axis_title("answers", theme),
                        "gridcolor": theme.line, "gridwidth": 0.5, "nticks": 3,
                        "tickfont": {"size": 11, "color": theme.faint}})  # fmt: skip
    perfect = go.Scatter(
        x=[0, 1], y=[0, 1], mode="lines", hoverinfo="skip",
        line={"width": 1, "dash": "dot", "color": theme.faint},
    )  # fmt: skip
    points = go.Scatter(
        x=mean[some], y=accuracy[some], mode="lines+markers", line={"width": 1.5, "color": theme.accent},
        marker={"size": 9, "color": theme.accent, 
                "symbol": ["circle" if n >= FEW else "circle-open" for n in count[some]]},
        customdata=count[some],
        hovertemplate="confidence %{x:.2f}, right %{y:.2f}<br>%{customdata:.0f} answers<extra></extra>",
    )  # fmt: skip
    bars = go.Bar(
        x=(np.arange(len(count)) + 0.5) / len(count), y=count, yaxis="y2", width=0.9 / len(count),
        marker={"color": theme.faint}, hovertemplate="%{y:.0f} answers<extra></extra>",
    )  # fmt: skip
    return go.Figure([perfect, points, bars], made)


def expected_error(record: Arrays) -> float:
    """How far accuracy and confidence lie apart: the expected calibration error (Guo et al., 2017)."""
    mean, accuracy, count = record["calibration"].astype(float).T
    return float(np.nansum(np.abs(mean - accuracy) * count) / max(count.sum(), 1))


def values(record: Arrays, theme: Theme) -> go.Figure:
    """Draw the quality probe's answers over the truth, with a marker for each value of a sample."""
    truth, answer, which = record["truth"], record["answer"], record["which"]
    made = layout(theme, margin={"l": 56, "r": 8, "t": 26, "b": 40})
    made.xaxis.update(title={"text": "truth"})
    made.yaxis.update(title={"text": "answer", "standoff": 2})
    low, high = (
        (float(f(np.concatenate([truth, answer]))) for f in (np.min, np.max)) if len(truth) else (0.0, 1.0)
    )
    right = go.Scatter(
        x=[low, high], y=[low, high], mode="lines", name="right", hoverinfo="skip", showlegend=False,
        line={"width": 1, "dash": "dot", "color": theme.faint},
    )  # fmt: skip
    drawn = [
        go.Scatter(
            x=truth[which == k], y=answer[which == k], mode="markers", name=f"value {k + 1}",
            showlegend=bool(which.max(initial=0)),
            marker={"size": 6, "symbol": MARKERS[k % len(MARKERS)], "opacity": 0.75,
                    "color": theme.accent if not which.max(initial=0) else OKABE_ITO[k % len(OKABE_ITO)]},
            hovertemplate="truth %{x:.3g}<br>answer %{y:.3g}<extra></extra>",
        )
        for k in np.unique(which)[:12]
    ]  # fmt: skip
    return go.Figure([right, *drawn], made)


def alt(what: str) -> str:
    """What the picture shows, for those who cannot see it."""
    return {
        "confusion": "Confusion matrix of the test samples: truth in rows, answers in columns",
        "roc": "ROC curves of the test samples, each class against the others, with the areas under them",
        "calibration": "Share of right answers over the network's confidence in them, for the test samples",
        "values": "Answers over the truth for the test samples; on the diagonal they are right",
    }[what]


def _short(names: Sequence[str], k: int) -> str:
    name = names[k] if k < len(names) else str(k)
    name = {" ": "␣", "\n": "⏎"}.get(name, name)
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _with(name: str, share: float | NDArray[np.float64]) -> str:
    return f"{name} ({'–' if np.isnan(share) else f'{share:.2f}'})"
