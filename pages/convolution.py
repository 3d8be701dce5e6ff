"""Lab: a window that slides over a picture, and a network that finds windows of its own."""

import streamlit as st

from dlcore.engine import Frame
from dlcore.guides.convolution import GUIDE
from pages.parts import forms
from pages.parts.lab import happened, lab_head, lab_status, lab_tail, lab_transport, open_lab
from pages.parts.labs import convolution_follow, convolution_learn, convolution_likes, convolution_slide
from pages.parts.live import live

PARTS = {
    "Slide a window": convolution_slide,
    "Watch it learn": convolution_learn,
    "Follow a digit": convolution_follow,
    "What it likes": convolution_likes,
}

lab = open_lab(GUIDE)
part = PARTS[lab.settings.part]


def watched() -> tuple[str, ...]:
    return ("past", *part.watched(lab))


def draw(frame: Frame) -> None:
    if part is convolution_likes:
        convolution_likes.grow(lab, frame)
    lab_status(lab, frame)
    with st.container(key="convolution-part"):
        part.show(lab, frame)
    happened(lab, frame, *convolution_learn.found(lab, frame))


with st.container(key="lab"):
    now = lab.frame(watched())
    lab_head(lab)
    lab_transport(lab, now)
    with st.container(key="convolution-controls", horizontal=True, vertical_alignment="bottom"):
        forms.setting(lab, "part")
        part.controls(lab)
    with st.container(key="stage"):
        live(lab, now, watched, draw)
    lab_tail(lab)
