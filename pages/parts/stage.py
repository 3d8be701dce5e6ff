"""The stage of the builder: the views that apply to the experiment, one open at a time."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dlcore.charts import confusion, curves
from dlcore.data import Task
from dlcore.engine import Frame, State
from pages.parts.chrome import sized
from pages.parts.live import curve_of, live_plot
from pages.parts.settings import curve_axes
from pages.parts.state import Here, put, taken
from pages.parts.views import VIEWS, View

ALWAYS = ("curves", "health")
CURVE_PX, CONFUSION_PX = 250, 270
CONFUSED = (Task.BINARY, Task.CLASSES)
"""The tasks whose mistakes are a table of what is taken for what."""


def _learn(here: Here, frame: Frame) -> None:
    """How learning goes: loss and score over the epochs, and what is taken for what."""
    task, greyed = here.experiment.data.task, frame.state is State.LOST
    curve = curve_of(frame)
    left, right = st.columns(2, gap="small")
    for column, measure in ((left, "loss"), (right, "score")):
        with column:
            picture = curves.figure(curve, replace(here.view, measure=measure), task, here.theme)
            alt = curves.alt(measure, task)
            live_plot(sized(here, picture), f"learn-{measure}", alt, height=CURVE_PX, greyed=greyed)
    mistaken = frame.probe("mistakes")
    if mistaken and task in CONFUSED:
        picture = confusion.figure(mistaken, task, here.experiment.data.n_classes, here.theme)
        live_plot(picture, "learn-mistakes", confusion.alt(task), height=CONFUSION_PX, greyed=greyed)


LEARN = View(
    name="Learn",
    icon=":material/show_chart:",
    applies=lambda experiment: True,
    watched=lambda here: ("mistakes",) if here.experiment.data.task in CONFUSED else (),
    show=_learn,
    controls=lambda here: curve_axes(here),
)


def applying(here: Here) -> dict[str, View]:
    """The views of this experiment by name, in the order of their tabs."""
    return {each.name: each for each in (LEARN, *VIEWS) if each.applies(here.experiment)}


def opened(here: Here) -> View:
    """The view that is looked at: the first one where that of before does not apply any more."""
    views = applying(here)
    return views.get(here.tab, LEARN)


def watched(here: Here) -> tuple[str, ...]:
    """What the worker computes for the page: the open view's probes and the diagnosis's, no others."""
    return (*ALWAYS, *opened(here).watched(here))


def tabs(here: Here) -> None:
    """Choose what is looked at."""
    views = applying(here)
    put("tab", opened(here).name)
    st.segmented_control(
        "View",
        list(views),
        key="tab",
        format_func=lambda name: f"{views[name].icon} {name}" if name in views else name,
        required=True,
        label_visibility="collapsed",
        on_change=taken("tab", lambda name: setattr(here, "tab", name)),
    )


def controls(here: Here) -> None:
    """What the open view lets its visitor choose."""
    opened(here).controls(here)


def show(here: Here, frame: Frame) -> None:
    """Draw the open view."""
    opened(here).show(here, frame)
