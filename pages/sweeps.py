"""Sweeps: settings of an experiment tried side by side, each from several seeds."""

import streamlit as st

from pages.parts import chrome, state
from pages.parts.sweeps_editor import begin, editor
from pages.parts.sweeps_explain import explanation, tries
from pages.parts.sweeps_pictures import acts, chosen, watching
from pages.parts.sweeps_state import SweepDesk

chrome.page("Sweeps", "sweeps.css")
desk = state.open_kept("sweeps", SweepDesk.entered)
desk.stale = False
chrome.notices(desk)

with st.container(key="sweeps"):
    with st.container(key="sweep-head"):
        st.html(
            "<h1>Which setting is best, and is it the setting or luck?</h1>"
            "<p>A sweep trains the same experiment with other settings, each from several seeds, in the "
            "background "
            "while you go on elsewhere.</p>"
        )
        tries(desk)
    with st.container(key="sweep-begin"):
        begin(desk)
    with st.container(key="sweep-editor"):
        editor(desk)
    with st.container(key="sweep-stage"):
        acts(desk)
        watching(desk)
        with st.container(key="sweep-chosen"):
            chosen(desk)
    with st.container(key="sweep-below"):
        explanation()
