"""The data panel: which points there are, chosen by their pictures."""

from __future__ import annotations

import secrets
from typing import Any

import streamlit as st
from numpy.typing import NDArray

from dlcore.charts.theme import OKABE_ITO, THEMES, Theme, mixed
from dlcore.data import Dataset, Split, Task, datasets
from pages.parts import forms
from pages.parts.components import component
from pages.parts.state import Here, put, taken, triggered

KEY = "datasets"
PICTURED = 160


def data_panel(here: Here) -> None:
    """Choose the data set, its noise and size, and how the points are shared out."""
    component("picker")(
        key=KEY,
        data={
            "label": "Data set",
            "chosen": here.experiment.data.kind_name(),
            "options": pictures(here.theme.name),
        },
        on_chosen_change=triggered(KEY, "chosen", lambda kind: _choose(here, kind)),
    )
    forms.fields(here, "data")
    _split(here)
    st.button(
        "New points",
        key="new-points",
        icon=":material/refresh:",
        help="Draw other points of the same pattern",
        on_click=lambda: here.set("seeds.data", secrets.randbelow(1_000_000)),
    )


def _choose(here: Here, kind: str) -> None:
    if kind in datasets.kinds():
        kept = {name: getattr(here.experiment.data, name) for name in ("n_points", "noise")}
        here.set("data", datasets[kind](**kept))


@st.cache_data(show_spinner=False, max_entries=4)
def pictures(theme_name: str) -> list[dict[str, Any]]:
    """The data sets as the picker shows them: a few points each, with their colours."""
    return [_picture(cls(), THEMES[theme_name]) for cls in datasets]


def _picture(data: Dataset, theme: Theme) -> dict[str, Any]:
    x, y = data.model_copy(update={"n_points": PICTURED, "noise": 0.03}).draw(0)
    return {
        "kind": data.kind_name(),
        "name": data.heading(),
        "hint": data.summary(),
        **dots(data, x, y, theme),
    }


def dots(data: Dataset, x: NDArray[Any], y: NDArray[Any], theme: Theme) -> dict[str, Any]:
    """Points as the picker draws them: x (N, 2), y (N,)."""
    if data.task is Task.REGRESSION:
        colours = [
            mixed(theme.positive if value > 0 else theme.negative, theme.ground, abs(value)) for value in y
        ]
    else:
        palette = (theme.negative, theme.positive) if data.task is Task.BINARY else OKABE_ITO
        colours = [palette[int(k)] for k in y]
    return {
        "x1": [round(float(each), 2) for each in x[:, 0]],
        "x2": [round(float(each), 2) for each in x[:, 1]],
        "colours": colours,
    }


def _split(here: Here) -> None:
    split = here.experiment.split
    put("split", (split.train, split.train + split.validation))
    st.slider(
        f"Train {split.train} %, validation {split.validation} %, test {split.test} %",
        5,
        95,
        step=5,
        key="split",
        help="Left of the first handle: training points; between the handles: validation; right: test",
        on_change=taken("split", lambda handles: here.set("split", _shares(*handles))),
    )


def _shares(first: int, second: int) -> Split:
    train = min(first, 90)
    return Split(train=train, validation=min(second, 95) - train)
