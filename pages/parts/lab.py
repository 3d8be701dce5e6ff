"""The frame of every lab: the question and the prediction, the transport, what happened, what to try, why."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from dlcore.edits import drawable
from dlcore.engine import Frame, State
from dlcore.experiment import Experiment
from dlcore.guides import GUIDES, Guide
from pages.parts import chrome, state
from pages.parts.state import Lab, put, taken
from pages.parts.transport import status
from pages.parts.transport import transport as buttons

__all__ = [
    "Lab",
    "happened",
    "lab_head",
    "lab_status",
    "lab_tail",
    "lab_transport",
    "onwards",
    "open_lab",
]


def open_lab(guide: Guide[Any]) -> Lab:
    """Set the page of a lab up, and find what this tab does in it."""
    chrome.page(guide.title, f"labs/{guide.name}.css")
    lab = state.open_lab(guide)
    chrome.notices(lab)
    return lab


def lab_head(lab: Lab) -> None:
    """The question, and what the student expects; Play is offered once something is predicted."""
    guide = lab.guide
    with st.container(key="lab-head"):
        number = f"Lab {GUIDES.index(guide) + 1} · " if guide in GUIDES else ""
        st.html(f"<h1><small>{number}{guide.title}</small>{guide.question}</h1>")
        put("lab:guess", lab.guess)
        st.segmented_control(
            "Your prediction" if lab.guess is not None else "Predict first",
            range(len(guide.choices)),
            key="lab:guess",
            format_func=guide.choices.__getitem__,
            on_change=taken("lab:guess", lab.predict),
            help="Say what you expect, then press Play and see",
        )


def lab_transport(lab: Lab, frame: Frame) -> None:
    """Play, pause, step, reset, reseed and speed, of all the lab's runs; and what a run stands still for."""
    buttons(lab, frame, waits_for="" if lab.guess is not None else "Predict first, then play")
    chrome.trouble(lab, frame)


def lab_status(lab: Lab, frame: Frame) -> None:
    """How the leading run is doing, and the clock of the pictures: to be drawn with each of them."""
    with st.container(key="status-strip"):
        status(lab.here, frame)


def happened(lab: Lab, frame: Frame, said: str, right: int | None = None) -> None:
    """What happened, in a sentence or two with the numbers of this run.

    ``right`` is the choice that came true, None as long as that cannot be told.
    """
    # a container of its own even when empty: pictures below it that move by one place are mounted anew
    with st.container(key="lab-happened"):
        if not said or (frame.state is State.IDLE and not frame.step):
            return
        judged = ""
        if right is not None and lab.guess is not None:
            choices = lab.guide.choices
            judged = (
                f"  **As you predicted: {choices[right]}.**"
                if right == lab.guess
                else f"  **You predicted “{choices[lab.guess]}”; it is “{choices[right]}”.**"
            )
        st.markdown(f":material/visibility: {said}{judged}")


def lab_tail(lab: Lab) -> None:
    """Three things to try, the way on, and the formulas with their sources."""
    guide = lab.guide
    with st.container(key="lab-tail", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Try**")
        for each in guide.tries:
            st.button(
                each.name,
                key=f"try:{each.name}",
                help=each.hint,
                on_click=lab.begin,
                args=(each.settings,),
            )
        onwards(lab.experiment)
    with st.expander("The formulas, and where they are from", key="lab-formulas"):
        columns = st.columns(2)
        for i, formula in enumerate(guide.formulas):
            with columns[i % 2]:
                st.markdown(f"**{formula.name}**  \n{formula.words}")
                st.latex(formula.latex)
                st.caption(formula.source)
    _neighbours(guide)


def onwards(experiment: Experiment, label: str = "") -> None:
    """A button that opens the very same experiment where everything of it can be changed."""
    plane = drawable(experiment)
    page = "playground" if plane else "builder"
    if st.button(
        label or f"Open in the {page}",
        key="lab-onwards",
        icon=":material/open_in_new:",
        help="The same data, network and settings, with everything to change",
    ):
        state.hand_over(experiment, building=not plane)
        st.switch_page(f"pages/{page}.py")


def _neighbours(guide: Guide[Any]) -> None:
    """The labs before and after this one."""
    if guide not in GUIDES:
        return
    at = GUIDES.index(guide)
    beside = [("Before", at - 1, "arrow_back"), ("Next", at + 1, "arrow_forward")]
    row = st.container(key="lab-neighbours", horizontal=True, gap="medium")
    with row, suppress(StreamlitPageNotFoundError):  # a page that is run by itself has no others beside it
        for word, place, icon in beside:
            if 0 <= place < len(GUIDES):
                label = f"{word}: {GUIDES[place].title}"
                st.page_link(f"pages/{GUIDES[place].name}.py", label=label, icon=f":material/{icon}:")
