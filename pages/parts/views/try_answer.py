"""The network's answer to what is tried: in a sentence, and as bars or a line."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dlcore.charts import shares
from dlcore.data import Task
from dlcore.data.split import Fitted, fit, measured
from dlcore.engine import Frame, State
from dlcore.record import Arrays
from pages.parts.live import live_plot
from pages.parts.state import Here
from pages.parts.tried import kept, tried
from pages.parts.views import choose

ROW_PX, LEAST_PX = 27, 120
VALUE_PX = 260


def asked(here: Here, x: NDArray[Any]) -> Arrays | None:
    """What the network says of one sample x (*sample_shape), its last answer until there is another."""
    mine = tried(here)
    try:
        told = here.run.answer(x[None], at=here.at)
    except ValueError as refusal:
        mine.told = None
        choose.empty(str(refusal))
        return None
    mine.told = told or mine.told
    if mine.told is None:
        choose.empty(choose.WAITING)
    return mine.told


def parts(here: Here) -> Any:
    """The samples of each share as they were measured."""
    e = here.experiment
    return kept(here, "parts", lambda: measured(e.data, e.split, e.seeds.data, e.seeds.split))


def fitted(here: Here) -> Fitted:
    """What fills gaps and scales numbers, fitted on the training share."""
    found: Fitted = kept(here, "fitted", lambda: fit(here.experiment.data, parts(here)["train"]))
    return found


def say(sentence: str) -> None:
    """The answer in a few words, large."""
    st.html(f'<p class="try-answer">{escape(sentence)}</p>')


def show(here: Here, frame: Frame, told: Arrays, truth: Any = None) -> None:
    """Draw the answer to one sample, beside its truth where that is known."""
    data, greyed = here.experiment.data, frame.state is State.LOST
    if data.task is Task.REGRESSION:
        _value(here, told, truth, greyed)
    elif "share" in told and told["share"].ndim == 2 and told["share"].shape[1] == data.n_classes:
        bars(here, told["share"][0], data.class_names, -1 if truth is None else int(truth), greyed)


def bars(
    here: Here,
    share: NDArray[np.float32],
    names: Any,
    truth: int = -1,
    greyed: bool = False,
    key: str = "try",
) -> None:
    """What each class gets of the answer."""
    say(shares.sentence(share, names))
    height = max(LEAST_PX, 44 + ROW_PX * min(len(share), shares.MOST))
    picture = shares.figure(share, names, here.theme, truth)
    live_plot(picture, f"{key}-shares", shares.alt(share, names), height=height, greyed=greyed)


def _value(here: Here, told: Arrays, truth: Any, greyed: bool) -> None:
    if "value" not in told:
        return
    answer = float(np.ravel(fitted(here).measured(told["value"][0]))[0])
    say(shares.number(answer))
    known = np.ravel(parts(here)["train"].y)
    what = getattr(here.experiment.data, "target", "") or "answer"
    picture = shares.value(answer, known, here.theme, what, None if truth is None else float(truth))
    live_plot(picture, "try-value", shares.value_alt(answer), height=VALUE_PX, greyed=greyed)
