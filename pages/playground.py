"""The playground: describe an experiment, press Play, watch a real network learn."""

import streamlit as st

from dlcore.charts import curves
from dlcore.engine import Frame, State
from pages.parts import chrome, past
from pages.parts.data import data_panel
from pages.parts.explain import formulas, try_these
from pages.parts.live import curve_of, live, live_plot
from pages.parts.network import diagram
from pages.parts.plane import plane
from pages.parts.settings import curve_controls, settings_row
from pages.parts.state import open_here
from pages.parts.transport import status, transport

WATCH = ("boundary", "neurons", "weights", "curves", "past")

chrome.page("Playground")
here = open_here()
chrome.notices(here)


def draw(frame: Frame) -> None:
    e, theme, greyed = here.experiment, here.theme, frame.state is State.LOST
    beside = past.branch_frame(here)
    with st.container(key="status-strip"):
        status(here, frame)
    with st.container(key="network"):
        diagram(here, frame, height=540, greyed=greyed)
    with st.container(key="output"):
        with st.container(key="boundary"):
            if beside is None:
                plane(here, frame, "boundary", e)
            else:
                past.side_by_side(here, frame, beside)
        with st.container(key="loss"):
            looked_at = None if here.at is None else frame.epoch
            curve, other = curve_of(here.newest, looked_at=looked_at), past.branch_curve(here, beside)
            picture = curves.figure(curve, here.view, e.data.task, theme, other)
            alt = curves.alt(here.view.measure, e.data.task)
            live_plot(picture, "loss", alt, height=185 if beside is None else 300, greyed=greyed)
    with st.container(key="time"):
        past.timeline(here, frame)


with st.container(key="playground"):
    now = here.frame(WATCH)
    transport(here, now)
    chrome.trouble(here, now)
    with st.container(key="data"):
        data_panel(here)
    with st.container(key="stage"):
        live(here, now, WATCH, draw)
    with st.container(key="time-acts"):
        past.time_acts(here, now.state is State.LOST)
    with st.container(key="curve-controls"):
        curve_controls(here)
    with st.container(key="settings"):
        settings_row(here)
    with st.container(key="explain"):
        try_these(here)
        formulas(here)
