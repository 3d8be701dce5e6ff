"""What strings are like: which answers there are, and how long they are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts.theme import Theme, layout, mixed
from dlcore.data import Dataset, Parts
from dlcore.data.text import PAD
from dlcore.data.tokens import NOT_ASKED

STRENGTH = {"train": 1.0, "validation": 0.6, "test": 0.3}
MOST_NAMED = 40
"""Bars that can be told apart; of more the longest are shown."""
MOST_WORDS = 12
BLANK = "␣"


def shown(token: str) -> str:
    """A token as it is written in pictures: a lone space is to be seen."""
    return BLANK if token == " " else token


def balance(data: Dataset, shares: Mapping[str, Parts], theme: Theme) -> go.Figure:
    """Draw how often each answer is right, in each share; of many the most frequent ones."""
    counts = {name: answers(part.y, data.n_classes) for name, part in shares.items() if len(part)}
    total = np.sum(list(counts.values()), 0)
    many = data.n_classes > 12
    lying = not many or max(map(len, data.class_names)) > 3  # words have room beside a bar, letters below it
    most = MOST_WORDS if lying else MOST_NAMED
    order = np.argsort(-total, kind="stable")[:most] if many else np.arange(data.n_classes)
    order = order[total[order] > 0]
    names = [shown(data.class_names[k]) for k in order]
    traces = []
    for share, count in counts.items():
        along, high = ("y", "x") if lying else ("x", "y")
        traces.append(
            go.Bar(
                {along: names, high: count[order].astype(np.int32)},
                orientation="h" if lying else "v",
                name=share,
                marker={"color": mixed(theme.accent, theme.ground, STRENGTH[share])},
                hovertemplate=f"%{{{along}}}: %{{{high}}} in {share}<extra></extra>",
            )
        )
    made = layout(theme, margin={"l": 92 if lying else 48, "r": 8, "t": 24, "b": 36}, barmode="stack")
    made.legend.update(traceorder="normal")
    named, counted = (made.yaxis, made.xaxis) if lying else (made.xaxis, made.yaxis)
    named.update(type="category", showgrid=False, autorange="reversed" if lying else True)
    if not lying:
        named.update(title={"text": "answers"}, tickfont={"size": 10})
    counted.update(title={"text": "how often it is the answer"})
    return go.Figure(traces, made)


def lengths(data: Dataset, shares: Mapping[str, Parts], theme: Theme) -> go.Figure:
    """Draw how many strings have how many tokens, what fills rows up not counted."""
    traces = []
    for share, part in shares.items():
        if not len(part):
            continue
        count = np.bincount(n_tokens(data, part.x), minlength=part.x.shape[1] + 1)
        traces.append(
            go.Bar(
                x=np.arange(len(count), dtype=np.int32),
                y=count.astype(np.int32),
                name=share,
                showlegend=False,
                marker={"color": mixed(theme.accent, theme.ground, STRENGTH[share])},
                hovertemplate=f"%{{x}} tokens: %{{y}} in {share}<extra></extra>",
            )
        )
    made = layout(theme, margin={"l": 48, "r": 8, "t": 24, "b": 36}, barmode="stack")
    made.xaxis.update(title={"text": "tokens of a string"}, showgrid=False)
    made.yaxis.update(title={"text": "strings"})
    return go.Figure(traces, made)


def answers(y: NDArray[np.int64], n_classes: int) -> NDArray[np.int64]:
    """How often each class is the answer: y (N,) or (N, T) → (K,)."""
    return np.bincount(y[y != NOT_ASKED], minlength=n_classes)


def n_tokens(data: Dataset, x: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many tokens each string has without what fills its row up: (N, T) → (N,)."""
    return (x != 0).sum(1) if data.vocabulary[0] == PAD else np.full(len(x), x.shape[1])


def differ_in_length(data: Dataset, shares: Mapping[str, Parts]) -> bool:
    """Whether there is anything to see in a picture of the lengths."""
    return len(np.unique(np.concatenate([n_tokens(data, part.x) for part in shares.values()]))) > 1


def balance_alt(data: Dataset) -> str:
    """What the picture of the answers shows, for those who cannot see it."""
    return f"How often each of {data.n_classes} answers is right in training, validation and test"


def lengths_alt(data: Dataset) -> str:
    """What the picture of the lengths shows, for those who cannot see it."""
    return f"How many strings have how many tokens, at most {data.sample_shape[0]}"
