"""You compute this one: a number of the opened network is hidden, and the student types it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from dlcore.chain import places
from dlcore.engine import Frame, State
from dlcore.exercises import LEVELS, Exercise, Numbers, Verdict, exercise, judged
from pages.parts.state import Lab, put, read, taken

VIEW = "You compute"
TYPED = "quiz:typed"


@dataclass
class Quiz:
    """What a tab has been asked, and how it went."""

    level: str = LEVELS[0]
    number: int = 0
    told: int = 0
    """0 only the question, 1 the rule, 2 its numbers, 3 the result."""
    verdict: Verdict | None = None
    tried: bool = False
    right: int = 0
    asked: int = 0


def _quiz(lab: Lab) -> Quiz:
    quiz: Quiz = lab.kept.setdefault("quiz", Quiz())
    return quiz


def _exercise(lab: Lab) -> Exercise:
    quiz = _quiz(lab)
    found: Exercise = lab.here.keep(
        "exercise",
        (lab.experiment, quiz.level, quiz.number),
        lambda: exercise(lab.experiment, quiz.level, quiz.number),
    )
    return found


def asked(lab: Lab, frame: Frame) -> dict[str, Any] | None:
    """What the drawing has to hide and to tell; None where nothing is asked."""
    if lab.settings.view != VIEW or frame.state is State.PLAYING:
        return None
    quiz, found = _quiz(lab), _exercise(lab)
    title = "You compute this one." if quiz.told == 0 else f"You compute this one.  {found.hint}"
    return {"row": asdict(found.row), "known": found.known, "told": quiz.told, "title": title}


def numbers(lab: Lab) -> Numbers:
    """Values and gradients of the last picture by their reference."""
    e, reading = lab.kept["drawn"]
    both = (("v", reading["values"]), ("g", reading["gradients"]))
    return {
        f"{kind}:{place}": float(value)
        for kind, array in both
        for place, value in zip(places(e), array, strict=True)
    }


def quiz_level(lab: Lab) -> None:
    """How much of the way is to be computed."""
    put("quiz:level", _quiz(lab).level)
    st.segmented_control(
        "Difficulty",
        LEVELS,
        key="quiz:level",
        required=True,
        on_change=taken("quiz:level", lambda level: _turn(lab, level=level)),
        help="From one sum to the gradient of a first weight, all the way back",
    )


def answer_box(lab: Lab, frame: Frame) -> None:
    """Where the answer is typed, what it is worth, and the score."""
    if frame.state is State.PLAYING:
        st.info("The numbers move while it learns.  Press Pause to compute one.", icon=":material/pause:")
        return
    quiz = _quiz(lab)
    with st.container(key="quiz", horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.form("quiz-form", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input("Your number", key=TYPED, max_chars=40, placeholder="0.145", width=170)
            st.form_submit_button(
                "Check", type="primary", on_click=_check, args=(lab,), disabled=quiz.told == 3
            )
        more = ("Hint: the rule", "Hint: its numbers", "Solution", "Solution")[quiz.told]
        st.button(more, key="quiz-hint", on_click=_tell_more, args=(lab,), disabled=quiz.told == 3)
        st.button("Next one", key="quiz-next", icon=":material/arrow_forward:", on_click=_turn, args=(lab,))
        st.markdown(f"Score **{quiz.right} of {quiz.asked}**")
        if quiz.verdict:
            icon = "check_circle" if quiz.verdict.right else "close"
            st.markdown(f":material/{icon}: **{quiz.verdict.said}**")


def _check(lab: Lab) -> None:
    quiz = _quiz(lab)
    if quiz.told == 3 or not str(read(TYPED)).strip():
        return
    quiz.verdict = judged(str(read(TYPED)), _exercise(lab).row, numbers(lab))
    quiz.asked += not quiz.tried
    quiz.tried = True
    if quiz.verdict.right:
        quiz.right += 1
        quiz.told = 3


def _tell_more(lab: Lab) -> None:
    quiz = _quiz(lab)
    quiz.told = min(3, quiz.told + 1)
    if quiz.told == 3:
        quiz.asked += not quiz.tried
        quiz.tried, quiz.verdict = True, None


def _turn(lab: Lab, level: str = "") -> None:
    """Ask the next one, or one of another level."""
    quiz = _quiz(lab)
    quiz.number = 0 if level else quiz.number + 1
    quiz.level = level or quiz.level
    quiz.told, quiz.verdict, quiz.tried = 0, None, False
    put(TYPED, "")
