"""How far back networks reach: the gradient and what is still known, step by step; accuracy by distance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts.theme import MARKERS, OKABE_ITO, Theme, layout
from dlcore.record import Arrays

FAINTEST = 1e-12
"""A gradient below this is drawn as this: single precision knows no less beside 1."""


def colours(names: Sequence[str]) -> dict[str, str]:
    """A colour for each of up to three networks, seen as well on the light as on the dark ground."""
    return {name: OKABE_ITO[i] for name, i in zip(names, (4, 5, 2), strict=False)}


def carried(record: Arrays) -> NDArray[np.float32]:
    """The gradient with respect to what a cell hands on: an LSTM's memory, else the state: (T,)."""
    return record["memory"] if "memory" in record else record["state"]


def reaches(record: Arrays) -> float:
    """What is left at the first step of the gradient at the last: a ratio."""
    lengths = carried(record)
    return float(lengths[0] / max(float(lengths[-1]), FAINTEST))


def gradient(records: Mapping[str, Arrays], steps: Sequence[str], theme: Theme) -> go.Figure:
    """Draw the lengths of the loss's gradient with respect to what each network hands on, over the steps."""
    lines = {name: np.maximum(carried(record), FAINTEST) for name, record in records.items()}
    made = _figure(lines, steps, theme, "%{y:.1e}")
    low = math.floor(min(math.log10(line.min()) for line in lines.values()))
    high = max(low + 1, math.ceil(max(math.log10(line.max()) for line in lines.values())))
    made.layout.yaxis.update(
        type="log", range=[low, high], dtick=max(1, (high - low) // 4), exponentformat="power",
        title={"text": "|∂loss / ∂memory|"},
    )  # fmt: skip
    return made


def known(records: Mapping[str, Arrays], steps: Sequence[str], n_classes: int, theme: Theme) -> go.Figure:
    """Draw which share would be answered rightly if the sequence ended at each step; dotted, a guess."""
    made = _figure({name: record["known"] for name, record in records.items()}, steps, theme, "%{y:.0%}")
    made.layout.yaxis.update(title={"text": "answered rightly"}, range=[0, 1.04], tickformat=".0%")
    made.add_hline(1 / n_classes, line={"color": theme.faint, "width": 1, "dash": "dot"})
    return made


def ladder(
    distances: Sequence[int], scores: Mapping[str, NDArray[np.float32]], n_classes: int, enough: float,
    theme: Theme,
) -> go.Figure:  # fmt: skip
    """Draw the accuracy at every distance for each network, (R,), nan where it is not measured yet."""
    palette = colours(list(scores))
    traces = []
    for (name, score), symbol in zip(scores.items(), MARKERS, strict=False):
        done = np.flatnonzero(np.isfinite(score))
        traces.append(
            go.Scatter(
                x=np.array(distances, np.int32)[done], y=score[done], mode="lines+markers", name=name,
                line={"color": palette[name], "width": 2}, marker={"symbol": symbol, "size": 9},
                hovertemplate=f"{name}, n = %{{x}}: %{{y:.0%}}<extra></extra>",
            )
        )  # fmt: skip
    made = go.Figure(traces, layout(theme, margin={"l": 48, "r": 8, "t": 24, "b": 36}))
    low, high = np.log10(distances[0] / 1.15), np.log10(distances[-1] * 1.15)
    made.layout.xaxis.update(
        type="log", range=[low, high], tickvals=list(distances), ticktext=[str(n) for n in distances],
        title={"text": "n, letters that pass before the first is asked for"}, showgrid=False,
    )  # fmt: skip
    made.layout.yaxis.update(title={"text": "accuracy"}, range=[0, 1.06], tickformat=".0%")
    for height, dash in ((enough, "dash"), (1 / n_classes, "dot")):
        made.add_hline(height, line={"color": theme.faint, "width": 1, "dash": dash})
    return made


def fails_at(distances: Sequence[int], score: NDArray[np.float32], enough: float) -> int | None:
    """The least distance measured at which less than ``enough`` was answered rightly; None is none."""
    return next((n for n, value in zip(distances, score, strict=True) if value < enough), None)


def _figure(
    lines: Mapping[str, NDArray[np.float32]], steps: Sequence[str], theme: Theme, value: str
) -> go.Figure:
    palette = colours(list(lines))
    traces = [
        go.Scatter(
            y=line, mode="lines", name=name, line={"color": palette[name], "width": 2},
            text=[f"step {t} ({step})" for t, step in enumerate(steps)],
            hovertemplate=f"%{{text}}<br>{name} {value}<extra></extra>",
        )
        for name, line in lines.items()
    ]  # fmt: skip
    made = go.Figure(traces, layout(theme, margin={"l": 52, "r": 8, "t": 24, "b": 36}))
    # numbers and no letters: a name at every step would take the browser five times as long as all the rest
    made.layout.xaxis.update(title={"text": "step, the first is 0"}, showgrid=False)
    return made
