"""Slow motion: the round to come, phase by phase."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from dlcore.charts import rivals
from dlcore.charts.theme import Theme
from dlcore.engine import State
from dlcore.record import Arrays
from pages.parts.state import Lab, put, taken
from pages.parts.transport import short

PROBE = "duel"
PHASES = (
    ("1  D looks", "The discriminator scores {n} real samples and as many fakes: its loss is {0}."),
    ("2  D steps", "It makes its step: blue where it now expects real samples.  Its loss was {0}, now {1}."),
    ("3  G is told", "New fakes; each is pushed to where the score rises: the generator's loss is {2}."),
    ("4  G steps", "The generator makes its step, and all fakes move at once.  Its loss was {2}, now {3}."),
)


def opened(lab: Lab) -> bool:
    """Whether a step is opened: of a run that stands still."""
    return (
        bool(lab.settings.slow) and lab.experiment.data.planar and lab.here.newest.state is not State.PLAYING
    )


def phase(lab: Lab) -> int:
    """Which of the phases is shown; of another game the first."""
    game, at = lab.kept.get("phase", (0, 0))
    return int(at) % len(PHASES) if game == lab.here.newest.revision else 0


def go_to(lab: Lab, at: int) -> None:
    """Show a phase of this game."""
    lab.kept["phase"] = lab.here.newest.revision, at


def figure(lab: Lab, record: Arrays, theme: Theme) -> go.Figure:
    """Draw the phase that is shown."""
    at = phase(lab)
    score = record["before"] if at == 0 else record["after"]
    if at < 2:
        return rivals.plane(score, record["seen"], theme)
    if at == 2:
        return rivals.plane(score, record["fake"], theme, pushes=record["push"])
    return rivals.plane(score, record["fake"], theme, moved=record["moved"])


def walk(lab: Lab) -> None:
    """The phases to choose from, the way on, and what happens in this one."""
    record = lab.here.newest.probe(PROBE)
    with st.container(key="gan-walk", horizontal=True, vertical_alignment="center"):
        put("gan:phase", phase(lab))
        st.segmented_control(
            "Phase", range(len(PHASES)), key="gan:phase", format_func=lambda at: PHASES[at][0], required=True,
            label_visibility="collapsed",
            on_change=taken("gan:phase", lambda at: go_to(lab, at)),
        )  # fmt: skip
        st.button("Next", key="gan-next", icon=":material/skip_next:", on_click=forward, args=(lab,),
                  disabled=lab.guess is None)  # fmt: skip
        if record:
            numbers = [short(float(each)) for each in record["loss"]]
            st.markdown(PHASES[phase(lab)][1].format(*numbers, n=len(record["real"])))


def forward(lab: Lab) -> None:
    """To the next phase; past the last one the round is made."""
    if phase(lab) == len(PHASES) - 1:
        lab.do("step")
    go_to(lab, phase(lab) + 1)
