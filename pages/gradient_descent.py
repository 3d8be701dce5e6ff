"""Gradient descent: optimizers race down a surface, and down the loss of one's own network."""

import streamlit as st

from dlcore.engine import Frame
from dlcore.guides.gradient_descent import GUIDE
from pages.parts import state
from pages.parts.lab import happened, lab_head, lab_tail, lab_transport, open_lab
from pages.parts.labs.descent_controls import clock, controls, legend, progress, take_over
from pages.parts.labs.gradient_descent import outcome, show_surface, strip
from pages.parts.labs.network_surface import outcome as network_outcome
from pages.parts.labs.network_surface import show_network
from pages.parts.labs.playback import Playback
from pages.parts.live import live

lab = open_lab(GUIDE)
playback = Playback.of(lab)
if state.sent("loss surface"):
    take_over(lab, playback)


def draw(frame: Frame) -> None:
    clock(lab, playback)
    strip(lab, playback, frame)
    progress(lab, playback)
    if lab.settings.on_surface:
        show_surface(lab, playback, frame)
        said, right = outcome(lab, playback)
    else:
        show_network(lab, playback, frame)
        said, right = network_outcome(lab, playback), None
    happened(lab, frame, playback.trouble or said, right)


with st.container(key="lab"):
    now = lab.frame(())
    lab_head(lab)
    lab_transport(lab, now)
    with st.container(key="descent-controls"):
        controls(lab, playback)
        legend(lab)
    with st.container(key="stage"):
        live(lab, now, lambda: (), draw)
    lab_tail(lab)
