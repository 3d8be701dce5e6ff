"""Play, pause, step, reset, reseed; and the strip that says how the run is doing."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlcore.data import Task
from dlcore.engine import Frame, State
from pages.parts.components import component
from pages.parts.state import Here, Lab, put, taken
from pages.parts.teach import present_button

PACES = {
    1.0: "1 step/s",
    5.0: "5 steps/s",
    10.0: "10 steps/s",
    25.0: "25 steps/s",
    100.0: "100 steps/s",
    500.0: "500 steps/s",
    0.0: "full",
}
WORDS = {
    State.IDLE: "ready",
    State.PLAYING: "learning",
    State.PAUSED: "paused",
    State.FINISHED: "finished",
    State.FAILED: "stopped",
    State.LOST: "lost",
}


def transport(here: Here | Lab, frame: Frame, waits_for: str = "") -> None:
    """The row above the pictures; nothing plays while it ``waits_for`` something, which it says."""
    playing = frame.state is State.PLAYING
    over = frame.state in {State.FINISHED, State.FAILED, State.LOST}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="transport"):
        st.button(
            "Pause" if playing else "Play",
            key="play",
            type="primary",
            on_click=here.toggle,
            disabled=over or bool(waits_for),
            icon=":material/pause:" if playing else ":material/play_arrow:",
            help=waits_for or "Space",
        )
        lost, lesson = frame.state is State.LOST, here.lesson
        if lesson.shows("step"):
            kept = over or not lesson.allows("step") or bool(waits_for)
            _button(here, "step", "Step", "skip_next", "Learn from one batch (→)", kept)
            _button(here, "epoch", "Epoch", "fast_forward", "Look at every training point once", kept)
        if lesson.shows("reset"):
            kept = lost or not lesson.allows("reset")
            _button(here, "reset", "Reset", "replay", "Back to the same start (R)", kept)
        if lesson.shows("reseed"):
            st.button(
                "Reseed",
                key="reseed",
                icon=":material/casino:",
                on_click=here.reseed,
                help="Start from other weights",
                disabled=lost or not lesson.allows("reseed"),
            )
        if lesson.shows("speed"):
            _speed(here)
        if isinstance(here, Here) and here.present:
            present_button(here)
        else:
            _undo(here, lost)


def _undo(here: Here | Lab, lost: bool) -> None:
    """Two icons; how far they reach is in their help."""
    for name, icon, act, hint, steps in (
        ("undo", "undo", here.undo, "Undo the last change of a setting (Ctrl+Z)", here.edits.before),
        ("redo", "redo", here.redo, "Redo it (Ctrl+Shift+Z)", here.edits.after),
    ):
        st.button(
            "",
            key=name,
            icon=f":material/{icon}:",
            type="tertiary",
            on_click=act,
            help=hint,
            disabled=lost or not steps,
        )


def _button(here: Here | Lab, command: str, label: str, icon: str, hint: str, disabled: bool) -> None:
    st.button(
        label,
        key=command,
        icon=f":material/{icon}:",
        on_click=here.do,
        args=(command,),
        help=hint,
        disabled=disabled,
    )


def _speed(here: Here | Lab) -> None:
    put("speed", here.pace)
    st.select_slider(
        "Speed",
        list(PACES),
        format_func=PACES.__getitem__,
        key="speed",
        width=96,
        disabled=not here.lesson.allows("speed"),
        on_change=taken("speed", here.set_pace),
        label_visibility="collapsed",
        help="Speed, up to as fast as it goes",
    )


def status(here: Here, frame: Frame, told: list[dict[str, Any]] | None = None) -> None:
    """The status strip; its root carries the numbers as ``data-…`` for scripts.

    ``told`` is what it says where that is not an experiment's epochs and losses.
    """
    measures = frame.measures
    marks = {
        "state": str(frame.state),
        "epoch": str(frame.epoch),
        "step": str(frame.step),
        "trainLoss": _exact(measures.get("train_loss")),
        "testLoss": _exact(measures.get("test_loss")),
        "run": here.run.id,
        "at": "" if here.at is None else str(here.at),
    }
    here.beats += 1
    component("status", isolated=False)(
        key="status",
        data={
            "marks": marks,
            "items": items(here, frame) if told is None else told,
            "every_ms": 1000 * here.every_s,
            "beat": here.beats,
        },
        on_tick_change=lambda: None,
    )


def items(here: Here, frame: Frame) -> list[dict[str, Any]]:
    """What the strip says, from left to right."""
    measures = frame.measures
    regression = here.experiment.task is Task.REGRESSION
    loss, score = here.experiment.objective.measures or ("loss", "R²" if regression else "accuracy")
    per_s = frame.epochs_per_s
    speed = (f"{per_s:.0f}" if per_s >= 10 else f"{per_s:.2g}") if frame.state is State.PLAYING else "–"
    return [
        {
            "what": "",
            "value": WORDS[frame.state] if here.at is None else "looking back",
            "width": 8,
            "hint": f"The run itself is {WORDS[frame.state]}",
        },
        {
            "what": "epoch",
            "value": thin_spaces(frame.epoch),
            "width": 7,
            "hint": f"{frame.step} steps so far",
        },
        {"what": "per s", "value": speed, "width": 4, "hint": "Epochs per second"},
        {
            "what": loss,
            "value": f"{short(measures.get('train_loss'))} / {short(measures.get('test_loss'))}",
            "width": 15,
            "hint": f"{loss.capitalize()} on the training points / on the test points",
        },
        {
            "what": score,
            "value": f"{short(measures.get('test_score'))}",
            "width": 6,
            "hint": f"{score} on the test points; in training {short(measures.get('train_score'))}",
        },
    ]


def short(value: float | None) -> str:
    """Three significant digits, as people read them; a dash for what is not a number."""
    if value is None:
        return "–"
    text = f"{value:.3g}" if abs(value) >= 1e-3 or value == 0 else f"{value:.1e}"
    return text.replace("-", "−")


def thin_spaces(value: int) -> str:
    """A count with thin spaces between thousands."""
    return f"{value:,}".replace(",", "\u2009")


def _exact(value: float | None) -> str:
    return "nan" if value is None else repr(value)
