"""Luck or setting: the same experiment from many seeds at once, alone and beside another."""

import streamlit as st

from pages.parts import chrome, state
from pages.parts.luck import controls, head, onwards, refused, show, tail
from pages.parts.luck_state import LuckDesk

chrome.page("Luck", "luck.css")
desk = state.open_kept("luck", LuckDesk.entered)
onwards(desk)
chrome.notices(desk)

with st.container(key="luck"):
    head()
    controls(desk)
    if not refused(desk):
        desk.prepare()
        show(desk)
    tail(desk)
