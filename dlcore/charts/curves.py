"""Loss and score over the epochs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts.theme import DASHES, Theme, layout
from dlcore.data import Task
from dlcore.record import Arrays

DRAWN = 240
"""Places of a curve that are drawn; more would be finer than the screen."""


def figure(
    record: Arrays,
    epoch: int,
    now: Mapping[str, float | None],
    measure: str,
    task: Task,
    theme: Theme,
    *,
    log: bool = False,
) -> go.Figure:
    """Draw the curves probe's record and the present values; ``measure`` is ``loss`` or ``score``."""
    kept = thinned(len(record["epoch"]))
    epochs = np.append(record["epoch"][kept], epoch).astype(np.int32)
    traces = []
    for share, dash in DASHES.items():
        name = f"{share}_{measure}"
        latest = now.get(name)
        values = np.append(record[name][kept], np.nan if latest is None else latest).astype(np.float32)
        if np.isnan(values).all():
            continue
        traces.append(
            go.Scatter(
                x=epochs,
                y=values,
                mode="lines",
                name=share,
                line={"color": theme.accent, "width": 1.8, "dash": dash},
                hovertemplate=f"epoch %{{x}}<br>{share} %{{y:.4f}}<extra></extra>",
            )
        )
    return go.Figure(traces, _layout(measure, task, theme, log))


def thinned(n_rows: int) -> NDArray[np.int64]:
    """Which of ``n_rows`` rows to draw: at most ``DRAWN``, evenly spread, both ends among them."""
    return np.unique(np.linspace(0, n_rows - 1, min(n_rows, DRAWN)).round().astype(np.int64))


def title(measure: str, task: Task) -> str:
    """The name of what the curves show."""
    if measure == "loss":
        return "loss"
    return "R²" if task is Task.REGRESSION else "accuracy"


def alt(measure: str, task: Task) -> str:
    """What the picture shows, for those who cannot see it."""
    return f"{title(measure, task)} over the epochs: training solid, validation dashed, test dotted"


def _layout(measure: str, task: Task, theme: Theme, log: bool) -> go.Layout:
    made = layout(theme, margin={"l": 48, "r": 8, "t": 24, "b": 34})
    made.xaxis.update(title={"text": "epoch"}, rangemode="tozero")
    made.yaxis.update(title={"text": title(measure, task), "standoff": 2}, type="log" if log else "linear")
    if not log:
        made.yaxis.update(rangemode="tozero")
    return made
