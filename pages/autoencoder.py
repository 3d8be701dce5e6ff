"""Autoencoder: what is left of a digit that has to go through two numbers."""

import streamlit as st

from dlcore.engine import Frame
from dlcore.guides.autoencoder import GUIDE
from pages.parts.lab import happened, lab_head, lab_status, lab_tail, lab_transport, open_lab
from pages.parts.labs import autoencoder
from pages.parts.live import live

lab = open_lab(GUIDE)


def draw(frame: Frame) -> None:
    lab_status(lab, frame)
    autoencoder.stage(lab, frame)
    happened(lab, frame, *autoencoder.outcome(lab, frame))


with st.container(key="lab"):
    now = lab.frame(autoencoder.watched(lab))
    lab_head(lab)
    lab_transport(lab, now)
    with st.container(key="auto-controls"):
        autoencoder.controls(lab)
    with st.container(key="stage"):
        live(lab, now, lambda: autoencoder.watched(lab), draw)
    lab_tail(lab)
