"""k-fold cross-validation: how much a score owes to which points were kept for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dlcore.charts import folds as chart
from dlcore.charts.curves import title
from dlcore.data import Task
from dlcore.engine.folds import Folds
from dlcore.experiment import Experiment
from pages.parts.live import live_plot
from pages.parts.state import Here, engine, put, taken

LOOK_EVERY_S = 0.5
MOST_EPOCHS = 1000


@dataclass
class Panel:
    """What this tab asks of a cross-validation, and the one it started last."""

    k: int = 5
    epochs: int = 30
    run: Folds | None = None

    def start(self, here: Here) -> None:
        """Begin anew with the experiment as it is."""
        self.stop()
        self.run = Folds(engine(), _unfolded(here.experiment), self.k, self.epochs, here.owner)
        self.run.start()

    def stop(self) -> None:
        """Leave the one that is going on where it is."""
        if self.run is not None and self.run.running:
            self.run.stop()


def folds(here: Here) -> None:
    """Start a cross-validation of the experiment, watch it, and look at one of its folds."""
    panel: Panel = here.keep("folds", 0, Panel)
    running = panel.run is not None and panel.run.running
    st.caption(
        "The training and validation points are cut into k pieces.  k networks are trained from the same "
        "start; each leaves one piece out and is judged by it.  The test points stay out of it."
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width=200):
            put("folds:k", panel.k)
            st.slider("Folds k", 2, 10, key="folds:k", disabled=running, on_change=_taken(panel, "k"))
        with st.container(width=160):
            put("folds:epochs", panel.epochs)
            st.number_input(
                "Epochs per fold",
                1,
                MOST_EPOCHS,
                key="folds:epochs",
                disabled=running,
                help="A fold ends earlier where the experiment's own stop says so",
                on_change=_taken(panel, "epochs"),
            )
        if running:
            st.button("Stop", icon=":material/stop:", key="folds:stop", on_click=panel.stop)
        else:
            st.button(
                "Cross-validate",
                icon=":material/view_week:",
                key="folds:start",
                type="primary",
                on_click=panel.start,
                args=(here,),
            )
    if panel.run is not None:
        st.fragment(_watch, run_every=LOOK_EVERY_S if running else None)(here, panel.run, running)
    _one_fold(here, panel)


def _watch(here: Here, run: Folds, running: bool) -> None:
    """How far it is, and the folds that are done."""
    now, record = run.progress(), run.frame().probe("folds")
    if running and not now.running:
        st.rerun()
    if now.running:
        st.progress(now.share, f"Fold {min(now.fold + 1, now.folds)} of {now.folds}, epoch {now.epoch}")
    if now.message:
        st.info(now.message)
    measure = "loss" if run.experiment.task is Task.REGRESSION else "score"
    name = title(measure, run.experiment.task)
    said = chart.summary(record, measure, name)
    if said:
        st.markdown(f"**{said}**")
        if run.experiment != _unfolded(here.experiment):
            st.caption("The experiment has changed since.")
        live_plot(
            chart.figure(record, measure, name, here.theme),
            "folds",
            f"{said}  One point for each fold, training and validation.",
            height=240,
        )


def _one_fold(here: Here, panel: Panel) -> None:
    """Look at one fold in the run itself, or go back to the ordinary split."""
    split = here.experiment.split
    locked = not here.lesson.allows("data")
    if split.folds > 1:
        st.caption(f"The run learns from all pieces but number {split.fold + 1} of {split.folds}.")
        ordinary = split.model_copy(update={"folds": 0, "fold": 0})
        st.button(
            "Back to the ordinary split", key="folds:back", disabled=locked,
            on_click=here.set, args=("split", ordinary),
        )  # fmt: skip
    elif panel.run is not None and not panel.run.running:
        k = panel.run.k
        chosen = st.segmented_control(
            "Look at a fold", list(range(k)), format_func=lambda fold: f"{fold + 1}", key="folds:look"
        )
        wanted = split.model_copy(update={"folds": k, "fold": chosen or 0})
        st.button(
            "Open this fold as the run", key="folds:open", disabled=locked or chosen is None,
            on_click=here.set, args=("split", wanted),
        )  # fmt: skip


def _unfolded(experiment: Experiment) -> Experiment:
    split = experiment.split.model_copy(update={"folds": 0, "fold": 0})
    return experiment.model_copy(update={"split": split})


def _taken(panel: Panel, name: str) -> Callable[[], None]:
    return taken(f"folds:{name}", lambda new: setattr(panel, name, new))
