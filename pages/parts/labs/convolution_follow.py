"""A digit on its way through every layer to the answer, and any map of it opened with its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from dlcore.engine import Frame, State
from dlcore.guides.convolution import ConvolutionSettings
from dlcore.layers import IMAGE
from dlcore.record import Arrays
from dlcore.sliding import How, Window
from pages.parts.labs.convolution_learn import filters
from pages.parts.labs.convolution_picture import digits
from pages.parts.sliding import Slid, sliding
from pages.parts.state import Here, Lab
from pages.parts.tiles import Sheet, picture, tiles
from pages.parts.views import choose, try_answer, try_image
from pages.parts.views.trace import layer_sheet

HOW: tuple[How, ...] = ("sum", "max", "mean")
MAP_PX = 50


def watched(lab: Lab) -> tuple[str, ...]:
    """What the sentence about this run needs; the digit's way is asked for."""
    return (filters(lab),)


def controls(lab: Lab) -> None:
    """Digits to begin with."""
    put = st.container(horizontal=True, gap="small", vertical_alignment="bottom")
    with put:
        for digit in range(10):
            st.button(
                str(digit), key=f"lab-digit-{digit}", on_click=try_image.begin_from,
                args=(lab.here, digits(lab)[digit]), help=f"A {digit} it has not learnt from",
            )  # fmt: skip


def show(lab: Lab, frame: Frame) -> None:
    """The sheet to draw on, what every layer makes of it, and the answer."""
    here, greyed = lab.here, frame.state is State.LOST
    mine = try_image.begun(here)
    settings: ConvolutionSettings = lab.settings
    if not mine.ink.any() and mine.sample < 0 and not mine.drawn:
        try_image.begin_from(here, digits(lab)[settings.sample])
    x = try_image.given(here, mine)
    with st.container(key="convolution-way"):
        left, middle, right = st.columns([5, 12, 5], gap="medium")
    with left:
        try_image.sketch(here, mine, greyed)
        maps, scale, palette = picture(x[None])
        said = "What the network sees"
        tiles(here, "seen", [Sheet(maps, scale, said, palette=palette, title=said, size=84)], greyed=greyed)
    with middle:
        _layers(lab, _told(lab, x), greyed)
    with right:
        told = try_answer.asked(here, x)
        if told is not None:
            try_answer.show(here, frame, told)
    _opened(lab, x, greyed)


def _told(lab: Lab, x: np.ndarray) -> Arrays:
    """What every layer makes of a picture, the last that is known until there is another."""
    told = lab.here.run.ask("trace", {"x": x[None]})
    if told is not None:
        lab.kept["trace"] = told.arrays
    found: Arrays = lab.kept.get("trace", {})
    return found


def _layers(lab: Lab, record: Arrays, greyed: bool) -> None:
    """A row of maps for each layer that makes pictures; a click opens one."""
    here = lab.here
    names = choose.layers(here.experiment, lambda i, shape: len(shape) == IMAGE)
    names = {i: name for i, name in names.items() if f"{i}.maps" in record}
    at = lab.kept.get("opened", (-1, -1))
    sheets = [
        replace(
            layer_sheet(record, i, name), size=MAP_PX, picks=True, chosen=at[1] if at[0] == i else -1,
            alt=f"Maps of layer {name}: choose one to see how it comes about",
        )
        for i, name in names.items()
    ]  # fmt: skip

    def pick(said: Mapping[str, Any]) -> None:
        layer = list(names)[int(said.get("sheet", 0)) % len(names)]
        lab.kept["opened"] = layer, max(0, int(said.get("tile", 0)))
        lab.redraw = True

    tiles(here, "layers", sheets, greyed=greyed, on_pick=pick)
    if at[0] < 0:
        choose.said("Click a map to see how each of its numbers comes about.")


def _opened(lab: Lab, x: np.ndarray, greyed: bool) -> None:
    """The chosen map with the window that makes it, over every map of the layer before."""
    if "opened" not in lab.kept:
        return
    layer, channel = lab.kept["opened"]
    channel = min(channel, lab.here.experiment.shapes()[layer + 1][0] - 1)
    try:
        told = lab.here.run.ask("window", {"x": x[None]}, layer=layer, channel=channel)
    except ValueError as refusal:
        choose.empty(str(refusal))
        return
    if told is None:
        choose.empty(choose.WAITING)
        return
    slid = _slid(lab.here, told.arrays, layer, channel)
    with st.container(key="convolution-opened", horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{slid.output_name}**, before its activation, from every map of the layer before")
        st.button(
            "Close",
            key="lab-close-opened",
            icon=":material/close:",
            on_click=lab.kept.pop,
            args=("opened", None),
        )
    sliding(slid, lab.here.theme, "opened", greyed=greyed)


def _slid(here: Here, told: Arrays, layer: int, channel: int) -> Slid:
    *moves, how = (int(n) for n in told["moves"])
    inputs = told["inputs"]
    bias = float(told["bias"][0]) if "bias" in told else 0.0
    names = [f"map {k}:" for k in range(len(inputs))] if len(inputs) > 1 else [""]
    name = f"Layer {layer + 1}, channel {channel}"
    given = "The picture" if layer == 0 else f"Maps of layer {layer}"
    return Slid(inputs, Window(*moves, HOW[how]), told.get("kernel"), bias, given, name, name, names)
