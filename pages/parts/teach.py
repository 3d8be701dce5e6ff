"""A lesson: for who takes it, and for who makes it."""

from __future__ import annotations

from typing import Any

import segno
import streamlit as st

from dlcore.engine import Frame
from dlcore.experiment import Experiment
from dlcore.lesson import PARTS, Goal, Lesson, Measure, clean, encode, told
from dlcore.lessons import LESSONS
from dlcore.link import encode as encode_experiment
from pages.parts import chrome
from pages.parts.state import Here, put, taken

NAME = "teach"
MAX_QR = 2_900
"""Letters that fit into the largest QR code at its lowest level of correction: 2,953 bytes."""
MEASURES: dict[Measure, str] = {
    "test_score": "test accuracy or R²",
    "train_score": "train accuracy or R²",
    "test_loss": "test loss",
    "train_loss": "train loss",
}
BOUNDS = {"neurons": "Neurons", "layers": "Hidden layers", "parameters": "Parameters", "epochs": "Epochs"}


def lesson_text(here: Here) -> None:
    """The lesson's name and what to do."""
    lesson = here.lesson
    if not (lesson.name or lesson.text):
        return
    with st.container(key="lesson", border=True):
        if lesson.name:
            st.markdown(f"#### {_line(lesson.name)}")
        if lesson.text:
            st.markdown(clean(lesson.text))


def goal_line(here: Here, frame: Frame) -> None:
    """Whether the goal is met, in an icon and words."""
    goal = here.lesson.goal
    if goal is None:
        return
    verdict = goal.judge(here.experiment, frame.epoch, frame.measures)
    words = goal.words(here.experiment.task)
    with st.container(key="goal"):
        if verdict.met:
            st.markdown(f":green[:material/check_circle: **Goal met:**] {words}; now {verdict.reached:.3g}")
        else:
            missing = "; ".join(verdict.missing)
            st.markdown(f":material/radio_button_unchecked: **Goal, not yet met:** {words}; {missing}")


def hidden_numbers(here: Here) -> None:
    """The settings that are not there, as numbers: what is hidden still decides the run."""
    said = [told(here.experiment, part) for part in PARTS if not here.lesson.shows(part)]
    if any(said):
        st.caption("Set for this lesson: " + _line("; ".join(filter(None, said))) + ".")


def teach_buttons(here: Here) -> None:
    """Make a lesson; show it on a projector."""
    hint = "Make a lesson of this experiment: what is shown, what to do, a goal, and its link"
    chrome.opens(here, NAME, "Teach", "teach-open", "school", hint)
    present_button(here)


def lessons() -> None:
    """Lessons that are ready to take, each in a tab of its own."""
    with st.popover("Lessons", icon=":material/menu_book:", key="lessons"):
        for ready in LESSONS:
            st.link_button(ready.lesson.name, link(ready.experiment, ready.lesson), width="stretch")


def present_button(here: Here) -> None:
    """Into presentation mode, and out of it."""
    st.button(
        "Leave" if here.present else "Present",
        key="present",
        icon=":material/close_fullscreen:" if here.present else ":material/present_to_all:",
        help="Presentation: large type, and nothing but the transport and the pictures",
        on_click=here.toggle_present,
    )


def teach_dialog(here: Here) -> None:
    """Show the dialog where it is open."""
    if here.dialog == NAME:
        shown = st.dialog(
            "Make a lesson", width="large", icon=":material/school:", on_dismiss=here.close_dialog
        )
        shown(_content)(here)


def _content(here: Here) -> None:
    if here.draft is None:
        here.draft = here.lesson
    lesson: Lesson = here.draft
    left, right = st.columns([3, 2], gap="large")
    with left:
        _words(here, lesson)
        _parts(here, lesson)
        _goal(here, lesson)
    with right:
        _link(here, here.draft)


def _change(here: Here, **new: Any) -> None:
    kept = {name: getattr(here.draft, name) for name in Lesson.model_fields}
    here.draft = Lesson(**{**kept, **new})


