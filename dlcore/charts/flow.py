"""The gradient on its way back through the layers, and the signal on its way there."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from dlcore.charts.theme import MARKERS, OKABE_ITO, Theme, axis_title, layout
from dlcore.record import Arrays

LEAST = 1e-38
"""Below the smallest float32: what is not there at all."""
PANELS = (
    ("gradient", "← backward: gradient per weight", (0.0, 0.56)),
    ("signal", "forward: spread from point to point →", (0.66, 1.0)),
)
COLOURS = {"light": (OKABE_ITO[5], OKABE_ITO[4], OKABE_ITO[2], OKABE_ITO[3]), "dark": OKABE_ITO[:4]}
"""Those of Okabe and Ito that stand out from the ground of either appearance."""


def figure(records: Mapping[str, Arrays], theme: Theme) -> go.Figure:
    """Draw the flow probe's record of each network by its name: layer by layer, the first on the left."""
    made = layout(theme, margin={"l": 62, "r": 12, "t": 34, "b": 46})
    base = {k: v for k, v in made.xaxis.to_plotly_json().items() if k not in {"title", "domain"}}
    base["tickfont"] = {"size": 13, "color": theme.text}
    deepest = max((len(each["gradient"]) for each in records.values()), default=2)
    traces = []
    for k, (column, title, domain) in enumerate(PANELS):
        suffix = str(k + 1) if k else ""
        named = "layer (the last is the output)"
        across = {"domain": list(domain), "title": _title(named, theme), "range": [0.5, deepest + 0.5]}
        made[f"xaxis{suffix}"] = {**base, **across, "dtick": 1 if deepest < 16 else 5, "anchor": f"y{suffix}"}
        shown = [
            np.where(each[column] > LEAST, each[column].astype(float), np.nan) for each in records.values()
        ]
        made[f"yaxis{suffix}"] = {
            **base, "type": "log", "range": _decades(shown), "exponentformat": "power", "nticks": 9,
            "title": _title(title, theme), "anchor": f"x{suffix}", "showgrid": True,
        }  # fmt: skip
        for i, (name, values) in enumerate(zip(records, shown, strict=True)):
            colour = COLOURS[theme.name][i % len(MARKERS)]
            traces.append(
                go.Scatter(
                    x=np.arange(1, len(values) + 1, dtype=np.int32), y=values, name=name, legendgroup=name,
                    xaxis=f"x{suffix}", yaxis=f"y{suffix}", mode="lines+markers", showlegend=k == 0,
                    line={"width": 2.2, "color": colour},
                    marker={"size": 8, "color": colour, "symbol": MARKERS[i % len(MARKERS)]},
                    hovertemplate=f"{name}, layer %{{x}}: %{{y:.3g}}<extra></extra>",
                )
            )  # fmt: skip
    made.update(legend={"font": {"size": 15, "color": theme.text}})
    return go.Figure(traces, made)


def _title(text: str, theme: Theme) -> dict[str, object]:
    """Large enough to be read from a projector."""
    return {**axis_title(text, theme), "font": {"size": 15, "color": theme.text}}


def _decades(columns: list[np.ndarray]) -> list[float]:
    """A range of whole powers of ten around all that is there, at least two of them."""
    known = np.concatenate([each[np.isfinite(each)] for each in columns]) if columns else np.zeros(0)
    if not len(known):
        return [-6.0, 0.0]
    low, high = np.floor(np.log10(known.min())), np.ceil(np.log10(known.max()))
    return [float(min(low, high - 2)) - 0.2, float(high) + 0.2]


def alt(names: tuple[str, ...]) -> str:
    """What the picture shows, for those who cannot see it."""
    return (
        "Gradient per weight and spread of the sums from point to point, layer by layer on logarithmic axes, "
        f"of {len(names)} networks: {', '.join(names)}"
    )
