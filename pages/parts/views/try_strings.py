"""Have the network make up strings: temperature, top-k, a beginning, and how many."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from dlcore.data import NextToken, typed
from dlcore.engine import Frame, State
from pages.parts.state import Here, taken
from pages.parts.tried import Tried, kept, tried
from pages.parts.views import choose, samples, try_answer

MOST_STRINGS, MOST_K, MOST_SEED = 64, 100, 9999
HOTTEST = 2.0
END_AT, ENDED = 2, "the end"
"""The token that says that a string is over, and what it is called."""


def show(here: Here, frame: Frame) -> None:
    """How strings are drawn on the left, the strings and the next token's shares beside it."""
    data, mine = here.experiment.data, tried(here)
    assert isinstance(data, NextToken)
    left, middle, right = st.columns([3, 3, 4], gap="medium")
    with left:
        _settings(data, mine)
    with middle:
        _strings(here, data, mine)
    with right:
        _next(here, frame, data, mine)


def _settings(data: NextToken, mine: Tried) -> None:
    def keep(name: str, key: str) -> None:
        taken(key, lambda value: setattr(mine, name, value))()

    def key(name: str) -> dict[str, object]:
        named = f"try:{mine.begun}:{name}"
        return {"key": named, "on_change": keep, "args": (name, named)}

    st.text_input("Beginning", mine.text, 60, live=True, help="What every string begins with", **key("text"))
    st.slider(
        "Temperature", 0.0, HOTTEST, mine.temperature, 0.05, **key("temperature"),
        help="What the outputs are divided by before the softmax: at 0 the likeliest token is taken, above 1 "
        "unlikely ones become likelier",
    )  # fmt: skip
    most = min(MOST_K, data.n_classes)
    st.slider(
        "Top-k", 0, most, min(mine.top_k, most), **key("top_k"),
        help="Only so many of the likeliest tokens are drawn from; 0 for all (Fan et al., 2018)",
    )  # fmt: skip
    with st.container(horizontal=True):
        st.number_input("Strings", 1, MOST_STRINGS, mine.n_strings, width=120, **key("n_strings"))
        st.number_input(
            "Seed", 0, MOST_SEED, mine.seed, width=120, **key("seed"),
            help="The same seed draws the same strings from the same network",
        )  # fmt: skip


def _strings(here: Here, data: NextToken, mine: Tried) -> None:
    try:
        made = here.run.generate(
            mine.n_strings, mine.temperature, mine.top_k, mine.seed, mine.text, at=here.at
        )
    except ValueError as refusal:
        choose.empty(str(refusal))
        return
    mine.strings = made if made is not None else mine.strings
    if not mine.strings:
        choose.empty(choose.WAITING)
        return
    learnt = kept(here, "learnt", lambda: {typed.example(data, x) for x in here.points["train"].x})
    lines = [
        f"<li>{escape(text) or '∅'}{' <small>learnt by heart</small>' if text in learnt else ''}</li>"
        for text in mine.strings
    ]
    st.html(f"<ol class='try-strings' aria-label='Strings made up'>{''.join(lines)}</ol>")


def _next(here: Here, frame: Frame, data: NextToken, mine: Tried) -> None:
    """What may follow the beginning."""
    begun = data.split_up(mine.text)
    if unknown := typed.unknown(data, mine.text):
        choose.said(f"Left out, as the network does not know it: {' '.join(unknown)[:40]}")
    found = typed.read(data, mine.text)
    if found.x is None:
        choose.empty(found.problem)
        return
    told = try_answer.asked(here, found.x)
    step = min(len(begun), data.sample_shape[0] - 1)
    if len(begun) > step:
        choose.said(f"The network reads {step} tokens at most: the rest is left out.")
    if told is None or "best" not in told or told["best"].shape[1] <= step:
        return
    names = [ENDED if k == END_AT else samples.token_said(data.class_names[k]) for k in told["best"][0, step]]
    choose.said("What may come next, at temperature 1")
    share = np.asarray(told["share"][0, step])
    try_answer.bars(here, share, names, greyed=frame.state is State.LOST, key="try-next")
