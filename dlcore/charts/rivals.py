"""Generator against discriminator: the plane with its scores and fakes, and how the game goes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts import boundary
from dlcore.charts.curves import thinned
from dlcore.charts.theme import Theme, layout
from dlcore.data import Parts, Task
from dlcore.record import Arrays

LONGEST, HEAD = 1.1, 0.22
"""The longest arrow, and each side of its head, in units of the plane."""
REALS = 400
"""Real samples that are drawn; more would hide what they lie on."""


def plane(
    score: NDArray[np.float32],
    fakes: NDArray[np.float32],
    theme: Theme,
    *,
    pushes: NDArray[np.float32] | None = None,
    lines: NDArray[np.float32] | None = None,
    moved: NDArray[np.float32] | None = None,
) -> go.Figure:
    """Draw what the discriminator takes every place for, (S, S) from −1 to 1, and the fakes (N, 2) on it.

    ``lines`` (1 or 2, L, B, 2) is the bent latent grid, ``pushes`` (A, 2) where the first A fakes are driven,
    ``moved`` (N, 2) where the fakes are after a step of the generator.
    """
    made = boundary.figure({"value": score}, Task.BINARY, 2, theme)
    made.data[0].update(hovertemplate="x₁ %{x:.2f}, x₂ %{y:.2f}<br>taken for real: %{z:.2f}<extra></extra>")
    made.data[0].colorbar.update(ticktext=("fake", "?", "real"), x=1.0, xpad=4)
    made.layout.margin.r = 40
    if lines is not None:
        made.add_trace(_line(*_strokes(lines.reshape(-1, *lines.shape[2:])), "latent grid", theme.faint, 0.7))
    if moved is not None:
        made.add_trace(_line(*_strokes(np.stack([fakes, moved], 1)), "step", theme.text, 0.8))
    if pushes is not None:
        made.add_trace(_line(*_strokes(arrows(fakes[: len(pushes)], pushes)), "push", theme.text, 1.2))
    shown = fakes if moved is None else moved
    made.add_trace(
        go.Scatter(
            x=shown[:, 0],
            y=shown[:, 1],
            mode="markers",
            name="fake",
            meta="marks",
            showlegend=False,
            marker={
                "symbol": "diamond",
                "size": 6,
                "color": theme.negative,
                "line": {"width": 0.8, "color": theme.outline},
            },
            hovertemplate="a fake at %{x:.2f}, %{y:.2f}<extra></extra>",
        )
    )
    return made


def arrows(start: NDArray[np.float32], push: NDArray[np.float32]) -> NDArray[np.float32]:
    """Arrows as strokes (A, 5, 2): to the tip, and the two sides of its head; the longest is 1.1 long."""
    push = push * (LONGEST / max(float(np.linalg.norm(push, axis=1).max(initial=0.0)), 1e-12))
    length = np.linalg.norm(push, axis=1, keepdims=True)
    along = push / np.maximum(length, 1e-12)
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    side = np.minimum(HEAD, length / 2)
    tip = start + push
    back = tip - side * along
    return np.stack([start, tip, back + side / 2 * across, tip, back - side / 2 * across], 1).astype(
        np.float32
    )


def _strokes(places: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Lines (L, B, 2) as one trace, with a gap after each."""
    lifted = np.concatenate([places, np.full((len(places), 1, 2), np.nan, np.float32)], 1).astype(np.float32)
    return lifted[:, :, 0].ravel(), lifted[:, :, 1].ravel()


def _line(x: NDArray[np.float32], y: NDArray[np.float32], name: str, colour: str, width: float) -> go.Scatter:
    return go.Scatter(
        x=x, y=y, mode="lines", name=name, meta="marks", showlegend=False, hoverinfo="skip",
        line={"color": colour, "width": width},
    )  # fmt: skip


def reals(x: NDArray[np.float32], theme: Theme) -> Sequence[go.Scatter]:
    """Draw real samples (N, 2), in the colour of what is taken for real."""
    shown = x[:: max(1, len(x) // REALS)][:REALS]
    made = boundary.points({"train": Parts(shown, np.ones(len(shown), np.int64))}, Task.BINARY, 2, theme)
    for trace in made:
        trace.update(name="real", text=None, marker_size=4)
    return made


def plane_alt(n_covered: int | None, n_clouds: int) -> str:
    """What the plane shows, for those who cannot see it."""
    said = "" if n_covered is None else f"; fakes cover {n_covered} of {n_clouds} clouds"
    return f"Plane with real samples in blue and fakes in orange on the discriminator's scores{said}"


def losses(record: Arrays, theme: Theme) -> go.Figure:
    """Both losses over the rounds."""
    kept = thinned(len(record["round"])) if len(record["round"]) else np.zeros(0, np.int64)
    x = record["round"][kept]
    drawn = [
        go.Scatter(
            x=x,
            y=record[name][kept],
            mode="lines",
            name=name,
            line={"color": colour, "width": 1.6},
            hovertemplate=f"round %{{x}}<br>{name} %{{y:.3f}}<extra></extra>",
        )
        for name, colour in (("discriminator", theme.positive), ("generator", theme.negative))
    ]
    made = go.Figure(drawn, layout(theme, margin={"l": 48, "r": 8, "t": 24, "b": 34}))
    made.layout.xaxis.update(title={"text": "round"}, rangemode="tozero")
    made.layout.yaxis.update(title={"text": "loss", "standoff": 2})
    return made


def distance(record: Arrays, epoch: int, now: float | None, theme: Theme) -> go.Figure:
    """How far the fakes are from the real samples over the epochs, of the curves probe's record."""
    kept = thinned(len(record["epoch"]))
    x = np.append(record["epoch"][kept], epoch)
    y = np.append(record["test_loss"][kept], np.nan if now is None else now).astype(np.float32)
    drawn = go.Scatter(
        x=x, y=y, mode="lines", name="distance", showlegend=False,
        line={"color": theme.accent, "width": 1.8},
        hovertemplate="epoch %{x}<br>distance %{y:.3f}<extra></extra>",
    )  # fmt: skip
    made = go.Figure([drawn], layout(theme, margin={"l": 48, "r": 8, "t": 8, "b": 34}))
    made.layout.xaxis.update(title={"text": "epoch"}, rangemode="tozero")
    made.layout.yaxis.update(title={"text": "distance to the truth", "standoff": 2}, rangemode="tozero")
    return made
