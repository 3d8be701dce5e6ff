"""The folds of a cross-validation beside each other."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dlcore.charts.theme import Theme, layout
from dlcore.record import Arrays


def figure(record: Arrays, measure: str, name: str, theme: Theme) -> go.Figure:
    """Draw one point for each fold that is done, training and validation, and the mean with its spread."""
    folds = record["fold"] + 1
    traces = []
    shares = (("train", "circle-open", theme.faint), ("validation", "circle", theme.accent))
    for share, symbol, colour in shares:
        values = record[f"{share}_{measure}"]
        done = np.isfinite(values)
        traces.append(
            go.Scatter(
                x=folds[done],
                y=values[done],
                mode="markers",
                name=share,
                marker={"symbol": symbol, "color": colour, "size": 10, "line": {"width": 2}},
                hovertemplate=f"fold %{{x}}, {share}: %{{y:.3f}}<extra></extra>",
            )
        )
    made = go.Figure(traces, layout(theme, height=240))
    made.layout.xaxis.update(title={"text": "Fold"}, range=[0.5, len(folds) + 0.5], dtick=1)
    made.layout.yaxis.title.text = name.capitalize()
    mean, spread = (float(record[f"{what}.validation_{measure}"][0]) for what in ("mean", "spread"))
    if np.isfinite(mean):
        made.add_hline(mean, line={"color": theme.accent, "width": 1.5, "dash": "dash"})
    if np.isfinite(spread):
        made.add_hrect(mean - spread, mean + spread, fillcolor=theme.accent, opacity=0.12, line_width=0)
    return made


def summary(record: Arrays, measure: str, name: str) -> str:
    """Say the mean over the folds and its spread; "" while no fold is done."""
    mean, spread = (float(record[f"{what}.validation_{measure}"][0]) for what in ("mean", "spread"))
    done = int(np.isfinite(record[f"validation_{measure}"]).sum())
    if not done:
        return ""
    between = f" ± {spread:.3f}" if np.isfinite(spread) else ""
    return f"Validation {name} {mean:.3f}{between} over {done} of {len(record['fold'])} folds.".replace(
        "-", "−"
    )
