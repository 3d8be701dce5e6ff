"""Backpropagation: every number of a small network open, and what becomes of the gradient in depth."""

import streamlit as st

from dlcore.engine import Frame
from dlcore.guides.backpropagation import GUIDE
from pages.parts.lab import happened, lab_head, lab_status, lab_tail, lab_transport, open_lab
from pages.parts.labs.backpropagation import answers, begin, controls, said, show, watched
from pages.parts.live import live

lab = open_lab(GUIDE)
begin(lab)


def draw(frame: Frame) -> None:
    lab_status(lab, frame)
    with st.container(key="lab-picture"):
        show(lab, frame)
    happened(lab, frame, *said(lab))


with st.container(key="lab"):
    now = lab.frame(watched(lab))
    lab_head(lab)
    lab_transport(lab, now)
    with st.container(key="lab-controls"):
        controls(lab)
    with st.container(key="stage"):
        live(lab, now, lambda: watched(lab), draw)
    answers(lab, now)
    lab_tail(lab)
