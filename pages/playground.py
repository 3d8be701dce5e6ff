"""The playground: describe an experiment, press Play, watch a real network learn."""

import streamlit as st

from dlcore.edits import drawable
from dlcore.engine import Frame, State
from pages.parts import chrome, past
from pages.parts.advice import advice
from pages.parts.data import data_panel
from pages.parts.explain import formulas, try_these
from pages.parts.live import live
from pages.parts.network import diagram
from pages.parts.pictures import learning, plane, watched
from pages.parts.settings import curve_controls, settings_row
from pages.parts.state import open_here
from pages.parts.teach import goal_line, lesson_text, teach_dialog
from pages.parts.transport import status, transport
from pages.parts.upload import upload_dialog
from pages.parts.view import view_controls

chrome.page("Playground")
here = open_here()
if not drawable(here.experiment):
    here.notices.append(
        "The playground shows dense layers on the plane, so this experiment opens in the builder."
    )
    st.switch_page("pages/builder.py")
chrome.presentation(here)
chrome.notices(here)


def draw(frame: Frame) -> None:
    beside = past.branch_frame(here)
    with st.container(key="status-strip"):
        status(here, frame)
    goal_line(here, frame)
    if not here.present:
        advice(here, frame)
    with st.container(key="network"):
        diagram(here, frame, height=640 if here.present else 540, greyed=frame.state is State.LOST)
    with st.container(key="output"):
        with st.container(key="boundary"):
            if beside is None:
                plane(here, frame)
            else:
                past.side_by_side(here, frame, beside)
        with st.container(key="loss"):
            learning(here, frame, beside)
    if not here.present:
        with st.container(key="time"):
            past.timeline(here, frame)


with st.container(key="playground"):
    now = here.frame(watched(here))
    transport(here, now)
    chrome.trouble(here, now)
    lesson_text(here)
    if not here.present:
        with st.container(key="data"):
            data_panel(here)
        with st.container(key="view-controls"):
            view_controls(here)
    with st.container(key="stage"):
        live(here, now, lambda: watched(here), draw)
    if not here.present:
        if here.lesson.shows("step"):
            with st.container(key="time-acts"):
                past.time_acts(here, now)
        with st.container(key="curve-controls"):
            curve_controls(here)
        with st.container(key="settings"):
            settings_row(here)
        with st.container(key="explain"):
            try_these(here)
            formulas(here)

upload_dialog(here)
teach_dialog(here)
