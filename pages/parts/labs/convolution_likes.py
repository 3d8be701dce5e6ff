"""What each channel likes most: pictures that grow until it answers as strongly as it can."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dlcore.engine import Frame, State
from dlcore.guides.convolution import ConvolutionSettings
from pages.parts import forms
from pages.parts.labs.convolution_learn import filters
from pages.parts.live import HEARTBEAT_EVERY_S, PICTURES_EVERY_S
from pages.parts.state import Lab
from pages.parts.tiles import Sheet, picture, tiles
from pages.parts.views import choose
from pages.parts.views.features import strong

LAYERS = {"first": 0, "second": 2, "answer": 5}
PIECE, ENOUGH = 3, 90
"""Steps of one question, and after how many the pictures hardly change."""
GREY, GRAIN = 0.5, 0.05
Field = NDArray[np.int32]
LARGE_PX, TILE_PX = 236, 92


def watched(lab: Lab) -> tuple[str, ...]:
    """The samples that move a channel most; what it likes is asked for piece by piece."""
    return filters(lab), f"strongest?layer={LAYERS[lab.settings.layer]}"


def controls(lab: Lab) -> None:
    """Whose favourites, and from the beginning again."""
    forms.setting(lab, "layer")
    st.button(
        "Begin again", key="lab-likes-again", icon=":material/restart_alt:",
        on_click=lab.kept.pop, args=("likes", None), help="From grey pictures, for the network as it is now",
    )  # fmt: skip


def grow(lab: Lab, frame: Frame) -> None:
    """Go on by one piece, and have the next one soon where there is more to come."""
    here, settings = lab.here, lab.settings
    layer = LAYERS[settings.layer]
    n = here.experiment.shapes()[layer + 1][0]
    of = here.run.id, here.newest.revision, layer
    mine = lab.kept.get("likes")
    if mine is None or mine["of"] != of:
        grain = np.random.default_rng(0).standard_normal((n, *here.experiment.data.sample_shape))
        mine = lab.kept["likes"] = {"of": of, "x": (GREY + GRAIN * grain).astype(np.float32), "steps": 0,
                                    "at": -1, "field": None, "value": np.zeros(n), "channel": 0}  # fmt: skip
    if mine["at"] != frame.step:
        mine["at"], mine["left"] = frame.step, ENOUGH  # the network is another: they follow it
    if mine["left"] > 0 and not here.run.lost:
        n_steps = 1 if frame.state is State.PLAYING else PIECE  # learning comes first
        told = here.run.ask("climb", {"x": mine["x"]}, layer=layer, first=0, n_steps=n_steps)
        if told is not None:
            mine.update(told.arrays, field=_around(mine["field"], told.arrays["field"]))
            mine["left"] -= n_steps
            mine["steps"] += n_steps
    busy = mine["left"] > 0 or frame.state is State.PLAYING
    lab.every_s = PICTURES_EVERY_S if busy else HEARTBEAT_EVERY_S


def _around(a: Field | None, b: Field) -> Field:
    """The least rectangle around two (top, left, bottom, right), so that tiles do not change their size."""
    if a is None:
        return b
    return np.concatenate([np.minimum(a[:2], b[:2]), np.maximum(a[2:], b[2:])])


def show(lab: Lab, frame: Frame) -> None:
    """A picture for each channel; of the chosen one also the test samples that move it most."""
    here, settings, mine = lab.here, lab.settings, lab.kept["likes"]
    if mine["field"] is None:
        choose.empty(choose.WAITING)
        return
    top, left, bottom, right = (int(n) for n in mine["field"])
    maps, scale, palette = picture(mine["x"][:, :, top:bottom, left:right])
    channel = min(mine["channel"], len(maps) - 1)
    names = [str(k) for k in range(len(maps))]
    values = [f"{float(value):.2f}".replace("-", "−") for value in mine["value"]]
    what = "answer" if settings.layer == "answer" else "channel"
    choose.said(_sentence(settings, bottom - top, right - left, mine))
    sheets = [
        Sheet(
            maps, scale, f"What each {what} likes most", palette=palette, size=TILE_PX, picks=True,
            chosen=channel, names=names, room=5 * (TILE_PX + 6) + 8,
            hints=[f"{what} {name} answers {value}" for name, value in zip(names, values, strict=True)],
            title=f"The picture that moves each {what} most: click one",
        ),
        Sheet(
            maps[channel : channel + 1], scale[:1], f"What {what} {names[channel]} likes most",
            palette=palette, size=LARGE_PX, room=LARGE_PX + 20,
            title=f"{what.capitalize()} {names[channel]}: {values[channel]}",
        ),
    ]  # fmt: skip
    found = frame.probe(f"strongest?layer={LAYERS[settings.layer]}")
    if channel < len(found.get("sample", ())):
        sheets.append(strong(here, found, LAYERS[settings.layer], channel))

    def pick(said: Mapping[str, Any]) -> None:
        if int(said.get("sheet", 0)) == 0:
            mine["channel"] = max(0, int(said.get("tile", 0)))
            lab.redraw = True

    tiles(here, "likes", sheets, greyed=frame.state is State.LOST, on_pick=pick)


def _sentence(settings: ConvolutionSettings, rows: int, columns: int, mine: Mapping[str, Any]) -> str:
    sees = (
        f"One place of it sees {rows} × {columns} pixels"
        if settings.layer != "answer"
        else "It sees the whole"
    )
    return (
        f"Every picture began grey; {mine['steps']} steps of its pixels along the gradient made the answer "
        f"grow, before the activation.  {sees}: ink where it wants ink, blank where it wants none."
    )
