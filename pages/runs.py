"""Runs: what was learnt in this browser, found again, laid side by side, gone on from."""

import streamlit as st

from dlcore.store import StoreError
from pages.parts import chrome
from pages.parts.saved.beside import beside
from pages.parts.saved.cards import gallery
from pages.parts.saved.details import details
from pages.parts.saved.shown import away, clock
from pages.parts.state import open_desk

chrome.page("Runs", "runs.css")
desk = open_desk()
chrome.notices(desk)
desk.away = False
with st.container(key="saved"):
    try:
        if desk.compared:
            beside(desk)
        elif desk.opened:
            details(desk)
        else:
            gallery(desk)
    except StoreError as error:
        away(desk, error)
clock(desk)
