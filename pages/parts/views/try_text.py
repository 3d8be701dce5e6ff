"""Try a string of one's own: its tokens, and what the network answers to it."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dlcore.charts import shares
from dlcore.data import Dataset, Task, typed
from dlcore.data.text import PAD
from dlcore.data.tokens import NOT_ASKED, Addition, Brackets, Copy
from dlcore.engine import Frame
from dlcore.record import Arrays
from pages.parts.state import Here, taken
from pages.parts.tried import Tried, tried
from pages.parts.views import choose, samples, try_answer


def show(here: Here, frame: Frame) -> None:
    """A line to type in, the tokens, and the answer."""
    data, mine = here.experiment.data, tried(here)
    if not mine.text:
        mine.sample = 0
        mine.text = typed.example(data, here.points["test"].x[0])
    _field(here, mine)
    found = typed.read(data, mine.text)
    if found.x is None:
        choose.empty(found.problem)
        return
    told = try_answer.asked(here, found.x)
    if told is None:
        return
    right = typed.right(data, found.x)
    if data.task is Task.TOKENS:
        _steps(data, found.x, told, right)
        return
    st.html(
        _table([("tokens", [_cell(data.vocabulary[k], k) for k in found.x if data.vocabulary[k] != PAD])])
    )
    share, truth = _known(here, found.x)
    left, _ = st.columns([3, 1])
    with left:
        try_answer.show(here, frame, told, right if truth is None else truth)
    if truth is not None:
        learnt = "one of those it learnt from" if share == "train" else "not among those it learnt from"
        choose.said(f"The truth is {data.class_names[truth]}; this string is {learnt}.")


def _known(here: Here, x: NDArray[np.int64]) -> tuple[str, int | None]:
    """The share that a string is in, and its truth; ("", None) where it is in none."""
    for share, part in here.points.items():
        at = np.flatnonzero((part.x == x).all(1))
        if len(at):
            return share, int(part.y[at[0]])
    return "", None


def _field(here: Here, mine: Tried) -> None:
    key = f"try:{mine.begun}:text"
    with choose.row():
        st.text_input(
            _asked_for(here.experiment.data), mine.text, typed.MOST_TYPED, key=key, live=True, width=360,
            on_change=taken(key, lambda text: setattr(mine, "text", str(text)[: typed.MOST_TYPED] or " ")),
        )  # fmt: skip
        st.button(
            "Another test sample",
            key="try:another",
            icon=":material/shuffle:",
            on_click=_another,
            args=(here,),
        )


def _another(here: Here) -> None:
    """The next string that was not learnt from."""
    mine, x = tried(here), here.points["test"].x
    mine.sample = (mine.sample + 1) % len(x)
    mine.text = typed.example(here.experiment.data, x[mine.sample])
    mine.begin()


def _asked_for(data: Dataset) -> str:
    if isinstance(data, Addition):
        return f"A sum of two numbers of {data.digits} digits at most"
    if isinstance(data, Brackets):
        return f"Brackets, {data.length} at most"
    if data.vocabulary[0] == PAD:
        return f"A name of {data.sample_shape[0]} letters at most"
    length = data.length if isinstance(data, Copy) else data.sample_shape[0]
    return f"{length} letters from {data.class_names[0]} to {data.class_names[-1]}"


def _steps(data: Dataset, x: NDArray[np.int64], told: Arrays, right: NDArray[Any] | None) -> None:
    """The answer at each step, beside what is right where that is known."""
    best, share = told["best"][0], told["share"][0]
    if best.shape[0] != len(x):
        return  # the answer to a string of another length
    asked = [right is None or right[t] != NOT_ASKED for t in range(len(x))]
    wrong = [right is not None and asked[t] and best[t, 0] != right[t] for t in range(len(x))]
    n, n_right = sum(asked), sum(asked) - sum(wrong)
    try_answer.say("".join(data.class_names[best[t, 0]] for t in range(len(x)) if asked[t]))
    rows = [("tokens", [_cell(data.vocabulary[k], int(k)) for k in x])]
    answers = [
        _cell(data.class_names[best[t, 0]], shares.said(float(share[t, 0])), "wrong" if wrong[t] else "")
        if asked[t]
        else "<td></td>"
        for t in range(len(x))
    ]
    rows.append(("answers", answers))
    if right is not None:
        rows.append(
            ("right", [_cell(data.class_names[right[t]]) if asked[t] else "<td></td>" for t in range(len(x))])
        )
    st.html(_table(rows))
    if right is not None:
        choose.said(
            f"{n_right} of {n} steps are right." + ("" if n_right == n else "  Wrong ones are marked ×.")
        )


def _table(rows: list[tuple[str, list[str]]]) -> str:
    body = "".join(f"<tr><th scope='row'>{name}</th>{''.join(cells)}</tr>" for name, cells in rows)
    return (
        f"<div class='try-tokens' tabindex='0' role='group' aria-label='Tokens'><table>{body}</table></div>"
    )


def _cell(token: str, below: object = "", kind: str = "") -> str:
    mark = "× " if kind == "wrong" else ""
    small = f"<small>{escape(str(below))}</small>" if below != "" else ""
    return f"<td class='{kind}'>{mark}{escape(samples.token_said(token))}{small}</td>"
