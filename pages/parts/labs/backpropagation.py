"""What the backpropagation lab shows, and what it lets its visitor choose."""

from __future__ import annotations

import numpy as np

from dlcore.chain import places
from dlcore.engine import Frame
from dlcore.guides.backpropagation import COMPARED
from pages.parts import forms
from pages.parts.labs import backpropagation_depth as depth
from pages.parts.labs.backpropagation_chain import PROBE, opened
from pages.parts.labs.backpropagation_quiz import VIEW as QUIZ
from pages.parts.labs.backpropagation_quiz import answer_box, quiz_level
from pages.parts.labs.backpropagation_words import choice, power, times
from pages.parts.state import Lab, put

DEEP = "Vanishing gradients"


PACES = {DEEP: 25.0}
"""Steps per second with which a view begins, in which there is something to follow."""
SLOW = 10.0


def begin(lab: Lab) -> None:
    """Have networks that are new here begin slowly."""
    runs = [here.run.id for here in lab.heres.values()]
    if lab.kept.get("paced") != runs:
        lab.kept["paced"] = runs
        lab.set_pace(PACES.get(lab.settings.view, SLOW))
        put("speed", lab.pace)


def watched(lab: Lab) -> tuple[str, ...]:
    """What the workers compute for the open view."""
    return ("flow",) if lab.settings.view == DEEP else (PROBE,)


def controls(lab: Lab) -> None:
    """The view, and what may be chosen in it; what is compared need not be chosen."""
    forms.setting(lab, "view")
    view, compared = lab.settings.view, COMPARED[lab.settings.compare]
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
    if lab.settings.view == DEEP:
        depth.deep(lab)
    else:
        opened(lab, frame)


def answers(lab: Lab, frame: Frame) -> None:
    """Where the answer of the quiz is typed."""
    if lab.settings.view == QUIZ:
        answer_box(lab, frame)


def said(lab: Lab) -> tuple[str, int | None]:
    """What happened, and which of the choices came true."""
    if lab.settings.view == DEEP:
        return depth.said(lab)
    if "drawn" not in lab.kept:
        return "", None
    e, reading = lab.kept["drawn"]
    first, last = (_size(places(e), reading["gradients"], layer) for layer in (0, len(e.network)))
    loss = float(reading["values"][-1])
    return (
        f"After {lab.here.newest.step} steps the loss is {power(loss)}.  A weight's gradient in the first "
        f"layer is {power(first)}, in the last {power(last)} (root mean square): {times(first, last)}."
    ), choice(first, last)


def _size(names: tuple[str, ...], gradients: np.ndarray, layer: int) -> float:
    """The root mean square of the gradients in a layer's weights."""
    found = [g for name, g in zip(names, gradients, strict=True) if name.startswith(f"w.{layer}.")]
    return float(np.sqrt(np.mean(np.square(found))))
