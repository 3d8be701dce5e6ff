"""The curves of saved runs, and how they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dlcore.charts import comparison
from dlcore.charts.comparison import AXIS, Learnt
from dlcore.record import Arrays
from dlcore.store import Saved
from pages.parts.live import live_plot
from pages.parts.saved.desk import Desk
from pages.parts.state import put, shown_theme, taken

MEASURES = ("loss", "score")
HEIGHT_PX = 340


def curves(desk: Desk, runs: Sequence[tuple[str, Saved, Arrays]]) -> None:
    """Draw the curves of runs with their names, over epochs, steps or seconds."""
    tasks = [saved.experiment.task for _, saved, _ in runs]
    names = {measure: comparison.measure_name(measure, tasks) for measure in MEASURES}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="saved-curve-controls"):
        put("saved-measure", desk.view.measure)
        st.segmented_control(
            "Curve", MEASURES, key="saved-measure", format_func=names.__getitem__, required=True,
            on_change=taken("saved-measure", lambda new: desk.draw_curves(measure=new)),
            label_visibility="collapsed",
        )  # fmt: skip
        put("saved-over", desk.over)
        st.segmented_control(
            "Over", list(AXIS), key="saved-over", required=True, label_visibility="collapsed",
            format_func=lambda over: f"by {over}",
            on_change=taken("saved-over", lambda new: desk.count_in(over=new)),
        )  # fmt: skip
        with st.popover("Axes", icon=":material/tune:", help="Logarithmic axes and smoothing"):
            _toggle(desk, "log", f"Logarithmic {names[desk.view.measure]}")
            _toggle(desk, "log_epochs", f"Logarithmic {desk.over}")
            put("saved-smoothing", desk.view.smoothing)
            st.slider(
                "Smoothing", 0.0, 0.99, step=0.01, key="saved-smoothing",
                help="Exponential moving average: how much of a drawn value comes from those before it",
                on_change=taken("saved-smoothing", lambda new: desk.draw_curves(smoothing=new)),
            )  # fmt: skip
    drawn = [Learnt(name, history) for name, _, history in runs if history]
    measure = names[desk.view.measure]
    figure = comparison.figure(drawn, desk.over, desk.view, measure, shown_theme())
    alt = comparison.alt(drawn, desk.over, desk.view, measure)
    live_plot(figure, "saved", alt, height=HEIGHT_PX)
    st.caption("Training solid, test dotted.")


def _toggle(desk: Desk, name: str, label: str) -> None:
    key = f"saved-{name}"
    put(key, getattr(desk.view, name))
    change: Any = taken(key, lambda on: desk.draw_curves(**{name: on}))
    st.toggle(label, key=key, on_change=change)
