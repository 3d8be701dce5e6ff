"""The gallery: every preset with the map it comes to, trained on this server."""

from __future__ import annotations

import base64
import io
from typing import Any

import streamlit as st
from PIL import Image

from dlcore.charts.boundary import pixels
from dlcore.charts.theme import Theme
from dlcore.data import prepare
from dlcore.engine.thumbnails import Thumbnails
from dlcore.presets import PRESETS, Preset
from dlcore.record import Arrays
from pages.parts import chrome
from pages.parts.components import component
from pages.parts.data import dots
from pages.parts.state import Here, engine, triggered

NAME = "gallery"
KEY = "gallery-cards"
LOOK_EVERY_S = 0.5
DOTS = 150


def gallery(here: Here) -> None:
    """The button that opens the gallery, and the gallery while it is open."""
    chrome.opens(here, NAME, f"Gallery of {len(PRESETS)}", "gallery", "grid_view")
    if here.dialog == NAME:
        st.dialog("Gallery", width="large", on_dismiss=here.close_dialog)(_cards)(here)


@st.cache_resource(show_spinner=False)
def thumbnails() -> Thumbnails:
    """The presets' pictures, made once a server, when the first visitor opens the gallery."""
    return Thumbnails(engine(), {each.name: (each.experiment, each.epochs) for each in PRESETS})


def _cards(here: Here) -> None:
    made = thumbnails()
    made.start()

    def draw() -> None:
        ready = made.ready()
        if not made.complete:
            st.caption(f":material/model_training: Training the maps: {len(ready)} of {len(PRESETS)} done.")
        # isolated, its cards would be out of reach: a dialog's Tab does not look into shadow trees
        component("picker", isolated=False)(
            key=KEY,
            data={
                "label": "Presets",
                "cards": True,
                "chosen": "",
                "options": [_card(each, ready.get(each.name), here.theme) for each in PRESETS],
            },
            on_chosen_change=triggered(KEY, "chosen", lambda name: _choose(here, name)),
        )
        if here.wanted:
            st.rerun()

    st.fragment(draw, run_every=None if made.complete else LOOK_EVERY_S)()


def _choose(here: Here, name: str) -> None:
    """Begin with a preset, once the page is drawn anew; a name that none has comes from a stranger."""
    for preset in PRESETS:
        if preset.name == name:
            here.close_dialog()
            here.want(preset)


def _card(preset: Preset, record: Arrays | None, theme: Theme) -> dict[str, Any]:
    card = _points(preset.name, theme.name, theme)
    return {**card, "map": _map(preset.name, theme.name, record, theme)} if record else card


@st.cache_data(show_spinner=False)
def _points(name: str, theme_name: str, _theme: Theme) -> dict[str, Any]:
    preset = next(each for each in PRESETS if each.name == name)
    e = preset.experiment
    train = prepare(e.data, e.split, e.seeds.data, e.seeds.split)["train"]
    drawn = dots(e.data, train.x[:DOTS], train.y[:DOTS], _theme)
    return {"kind": preset.name, "name": preset.name, "hint": preset.question, **drawn}


@st.cache_data(show_spinner=False)
def _map(name: str, theme_name: str, _record: Arrays, _theme: Theme) -> str:
    """A boundary as the address of a picture in itself."""
    task = next(each for each in PRESETS if each.name == name).experiment.data.task
    file = io.BytesIO()
    Image.fromarray(pixels(_record, task, _theme)).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
