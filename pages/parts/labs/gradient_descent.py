"""The pictures and controls of the lab of gradient descent."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dlcore.charts import descent as charts
from dlcore.engine import Frame, State
from dlcore.guides.gradient_descent import FAMILIES, RULES, GradientDescentSettings
from dlcore.optimizers import SGD
from dlcore.surfaces import Surface
from dlcore.worked import Step, step_of
from pages.parts.labs.descents import Descent, hessian_top
from pages.parts.labs.playback import MOST_STEPS, Playback
from pages.parts.live import live_plot
from pages.parts.state import Lab, triggered
from pages.parts.transport import short, status

SURFACE_SIDE, SOLID_SIDE = 56, 36
SOLID_PX, LOSSES_PX = 310, 200
REACHED = 0.01
"""A rule has reached the bottom when it has lost all but so much of its height."""
SOLID_EVERY_S = 1.5
"""How often the picture in space follows while it plays: without a graphics card, drawing it takes long."""
WORDS_EVERY_S = 0.5
"""How often the formula follows while it plays: nobody reads faster, and setting it takes long."""
ARROW = 0.15
"""The length of the longest arrow, of the plane's width."""
STATES = {State.IDLE: "ready", State.PLAYING: "descending", State.PAUSED: "paused", State.LOST: "lost"}
NUMBERS = {name: i for i, name in enumerate(RULES)}


def ground_of(lab: Lab, surface: Surface, side: int) -> charts.Ground:
    """The heights of a surface, worked out once."""

    def make() -> charts.Ground:
        formula = surface.read()
        x, y = np.meshgrid(np.linspace(*surface.x, side), np.linspace(*surface.y, side))
        with np.errstate(all="ignore"):
            heights = (formula(np, x, y) + 0 * x).astype(np.float32)
        return charts.Ground(heights, surface.x, surface.y)

    made: charts.Ground = lab.here.keep(f"ground:{side}", (surface, side), make)
    return made


def floor_of(surface: Surface, ground: charts.Ground, paths: list[charts.Path]) -> float:
    """The lowest height that is known: at the minima, on the grid, on the paths."""
    formula = surface.read()
    known = [float(formula(np, np.float64(x), np.float64(y))) for x, y in surface.minima]
    if not known:
        seen = np.concatenate([ground.heights.ravel(), *(each.losses for each in paths)])
        known = seen[np.isfinite(seen)].tolist()
    return min(known, default=0.0)


def walked(playback: Playback) -> list[charts.Path]:
    """The ways on the surface up to the step that is shown."""
    n = playback.step + 1
    return [
        charts.Path(name, NUMBERS[name], each.arrays["place"][:n], each.arrays["loss"][:n])
        for name, each in playback.descents.items()
        if each.n_steps
    ]


def opened_step(descent: Descent, step: int) -> Step | None:
    """The step after ``step`` with its numbers; None where it is not known."""
    if step >= descent.n_steps:
        return None
    place = descent.arrays["place"]
    gradient = descent.arrays["gradient"][step]
    return step_of(descent.rule, step + 1, place[step], gradient, descent.kept(step), place[step + 1])


def arrows_of(
    lab: Lab, descent: Descent, step: int, opened: Step, width: float
) -> tuple[list[charts.Arrow], float]:
    """The step's arrows, and how much longer than the step itself its own is drawn.

    Gradient and velocity are of one scale, the longer ``ARROW`` long.
    """
    theme, place = lab.here.theme, descent.arrays["place"]
    at, gradient = place[step], descent.arrays["gradient"][step]
    made = place[step + 1] - at
    felt = [gradient] if opened.velocity is None else [gradient, opened.velocity]
    longest = max(float(np.hypot(*each)) for each in felt)
    unit = ARROW * width / longest if longest > 0 and math.isfinite(longest) else 0.0
    length = float(np.hypot(*made))
    larger = max(1.0, ARROW * width / length) if length > 0 else 1.0
    drawn = [("against the gradient", -unit * gradient, theme.faint)]
    if opened.velocity is not None:
        drawn.append(("velocity", -unit * opened.velocity, theme.second))
    drawn.append(("step", larger * made, theme.text))
    arrows = [
        charts.Arrow(name, (float(at[0]), float(at[1])), (float(at[0] + by[0]), float(at[1] + by[1])), shade)
        for name, by, shade in drawn
        if np.isfinite(by).all() and np.isfinite(at).all() and float(np.hypot(*by)) > 1e-12
    ]
    return arrows, larger


