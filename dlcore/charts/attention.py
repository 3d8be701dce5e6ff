"""Who looks at whom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dlcore.charts.theme import Theme, layout
from dlcore.record import Arrays


def figure(record: Arrays, head: int, query: int, tokens: Sequence[str], theme: Theme) -> go.Figure:
    """Draw one head of the attention probe's record, queries in rows, keys in columns, one query framed."""
    weight = record["weight"][head].astype(np.float32) / 127 * record["scale"][head]
    n = len(weight)
    places, named = list(range(n)), [*tokens[:n], *map(str, range(len(tokens), n))]
    step = 1 + (n - 1) // 32
    made = layout(theme, margin={"l": 54, "r": 8, "t": 8, "b": 44})
    for axis, title in ((made.xaxis, "key: what is looked at"), (made.yaxis, "query: who looks")):
        axis.update(
            title={"text": title, "standoff": 4}, showgrid=False, 
            tickvals=places[::step], ticktext=named[::step],
            tickfont={"size": 12, "color": theme.text}, constrain="domain",
        )  # fmt: skip
    made.yaxis.update(range=[n - 0.5, -0.5], scaleanchor="x")
    made.xaxis.update(range=[-0.5, n - 0.5])
    made.update(
        shapes=[
            {
                "type": "rect", "x0": -0.5, "x1": n - 0.5, "y0": query - 0.5, "y1": query + 0.5,
                "line": {"color": theme.accent, "width": 2},
            }
        ]
    )  # fmt: skip
    heat = go.Heatmap(
        z=weight, x=places, y=places, colorscale="cividis", zmin=0,
        text=[[f"{a} looks at {b}" for b in named] for a in named],
        hovertemplate="%{text}: %{z:.3f}<extra></extra>",
        showscale=False,
    )  # fmt: skip
    return go.Figure([heat], made)


def alt(head: int, tokens: Sequence[str], record: Arrays) -> str:
    """What the picture shows, for those who cannot see it: where each query looks most."""
    best = record["weight"][head].argmax(1)
    most = ", ".join(
        f"{tokens[i]} at {tokens[k]}" for i, k in enumerate(best[:24]) if max(i, k) < len(tokens)
    )
    return f"Attention of head {head}; each query looks most: {most}"
