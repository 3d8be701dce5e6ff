"""What flows back through the layers: gradients, updates and dead units by depth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dlcore.charts.theme import Theme, axis_title, layout
from dlcore.record import Arrays

USUAL = 1e-3
"""Updates of about a thousandth of the weights learn well (Karpathy, CS231n)."""
LEAST = 1e-12
PANELS = (
    ("gradient", "gradient per weight", (0.0, 0.28)),
    ("update", "update / weights, per step", (0.37, 0.65)),
    ("dead", "dead units (%)", (0.74, 1.0)),
)


def figure(record: Arrays, names: Sequence[str], theme: Theme) -> go.Figure:
    """Draw the health probe's record, one line for each layer, the first at the top.

    ``names`` has a name for every row of the record.
    """
    made = layout(theme, margin={"l": 150, "r": 12, "t": 30, "b": 40}, showlegend=False)
    base = {k: v for k, v in made.xaxis.to_plotly_json().items() if k not in {"title", "domain"}}
    made.yaxis.update(autorange="reversed", showgrid=False, type="category", title={"text": ""})
    traces, shapes = [], []
    for k, (column, title, domain) in enumerate(PANELS):
        values = record[column].astype(float)
        axis = f"x{k + 1}" if k else "x"
        settings = {**base, "domain": list(domain), "title": axis_title(title, theme), "showgrid": True}
        if column == "dead":
            shown, settings["range"] = 100 * values, [0, 102]
        else:
            shown = np.where(values > LEAST, values, np.nan)
            settings |= {"type": "log", "range": _decades(shown), "dtick": 1, "exponentformat": "power"}
        made[f"xaxis{k + 1}" if k else "xaxis"] = settings
        traces.append(
            go.Scatter(
                x=shown, y=list(names), xaxis=axis, mode="lines+markers",
                line={"width": 1.2, "color": theme.accent}, marker={"size": 8, "color": theme.accent},
                hovertemplate="%{y}: %{x:.3g}<extra>" + title + "</extra>",
            )
        )  # fmt: skip
    shapes.append(
        {
            "type": "line", "xref": "x2", "yref": "paper", "x0": USUAL, "x1": USUAL, "y0": 0, "y1": 1,
            "line": {"color": theme.faint, "width": 1, "dash": "dot"},
        }
    )  # fmt: skip
    made.update(
        shapes=shapes,
        annotations=[
            {
                "xref": "x2", "yref": "paper", "x": float(np.log10(USUAL)), "y": 1.0, "yanchor": "bottom",
                "text": "a thousandth", "showarrow": False, "font": {"size": 11, "color": theme.faint},
            }
        ],
    )  # fmt: skip
    return go.Figure(traces, made)


def _decades(values: np.ndarray) -> list[float]:
    """The range of a logarithmic axis: whole powers of ten around what is there, at least two."""
    known = values[np.isfinite(values)]
    if not len(known):
        return [-6.0, 0.0]
    low, high = np.floor(np.log10(known.min())), np.ceil(np.log10(known.max()))
    return [float(low) - 0.15, float(max(high, low + 2)) + 0.15]


def alt() -> str:
    """What the picture shows, for those who cannot see it."""
    return "Gradient per weight, update over weights, and share of dead units of each layer, by depth"


def height(n_layers: int) -> int:
    """How high the picture is, in px."""
    return 110 + 24 * max(3, n_layers)