def show_surface(lab: Lab, playback: Playback, frame: Frame) -> None:
    """The surface from above and in space, how high each rule stands, and the opened step."""
    settings: GradientDescentSettings = lab.settings
    surface = settings.shown()
    try:
        ground, coarse = ground_of(lab, surface, SURFACE_SIDE), ground_of(lab, surface, SOLID_SIDE)
    except ValueError:
        return  # said beside the field it is typed into
    theme, greyed = lab.here.theme, frame.state is State.LOST
    paths, looked = walked(playback), settings.opened()
    descent, step = playback.descents.get(looked), playback.step
    opened = opened_step(descent, step) if descent else None
    arrows, larger = (
        arrows_of(lab, descent, step, opened, surface.x[1] - surface.x[0])
        if descent and opened
        else ([], 1.0)
    )
    with st.container(key="descent-plane"):
        picture = charts.plane(ground, paths, arrows, theme)
        alt = charts.plane_alt(f"The surface {surface.name}", tuple(playback.rules))
        live_plot(
            picture, "descent", alt, greyed=greyed, picks=True,
            on_pick=triggered("plot_descent", "pick", lambda said: start_at(lab, playback, said)),
        )  # fmt: skip
    with st.container(key="descent-side"):
        solid(lab, playback, frame, coarse, paths, f"The surface {surface.name}")
        floor = floor_of(surface, ground, paths)
        curves = charts.losses(paths, floor, theme, step, "height above the lowest")
        live_plot(curves, "descent-losses", charts.LOSSES_ALT, height=LOSSES_PX, greyed=greyed)
    with st.container(key="descent-step"):
        if descent and opened:
            x, y = descent.arrays["place"][step]
            top = hessian_top(surface.read(), float(x), float(y), surface.x[1] - surface.x[0])
            playing = frame.state is State.PLAYING
            when = int(time.monotonic() / WORDS_EVERY_S) if playing else (step, larger, id(opened))
            told = lab.here.keep("words", (when, looked), lambda: (step, opened, larger, top))
            words(lab, looked, *told)


def solid(
    lab: Lab,
    playback: Playback,
    frame: Frame,
    ground: charts.Ground,
    paths: list[charts.Path],
    what: str,
    height: int = SOLID_PX,
) -> None:
    """The picture in space: while it plays it follows a few times a second."""
    theme = lab.here.theme
    playing = frame.state is State.PLAYING
    shown = int(time.monotonic() / SOLID_EVERY_S) if playing else playback.step
    depends = (shown, id(ground), theme, tuple(lab.settings.rules().items()), frame.state, len(paths))
    picture = lab.here.keep("solid", depends, lambda: charts.solid(ground, paths, theme))
    live_plot(
        picture, "descent-solid", charts.solid_alt(what), height=height, greyed=frame.state is State.LOST
    )


def words(lab: Lab, name: str, step: int, opened: Step, larger: float, top: float) -> None:
    """The opened step: what the arrows are, its formula with the numbers, the sharpness beside 2/η."""
    theme = lab.here.theme
    keys = [("against the gradient", theme.faint)]
    keys += [("along the velocity", theme.second)] if opened.velocity is not None else []
    keys.append(("the step" if larger == 1 else f"the step, {short(larger)} times as long", theme.text))
    marks = "".join(f"<span><i style='background:{shade}'></i>{word}</span>" for word, shade in keys)
    st.html(f"<p class='arrows'><b>{name}, step {step + 1}</b>{marks}</p>")
    st.latex(opened.latex())
    rule = lab.settings.rules()[name]
    if isinstance(rule, SGD):
        edge_words(rule.learning_rate, top, rule.momentum)


