"""Live pictures: the clock, and the plot that keeps its node."""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from dlcore.engine import Frame, State
from dlcore.record import Record
from pages.parts.components import component, serve_plotly
from pages.parts.state import Here

PICTURES_EVERY_S = 0.1
HEARTBEAT_EVERY_S = 2.0


def live(here: Here, watch: tuple[str, ...], draw: Callable[[Frame], None]) -> None:
    """Draw now and again and again: ten times a second while the run plays, else at the pace of a heartbeat."""

    def tick() -> None:
        frame = here.frame(watch)
        playing = frame.state is State.PLAYING
        if playing != here.fast or here.stale:
            here.fast, here.stale = playing, False
            here.stale_frame = True
            st.rerun()
        draw(frame)

    st.fragment(tick, run_every=PICTURES_EVERY_S if here.fast else HEARTBEAT_EVERY_S)()


def live_plot(figure: go.Figure, key: str, alt: str, *, height: int = 0, greyed: bool = False) -> None:
    """Show a figure on a node that stays; ``height`` in px, 0 for a square."""
    facts = {
        "figure": figure.to_json(),
        "alt": alt,
        "height": height,
        "greyed": greyed,
        "plotly": serve_plotly(),
    }
    component("live_plot", isolated=False)(key=f"plot_{key}", data=Record(facts).to_bytes())
