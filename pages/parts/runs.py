"""The list of earlier runs, and the way back to each."""

from __future__ import annotations

import streamlit as st

from dlcore.changes import label
from dlcore.data import Task
from dlcore.experiment import Experiment
from pages.parts.earlier import Earlier
from pages.parts.state import Here
from pages.parts.transport import short, thin_spaces

NAMED = 3
SCROLLED_PX = 380
WIDTH_PX, TEXT_PX = 430, 300


def earlier_runs(here: Here) -> None:
    """What was tried in this tab, each with what would change if it were opened."""
    shown = st.popover("Earlier runs", icon=":material/list:", key="runs", on_change="rerun")
    if not shown.open:
        return
    runs = here.earlier.kept
    with (
        shown,
        st.container(width=WIDTH_PX, height=SCROLLED_PX if len(runs) > 5 else "content", border=False),
    ):
        if not runs:
            st.caption("None yet.  A run that starts over is kept here, with how far it came.")
        for each in runs:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                said = f"**{each.number}.** {difference(here.experiment, each)}  \n{result(each)}"
                st.markdown(said, width=TEXT_PX)
                st.button(
                    f"Open {each.number}",
                    key=f"open-run:{each.number}",
                    on_click=_open,
                    args=(here, each.experiment),
                    help="Set this experiment again, from its own start.  Undo goes back",
                    disabled=not here.lesson.allows("try"),
                )


def difference(present: Experiment, run: Earlier) -> str:
    """What opening an earlier run would change, in words."""
    if run.experiment == present:
        return "the experiment as it is now"
    return label(present, run.experiment, NAMED) or "another stop"


def result(run: Earlier) -> str:
    """How far it came."""
    score = "R²" if run.experiment.task is Task.REGRESSION else "accuracy"
    train, test, reached = (
        short(run.measures.get(name)) for name in ("train_loss", "test_loss", "test_score")
    )
    epochs = f"{thin_spaces(run.epochs)} epoch{'s' * (run.epochs != 1)}"
    return f":small[{epochs}, loss {train} / {test}, {score} {reached}]"


def _open(here: Here, experiment: Experiment) -> None:
    here.replace(experiment)
    here.do("reset")  # it begins with its own weights, whatever was learnt before
