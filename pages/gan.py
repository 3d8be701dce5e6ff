"""GAN: a generator against a discriminator, what each of them sees, and mode collapse with its cures."""

import streamlit as st

from dlcore.engine import Frame
from dlcore.guides.gan import GUIDE
from pages.parts.lab import happened, lab_head, lab_status, lab_tail, lab_transport, open_lab
from pages.parts.labs.gan import below, controls, said, show, watched
from pages.parts.live import live

lab = open_lab(GUIDE)


def draw(frame: Frame) -> None:
    lab_status(lab, frame)
    with st.container(key="lab-picture"):
        show(lab, frame)
    happened(lab, frame, *said(lab, frame))


with st.container(key="lab"):
    now = lab.frame(watched(lab))
    lab_head(lab)
    lab_transport(lab, now)
    with st.container(key="lab-controls"):
        controls(lab)
    with st.container(key="stage"):
        live(lab, now, lambda: watched(lab), draw)
    with st.container(key="lab-below"):
        below(lab)
    lab_tail(lab)
