"""The newest saved runs, beside the one at work, and the way back to each."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from dlcore.changes import label
from dlcore.experiment import Experiment
from dlcore.store import Query, Saved, StoreError, store
from pages.parts.saved import words
from pages.parts.saved.opening import begun
from pages.parts.state import Here, engine

NAMED = 3
LISTED = 8
SCROLLED_PX = 380
WIDTH_PX, TEXT_PX = 430, 300


def earlier_runs(here: Here) -> None:
    """The runs of this browser that were saved last, each with what would change if it were opened."""
    shown = st.popover("Earlier runs", icon=":material/list:", key="runs", on_change="rerun")
    if not shown.open:
        return
    with shown, st.container(width=WIDTH_PX, border=False):
        try:
            found = store().of(here.owner).find(Query(limit=LISTED + 1))
        except StoreError as away:
            st.warning(str(away), icon=":material/cloud_off:")
            return
        runs = [each for each in found if each.id != here.run.saved_as][:LISTED]
        if not runs:
            st.caption("None yet.  A run that starts over is kept here, with how far it came.")
        with st.container(height=SCROLLED_PX if len(runs) > 5 else "content", border=False):
            for number, each in enumerate(runs, 1):
                _line(here, number, each)
        with suppress(StreamlitPageNotFoundError):  # a page that is run by itself has no others beside it
            st.page_link("pages/runs.py", label="All runs", icon=":material/grid_view:")


def _line(here: Here, number: int, saved: Saved) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        said = words.plain(saved.name or difference(here.experiment, saved.experiment))
        st.markdown(f"**{number}.** {said}  \n:small[{words.plain(result(saved))}]", width=TEXT_PX)
        st.button(
            f"Open {number}",
            key=f"open-run:{number}",
            on_click=_open,
            args=(here, saved),
            help="Go on with this run where it was left.  Undo goes back",
            disabled=not here.lesson.allows("try"),
        )


def difference(present: Experiment, other: Experiment) -> str:
    """What opening a run would change, in words."""
    if other == present:
        return "the experiment as it is now"
    return label(present, other, NAMED) or "another stop"


def result(saved: Saved) -> str:
    """How far it came, and when."""
    parts = (words.length(saved), words.losses(saved), words.reached(saved))
    when = words.when(saved.saved, datetime.now(UTC), words.zone())
    return f"{', '.join(part for part in parts if part)}, {when}"


def _open(here: Here, saved: Saved) -> None:
    run, why = begun(lambda: engine().open(saved.id, here.owner))
    if run is None:
        here.notices.append(why)
    else:
        here.move_to(run)
