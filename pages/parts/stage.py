"""The stage of the builder: the views that apply to the experiment, one open at a time."""

from __future__ import annotations

import base64
from dataclasses import replace
from html import escape

import streamlit as st

from dlcore.charts import confusion, curves, graph
from dlcore.data import Task
from dlcore.engine import Frame, State
from dlcore.stack import memory
from pages.parts import past
from pages.parts.chrome import sized
from pages.parts.live import curve_of, live_plot
from pages.parts.settings import curve_axes
from pages.parts.state import Here, put, taken
from pages.parts.views import VIEWS, View
from pages.parts.views.distributions import DISTRIBUTIONS
from pages.parts.views.features import FEATURES

ALWAYS = ("curves", "health", "past")
CURVE_PX, CONFUSION_PX = 250, 270
CONFUSED = (Task.BINARY, Task.CLASSES)
"""The tasks whose mistakes are a table of what is taken for what."""


def _learn(here: Here, frame: Frame) -> None:
    """How learning goes: loss and score over the epochs, and what is taken for what."""
    task, greyed = here.experiment.task, frame.state is State.LOST
    curve = curve_of(frame)
    left, right = st.columns(2, gap="small")
    for column, measure in ((left, "loss"), (right, "score")):
        with column:
            picture = curves.figure(curve, replace(here.view, measure=measure), task, here.theme)
            alt = curves.alt(measure, task)
            live_plot(sized(here, picture), f"learn-{measure}", alt, height=CURVE_PX, greyed=greyed)
    mistaken = frame.probe("mistakes")
    if mistaken and task in CONFUSED:
        picture = confusion.figure(mistaken, task, here.experiment.data.class_names, here.theme)
        live_plot(picture, "learn-mistakes", confusion.alt(task), height=CONFUSION_PX, greyed=greyed)


LEARN = View(
    name="Learn",
    icon=":material/show_chart:",
    applies=lambda experiment: True,
    watched=lambda here: ("mistakes",) if here.experiment.task in CONFUSED else (),
    show=_learn,
    controls=lambda here: curve_axes(here),
)


def _graph(here: Here, frame: Frame) -> None:
    """The layers and the ways between them, of the draft where there is one."""
    e, theme = here.described, here.theme
    with st.container(key="graph"):
        st.html(here.keep("graph", (e, theme), lambda: _picture(graph.svg(e, theme), graph.alt(e))))


def _picture(drawing: str, alt: str) -> str:
    """A drawing as a picture: Streamlit takes an svg element out of HTML, and leaves its image."""
    data = base64.b64encode(drawing.encode()).decode()
    return f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{data}">'


def _graph_controls(here: Here) -> None:
    st.download_button(
        "SVG",
        lambda: graph.svg(here.described, here.theme),
        "network.svg",
        "image/svg+xml",
        key="download-graph",
        icon=":material/download:",
        help="Download the graph as a drawing",
        on_click="ignore",
    )


GRAPH = View(
    name="Graph",
    icon=":material/account_tree:",
    applies=lambda experiment: True,
    watched=lambda here: (),
    show=_graph,
    controls=_graph_controls,
)


def applying(here: Here) -> dict[str, View]:
    """The views of this experiment by name, in the order of their tabs."""
    e = here.experiment
    told = VIEWS if e.objective.answers else (FEATURES, DISTRIBUTIONS)
    return {each.name: each for each in (LEARN, *told, GRAPH) if each.applies(e)}


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
        format_func=lambda name: f":material/{views[name].icon.strip(':').removeprefix('material/')}: {name}",
        required=True,
        label_visibility="collapsed",
        on_change=taken("tab", lambda name: setattr(here, "tab", name)),
    )


def controls(here: Here) -> None:
    """What the open view lets its visitor choose."""
    opened(here).controls(here)


def cost_line(here: Here, frame: Frame) -> None:
    """What an epoch takes: measured on a copy before Play, and of the run itself while it plays."""
    e = here.experiment
    if here.drafted is not None:
        said = "The pictures are of the last stack that was whole"
    elif frame.state is State.PLAYING or frame.state is State.LOST:
        said = ""
    elif timed := here.estimate():
        said = f"About {_seconds(timed['epoch_s'])} an epoch, {_seconds(timed['step_s'])} a step"
    else:
        said = "Measuring a step…"
    memory_mb = memory(e) / 1e6
    size = f"{memory_mb:.3g}" if memory_mb < 1000 else f"{memory_mb:.0f}"
    st.caption(f"{said}{'; ' if said else ''}{size} MB for weights, gradients and a batch's activations.")


def time_line(here: Here, frame: Frame) -> None:
    """The moments of the run, each of which every view shows again."""
    with st.container(key="time", horizontal=True, vertical_alignment="center", gap="small"):
        past.timeline(here, frame)
        if here.at is not None:
            past.go_back(here, frame)


def _seconds(value: float) -> str:
    if value < 1e-3:
        return f"{value * 1e6:.0f} µs"
    return f"{value * 1000:.2g} ms" if value < 0.1 else f"{value:.2g} s"


def show(here: Here, frame: Frame) -> None:
    """Draw the open view."""
    opened(here).show(here, frame)
