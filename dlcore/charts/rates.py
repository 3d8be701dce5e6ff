"""The learning rate over the epochs, as a schedule has it."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dlcore.charts.theme import Theme, layout
from dlcore.schedules import Cyclic, Schedule, StepDecay

PLACES = 240
SPAN = 200
"""Epochs shown of a schedule that does not say how long it is."""


def shown_epochs(schedule: Schedule) -> int:
    """How many epochs tell what the schedule does."""
    if isinstance(schedule, StepDecay):
        return 6 * schedule.every
    if isinstance(schedule, Cyclic):
        return 4 * schedule.epochs
    return round(1.15 * getattr(schedule, "epochs", SPAN))


def figure(schedule: Schedule, rate: float, theme: Theme) -> go.Figure:
    """Draw the learning rate that a schedule makes of ``rate``."""
    epochs = np.linspace(0, shown_epochs(schedule), PLACES)
    rates = [rate * schedule.at(float(epoch)) for epoch in epochs]
    line = go.Scatter(
        x=epochs.round(2),
        y=rates,
        mode="lines",
        line={"color": theme.accent, "width": 2},
        hovertemplate="epoch %{x:.0f}: %{y:.3g}<extra></extra>",
    )
    made = go.Figure(line, layout(theme, height=170, showlegend=False))
    made.layout.xaxis.title.text = "Epoch"
    made.layout.yaxis.title.text = "Learning rate"
    made.layout.yaxis.range = [0, 1.05 * rate]
    return made


def alt(schedule: Schedule, rate: float) -> str:
    """Say what :func:`figure` shows."""
    last = shown_epochs(schedule)
    end = rate * schedule.at(last)
    return (
        f"The learning rate by the schedule {schedule.heading().lower()}: "
        f"{rate * schedule.at(0):.3g} at epoch 0, {end:.3g} at epoch {last}."
    )