def edge_words(rate: float, top: float, momentum: float) -> None:
    """Where the largest eigenvalue stands against what gradient descent can bear."""
    edge = 2 / rate
    if not math.isfinite(top):
        return
    where = "above" if top > edge else "below"
    rolls = f"; with momentum it can bear {whole(edge * (1 + momentum))}" if momentum else ""
    grows = "  Along that direction steps grow." if top > edge * (1 + momentum) else ""
    st.html(
        f"<p class='arrows'>Sharpness here: λ = {whole(top)}, {where} 2/η = {whole(edge)}{rolls}.{grows}</p>"
    )


def whole(value: float) -> str:
    """Three digits, or a whole number where it has more."""
    return f"{value:,.0f}".replace(",", "\u2009") if 1000 <= value < 1e7 else short(value)


def start_at(lab: Lab, playback: Playback, said: Any) -> None:
    """Begin where the surface was clicked; the race starts at once where something was predicted."""
    surface = lab.settings.shown()
    try:
        x, y = (float(value) for value in said["place"])
    except (KeyError, TypeError, ValueError):
        return
    if not (surface.x[0] <= x <= surface.x[1] and surface.y[0] <= y <= surface.y[1]):
        return
    playback.do("reset")
    lab.change(lab.settings.model_copy(update={"x": round(x, 3), "y": round(y, 3)}))
    if lab.guess is not None:
        playback.do("play")


def strip(lab: Lab, playback: Playback, frame: Frame) -> None:
    """How far the descents are; the clock of the pictures."""
    looked, step = lab.settings.opened(), playback.step
    descent = playback.descents.get(looked)
    losses = descent.arrays.get("loss", np.empty(0)) if descent else np.empty(0)
    height = float(losses[min(step, len(losses) - 1)]) if len(losses) else math.nan
    word = "height" if lab.settings.on_surface else "loss"
    state = STATES.get(frame.state, str(frame.state))
    per_s = f"{frame.steps_per_s:.0f}" if frame.steps_per_s else "–"
    told = [
        ("", state, 10, "What the descents do"),
        ("step", str(step), 4, "Steps so far"),
        ("per s", per_s, 3, "Steps per second"),
        (
            f"{word} of {looked}",
            short(height if math.isfinite(height) else None),
            7,
            "The rule that is opened",
        ),
    ]
    with st.container(key="status-strip"):
        names = ("what", "value", "width", "hint")
        status(lab.here, frame, [dict(zip(names, each, strict=True)) for each in told])


def reached(path: NDArray[np.float64], floor: float) -> int | None:
    """The first step after which a rule has all but 1 % of its height behind it; None for never."""
    goal = floor + REACHED * (path[0] - floor)
    hits = np.flatnonzero(path <= goal)
    return int(hits[0]) if len(hits) else None


def outcome(lab: Lab, playback: Playback) -> tuple[str, int | None]:
    """What happened so far, with the numbers of this race; and which prediction came true."""
    surface, step = lab.settings.shown(), playback.step
    paths = walked(playback)
    if not step or not paths or not np.isfinite(paths[0].losses[0]):
        return "", None
    floor = floor_of(surface, ground_of(lab, surface, SURFACE_SIDE), paths)
    hits = {path.name: hit for path in paths if (hit := reached(path.losses, floor)) is not None}
    gone = [name for name, each in playback.descents.items() if each.gone and each.n_steps <= step]
    left = f"  {_listed(gone)} left for good: the steps grew and grew." if gone else ""
    standing = {
        path.name: float(path.losses[-1]) for path in paths if path.name not in hits and path.name not in gone
    }
    if not hits:
        if not standing:
            return left.strip(), 3
        best = min(standing, key=standing.__getitem__)
        nearest = f"{best} is nearest, at height {short(standing[best])}."
        said = f"After {step} steps nobody is within 1 % of the bottom; {nearest}{left}"
        return said, 3 if step >= MOST_STEPS else None
    first = min(hits, key=hits.__getitem__)
    family = next((i for i, names in enumerate(FAMILIES) if first in names), 3)
    others = sorted((hit, name) for name, hit in hits.items() if name != first)
    then = f", then {_listed([f'{name} ({hit})' for hit, name in others])}" if others else ""
    rest = ""
    if standing:
        worst = max(standing, key=standing.__getitem__)
        rest = f"  After {step} steps {worst} still stands at {short(standing[worst])}."
    return f"{first} was within 1 % of the bottom after {hits[first]} steps{then}.{rest}{left}", family


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
