"""A sweep: the score over its settings, against its price, and how the best has come about."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dlcore.charts.theme import Theme, axis_title, layout
from dlcore.hyperparameters import Hyperparameter, Value
from dlcore.outcomes import Outcomes, Score, Trial, cells
from dlcore.sweeps import Axis

PRICES = {"n_parameters": "weights and biases", "seconds": "seconds of training"}
SYMBOLS = {"pruned": "triangle-down-open", "failed": "x-open"}
WORDS = {"pruned": "stopped early", "failed": "broke down"}
INK = "#1c2430"
"""What is written on the bright end of cividis, in light and in dark."""
LIFTED = 0.36
"""How far above the middle of its cell the star of the best stands."""
HEIGHT = 420
SMALL_HEIGHT = 260


def settings(outcomes: Outcomes, chosen: int | None, theme: Theme) -> go.Figure:
    """Draw the score over the settings: a map of a grid of two, else points; each tells its trial's number.

    The best is a star, what was stopped early a triangle, what broke down a cross; ``chosen`` is ringed.
    """
    sweep = outcomes.sweep
    if len(sweep.axes) == 1:
        return _over_one(outcomes, chosen, theme)
    return _map(outcomes, chosen, theme) if sweep.how == "grid" else _over_two(outcomes, chosen, theme)


def settings_alt(outcomes: Outcomes) -> str:
    """What that picture shows, for those who cannot see it."""
    names = " and ".join(each.label for each in outcomes.sweep.swept)
    done, n = len(outcomes.scores()), outcomes.sweep.n_settings
    return f"{outcomes.measure} over {names}: {done} of {n} settings.  {outcomes.sentence()}".strip()


def price(outcomes: Outcomes, what: str, theme: Theme) -> go.Figure:
    """Draw the score against ``n_parameters`` or ``seconds``, with the Pareto front."""
    scores, front = outcomes.scores(), outcomes.front(what)
    made = _layout(theme, SMALL_HEIGHT, PRICES[what], outcomes.measure)
    prices = [getattr(each.trial, what) for each in scores]
    if prices and min(prices) > 0 and max(prices) > 4 * min(prices):
        made.xaxis.update(type="log", **_ticks(min(prices), max(prices)))
    traces = [
        _points(outcomes, scores, prices, [each.mean for each in scores], theme, size=7, name="settings"),
        go.Scatter(
            x=[getattr(each.trial, what) for each in front],
            y=[each.mean for each in front],
            customdata=[each.trial.number for each in front],
            text=[_told(outcomes, each.trial) for each in front],
            mode="lines+markers",
            name="nothing better for less",
            line={"color": theme.accent, "width": 1.5, "shape": "hv"},
            marker={"symbol": "diamond", "size": 11, "color": theme.accent},
            hovertemplate="%{text}<extra></extra>",
        ),
    ]
    return go.Figure(traces, made)


def price_alt(outcomes: Outcomes, what: str) -> str:
    """What that picture shows, for those who cannot see it."""
    front = outcomes.front(what)
    named = "; ".join(f"{outcomes.sweep.said(each.trial.values)}: {each.said()}" for each in front[:5])
    return f"{outcomes.measure} against {PRICES[what]}.  Nothing better for less than: {named or 'none yet'}"


def history(outcomes: Outcomes, theme: Theme) -> go.Figure:
    """Draw what each trial came to, in the order in which they were asked for, and the best so far."""
    scores, best = outcomes.scores(), outcomes.best_so_far()
    made = _layout(theme, SMALL_HEIGHT, "trial", outcomes.measure)
    made.xaxis.update(range=[0.5, outcomes.sweep.n_settings + 0.5])
    numbers = [each.trial.number + 1 for each in scores]
    traces = [
        _points(outcomes, scores, numbers, [each.mean for each in scores], theme, size=7, name="trials"),
        go.Scatter(
            x=[number + 1 for number, _ in best],
            y=[value for _, value in best],
            mode="lines",
            name="best so far",
            line={"color": theme.accent, "width": 1.5, "shape": "hv"},
            hoverinfo="skip",
        ),
    ]
    return go.Figure(traces, made)


def history_alt(outcomes: Outcomes) -> str:
    """What that picture shows, for those who cannot see it."""
    best = outcomes.best_so_far()
    said = f"the best is {best[-1][1]:.3g} after {best[-1][0] + 1} trials" if best else "none is done yet"
    return f"{outcomes.measure} of each trial in the order of asking; {said}"


def _map(outcomes: Outcomes, chosen: int | None, theme: Theme) -> go.Figure:
    """Cells of a grid: the first axis from left to right, the second from bottom to top."""
    sweep, places = outcomes.sweep, outcomes.sweep.places
    across, up = sweep.swept
    grid = cells(outcomes, places)
    scores = [[None if trial is None else outcomes.score(trial) for trial in row] for row in grid]
    z = np.array([[math.nan if each is None else each.mean for each in row] for row in scores], np.float32)
    numbers = [[-1 if trial is None else trial.number for trial in row] for row in grid]
    told = [["" if trial is None else _told(outcomes, trial) for trial in row] for row in grid]
    made = layout(theme, height=HEIGHT, margin={"l": 90, "r": 8, "t": 8, "b": 44})
    for axis, setting, values in ((made.xaxis, across, places[0]), (made.yaxis, up, places[1])):
        axis.update(
            title=axis_title(setting.label, theme), showgrid=False, range=[-0.5, len(values) - 0.5],
            tickvals=list(range(len(values))), ticktext=[setting.said(value) for value in values],
        )  # fmt: skip
    heat = go.Heatmap(
        z=z, x=list(range(len(places[0]))), y=list(range(len(places[1]))), colorscale="cividis", xgap=2,
        ygap=2,
        reversescale=not outcomes.upwards, customdata=numbers, text=_written(scores), texttemplate="%{text}",
        hovertext=told, hovertemplate="%{hovertext}<extra></extra>", hoverongaps=False,
        colorbar=_bar(outcomes.measure, theme),
    )  # fmt: skip
    trials = [(trial, (x, y)) for y, row in enumerate(grid) for x, trial in enumerate(row)]
    at = {trial.number: place for trial, place in trials if trial is not None}
    waiting = [place for trial, place in trials if trial is None or not trial.over(sweep.n_seeds)]
    still = go.Scatter(
        x=[x for x, _ in waiting], y=[y for _, y in waiting], mode="markers", name="to come",
        showlegend=False, marker={"symbol": "circle", "size": 5, "color": theme.line}, hoverinfo="skip",
    )  # fmt: skip
    return go.Figure([heat, still, *_marks(outcomes, at, chosen, theme, inside=True)], made)


def _written(scores: Sequence[Sequence[Score | None]]) -> list[list[str]]:
    """What stands in the cells: nothing where there are too many to be read."""
    small = max(len(scores), max(map(len, scores))) > 10
    return [
        ["" if each is None else f"{each.mean:.3f}" if small else _mean_and_spread(each) for each in row]
        for row in scores
    ]


def _mean_and_spread(score: Score) -> str:
    return f"{score.mean:.3f}" + (f"<br>± {score.spread:.3f}" if math.isfinite(score.spread) else "")


def _over_one(outcomes: Outcomes, chosen: int | None, theme: Theme) -> go.Figure:
    """The mean over one setting with its spread, and each seed by itself."""
    axis, setting = outcomes.sweep.axes[0], outcomes.sweep.swept[0]
    made = _layout(theme, HEIGHT, setting.label, outcomes.measure)
    _scaled(made.xaxis, axis, setting)
    scores = sorted(outcomes.scores(), key=lambda each: _place(setting, each.trial.values[0]))
    spread = [each.spread if math.isfinite(each.spread) else 0.0 for each in scores]
    means = _points(
        outcomes, scores, [_shown(setting, each.trial.values[0]) for each in scores],
        [each.mean for each in scores], theme, size=9, name="mean, with its spread",
    )  # fmt: skip
    means.update(
        mode="lines+markers" if outcomes.sweep.how == "grid" and not setting.choices else "markers",
        error_y={"array": spread, "color": theme.accent, "thickness": 1.5, "width": 5},
        line={"color": theme.accent, "width": 1.2},
    )
    values = [(trial, value) for trial in outcomes.trials for value in outcomes.values_of(trial)]
    each_seed = go.Scatter(
        x=[_shown(setting, trial.values[0]) for trial, _ in values], y=[value for _, value in values],
        customdata=[trial.number for trial, _ in values], mode="markers", name="one seed",
        marker={"symbol": "circle-open", "size": 6, "color": theme.faint},
        text=[_told(outcomes, trial) for trial, _ in values], hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    heights = [value for _, value in values]
    floor = min(heights) if heights else 0.0
    found = {each.trial.number: each.mean for each in scores}
    at = {
        trial.number: (_shown(setting, trial.values[0]), found.get(trial.number, floor))
        for trial in outcomes.trials
    }
    return go.Figure([each_seed, means, *_marks(outcomes, at, chosen, theme)], made)


def _over_two(outcomes: Outcomes, chosen: int | None, theme: Theme) -> go.Figure:
    """Points of the plane of two settings, coloured by their score."""
    (first, second), (across, up) = outcomes.sweep.axes, outcomes.sweep.swept
    made = layout(theme, height=HEIGHT, margin={"l": 90, "r": 8, "t": 8, "b": 44}, showlegend=False)
    for axis, declared, setting in ((made.xaxis, first, across), (made.yaxis, second, up)):
        axis.update(title=axis_title(setting.label, theme))
        _scaled(axis, declared, setting)
    at = {
        trial.number: (_shown(across, trial.values[0]), _shown(up, trial.values[1]))
        for trial in outcomes.trials
    }
    scores = outcomes.scores()
    points = _points(
        outcomes, scores, [at[each.trial.number][0] for each in scores],
        [at[each.trial.number][1] for each in scores], theme, size=18, name="settings",
    )  # fmt: skip
    points.marker.update(
        color=[each.mean for each in scores], colorscale="cividis", reversescale=not outcomes.upwards,
        showscale=True, colorbar=_bar(outcomes.measure, theme), line={"width": 1, "color": theme.faint},
    )  # fmt: skip
    return go.Figure([points, *_marks(outcomes, at, chosen, theme)], made)


def _points(
    outcomes: Outcomes, scores: Sequence[Score], x: Sequence[Any], y: Sequence[Any], theme: Theme,
    *, size: int, name: str,
) -> go.Scatter:  # fmt: skip
    return go.Scatter(
        x=list(x), y=list(y), mode="markers", name=name, customdata=[each.trial.number for each in scores],
        marker={"size": size, "color": theme.accent}, text=[_told(outcomes, each.trial) for each in scores],
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def _marks(
    outcomes: Outcomes, at: dict[int, tuple[Any, Any]], chosen: int | None, theme: Theme, inside: bool = False
) -> list[go.Scatter]:
    """The best, what has no score, and what is chosen, each by a shape of its own."""
    found = []
    for end, symbol in SYMBOLS.items():
        trials = [trial for trial in outcomes.trials if trial.end == end]
        if trials:
            found.append(
                go.Scatter(
                    x=[at[trial.number][0] for trial in trials], y=[at[trial.number][1] for trial in trials],
                    mode="markers+text" if inside else "markers", name=WORDS[end], showlegend=not inside,
                    marker={"symbol": symbol, "size": 12, "color": theme.faint, "line": {"width": 2}},
                    text=[f"<br>{WORDS[end]}" for _ in trials], textposition="bottom center",
                    textfont={"size": 10, "color": theme.faint},
                    customdata=[trial.number for trial in trials],
                    hovertext=[_told(outcomes, trial) for trial in trials],
                    hovertemplate="%{hovertext}<extra></extra>",
                )
            )  # fmt: skip
    if chosen in at:
        found += _rings(at[chosen], chosen, theme, inside)
    ranking = outcomes.ranking()
    if ranking:
        best = ranking[0].trial
        x, y = at[best.number]
        found.append(
            go.Scatter(
                x=[x], y=[y + LIFTED if inside else y], mode="markers+text", name="best", showlegend=False,
                text=["best" if inside else "  best"], textposition="middle right", customdata=[best.number],
                textfont={"size": 12, "color": _over(theme, inside)},
                marker={"symbol": "star", "size": 12, "color": _over(theme, inside),
                        "line": {"width": 1.5, "color": "#ffffff" if inside else theme.outline}},
                hovertext=[_told(outcomes, best)], hovertemplate="%{hovertext}<extra></extra>",
            )
        )  # fmt: skip
    return found


def _rings(place: tuple[Any, Any], number: int, theme: Theme, inside: bool) -> list[go.Scatter]:
    """A ring that is seen on every colour: dark within light."""
    colours = (("#ffffff", 5), (INK, 2)) if inside else ((theme.text, 2),)
    return [
        go.Scatter(
            x=[place[0]], y=[place[1]], mode="markers", name="chosen", showlegend=False, customdata=[number],
            marker={"symbol": "square-open" if inside else "circle-open", "size": 44 if inside else 26,
                    "color": colour, "line": {"width": width, "color": colour}},
            hoverinfo="skip",
        )
        for colour, width in colours
    ]  # fmt: skip


def _over(theme: Theme, inside: bool) -> str:
    """The colour of words: on the brightest of cividis, which the best cell is, the dark text."""
    return INK if inside else theme.text


def _told(outcomes: Outcomes, trial: Trial) -> str:
    """What the pointer tells of a trial."""
    score = outcomes.score(trial)
    if score is not None:
        result = f"{outcomes.measure} {score.said()}"
    elif trial.end is not None:
        last = trial.trainings[-1]
        result = f"{WORDS[trial.end]} at epoch {last.epoch}, seed {last.seed + 1}"
    else:
        result = f"{len(trial.trainings)} of {outcomes.sweep.n_seeds} seeds are trained"
    price_of_it = f"{trial.n_parameters} weights and biases, {trial.seconds:.2g} s of training each"
    return f"{outcomes.sweep.said(trial.values)}<br>{result}<br>{price_of_it}"


def _shown(setting: Hyperparameter, value: Value) -> Any:
    """A value as an axis has it."""
    return setting.said(value) if setting.choices else value


def _place(setting: Hyperparameter, value: Value) -> float:
    return setting.choices.index(value) if setting.choices else float(value)


def _scaled(axis: Any, declared: Axis, setting: Hyperparameter) -> None:
    """The scale of an axis: categories, a logarithm, or plain."""
    if setting.choices:
        tried = declared.values or setting.choices
        axis.update(
            type="category", categoryorder="array", categoryarray=[setting.said(each) for each in tried]
        )
        axis.update(range=[-0.5, len(tried) - 0.5])
        return
    numbers = [float(value) for value in declared.values or (declared.low, declared.high)]
    log = declared.log or (bool(declared.values) and min(numbers) > 0 and max(numbers) > 20 * min(numbers))
    axis.update(type="log" if log else "linear")
    if log:
        axis.update(**_ticks(min(numbers), max(numbers)))


def _ticks(low: float, high: float) -> dict[str, Any]:
    """Labels of a logarithmic axis: decades, and 2 and 5 in between where there are few."""
    return {"tickformat": "~g", "dtick": 1 if high > 100 * low else "D2"}


def _bar(measure: str, theme: Theme) -> dict[str, Any]:
    return {
        "title": {"text": measure, "side": "right", "font": {"size": 12, "color": theme.faint}},
        "thickness": 12,
        "outlinewidth": 0,
        "tickfont": {"size": 11, "color": theme.faint},
    }


def _layout(theme: Theme, height: int, x: str, y: str) -> go.Layout:
    made = layout(theme, height=height, margin={"l": 56, "r": 8, "t": 26, "b": 44})
    made.xaxis.update(title=axis_title(x, theme))
    made.yaxis.update(title=axis_title(y, theme))
    return made
