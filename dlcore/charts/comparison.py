"""Several runs on top of each other, and what they came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts.curves import LONGEST_NAME, View, axes, smoothed, thinned, title
from dlcore.charts.theme import DASHES, RUN_MARKERS, Theme, run_colours
from dlcore.data import Task
from dlcore.record import Arrays

Over = Literal["epoch", "step", "seconds"]
AXIS = {"epoch": "epoch", "step": "step", "seconds": "training time (s)"}
MOST_RUNS = len(RUN_MARKERS)
MARKS = 7
"""Markers along one line: enough to tell the runs apart without their colours."""
COLUMNS = {"train_loss": 0, "validation_loss": 1, "test_loss": 2}
COLUMNS |= {"train_score": 3, "validation_score": 4, "test_score": 5}
SHARES = ("train", "test")


@dataclass(frozen=True)
class Learnt:
    """A run's name and its history: ``epoch``, ``step`` and ``seconds`` (R,), ``rows`` (R, 6)."""

    name: str
    history: Arrays

    def values(self, measure: str) -> NDArray[np.float64]:
        """One measure, ``test_loss`` for example: (R,)."""
        column: NDArray[np.float64] = self.history["rows"][:, COLUMNS[measure]]
        return column


def figure(
    runs: Sequence[Learnt], over: Over, view: View, measure: str, theme: Theme, shares: Sequence[str] = SHARES
) -> go.Figure:
    """Draw the curves of up to ``MOST_RUNS`` runs; ``measure`` is the name of what ``view`` shows.

    A run has one colour and one marker, and where it is not alone its name in the legend; training is solid,
    validation dashed, test dotted.
    """
    assert len(runs) <= MOST_RUNS, f"{len(runs)} runs cannot be told apart"
    looks = zip(run_colours(theme), RUN_MARKERS, strict=True)
    traces = [
        trace
        for k, (run, (colour, marker)) in enumerate(zip(runs, looks, strict=False))
        for trace in _lines(run, k, over, view, shares, colour, marker, len(runs) > 1)
    ]
    return go.Figure(traces, axes(view, measure, theme, view.log_epochs, AXIS[over]))


def _lines(
    run: Learnt,
    k: int,
    over: Over,
    view: View,
    shares: Sequence[str],
    colour: str,
    marker: str,
    named: bool,
) -> list[go.Scatter]:
    x = run.history[over].astype(np.float64)
    rows = np.flatnonzero(x > 0) if view.log_epochs else np.arange(len(x))
    drawn = rows[thinned(len(rows))]
    traces: list[go.Scatter] = []
    for share in shares:
        values = run.values(f"{share}_{view.measure}")[rows]
        if not np.isfinite(values).any():
            continue
        y = smoothed(values, view.smoothing)[thinned(len(rows))].astype(np.float32)
        traces.append(
            go.Scatter(
                x=x[drawn].astype(np.float32),
                y=y,
                mode="lines+markers",
                name=run.name if len(run.name) <= LONGEST_NAME else f"{run.name[: LONGEST_NAME - 1]}…",
                legendgroup=str(k),
                showlegend=named and not traces,
                line={"color": colour, "width": 1.8, "dash": DASHES[share]},
                marker={"symbol": marker, "size": 7, "maxdisplayed": MARKS, "color": colour},
                hovertemplate=f"{run.name}, {share}<br>{AXIS[over]} %{{x:.4g}}: %{{y:.4g}}<extra></extra>",
            )
        )
    return traces


def measure_name(measure: str, tasks: Sequence[Task]) -> str:
    """What runs of several tasks have in common: accuracy, R², or the word for both."""
    names = {title(measure, task) for task in tasks}
    return names.pop() if len(names) == 1 else measure


def alt(runs: Sequence[Learnt], over: Over, view: View, measure: str) -> str:
    """What the curves show, with where each of them ends, for those who cannot see them."""
    ends = "; ".join(f"{run.name} ends at {_end(run, view.measure)}" for run in runs)
    return f"{measure.capitalize()} over the {AXIS[over]}, training solid, test dotted.  {ends}"


def _end(run: Learnt, measure: str) -> str:
    finals = {share: run.values(f"{share}_{measure}") for share in SHARES}
    told = [f"{v[-1]:.3g} in {share}" for share, v in finals.items() if len(v) and np.isfinite(v[-1])]
    return " and ".join(told).replace("-", "−") or "no number"
