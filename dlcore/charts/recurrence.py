"""What one unit of a recurrent layer remembers, step by step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts.theme import OKABE_ITO, Theme, layout

NAMES = (
    ("state",),
    ("reset gate", "keep gate", "candidate", "state"),
    ("write gate", "keep gate", "candidate", "read gate", "memory", "state"),
)
"""What is shown of an RNN, a GRU and an LSTM, in the order of the recurrence probe."""
MEANINGS = {
    "state": "what the layer passes on at each step",
    "reset gate": "how much of the state the candidate sees; 0 forgets it",
    "keep gate": "how much of what was there stays; 1 remembers",
    "write gate": "how much of the candidate is written; 0 shuts it out",
    "read gate": "how much of the memory is passed on",
    "candidate": "what could be written at this step",
    "memory": "what is remembered, behind the state",
}
STRONG = {"state": 3.0, "memory": 3.0}


def gate(name: str) -> bool:
    """Whether a row is a share between 0 and 1."""
    return name.endswith("gate")


def figure(
    unit: NDArray[np.float32], names: Sequence[str], steps: Sequence[str], theme: Theme, spelt: bool = True
) -> go.Figure:
    """Draw the numbers (M, T) of one unit over the steps, named by what enters there.

    Where they are not ``spelt`` out along the axis, only the pointer is told the names of the steps: each
    costs the browser 2 ms.
    """
    made = layout(theme, margin={"l": 48, "r": 8, "t": 28, "b": 40})
    n = unit.shape[1]
    every = 1 + (n - 1) // 40
    made.xaxis.update(title={"text": "step"}, showgrid=False)
    if spelt:
        made.xaxis.update(tickvals=list(range(0, n, every)), ticktext=list(steps[:n:every]))
    made.yaxis.update(title={"text": "value"}, zeroline=True, zerolinecolor=theme.line)
    colours = {name: OKABE_ITO[k % len(OKABE_ITO)] for k, name in enumerate(dict.fromkeys(names))}
    drawn = [
        go.Scatter(
            y=row, name=name, mode="lines+markers" if n <= 40 else "lines",
            line={"width": STRONG.get(name, 1.6), "dash": "dot" if gate(name) else "solid",
                  "color": theme.text if name == "state" else colours[name]},
            marker={"size": 4},
            text=list(steps[:n]), hovertemplate="%{text}: %{y:.3f}<extra>" + name + "</extra>",
        )
        for name, row in zip(names, unit, strict=False)
    ]  # fmt: skip
    return go.Figure(drawn, made)


def alt(channel: int, names: Sequence[str]) -> str:
    """What the picture shows, for those who cannot see it."""
    return f"Unit {channel} over the steps of the sample: {', '.join(names)}"
