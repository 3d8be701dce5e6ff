"""The lab of attention: every head from noise to a pattern, one look opened, a head switched off."""

import streamlit as st

from dlcore.engine import Frame
from dlcore.guides.attention import GUIDE
from pages.parts.lab import happened, lab_head, lab_status, lab_tail, lab_transport, open_lab
from pages.parts.labs import attention
from pages.parts.labs.attention_names import show_names, show_next
from pages.parts.labs.attention_story import story
from pages.parts.live import live
from pages.parts.past import timeline

lab = open_lab(GUIDE)
attention.pace(lab)


def draw(frame: Frame) -> None:
    lab_status(lab, frame)
    with st.container(key="attention-heads"):
        attention.show_heads(lab, frame)
    with st.container(key="attention-map"):
        attention.show_map(lab, frame)
    with st.container(key="attention-query"):
        if attention.foretells(lab):
            show_next(lab, frame)
            show_names(lab)
        else:
            attention.show_query(lab, frame)
            attention.show_curve(lab, frame)
    with st.container(key="attention-time"):
        timeline(lab.here, frame)
    happened(lab, frame, *story(lab, frame))


with st.container(key="lab"):
    lab_head(lab)
    now = lab.frame(attention.watched(lab))
    lab_transport(lab, now)
    attention.controls(lab)
    with st.container(key="attention-switch"):
        attention.head_switch(lab)
    attention.stages(lab)
    with st.container(key="stage"):
        live(lab, now, lambda: attention.watched(lab), draw)
    lab_tail(lab)