def _words(here: Here, lesson: Lesson) -> None:
    put("teach-name", lesson.name)
    st.text_input(
        "Title",
        key="teach-name",
        max_chars=80,
        on_change=taken("teach-name", lambda name: _change(here, name=name)),
    )
    put("teach-text", lesson.text)
    st.text_area(
        "Instructions",
        key="teach-text",
        max_chars=2_000,
        height=110,
        help="Markdown, with formulas between $ signs; pictures and HTML are left out",
        on_change=taken("teach-text", lambda text: _change(here, text=text)),
    )


def _parts(here: Here, lesson: Lesson) -> None:
    for field, label, hint in (
        ("hidden", "Hidden", "Not there; its numbers are still told in one line"),
        ("locked", "Locked", "There, with its numbers, and cannot be changed"),
    ):
        key = f"teach-{field}"
        other = lesson.locked if field == "hidden" else lesson.hidden
        put(key, list(getattr(lesson, field)))
        st.multiselect(
            label,
            [part for part in PARTS if part not in other],
            key=key,
            format_func=PARTS.__getitem__,
            help=hint,
            placeholder="nothing",
            on_change=taken(key, lambda parts, field=field: _change(here, **{field: tuple(parts)})),
        )


def _goal(here: Here, lesson: Lesson) -> None:
    put("teach-goal", lesson.goal is not None)
    st.toggle(
        "Set a goal",
        key="teach-goal",
        on_change=taken("teach-goal", lambda on: _change(here, goal=Goal() if on else None)),
    )
    goal = lesson.goal
    if goal is None:
        return

    def change(name: str, value: Any) -> None:
        _change(here, goal=Goal(**{**goal.model_dump(), name: value}))

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        put("teach-measure", goal.measure)
        st.selectbox(
            "Measure",
            list(MEASURES),
            key="teach-measure",
            format_func=MEASURES.__getitem__,
            width=190,
            on_change=taken("teach-measure", lambda value: change("measure", value)),
        )
        put("teach-comparison", goal.comparison)
        st.segmented_control(
            "Side",
            ["over", "under"],
            key="teach-comparison",
            required=True,
            on_change=taken("teach-comparison", lambda value: change("comparison", value)),
        )
        put("teach-threshold", goal.threshold)
        st.number_input(
            "Threshold",
            -1_000.0,
            1_000.0,
            key="teach-threshold",
            step=0.01,
            format="%g",
            width=120,
            on_change=taken("teach-threshold", lambda value: change("threshold", value)),
        )
    with st.container(horizontal=True, gap="small"):
        for name, label in BOUNDS.items():
            key = f"teach-{name}"
            put(key, getattr(goal, name))
            st.number_input(
                label,
                0,
                1_000_000,
                key=key,
                width=110,
                help=f"{Goal.model_fields[name].description}; 0 is no bound",
                on_change=taken(key, lambda value, name=name: change(name, value)),
            )


def _link(here: Here, lesson: Lesson) -> None:
    address = link(here.experiment, lesson)
    st.markdown("**Link**")
    st.code(address, language=None, wrap_lines=True, height=150)
    if len(address) > MAX_QR:
        st.caption("The link is too long for a QR code: points of one's own travel in it.")
    else:
        code = segno.make(address, error="l", micro=False)
        st.image(
            code.svg_inline(scale=4, border=4, dark="#000", light="#fff"),
            width=220,
            alt="QR code of the link",
        )
    if lesson.goal:
        st.caption(f"Goal: {lesson.goal.words(here.experiment.task)}.")
    st.link_button("Open it as a learner", address, icon=":material/open_in_new:")


def link(experiment: Experiment, lesson: Lesson) -> str:
    """The address that opens an experiment as a lesson."""
    base = str(st.context.url or "").partition("?")[0]
    return f"{base}?x={encode_experiment(experiment)}&lesson={encode(lesson)}"


def _line(text: str) -> str:
    """One line from strangers as Markdown that shows it letter by letter."""
    return "".join(
        f"\\{letter}" if letter in "\\`*_{}[]()<>#+!|$~:" else letter for letter in text.replace("\n", " ")
    )
