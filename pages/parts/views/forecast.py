"""A series beyond what was learnt from: the network's forecast over the truth."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dlcore.charts import series
from dlcore.data import Series
from dlcore.engine import Frame, State
from dlcore.experiment import Experiment
from pages.parts.first_look_series import line_of
from pages.parts.live import live_plot
from pages.parts.state import Here, put, taken
from pages.parts.views.view import View

HEIGHT = 380
AHEAD, WINDOW = "forecast-ahead", "forecast-window"


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
    n_windows = min(len(line_of(here).windows["test"]), series.SHOWN)
    ahead, window = st.columns(2)
    with ahead:
        put(AHEAD, min(max(here.inside.ahead, 1), data.horizon))
        st.slider(
            "Steps ahead",
            1,
            data.horizon,
            key=AHEAD,
            help="How long before it is due each point is forecast",
            on_change=taken(AHEAD, lambda steps: _look(here, ahead=steps)),
        )
    if n_windows > 1:
        with window:
            put(WINDOW, min(here.inside.sample, n_windows - 1) + 1)
            st.slider(
                "Window",
                1,
                n_windows,
                key=WINDOW,
                help="The window of the test share whose answers are all drawn",
                on_change=taken(WINDOW, lambda number: _look(here, sample=number - 1)),
            )


def _look(here: Here, **at: int) -> None:
    here.inside = replace(here.inside, **at)


def _show(here: Here, frame: Frame) -> None:
    record = frame.probe("forecast")
    line = line_of(here)
    if not record or record["answer"].shape[1] != line.data.horizon:
        return  # the picture of an experiment that has just been changed
    inside = here.inside
    picture = series.forecast(line, record, here.theme, inside.ahead, inside.sample)
    alt = series.forecast_alt(line, record, inside.ahead)
    live_plot(picture, "forecast", alt, height=HEIGHT, greyed=frame.state is State.LOST)


FORECAST = View("Forecast", ":material/show_chart:", _applies, _watched, _show, _controls)
