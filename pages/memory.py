"""Lab: memory.  Which of RNN, LSTM and GRU still knows the first letter after so many others?"""

import streamlit as st

from dlcore.engine import Frame
from dlcore.guides.memory import GUIDE
from pages.parts import forms
from pages.parts.lab import happened, lab_head, lab_status, lab_tail, lab_transport, open_lab
from pages.parts.labs import memory, memory_ladder
from pages.parts.live import live

lab = open_lab(GUIDE)


def draw(frame: Frame) -> None:
    lab_status(lab, frame)
    happened(lab, frame, *memory.story(lab))
    with st.container(key="memory-pictures"):
        memory.pictures(lab)
    with st.container(key="memory-inside"):
        memory.inside(lab)


with st.container(key="lab"):
    now = lab.frame(memory.watched(lab))
    lab_head(lab)
    lab_transport(lab, now)
    with st.container(key="memory-settings"):
        for name in GUIDE.settings.settings():
            forms.setting(lab, name)
    with st.container(key="stage"):
        live(lab, now, lambda: memory.watched(lab), draw)
    memory.choices(lab)
    memory_ladder.ladder(lab)
    lab_tail(lab)
