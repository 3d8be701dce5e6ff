"""One answer of the network: what each class gets, or a value among those that were learnt from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts.theme import Theme, layout, mixed

MOST = 12
"""Classes that are drawn: of more the likeliest, so that each has room for its name."""
LONGEST = 18
BINS = 30


def figure(share: NDArray[np.floating], names: Sequence[str], theme: Theme, truth: int = -1) -> go.Figure:
    """Draw what each class gets, share (K,), as bars; the name of the truth, where it is known, is marked.

    Classes keep their places; of more than twelve the likeliest are drawn, the likeliest first.
    """
    order = list(range(len(share)))
    if len(share) > MOST:
        order = np.argsort(-share, kind="stable")[:MOST].tolist()
    best = int(share.argmax())
    two = (theme.negative, theme.positive)
    faint = mixed(theme.accent, theme.ground, 0.4)
    colours = [two[k] if len(share) == 2 else theme.accent if k == best else faint for k in order]
    labels = [f"<b>{_short(names[k])} ✓</b>" if k == truth else _short(names[k]) for k in order]
    places = list(range(len(order)))
    bars = go.Bar(
        x=(100 * share[order]).astype(np.float32),
        y=places,
        orientation="h",
        marker={"color": colours},
        customdata=[names[k] for k in order],
        text=[said(float(share[k])) for k in order],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{customdata}: %{x:.2f} %<extra></extra>",
    )
    room = 18 + 7 * max(len(_short(names[k])) + 2 * (k == truth) for k in order)
    made = layout(theme, margin={"l": max(36, room), "r": 52, "t": 4, "b": 36}, bargap=0.25)
    made.xaxis.update(title={"text": "share of the answer (%)"}, range=[0, 100], fixedrange=True)
    made.yaxis.update(
        tickvals=places, ticktext=labels, autorange="reversed", showgrid=False, fixedrange=True,
        tickfont={"size": 12, "color": theme.text},
    )  # fmt: skip
    return go.Figure([bars], made)


def drawn(
    share: NDArray[np.floating], chance: NDArray[np.floating], names: Sequence[str], theme: Theme
) -> go.Figure:
    """Draw what each of the likeliest tokens gets at temperature 1, share (M,), beside the chance (M,) with
    which it is drawn, upright and in the order given."""
    places = list(range(len(share)))
    faint = mixed(theme.faint, theme.ground, 0.45)
    bars = [
        go.Bar(
            x=places, y=(100 * values).astype(np.float32), name=name, marker={"color": colour},
            customdata=list(names), hovertemplate="%{customdata}: %{y:.2f} %<extra>" + name + "</extra>",
        )
        for name, values, colour in (
            ("what it thinks", share, faint), ("what is drawn from", chance, theme.accent)
        )
    ]  # fmt: skip
    made = layout(theme, margin={"l": 44, "r": 4, "t": 26, "b": 28}, barmode="group", bargap=0.25)
    made.xaxis.update(
        tickvals=places, ticktext=[_short(name) for name in names], showgrid=False, fixedrange=True,
        tickfont={"size": 13, "color": theme.text},
    )  # fmt: skip
    top = 100 * float(max(share.max(), chance.max()))
    high = next(each for each in (25, 50, 100) if top <= each or each == 100)
    made.yaxis.update(title={"text": "chance (%)"}, range=[0, high], fixedrange=True)
    return go.Figure(bars, made)


def drawn_alt(chance: NDArray[np.floating], names: Sequence[str]) -> str:
    """What the bars show, for those who cannot see it."""
    best = ", ".join(
        f"{name} {said(float(part))}" for name, part in list(zip(names, chance, strict=True))[:3]
    )
    return f"What may come next and with which chance it is drawn: {best}"


def value(
    answer: float,
    known: NDArray[np.floating],
    theme: Theme,
    title: str = "answer",
    truth: float | None = None,
) -> go.Figure:
    """Draw one value over how often was learnt from, known (N,); a truth is dotted."""
    counts, edges = np.histogram(known, BINS)
    bars = go.Bar(
        x=((edges[1:] + edges[:-1]) / 2).astype(np.float32), y=counts, width=float(edges[1] - edges[0]),
        marker={"color": mixed(theme.faint, theme.ground, 0.4)}, name="learnt from", showlegend=False,
        hovertemplate="about %{x:.3g}: %{y} samples<extra></extra>",
    )  # fmt: skip
    top = float(max(counts.max(), 1))
    lines = [_upright(answer, top, theme.accent, "solid", "answer")]
    if truth is not None:
        lines.append(_upright(truth, top, theme.text, "dot", "truth"))
    made = layout(theme, margin={"l": 48, "r": 8, "t": 26, "b": 36}, bargap=0.05)
    low, high = (float(f([*edges, answer])) for f in (min, max))
    made.xaxis.update(title={"text": title}, range=[low, high], showgrid=False)
    made.yaxis.update(title={"text": "samples learnt from"})
    return go.Figure([bars, *lines], made)


def _upright(at: float, top: float, colour: str, dash: str, name: str) -> go.Scatter:
    return go.Scatter(
        x=[at, at], y=[0, top], mode="lines", name=f"{name} {number(at)}", hoverinfo="name",
        line={"color": colour, "width": 3, "dash": dash},
    )  # fmt: skip


def sentence(share: NDArray[np.floating], names: Sequence[str]) -> str:
    """The answer in a few words: "3, with 97 %"."""
    best = int(share.argmax())
    return f"{names[best]}, with {said(float(share[best]))}"


def alt(share: NDArray[np.floating], names: Sequence[str]) -> str:
    """What the bars show, for those who cannot see it."""
    order = np.argsort(-share, kind="stable")[:3].tolist()
    first = ", ".join(f"{names[k]} {said(float(share[k]))}" for k in order)
    return f"What each of {len(share)} classes gets of the answer: {first}"


def value_alt(answer: float) -> str:
    """What the line shows, for those who cannot see it."""
    return f"The answer {number(answer)} among the values that were learnt from"


def said(share: float) -> str:
    """A share in percent; nothing is certain."""
    if share < 0.995:
        return f"{100 * share:.0f} %" if share >= 0.005 else "< 0.5 %"
    return "> 99 %"


def number(x: float) -> str:
    """A number in three or four digits, with a true minus."""
    return f"{x:.4g}".replace("-", "−")


def _short(name: str) -> str:
    shown = {" ": "␣", "\n": "⏎"}.get(name, name)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"
