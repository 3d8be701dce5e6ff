"""A series over time: its shares, and what is forecast of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts.theme import DASHES, Theme, layout
from dlcore.data.timeline import Timeline
from dlcore.record import Arrays

SHOWN = 400
"""Steps of the test share that a forecast is drawn over; more would be finer than the screen."""


def figure(line: Timeline, theme: Theme, window: int = 0) -> go.Figure:
    """Draw a series with its shares as kinds of line, and one of its windows with its answer.

    ``window`` counts the training windows; one past the end means the last.
    """
    last, traces = 0, []
    for share, dash in DASHES.items():
        if not len(line.windows[share]):
            continue
        steps = np.arange(last, line.answered(share, line.data.horizon)[-1] + 1)
        last = int(steps[-1])
        traces.append(_line(line, steps, line.values[steps], theme.accent, share, dash, 1.5))
    return go.Figure([*traces, *_window(line, window, theme)], _layout(line, theme))


def _window(line: Timeline, window: int, theme: Theme) -> list[go.Scatter]:
    data = line.data
    first = int(line.windows["train"][min(window, len(line.windows["train"]) - 1)])
    seen = np.arange(first, first + data.window)
    asked = np.arange(first + data.window, first + data.window + data.horizon)
    shown = _line(line, seen, line.values[seen], theme.positive, "what the network sees", "solid", 4)
    shown.update(opacity=0.55)
    answer = _line(line, asked, line.values[asked], theme.negative, "what it is asked for", "solid", 3)
    answer.update(mode="lines+markers", marker={"size": 8, "color": theme.negative})
    return [shown, answer]


def forecast(line: Timeline, record: Arrays, theme: Theme, ahead: int = 1, window: int = 0) -> go.Figure:
    """Draw the forecast probe's record over the truth of the test share, and what was a season ago.

    Each forecast is made from what was known ``ahead`` steps before.  Where a network answers several steps
    at once, one ``window`` of the test share is drawn with all of its answers.
    """
    horizon = line.data.horizon
    ahead = min(max(ahead, 1), horizon)
    answers = line.measured(record["answer"])  # (N, H)
    n = min(len(answers), SHOWN)
    steps = line.answered("test", ahead)[:n]
    truth, naive = line.values[steps], line.naive("test", ahead)[:n]
    forecast = answers[:n, ahead - 1]
    before = np.arange(max(0, steps[0] - line.data.window), steps[0] + 1)
    traces = [
        _line(line, before, line.values[before], theme.faint, "before", "solid", 1, legend=False),
        _line(line, steps, truth, theme.text, "truth", "solid", 1.5),
        _line(line, steps, naive, theme.second, _named("a season ago", naive, truth), "dot", 1.5),
        _line(line, steps, forecast, theme.accent, _named("forecast", forecast, truth), "solid", 2.5),
    ]
    if horizon > 1:
        chosen = min(window, n - 1)
        at = line.windows["test"][chosen] + line.data.window + np.arange(horizon)
        fan = _line(line, at, answers[chosen], theme.negative, "one window's answers", "solid", 2)
        fan.update(mode="lines+markers", marker={"size": 6, "color": theme.negative})
        traces.append(fan)
    return go.Figure(traces, _layout(line, theme))


def forecasts(
    line: Timeline, records: Mapping[str, Arrays], colours: Mapping[str, str], theme: Theme
) -> go.Figure:
    """Draw the next step as several networks forecast it over the truth of the test share, each with its
    colour, and what was a season ago."""
    n = min(SHOWN, *(len(record["answer"]) for record in records.values()))
    steps = line.answered("test")[:n]
    truth, naive = line.values[steps], line.naive("test")[:n]
    traces = [
        _line(line, steps, truth, theme.text, "truth", "solid", 1.5),
        _line(line, steps, naive, theme.faint, _named("a season ago", naive, truth), "dot", 1.5),
    ]
    for name, record in records.items():
        answers = line.measured(record["answer"])[:n, 0]
        traces.append(_line(line, steps, answers, colours[name], _named(name, answers, truth), "solid", 2))
    return go.Figure(traces, _layout(line, theme))


def extension(line: Timeline, place: int, values: NDArray[np.floating], theme: Theme) -> go.Figure:
    """Draw how the network goes on with a series after step ``place``, values (n,), over what came.

    Before it stands what the network saw last.
    """
    data, n = line.data, len(values)
    first = max(0, place - max(data.window, 2 * n))
    before = np.arange(first, place)
    traces = [_line(line, before, line.values[before], theme.text, "truth", "solid", 1.5)]
    after = np.arange(place - 1, min(place + n, len(line.values)))
    if len(after) > 1:
        later = _line(line, after, line.values[after], theme.faint, "what came", "solid", 1.5)
        traces.append(later)
    seen = np.arange(place - data.window, place)
    window = _line(line, seen, line.values[seen], theme.positive, "what the network sees", "solid", 4)
    window.update(opacity=0.55)
    steps = np.arange(place - 1, place + n)
    drawn = np.concatenate([line.values[place - 1 : place], values]).astype(np.float32)
    on = go.Scatter(
        x=data.when.begins + data.when.every * steps, y=drawn, mode="lines", name="how the network goes on",
        line={"color": theme.negative, "width": 2.5},
        hovertemplate=f"{data.when.unit} %{{x:.6~g}}<br>%{{y:.4~g}}<extra>network</extra>",
    )  # fmt: skip
    return go.Figure([*traces, window, on], _layout(line, theme))


def extension_alt(line: Timeline, place: int, values: NDArray[np.floating]) -> str:
    """What the extension shows, for those who cannot see it."""
    low, high = np.nanmin(values), np.nanmax(values)
    known = min(len(values), len(line.values) - place)
    off = f"; off by {rmse(values[:known], line.values[place : place + known]):.3g}" if known > 0 else ""
    return (
        f"{line.data.heading()}: the network goes on for {len(values)} steps after step {place}, between "
        f"{low:.4g} and {high:.4g}{off}"
    )


def errors(line: Timeline, record: Arrays, ahead: int = 1) -> tuple[float, float]:
    """By how much the network's forecast and the seasonal-naive one are off, in the unit of the series.

    The root of the mean squared error over the record's windows, left out where there was no season before.
    """
    ahead = min(max(ahead, 1), line.data.horizon)
    answers = line.measured(record["answer"])[:, ahead - 1]
    steps = line.answered("test", ahead)[: len(answers)]
    naive = line.naive("test", ahead)[: len(answers)]
    known = np.isfinite(naive)
    truth = line.values[steps]
    return rmse(answers[known], truth[known]), rmse(naive[known], truth[known])


def rmse(answers: NDArray[np.floating], truth: NDArray[np.floating]) -> float:
    """The root of the mean squared error; nan where there is nothing."""
    off = answers.astype(np.float64) - truth
    return float(np.sqrt(np.mean(off**2))) if len(off) else float("nan")


def alt(line: Timeline) -> str:
    """What the first look shows, for those who cannot see it."""
    n = {share: len(windows) for share, windows in line.windows.items()}
    return (
        f"{line.data.heading()}, {len(line.values)} steps over time: {n['train']} windows to learn from, "
        f"{n['validation']} for validation, {n['test']} for the test; one window with its answer"
    )


def forecast_alt(line: Timeline, record: Arrays, ahead: int = 1) -> str:
    """What the forecast shows, for those who cannot see it."""
    network, naive = errors(line, record, ahead)
    return (
        f"{line.data.heading()}: the network's forecast over the truth of the test share, off by "
        f"{network:.3g}; what was a season ago is off by {naive:.3g}"
    )


def _named(name: str, answers: NDArray[np.floating], truth: NDArray[np.floating]) -> str:
    known = np.isfinite(answers)
    return f"{name}, off by {rmse(answers[known], truth[known]):.3g}"


def _line(
    line: Timeline,
    steps: NDArray[np.int64],
    values: NDArray[np.floating],
    colour: str,
    name: str,
    dash: str,
    width: float,
    legend: bool = True,
) -> go.Scatter:
    return go.Scatter(
        x=line.times[steps],
        y=values.astype(np.float32),
        mode="lines",
        name=name,
        showlegend=legend,
        line={"color": colour, "dash": dash, "width": width},
        hovertemplate=f"{line.data.when.unit} %{{x:.6~g}}<br>%{{y:.4~g}}<extra>{name}</extra>",
    )


def _layout(line: Timeline, theme: Theme) -> go.Layout:
    made = layout(theme, margin={"l": 52, "r": 8, "t": 26, "b": 36})
    made.xaxis.update(title={"text": line.data.when.unit}, showgrid=False)
    made.yaxis.update(title={"text": line.data.when.measured, "standoff": 4})
    return made
