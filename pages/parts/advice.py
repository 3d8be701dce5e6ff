"""The diagnosis: one line that says what is wrong, why, and what to do, with a repair."""

from __future__ import annotations

import streamlit as st

from dlcore.diagnose import diagnose
from dlcore.engine import Frame, State
from dlcore.evidence import Evidence, Finding
from pages.parts.state import Here

ICONS = {
    "error": ":red[:material/error:]",
    "warning": ":orange[:material/warning:]",
    "hint": ":blue[:material/lightbulb:]",
}


def advice(here: Here, frame: Frame) -> None:
    """Say the worst finding; the others wait in a popover.

    Asked anew whenever the health probe has another reading, which is at most once a second.
    """
    health = frame.probe("health")
    reading = tuple(health["at"]) if health else None
    found: list[Finding] = here.keep(
        "findings",
        (reading, frame.revision, frame.state, here.experiment),
        lambda: diagnose(
            Evidence(
                here.experiment,
                frame.probe("curves"),
                health,
                frame.message if frame.state is State.FAILED else "",
            )
        ),
    )
    with st.container(key="advice", horizontal=True, vertical_alignment="center", gap="small"):
        if not found:
            st.markdown(":material/check_circle: No trouble seen." if frame.step else "")
            return
        first, *others = found
        st.markdown(f"{ICONS[first.severity]} **{first.seen}**  {first.why}  {first.what_to_do}")
        _repair(here, frame, first)
        if others:
            with st.popover(f"{len(others)} more", key="more-advice"):
                for each in others:
                    st.markdown(f"{ICONS[each.severity]} **{each.seen}**  \n{each.why}  \n{each.what_to_do}")
                    _repair(here, frame, each)


def _repair(here: Here, frame: Frame, finding: Finding) -> None:
    if finding.remedy:
        st.button(
            "Repair",
            key=f"repair:{finding.rule}",
            icon=":material/build:",
            help=finding.what_to_do,
            on_click=_mend,
            args=(here, frame, finding),
        )


def _mend(here: Here, frame: Frame, finding: Finding) -> None:
    here.replace(here.experiment.model_copy(update=dict(finding.remedy or {})))
    if frame.state is State.FAILED:
        here.do("reset")
    if frame.state in {State.FAILED, State.PLAYING}:
        here.do("play")
