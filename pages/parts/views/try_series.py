"""Go on with a series: the network's answers become what it sees next."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dlcore.charts import series
from dlcore.data.timeline import Timeline
from dlcore.engine import Frame, State
from pages.parts.first_look_series import line_of
from pages.parts.live import live_plot
from pages.parts.state import Here, taken
from pages.parts.tried import Tried, tried
from pages.parts.views import choose

MOST_STEPS = 240
HEIGHT = 380


def show(here: Here, frame: Frame) -> None:
    """Where to go on and for how long, and the series with what the network makes of it."""
    line, mine = line_of(here), tried(here)
    n = len(line.values)
    place = n if mine.place < 0 else mine.place
    _settings(line, mine, place)
    window = line.values[place - line.data.window : place]
    scaled = ((window - line.offset) / line.width).astype(np.float32)[:, None]
    try:
        told = here.run.extend(scaled, mine.steps, at=here.at)
    except ValueError as refusal:
        choose.empty(str(refusal))
        return
    mine.told = told or mine.told
    if mine.told is None:
        choose.empty(choose.WAITING)
        return
    values = line.measured(mine.told["value"])
    picture = series.extension(line, place, values, here.theme)
    alt = series.extension_alt(line, place, values)
    live_plot(picture, "try-series", alt, height=HEIGHT, greyed=frame.state is State.LOST)
    choose.said(
        f"The network sees {line.data.window} steps and answers {line.data.horizon}; what it answers it sees "
        "next, so that its errors add up."
    )


def _settings(line: Timeline, mine: Tried, place: int) -> None:
    n, key = len(line.values), f"try:{mine.begun}"
    left, right = st.columns(2, gap="medium")
    with left:
        st.slider(
            "Steps to go on for", 1, MOST_STEPS, mine.steps, key=f"{key}:steps",
            on_change=taken(f"{key}:steps", lambda steps: setattr(mine, "steps", int(steps))),
        )  # fmt: skip
    with right:
        st.slider(
            "Go on after step", line.data.window, n, place, key=f"{key}:place",
            help="At the right end of the series nobody knows what is right",
            on_change=taken(f"{key}:place", lambda at: setattr(mine, "place", int(at))),
        )  # fmt: skip
