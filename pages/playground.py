"""The playground: describe an experiment, press Play, watch a real network learn."""

import streamlit as st

from dlcore.charts import boundary, curves
from dlcore.engine import Frame, State
from pages.parts import chrome
from pages.parts.data import data_panel
from pages.parts.live import live, live_plot
from pages.parts.network import diagram
from pages.parts.settings import settings_row
from pages.parts.state import open_here
from pages.parts.transport import transport

chrome.page("Playground", ":material/hub:")
here = open_here()
chrome.notices(here)


def draw(frame: Frame) -> None:
    e, theme, greyed = here.experiment, here.theme, frame.state is State.LOST
    task, n_classes = e.data.task, e.data.n_classes
    transport(here, frame)
    chrome.trouble(here, frame)
    with st.container(key="pictures"):
        with st.container(key="network"):
            diagram(here, frame, height=470, greyed=greyed)
        with st.container(key="output"):
            with st.container(key="boundary"):
                picture = boundary.figure(frame.probe("boundary"), here.points, task, n_classes, theme)
                live_plot(picture, "boundary", boundary.alt(task, n_classes), greyed=greyed)
            with st.container(key="loss"):
                picture = curves.figure(frame.probe("curves"), frame.epoch, frame.measures, "loss", task, theme)
                live_plot(picture, "loss", curves.alt("loss", task), height=170, greyed=greyed)


with st.container(key="playground"):
    with st.container(key="data"):
        data_panel(here)
    with st.container(key="stage"):
        live(here, ("boundary", "neurons", "weights", "curves"), draw)
    with st.container(key="settings"):
        settings_row(here)
