"""The builder: stack any layers for any data, press Play, and look inside while it learns."""

import streamlit as st

from dlcore.engine import Frame
from pages.parts import chrome
from pages.parts.advice import advice
from pages.parts.dataset import dataset_panel
from pages.parts.explain import beside_the_code, layer_formulas
from pages.parts.first_look import first_look
from pages.parts.json_text import json_dialog
from pages.parts.live import live
from pages.parts.own_data import data_acts, data_dialogs
from pages.parts.settings import settings_row
from pages.parts.stack import stack_editor
from pages.parts.stage import controls, cost_line, show, tabs, time_line, watched
from pages.parts.state import open_here
from pages.parts.teach import goal_line, lesson_text, teach_dialog
from pages.parts.transport import status, transport

chrome.page("Builder")
here = open_here(building=True)
chrome.presentation(here)
chrome.notices(here)


def draw(frame: Frame) -> None:
    with st.container(key="status-strip"):
        status(here, frame)
    goal_line(here, frame)
    if not here.present:
        advice(here, frame)
    with st.container(key="view"):
        show(here, frame)
    with st.container(key="cost"):
        cost_line(here, frame)
        time_line(here, frame)


with st.container(key="builder"):
    now = here.frame(watched(here))
    transport(here, now)
    chrome.trouble(here, now)
    lesson_text(here)
    if not here.present:
        with st.container(key="left"):
            with st.container(key="data"):
                dataset_panel(here)
            with st.container(key="layers"):
                stack_editor(here)
    with st.container(key="views"):
        tabs(here)
        controls(here)
    with st.container(key="stage"):
        live(here, now, lambda: watched(here), draw)
    if not here.present:
        with st.container(key="samples"):
            first_look(here)
            data_acts(here)
        with st.container(key="settings"):
            settings_row(here)
        with st.container(key="explain"):
            beside_the_code(here)
            layer_formulas(here)

data_dialogs(here)
json_dialog(here)
teach_dialog(here)
