"""Loss and score over the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts.theme import DASHES, Theme, layout
from dlcore.data import Task
from dlcore.record import Arrays

DRAWN = 240
"""Places of a curve that are drawn; more would be finer than the screen."""
MARK_HEIGHTS = np.linspace(0, 1, 7)
"""Where on a mark's line a pointer finds its text."""
LONGEST_NAME = 36


@dataclass(frozen=True)
class View:
    """How a person wants the curves drawn."""

    measure: str = "loss"
    """``loss`` or ``score``."""
    log: bool = False
    log_epochs: bool = False
    smoothing: float = 0.0
    """How much of a drawn value comes from those before it: 0 to below 1."""


@dataclass(frozen=True)
class Curve:
    """One run's curves: the curves probe's record, the present values, and what was changed when."""

    record: Arrays
    epoch: int
    now: Mapping[str, float | None]
    marks: Sequence[tuple[float, str]] = field(default=())
    name: str = ""
    """Which run it is, where there are two."""
    since: int = 0
    """The epoch that the curves begin at: a branch shares what was before with its trunk."""
    looked_at: int | None = None
    """The epoch that the other pictures show, where that is not the present one."""


def figure(curve: Curve, view: View, task: Task, theme: Theme, beside: Curve | None = None) -> go.Figure:
    """Draw a run's curves and marks; those of a second run beside them in another colour."""
    log_epochs = view.log_epochs and curve.epoch > 1
    traces = _marks(curve.marks, theme, log_epochs) + _traces(curve, view, theme.accent, log_epochs)
    if beside is not None:
        traces += _traces(beside, view, theme.second, log_epochs)
    made = go.Figure(traces, axes(view, title(view.measure, task), theme, log_epochs))
    if curve.looked_at is not None:
        made.layout.shapes = [_cursor(max(curve.looked_at, int(log_epochs)), theme)]
    return made


def together(curves: Sequence[tuple[Curve, str]], measure: str, task: Task, theme: Theme) -> go.Figure:
    """Draw one measure of the test share for several runs, each with its colour."""
    traces = [
        trace
        for curve, colour in curves
        for trace in _traces(curve, View(measure), colour, False, {"test": "solid"})
    ]
    made = go.Figure(traces, axes(View(measure), title(measure, task), theme, False))
    if all(curve.epoch == 0 for curve, _ in curves):
        made.update_traces(mode="lines+markers")  # one point makes no line
    if measure == "score" and task is not Task.REGRESSION:
        made.layout.yaxis.update(range=[0, 1.04], tickformat=".0%")
    return made


def _cursor(epoch: int, theme: Theme) -> go.layout.Shape:
    line = {"color": theme.text, "width": 2}
    return go.layout.Shape(type="line", x0=epoch, x1=epoch, yref="paper", y0=0, y1=1, line=line)


def _traces(
    curve: Curve, view: View, colour: str, log_epochs: bool, shares: Mapping[str, str] = DASHES
) -> list[go.Scatter]:
    rows = np.flatnonzero(curve.record["epoch"] >= max(curve.since, int(log_epochs)))
    kept = rows[thinned(len(rows))]
    epochs = np.append(curve.record["epoch"][kept], curve.epoch).astype(np.int32)
    # a line through one point is not seen
    mode = "lines" if np.ptp(epochs) else "lines+markers"
    traces: list[go.Scatter] = []
    for share, dash in shares.items():
        name = f"{share}_{view.measure}"
        latest = curve.now.get(name)
        values = np.append(curve.record[name][rows], np.nan if latest is None else latest)
        if np.isnan(values).all():
            continue
        drawn = np.append(thinned(len(rows)), len(rows))
        whose = f"{curve.name}: {share}" if curve.name else share
        traces.append(
            go.Scatter(
                x=epochs,
                y=smoothed(values, view.smoothing)[drawn].astype(np.float32),
                mode=mode,
                name=curve.name[:LONGEST_NAME] or share,
                showlegend=not curve.name or not traces,
                line={"color": colour, "width": 1.8, "dash": dash},
                hovertemplate=f"epoch %{{x}}<br>{whose} %{{y:.4f}}<extra></extra>",
            )
        )
    return traces


def smoothed(values: NDArray[np.floating], weight: float) -> NDArray[np.float64]:
    """The exponential moving average, corrected for its start: (R,) → (R,).

    m ← w m + (1 − w) v, drawn as m / (1 − wⁿ) (Kingma and Ba, 2015); values that are not finite are left
    out of the average and stay as they are.
    """
    result = values.astype(np.float64)
    if weight == 0:
        return result
    mean = total = 0.0
    for i, value in enumerate(result):
        if np.isfinite(value):
            mean = weight * mean + (1 - weight) * value
            total = weight * total + (1 - weight)
            result[i] = mean / total
    return result


def _marks(marks: Sequence[tuple[float, str]], theme: Theme, log_epochs: bool) -> list[go.Scatter]:
    """Thin upright lines over the whole height, whatever the axis; each says on hover what was changed."""
    at: dict[float, list[str]] = {}
    for epoch, label in marks:
        at.setdefault(max(epoch, 1.0) if log_epochs else epoch, []).append(label)
    if not at:
        return []
    n_heights = len(MARK_HEIGHTS)
    return [
        go.Scatter(
            x=np.repeat(np.array(list(at), np.float32), n_heights + 1),
            y=np.tile(np.append(MARK_HEIGHTS, np.nan), len(at)).astype(np.float32),
            text=[
                f"epoch {epoch:g}<br>{'<br>'.join(labels)}"
                for epoch, labels in at.items()
                for _ in range(n_heights + 1)
            ],
            yaxis="y2",
            mode="lines",
            name="changes",
            showlegend=False,
            line={"color": theme.faint, "width": 1},
            hovertemplate="%{text}<extra></extra>",
        )
    ]


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


@lru_cache(maxsize=32)
def axes(view: View, measure: str, theme: Theme, log_x: bool, over: str = "epoch") -> go.Layout:
    """The axes of a ``measure`` by its name, over what is counted on the lower one."""
    made = layout(theme, margin={"l": 48, "r": 8, "t": 24, "b": 34})
    made.xaxis.update(title={"text": over}, type="log" if log_x else "linear")
    made.yaxis.update(title={"text": measure, "standoff": 2})
    made.yaxis.update(type="log" if view.log else "linear")
    if not log_x:
        made.xaxis.update(rangemode="tozero")
    if not view.log:
        made.yaxis.update(rangemode="tozero")
    made.yaxis2 = {"overlaying": "y", "range": [0, 1], "fixedrange": True, "visible": False}
    return made
