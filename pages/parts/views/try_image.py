"""Try a drawing of one's own."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dlcore.data.drawing import fineness, pictured, places_itself
from dlcore.engine import Frame, State
from dlcore.record import Record
from pages.parts.components import component
from pages.parts.state import Here, taken, triggered
from pages.parts.tiles import Sheet, picture, tiles
from pages.parts.tried import Tried, tried
from pages.parts.views import choose, samples, try_answer

KEY = "sketch"


def show(here: Here, frame: Frame) -> None:
    """The drawing, what the network is given of it, and the answer."""
    mine = begun(here)
    x = given(here, mine)
    left, right = st.columns([2, 3], gap="medium")
    greyed = frame.state is State.LOST
    with left:
        sketch(here, mine, greyed)
        acts, seen = st.columns([3, 2], gap="small")
        with acts:
            _acts(here, mine)
        with seen:
            maps, scale, palette = picture(x[None])
            said = "What the network sees"
            tiles(
                here, "try", [Sheet(maps, scale, said, palette=palette, title=said, size=84)], greyed=greyed
            )
    with right:
        if not x.any():
            choose.empty(
                "Draw something, with the pointer or with arrow keys and space, or take a test sample."
            )
            return
        told = try_answer.asked(here, x)
        if told is not None:
            untouched = mine.sample >= 0 and not mine.drawn
            truth = here.points["test"].y[mine.sample] if untouched else None
            try_answer.show(here, frame, told, truth)


def given(here: Here, mine: Tried) -> NDArray[np.float32]:
    """What the network is given: a test sample as it is, or the drawing on the data set's grid, (C, H, W)."""
    if mine.sample >= 0 and not mine.drawn:
        sample: NDArray[np.float32] = here.points["test"].x[mine.sample]
        return sample
    data = here.experiment.data
    ink = mine.ink.transpose(2, 0, 1).astype(np.float32) / 255
    return pictured(ink, data, mine.centred and mine.sample < 0 and places_itself(data))


def begun(here: Here) -> Tried:
    """What is tried, an empty sheet where nothing was yet."""
    mine = tried(here)
    if not mine.ink.size:
        clear(here)
    return mine


def clear(here: Here) -> None:
    """Begin with an empty sheet."""
    _begin(here, np.zeros(here.experiment.data.sample_shape, np.float32), -1)


def begin_from(here: Here, sample: int) -> None:
    """Begin with a test sample."""
    _begin(here, here.points["test"].x[sample], sample)


def _begin(here: Here, x: NDArray[np.float32], sample: int) -> None:
    mine = tried(here)
    mine.begin()
    mine.sample = sample
    f = fineness(x.shape[1])
    fine = np.clip(x, 0, 1).repeat(f, 1).repeat(f, 2).transpose(1, 2, 0)
    mine.ink = np.ascontiguousarray((fine * 255).round().astype(np.uint8))


def sketch(here: Here, mine: Tried, greyed: bool) -> None:
    """The sheet to draw on."""
    facts = {
        "begun": mine.begun,
        "taken": mine.drawn,
        "brush": max(0.045, 0.6 / here.experiment.data.sample_shape[1]),
        "theme": here.theme.tokens(),
        "greyed": greyed,
        "alt": "Sheet to draw on: arrow keys move the brush, space paints",
    }
    component(KEY)(
        key=KEY,
        data=Record(facts, {"ink": mine.ink}).to_bytes(),
        on_drawn_change=triggered(KEY, "drawn", lambda said: take(here, said)),
    )


def take(here: Here, said: Mapping[str, Any]) -> None:
    """Take over a drawing as it is told: its bytes, and whose it is; what does not fit is left alone."""
    mine = tried(here)
    try:
        begun, number = str(said["begun"]), float(said["number"])
        ink = np.frombuffer(base64.b64decode(str(said["ink"])[: 4 * mine.ink.size], validate=True), np.uint8)
    except (KeyError, TypeError, ValueError, binascii.Error):
        return
    if begun == mine.begun and ink.size == mine.ink.size and mine.drawn < number < 2**53:
        mine.ink, mine.drawn = ink.reshape(mine.ink.shape), number
        if said.get("empty"):
            mine.sample = -1


def _acts(here: Here, mine: Tried) -> None:
    data, at = here.experiment.data, choose.sample_of(here)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Begin with test sample {at}", key="try:sample", on_click=begin_from, args=(here, at),
            help=f"It is {escape(samples.truth(here, at))}; another one is chosen above",
        )  # fmt: skip
    if places_itself(data) and mine.sample < 0:
        key = f"try:{mine.begun}:centred"
        st.toggle(
            "Centre and scale", mine.centred, key=key,
            help="The drawing is centred and brought to one size, as those of this data set were, too",
            on_change=taken(key, lambda on: setattr(mine, "centred", bool(on))),
        )  # fmt: skip
