"""What the memory lab draws: accuracy, the gradient through time, what is known when, the cells opened."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from dlcore.charts import curves, recurrence, series, through_time
from dlcore.engine import Frame, State
from dlcore.guides.memory import KINDS, MemorySettings, came_true
from dlcore.record import Arrays
from pages.parts.first_look_series import line_of
from pages.parts.lab import Lab
from pages.parts.live import UNHURRIED_S, curve_of, live_plot
from pages.parts.tiles import Sheet, tiles
from pages.parts.views import choose, samples

HEIGHT, UNIT_HEIGHT = 218, 214
MAP_WIDTH, MAP_HEIGHT = 430, 92
UNIT_EVERY_S = 0.5
"""The lines of a unit have so many marks that, drawn with every picture, they would slow all of it down."""
MOST_LETTERS = 45
"""Answers that there is room to write down; of more, only whether they are right."""
OVER = (State.FINISHED, State.FAILED)
SHOWN_OF = {"RNN": (0,), "LSTM": (4, 1), "GRU": (3, 1)}
"""Which rows of the recurrence probe are drawn of each: what it hands on, then the gate that keeps it."""


def settings_of(lab: Lab) -> MemorySettings:
    """The lab's settings."""
    settings = lab.settings
    assert isinstance(settings, MemorySettings)
    return settings


def frames(lab: Lab) -> dict[str, Frame]:
    """The pictures of all three that were taken last."""
    return {name: here.newest for name, here in lab.heres.items()}


def watched(lab: Lab) -> tuple[str, ...]:
    """What every worker computes for the page."""
    at = choose.sample_of(lab.here)
    probes = ["curves", f"through_time?sample={at}", f"recurrence?sample={at}&channel={_unit(lab)}"]
    return (*probes, "forecast") if settings_of(lab).task == "sunspots" else tuple(probes)


def story(lab: Lab) -> tuple[str, int | None]:
    """What happened so far, in two sentences with the numbers of these runs; and which choice came true."""
    taken_last = frames(lab)
    if settings_of(lab).task == "sunspots":
        return _story_of_series(lab), None
    scores = {name: frame.measures.get("test_score") for name, frame in taken_last.items()}
    if any(score is None for score in scores.values()):
        return "", None
    n = settings_of(lab).steps
    told = ", ".join(
        f"the {name} {scores[name]:.0%} (epoch {frame.epoch})" for name, frame in taken_last.items()
    )
    left = {
        name: through_time.reaches(record)
        for name, frame in taken_last.items()
        if "state" in (record := _reached(lab, frame))
    }
    said = f"After {n} letters, unseen strings are answered rightly: {told}; a guess gets 10%."
    if len(left) == len(scores):
        ratios = ", ".join(f"{_power(left[name])} times in the {name}" for name in KINDS)
        said += f"  At the first letter the gradient is, of that at the last, {ratios}."
    over = all(frame.state in OVER for frame in taken_last.values())
    return said, came_true({k: float(v or 0.0) for k, v in scores.items()}) if over and n == 25 else None


def _story_of_series(lab: Lab) -> str:
    line, records = line_of(lab.here), _forecasts(lab)
    if not records:
        return ""
    errors = {name: series.errors(line, record) for name, record in records.items()}
    told = ", ".join(f"the {name} {errors[name][0]:.3g}" for name in errors)
    naive = next(iter(errors.values()))[1]
    return (
        f"In years that were not learnt from, forecasts of the next year are off by: {told}; saying what was "
        f"{line.data.season} years ago is off by {naive:.3g} (root of the mean squared error, spots)."
    )


def pictures(lab: Lab) -> None:
    """How learning goes, how far the gradient reaches, and what is still known, of all three."""
    taken_last = frames(lab)
    palette = through_time.colours(KINDS)
    greyed = any(frame.state is State.LOST for frame in taken_last.values())
    recall = settings_of(lab).task == "recall"
    task, theme = lab.experiment.data.task, lab.here.theme
    steps = samples.tokens(lab.here, choose.sample_of(lab.here))
    reached = {name: _reached(lab, frame) for name, frame in taken_last.items()}
    if any("state" not in record for record in reached.values()):
        choose.empty(choose.WAITING)
        return
    left, middle, right = st.columns(3, gap="small")
    with left:
        st.markdown("**How well each answers**, unseen strings" if recall else "**How well each forecasts**")
        lines = [(curve_of(frame, name), palette[name]) for name, frame in taken_last.items()]
        picture = curves.together(lines, "score", task, theme)
        alt = f"{curves.title('score', task)} of the three on the test share, over the epochs"
        live_plot(picture, "memory-scores", alt, height=HEIGHT, greyed=greyed, rest_s=UNHURRIED_S)
    with middle:
        st.markdown("**Gradient through time**, from the answer back to the first step")
        live_plot(
            through_time.gradient(reached, steps, theme), "memory-gradient",
            "Length of the loss's gradient with respect to what each cell hands on, over the steps, log axis",
            height=HEIGHT, greyed=greyed, rest_s=UNHURRIED_S,
        )  # fmt: skip
    with right:
        if recall:
            st.markdown("**Asked earlier**, how many would still know the first letter?")
            n_classes = lab.experiment.data.n_classes
            live_plot(
                through_time.known(reached, steps, n_classes, theme), "memory-known",
                "Share of test strings answered rightly if they ended at each step",
                height=HEIGHT, greyed=greyed, rest_s=UNHURRIED_S,
            )  # fmt: skip
        else:
            st.markdown("**The years that were not learnt from**")
            line, records = line_of(lab.here), _forecasts(lab)
            if records:
                picture = series.forecasts(line, records, palette, theme)
                alt = "Forecasts of the three one year ahead, over the truth"
                live_plot(picture, "memory-forecast", alt, height=HEIGHT, greyed=greyed, rest_s=UNHURRIED_S)


