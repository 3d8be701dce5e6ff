"""A series beyond what was learnt from: the network's forecast over the truth."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dlcore.charts import series
from dlcore.data import Series
from dlcore.data.timeline import Timeline, timeline
from dlcore.engine import Frame, State
from dlcore.experiment import Experiment
from pages.parts.live import live_plot
from pages.parts.state import Here, put, taken
from pages.parts.views.view import View

HEIGHT = 380


def line_of(here: Here) -> Timeline:
    """The series of the experiment, laid out once."""
    e = here.experiment
    assert isinstance(e.data, Series)
    data = e.data
    line: Timeline = here.keep(
        "timeline", (data, e.split, e.seeds.data), lambda: timeline(data, e.split, e.seeds.data)
    )
    return line


def _applies(experiment: Experiment) -> bool:
    return isinstance(experiment.data, Series)


def _watched(here: Here) -> tuple[str, ...]:
    return ("forecast",)


def _controls(here: Here) -> None:
    data = here.experiment.data
    assert isinstance(data, Series)
    if data.horizon == 1:
        st.caption(
            "Each point is forecast from the window before it, one step ahead; nothing of it was learnt from."
        )
        return
    n_windows = len(line_of(here).windows["test"])
    ahead, window = st.columns(2)
    with ahead:
        _slider(
            here,
            "ahead",
            "Steps ahead",
            (1, data.horizon),
            "How long before it is due each point is forecast",
        )
    with window:
        _slider(
            here,
            "sample",
            "Window",
            (0, max(1, min(n_windows, series.SHOWN) - 1)),
            "The window of the test share whose answers are all drawn",
        )


def _slider(here: Here, name: str, label: str, bounds: tuple[int, int], what: str) -> None:
    key = f"forecast:{name}"
    put(key, min(max(getattr(here.inside, name), bounds[0]), bounds[1]))

    def look(value: int) -> None:
        here.inside = replace(here.inside, **{name: value})

    st.slider(label, *bounds, key=key, help=what, on_change=taken(key, look))


def _show(here: Here, frame: Frame) -> None:
    record = frame.probe("forecast")
    line = line_of(here)
    if not record or record["answer"].shape[1] != line.data.horizon:
        return  # the picture of an experiment that has just been changed
    inside = here.inside
    picture = series.forecast(line, record, here.theme, inside.ahead, inside.sample)
    alt = series.forecast_alt(line, record, inside.ahead)
    live_plot(picture, "forecast", alt, height=HEIGHT, greyed=frame.state is State.LOST)


FORECAST = View("Forecast", "show_chart", _applies, _watched, _show, _controls)
