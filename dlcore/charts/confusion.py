"""What is taken for what; for values, how far answers are off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts.theme import Theme, layout
from dlcore.data import Task
from dlcore.record import Arrays

TEST = 2


def figure(record: Arrays, task: Task, names: Sequence[str], theme: Theme) -> go.Figure:
    """Draw the test points of the mistakes probe's record: a confusion matrix, or residuals."""
    test = record["share"] == TEST
    truth, answer = record["truth"][test], record["answer"][test]
    if task is Task.REGRESSION:
        return _residuals(truth, answer, theme)
    return _confusion(matrix(truth, answer, len(names)), names, theme)


def matrix(truth: NDArray[np.float32], answer: NDArray[np.float32], n_classes: int) -> NDArray[np.int64]:
    """Count the points of class i that were taken for class j: (K, K) int64."""
    pairs = truth.astype(np.int64) * n_classes + answer.astype(np.int64)
    return np.bincount(pairs, minlength=n_classes**2).reshape(n_classes, n_classes)


def precision_and_recall(counts: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Per class, the share of what was called it that is it, and of it that was called it: (K,), (K,)."""
    right = np.diag(counts).astype(float)
    with np.errstate(invalid="ignore"):
        return right / counts.sum(0), right / counts.sum(1)


def alt(task: Task) -> str:
    """What the picture shows, for those who cannot see it."""
    if task is Task.REGRESSION:
        return "Residuals of the test points: answer minus truth over the truth"
    return "Confusion matrix of the test points: truth in rows, answers in columns; precision and recall"


def _confusion(counts: NDArray[np.int64], names: Sequence[str], theme: Theme) -> go.Figure:
    precision, recall = precision_and_recall(counts)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    classes = list(names)
    room = 50 + 7 * max(map(len, classes))
    made = layout(theme, margin={"l": max(78, room), "r": 8, "t": 4, "b": 50})
    made.xaxis.update(title={"text": "answer (precision)"}, showgrid=False, type="category",
                      tickvals=classes, ticktext=_labels(classes, precision))  # fmt: skip
    made.yaxis.update(title={"text": "truth (recall)"}, showgrid=False, type="category", autorange="reversed",
                      tickvals=classes, ticktext=_labels(classes, recall))  # fmt: skip
    return go.Figure(
        [
            go.Heatmap(
                z=shares, x=classes, y=classes, colorscale="cividis", zmin=0, zmax=1, showscale=False,
                xgap=2, ygap=2, text=counts, texttemplate="%{text}", customdata=counts,
                hovertemplate="%{customdata} points of class %{y} taken for class %{x}<extra></extra>",
            )
        ],
        made,
    )  # fmt: skip


def _labels(classes: list[str], shares: NDArray[np.float64]) -> list[str]:
    return [
        f"{k} ({'–' if np.isnan(share) else f'{share:.2f}'})"
        for k, share in zip(classes, shares, strict=True)
    ]


def _residuals(truth: NDArray[np.float32], answer: NDArray[np.float32], theme: Theme) -> go.Figure:
    made = layout(theme, margin={"l": 48, "r": 8, "t": 4, "b": 34})
    made.xaxis.update(title={"text": "truth"})
    made.yaxis.update(
        title={"text": "answer − truth", "standoff": 2}, zeroline=True, zerolinecolor=theme.faint
    )
    return go.Figure(
        [
            go.Scatter(
                x=truth, y=answer - truth, mode="markers", showlegend=False,
                marker={"size": 5, "color": theme.accent, "opacity": 0.7},
                hovertemplate="truth %{x:.3f}<br>off by %{y:.3f}<extra></extra>",
            )
        ],
        made,
    )  # fmt: skip