def inside(lab: Lab) -> None:
    """What each of the three hands on while it reads one sample, and the gate that keeps it."""
    taken_last = frames(lab)
    at = choose.sample_of(lab.here)
    records = {name: frame.probe(_recurrence(lab)) for name, frame in taken_last.items()}
    if any("maps" not in record for record in records.values()):
        return
    steps = samples.tokens(lab.here, at)
    greyed = any(frame.state is State.LOST for frame in taken_last.values())
    read = f"while it reads **{steps[0]}** {' '.join(steps[1:])}" if settings_of(lab).task == "recall" else ""
    st.markdown(
        f"**What each remembers** {read}: a row is a unit, a column a step; blue above 0, orange below"
    )
    for column, name in zip(st.columns(3, gap="small"), KINDS, strict=True):
        record = records[name]
        of_cell = recurrence.NAMES[int(record["cell"][0])]
        handed_on, *gate = (_sheet(name, record, steps, k) for k in SHOWN_OF[name])
        with column:
            tiles(lab.here, f"memory-{name}", [handed_on], greyed=greyed)
            st.html(_answers(lab, name, _reached(lab, taken_last[name])))
            picture = _unit_figure(lab, name, record["unit"][: len(of_cell)], of_cell, steps)
            alt = f"{name}: {recurrence.alt(_unit(lab), of_cell)}"
            live_plot(
                picture, f"memory-unit-{name}", alt, height=UNIT_HEIGHT, greyed=greyed, rest_s=UNHURRIED_S
            )
            if gate:
                tiles(lab.here, f"memory-gate-{name}", gate, greyed=greyed)
            else:
                st.html("<small>RNN: no gates.  Every step mixes the whole state with what enters.</small>")


def choices(lab: Lab) -> None:
    """Which sample is read, and which unit is drawn line by line."""
    with choose.row():
        choose.sample(lab.here)
        most = settings_of(lab).units - 1
        choose.number(lab.here, "channel", f"Unit, 0 to {most}", most, "The unit drawn step by step")


def _sheet(name: str, record: Arrays, steps: list[str], k: int) -> Sheet:
    """Row k of the recurrence probe's record as a map, units down and steps across."""
    _, n_units, n_steps = record["maps"].shape
    what = recurrence.NAMES[int(record["cell"][0])][k]
    return Sheet(
        record["maps"][k : k + 1], record["scale"][k : k + 1],
        f"{name}: {what} of every unit over the steps: {recurrence.MEANINGS[what]}",
        palette="magnitude" if recurrence.gate(what) else "sign", title=f"{name}: {what}",
        size=MAP_WIDTH, tall=MAP_HEIGHT / MAP_WIDTH * n_steps / n_units, hints=[what],
        rows=[f"unit {u}" for u in range(n_units)], columns=[f"{i} ({s})" for i, s in enumerate(steps)],
        joined=" at step ",
    )  # fmt: skip


def _unit_figure(
    lab: Lab, name: str, unit: NDArray[np.float32], rows: Sequence[str], steps: Sequence[str]
) -> go.Figure:
    """The numbers of one unit, step by step; while it plays, those of a moment ago are good enough."""
    depends = name, tuple(steps), _unit(lab), lab.here.theme
    now, playing = time.monotonic(), frames(lab)[name].state is State.PLAYING
    then, of, figure = lab.kept.get(f"unit-{name}", (-math.inf, None, None))
    if figure is None or of != depends or not playing or now - then > UNIT_EVERY_S:
        then, figure = now, recurrence.figure(unit, rows, steps, lab.here.theme, spelt=False)
    lab.kept[f"unit-{name}"] = then, depends, figure
    return figure


def _answers(lab: Lab, name: str, record: Arrays) -> str:
    """What a network would say if it were asked after each letter; nothing where it gives values."""
    names, at = lab.experiment.data.class_names, choose.sample_of(lab.here)
    if "share" not in record or record["share"].shape[1] != len(names):
        return "<div></div>"
    said = record["share"].argmax(1)
    right = said == lab.here.points["test"].y[at]
    letters = [names[int(k)] if len(said) <= MOST_LETTERS else "" for k in said]
    cells = "".join(
        f"<i class={'right' if ok else 'wrong'}>{a}</i>" for a, ok in zip(letters, right, strict=True)
    )
    alt = f"Asked after each letter, the {name} would say {' '.join(names[int(k)] for k in said)}"
    return (
        f'<div class="memory-says" role="img" aria-label="{alt}">{cells}</div>'
        f"<small>what the {name} would say if it were asked there</small>"
    )


def _unit(lab: Lab) -> int:
    return max(0, min(lab.here.inside.channel, settings_of(lab).units - 1))


def _recurrence(lab: Lab) -> str:
    return watched(lab)[2]


def _reached(lab: Lab, frame: Frame) -> Arrays:
    return frame.probe(watched(lab)[1])


def _forecasts(lab: Lab) -> dict[str, Arrays]:
    records = {name: frame.probe("forecast") for name, frame in frames(lab).items()}
    return records if all("answer" in record for record in records.values()) else {}


def _power(value: float) -> str:
    if value <= 0 or not math.isfinite(value):
        return "0"
    return f"{value:.2g}" if value >= 0.01 else f"10{_raised(round(math.log10(value)))}"


def _raised(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
