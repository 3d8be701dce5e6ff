"""A first look at a series: the curve with its shares, and what one window is and is asked for."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dlcore.charts import series
from dlcore.data import Series
from dlcore.data.timeline import Timeline, timeline
from pages.parts.live import live_plot
from pages.parts.state import Here, read

HEIGHT = 300
KEY = "first-look-window"


def line_of(here: Here) -> Timeline:
    """The series of the experiment, laid out once."""
    e = here.experiment
    data = e.data
    assert isinstance(data, Series)
    line: Timeline = here.keep(
        "timeline", (data, e.split, e.seeds.data), lambda: timeline(data, e.split, e.seeds.data)
    )
    return line


def first_look_series(here: Here) -> None:
    """The curve, its numbers, and a slider that moves a window along the training share."""
    line = line_of(here)
    n_windows = len(line.windows["train"])
    st.caption(facts(line))
    if n_windows > 1:
        st.slider(
            "Window",
            1,
            n_windows,
            n_windows // 2 + 1,
            key=KEY,
            help="Which window of the training share is marked, with the steps it is asked for",
        )
    window = min(read(KEY), n_windows) - 1 if n_windows > 1 else 0
    picture = series.figure(line, here.theme, window)
    live_plot(picture, "first-look-series", series.alt(line), height=HEIGHT)


def facts(line: Timeline) -> str:
    """The series in numbers."""
    data, values = line.data, line.values
    answer = "the step that follows" if data.horizon == 1 else f"the {data.horizon} steps that follow"
    scaled = "as they are" if data.scaling == "none" else f"{data.scaling}, fitted on the training share"
    return (
        f"{len(values):,} steps between {values.min():.4g} and {values.max():.4g}, "
        f"mean {np.mean(values):.4g}.  "
        f"Each window of {data.window} steps is asked for {answer}.  The shares follow each other in time, "
        f"so that nothing is learnt from the future.  Scale: {scaled}."
    )
