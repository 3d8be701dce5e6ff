"""The row of settings that are not on the pictures."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlcore.charts import rates
from dlcore.charts.curves import title
from dlcore.data import Task
from dlcore.experiment import Experiment
from dlcore.initializers import initializers
from dlcore.losses import losses
from dlcore.objectives import objectives
from dlcore.optimizers import optimizers
from dlcore.schedules import Constant, schedules
from pages.parts import forms
from pages.parts.folds import folds
from pages.parts.live import live_plot
from pages.parts.state import Here, put, taken
from pages.parts.teach import hidden_numbers


def settings_row(here: Here) -> None:
    """Every setting behind the name of what it sets; the two that people turn most stand in the open."""
    e = here.described
    shows = here.lesson.shows
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if shows("learning_rate"):
            with st.container(width=270):
                forms.fields(here, "optimizer", only=["learning_rate"])
        if shows("batch_size"):
            with st.container(width=120):
                forms.field(here, "batch_size", Experiment.model_fields["batch_size"])
        fitting = [each.kind_name() for each in objectives if each().fits(e.data)]
        if shows("loss") and not e.data.planar and len(fitting) > 1:
            with st.popover(e.objective.heading(), icon=":material/flag_circle:"):
                forms.kind(here, "objective", objectives, fitting=fitting, label="Objective")
                st.latex(e.objective.formula)
                forms.fields(here, "objective")
        if shows("loss"):
            with st.popover(e.loss.heading(), icon=":material/target:"):
                fitting = [each.kind_name() for each in losses if e.task in each.tasks]
                forms.kind(here, "loss", losses, fitting=fitting, label="Loss")
                st.latex(e.loss.formula)
                forms.fields(here, "loss")
        if shows("optimizer"):
            with st.popover(e.optimizer.heading(), icon=":material/trending_down:"):
                forms.kind(here, "optimizer", optimizers, label="Optimizer")
                st.latex(e.optimizer.formula)
                forms.fields(
                    here, "optimizer", only=[n for n in e.optimizer.settings() if n != "learning_rate"]
                )
        if shows("schedule"):
            with st.popover(f"{e.schedule.heading()} rate", icon=":material/show_chart:"):
                forms.kind(here, "schedule", schedules, label="Schedule")
                st.latex(e.schedule.formula)
                forms.fields(here, "schedule")
                _rate_chart(here)
        if shows("regularisation"):
            with st.popover(f"Regularisation: {_pull(e)}", icon=":material/compress:"):
                st.caption(e.regularisation.summary())
                forms.fields(here, "regularisation")
        if shows("start"):
            with st.popover(f"{e.init.heading()} start", icon=":material/flag:"):
                forms.kind(here, "init", initializers, label="Initialisation")
                forms.fields(here, "init")
                st.caption("The same seeds give the same run.")
                forms.fields(here, "seeds")
        if shows("start"):
            with st.popover(f"Stop: {_stop(e)}", icon=":material/sports_score:"):
                st.caption(e.stop.reference())
                forms.fields(here, "stop")
            with st.popover("Cross-validation", icon=":material/splitscreen:"):
                folds(here)
    hidden_numbers(here)


def _rate_chart(here: Here) -> None:
    """What the schedule makes of the learning rate, where that can be known beforehand."""
    schedule, rate = here.experiment.schedule, here.experiment.optimizer.learning_rate
    if isinstance(schedule, Constant):
        return
    if schedule.watches:
        st.caption(
            "How the rate falls depends on the run, so it cannot be drawn beforehand.  The line above the "
            "pictures shows the rate of the moment."
        )
        return
    live_plot(rates.figure(schedule, rate, here.theme), "rates", rates.alt(schedule, rate), height=170)


def curve_controls(here: Here) -> None:
    """Which curve is shown, on which axes, and how smooth."""
    task = here.experiment.task
    names = {measure: title(measure, task) for measure in ("loss", "score")}
    names["mistakes"] = "residuals" if task is Task.REGRESSION else "confusion"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            "Curve",
            list(names),
            format_func=names.__getitem__,
            required=True,
            label_visibility="collapsed",
            **_drawn(here, "measure"),
        )
        curve_axes(here, names[here.view.measure])


def curve_axes(here: Here, measure: str = "loss and score") -> None:
    """How the curves are drawn."""
    with st.popover("Axes", icon=":material/tune:", help="Logarithmic axes and smoothing"):
        st.toggle(f"Logarithmic {measure}", **_drawn(here, "log"))
        st.toggle("Logarithmic epochs", **_drawn(here, "log_epochs"))
        st.slider(
            "Smoothing",
            0.0,
            0.99,
            step=0.01,
            help="Exponential moving average: how much of a drawn value comes from those before it",
            **_drawn(here, "smoothing"),
        )


def _drawn(here: Here, name: str) -> dict[str, Any]:
    """Key and callback of a widget that sets how the curves are drawn."""
    put(name, getattr(here.view, name))
    return {"key": name, "on_change": taken(name, lambda new: here.draw_curves(**{name: new}))}


def _stop(e: Experiment) -> str:
    stop = e.stop
    rules = [f"{stop.epochs} epochs"] if stop.epochs else []
    rules += [f"{stop.measure} {stop.target:g}"] if stop.measure != "no target" else []
    rules += [f"patience {stop.patience}"] if stop.patience else []
    return ", ".join(rules) or "never"


def _pull(e: Experiment) -> str:
    pull = e.regularisation
    parts = [name for name, on in (("L1", pull.l1), ("L2", pull.l2), ("clip", pull.max_norm)) if on]
    parts += [pull.average] if pull.average != "none" else []
    return ", ".join(parts) or "none"
