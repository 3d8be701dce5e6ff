"""The playground: describe an experiment, press Play, watch a real network learn."""

import streamlit as st

from dlcore.charts import boundary, curves
from dlcore.engine import Frame, State
from pages.parts import chrome
from pages.parts.advice import advice
from pages.parts.data import data_panel
from pages.parts.explain import formulas, try_these
from pages.parts.live import live, live_plot, still_json
from pages.parts.network import diagram
from pages.parts.settings import curve_controls, settings_row
from pages.parts.state import open_here
from pages.parts.transport import status, transport

WATCH = ("boundary", "neurons", "weights", "curves", "health")

chrome.page("Playground")
here = open_here()
chrome.notices(here)


def draw(frame: Frame) -> None:
    e, theme, greyed = here.experiment, here.theme, frame.state is State.LOST
    task, n_classes = e.data.task, e.data.n_classes
    with st.container(key="status-strip"):
        status(here, frame)
    advice(here, frame)
    with st.container(key="network"):
        diagram(here, frame, height=540, greyed=greyed)
    with st.container(key="output"):
        with st.container(key="boundary"):
            still = here.keep(
                "still",
                (e.data, e.split, e.seeds, theme),
                lambda: still_json(boundary.points(here.points, task, n_classes, theme)),
            )
            picture = boundary.figure(frame.probe("boundary"), task, n_classes, theme)
            live_plot(picture, "boundary", boundary.alt(task, n_classes), still=still, greyed=greyed)
        with st.container(key="loss"):
            picture = curves.figure(
                frame.probe("curves"), frame.epoch, frame.measures, here.measure, task, theme, log=here.log
            )
            live_plot(picture, "loss", curves.alt(here.measure, task), height=185, greyed=greyed)


with st.container(key="playground"):
    now = here.frame(WATCH)
    transport(here, now)
    chrome.trouble(here, now)
    with st.container(key="data"):
        data_panel(here)
    with st.container(key="stage"):
        live(here, now, WATCH, draw)
    with st.container(key="curve-controls"):
        curve_controls(here)
    with st.container(key="settings"):
        settings_row(here)
    with st.container(key="explain"):
        try_these(here)
        formulas(here)
