"""Live pictures: the clock, and the plot that keeps its node."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import plotly.graph_objects as go
import streamlit as st

from dlcore.charts.curves import Curve
from dlcore.engine import Frame, State
from dlcore.record import Record
from pages.parts.components import component, serve_plotly
from pages.parts.state import Here, Lab, shown_theme, unsaved, write_url

PICTURES_EVERY_S = 0.1
HEARTBEAT_EVERY_S = 2.0
UNHURRIED_S = 0.4
"""For how long a curve may stay as it is where other pictures beside it change ten times a second."""


def live(
    here: Here | Lab, frame: Frame, watch: Callable[[], tuple[str, ...]], draw: Callable[[Frame], None]
) -> None:
    """Draw ``frame`` now and newer ones again: ten times a second while the run plays, else as a heartbeat.

    The status strip is the clock: it asks for the next picture once it has shown the last.  Streamlit's own
    clock (``run_every``) would ask again before a slow picture is done, and the slow one would be cut short.

    When the run has come to another state, an edit on a picture has changed the experiment, the browser has
    turned from light to dark, or saving has failed or succeeded again, the whole page is drawn.
    """
    first, theme, trouble = [frame], shown_theme(), unsaved(frame)

    def tick() -> None:
        newest = first.pop() if first else here.frame(watch())
        other = newest.state is not frame.state or newest.revision != frame.revision
        other = other or shown_theme() is not theme or unsaved(newest) != trouble
        if here.stale:
            write_url(here)
        if here.stale or not other:
            draw(newest)  # what a hand has just done to a picture is seen before the rest follows
        if here.stale or other:
            st.rerun()

    here.every_s = PICTURES_EVERY_S if frame.state is State.PLAYING or here.branch else HEARTBEAT_EVERY_S
    st.fragment(tick)()


def curve_of(frame: Frame, name: str = "", since: int = 0, looked_at: int | None = None) -> Curve:
    """A frame's curves, for the chart that draws them."""
    return Curve(frame.probe("curves"), frame.epoch, frame.measures, frame.marks, name, since, looked_at)


def live_plot(
    figure: go.Figure,
    key: str,
    alt: str,
    *,
    still: str = "[]",
    height: int = 0,
    greyed: bool = False,
    tool: str = "look",
    on_stroke: Callable[[], None] = lambda: None,
    picks: bool = False,
    on_pick: Callable[[], None] = lambda: None,
    points: bool = False,
    on_point: Callable[[], None] = lambda: None,
    strength: float = 0.0,
    rest_s: float = 0.0,
) -> None:
    """Show a figure on a node that stays.

    ``still`` holds marker traces as JSON that lie above the others and seldom change: drawing five hundred
    markers anew for every picture would cost the browser more than all the rest.  ``height`` in px; 0 is a
    square.  With a ``tool`` other than ``look`` the pointer paints, and each stroke is told to ``on_stroke``.
    Where it ``picks``, a click is told to ``on_pick``; where its ``points`` (or cells) have a whole number
    for ``customdata``, a click on one tells that to ``on_point``.  With a ``strength`` its map gives way to
    that of the neuron under the pointer in the diagram, drawn with so much of its colours.  One picture is
    left for ``rest_s`` at least before the next is drawn: for what changes slowly, beside what should be
    quick.
    """
    facts = {
        "figure": figure.to_json(),
        "still": still,
        "alt": alt,
        "height": height,
        "greyed": greyed,
        "tool": tool,
        "picks": picks,
        "points": points,
        "strength": strength,
        "rest_ms": 1000 * rest_s,
        "plotly": serve_plotly(),
    }
    component("live_plot", isolated=False)(
        key=f"plot_{key}", data=Record(facts).to_bytes(), on_stroke_change=on_stroke, on_pick_change=on_pick,
        on_point_change=on_point,
    )  # fmt: skip


def still_json(traces: Sequence[go.Scatter]) -> str:
    """Write marker traces as the JSON that :func:`live_plot` takes."""
    return json.dumps(
        [
            {
                "x": [round(float(x), 4) for x in trace.x],
                "y": [round(float(y), 4) for y in trace.y],
                "name": trace.name,
                "text": trace.text,
                "marker": trace.marker.to_plotly_json(),
            }
            for trace in traces
        ]
    )
