"""What the backpropagation lab shows, and what it lets its visitor choose."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dlcore.chain import places
from dlcore.engine import Frame
from dlcore.guides.backpropagation import lines
from pages.parts import forms
from pages.parts.labs.backpropagation_chain import PROBE, opened
from pages.parts.labs.backpropagation_quiz import VIEW as QUIZ
from pages.parts.labs.backpropagation_quiz import answer_box, quiz_level
from pages.parts.state import Lab
from pages.parts.transport import short

DEEP = "Vanishing gradients"
ALIKE = 5.0
"""Gradients are called alike within such a factor of each other."""
CHOOSABLE = {"activation": "bend", "start": "start", "wiring": "wiring", "depth": "depth"}


def watched(lab: Lab) -> tuple[str, ...]:
    """What the workers compute for the open view."""
    return ("flow",) if lab.settings.view == DEEP else (PROBE,)


def controls(lab: Lab) -> None:
    """The view, and what may be chosen in it; what is compared need not be chosen."""
    forms.setting(lab, "view")
    view, compared = lab.settings.view, CHOOSABLE[lab.settings.compare]
    if view == QUIZ:
        quiz_level(lab)
    names = {
        DEEP: ("compare", *(name for name in ("depth", "bend", "start", "wiring") if name != compared)),
        QUIZ: ("layers", "units", "activation"),
    }.get(view, ("layers", "units", "activation", "loss", "rate"))
    for name in names:
        forms.setting(lab, name)


def show(lab: Lab, frame: Frame) -> None:
    """Draw the open view."""
    if lab.settings.view != DEEP:
        opened(lab, frame)


def answers(lab: Lab, frame: Frame) -> None:
    """Where the answer of the quiz is typed."""
    if lab.settings.view == QUIZ:
        answer_box(lab, frame)


def said(lab: Lab) -> tuple[str, int | None]:
    """What happened, and which of the choices came true."""
    if lab.settings.view == DEEP:
        return _deep(lab)
    reading, e = lab.kept.get("reading"), lab.experiment
    if reading is None or len(reading["gradients"]) != len(places(e)):
        return "", None
    first, last = (_size(places(e), reading["gradients"], layer) for layer in (0, len(e.network)))
    loss = float(reading["values"][-1])
    return (
        f"After {lab.here.newest.step} steps the loss is {short(loss)}.  A weight of the first layer feels "
        f"{short(first)}, one of the last {short(last)} (root mean square): {_times(first, last)}."
    ), _choice(first, last)


def _size(names: tuple[str, ...], gradients: np.ndarray, layer: int) -> float:
    """The root mean square of the gradients in a layer's weights."""
    found = [g for name, g in zip(names, gradients, strict=True) if name.startswith(f"w.{layer}.")]
    return float(np.sqrt(np.mean(np.square(found))))


def _choice(first: float, last: float) -> int:
    if first > ALIKE * last:
        return 0
    return 1 if last > ALIKE * first else 2


def _times(first: float, last: float) -> str:
    if not first or not last:
        return "nothing arrives" if not first else "nothing but there"
    if _choice(first, last) == 2:
        return f"alike, within a factor of {short(max(first, last) / min(first, last))}"
    more, less = ("first", first / last) if first > last else ("last", last / first)
    return f"the {more} {short(less)} times as much"


def _deep(lab: Lab) -> tuple[str, int | None]:
    return f"{len(lines(lab.settings))} networks", None
