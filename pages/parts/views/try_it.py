"""Try it yourself: give the network something of one's own, and see its answer move while it learns."""

from __future__ import annotations

import streamlit as st

from dlcore.data import NextToken, Series
from dlcore.engine import Frame, State
from dlcore.experiment import Experiment
from pages.parts.state import Here
from pages.parts.transport import thin_spaces
from pages.parts.views import choose, samples, try_image, try_row, try_series, try_strings, try_text
from pages.parts.views.view import View


def _applies(experiment: Experiment) -> bool:
    return experiment.objective.labelled


def _watched(here: Here) -> tuple[str, ...]:
    return ()


def _controls(here: Here) -> None:
    data = here.experiment.data
    if not data.planar and not data.vocabulary and not isinstance(data, Series):
        with choose.row():
            choose.sample(here)


def _show(here: Here, frame: Frame) -> None:
    data = here.experiment.data
    if here.at is not None:
        choose.said(f"The network of epoch {thin_spaces(frame.epoch)} answers, as it was then.")
    elif frame.state is State.IDLE:
        choose.said("Nothing has been learnt yet: the answers are those of the first weights.  Press Play.")
    with st.container(key="try"):
        if isinstance(data, NextToken):
            try_strings.show(here, frame)
        elif data.vocabulary:
            try_text.show(here, frame)
        elif isinstance(data, Series):
            try_series.show(here, frame)
        elif samples.is_image(here):
            try_image.show(here, frame)
        else:
            try_row.show(here, frame)


TRY_IT = View("Try it", ":material/draw:", _applies, _watched, _show, _controls)
