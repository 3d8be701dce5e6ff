"""The data panel: which points there are, chosen by their pictures."""

from __future__ import annotations

import secrets
from typing import Any

import streamlit as st
from numpy.typing import NDArray

from dlcore.charts.theme import OKABE_ITO, THEMES, Theme, mixed
from dlcore.data import Dataset, Own, Pattern, Split, Task, datasets
from pages.parts import forms
from pages.parts.components import component
from pages.parts.state import Here, put, taken, triggered
from pages.parts.upload import download_button, legend, upload_button

KEY = "datasets"
PICTURED = 160


def data_panel(here: Here) -> None:
    """Choose the data set, its noise and size, and how the points are shared out."""
    data = here.experiment.data
    if isinstance(data, Own):
        here.own = data
    if not here.lesson.shows("data"):
        legend(here)
        return
    locked = not here.lesson.allows("data")
    component("picker", isolated=False)(
        key=KEY,
        data={
            "locked": locked,
            "label": "Data set",
            "chosen": data.kind_name(),
            "options": [*pictures(here.theme.name), _own_picture(here)],
        },
        on_chosen_change=triggered(KEY, "chosen", lambda kind: _choose(here, kind)),
    )
    forms.fields(here, "data")
    legend(here)
    split_slider(here)
    if isinstance(data, Own):
        st.caption(_count(data))
    with st.container(horizontal=True, key="data-acts"):
        if not isinstance(data, Own):
            st.button(
                "New",
                key="new-points",
                icon=":material/refresh:",
                help="Draw other points of the same pattern",
                disabled=locked,
                on_click=lambda: here.set("seeds.data", secrets.randbelow(1_000_000)),
            )
        if not locked:
            upload_button(here)
        download_button(here)


def _choose(here: Here, kind: str) -> None:
    """Take another data set; refused where the lesson keeps it, as every change of a setting is."""
    data = here.experiment.data
    if kind == Own.kind_name():
        # the first time, one's own points are those one is looking at
        here.set("data", here.own or Own.like(data, here.experiment.seeds.data))
    elif kind in datasets.kinds():
        kept = {name: getattr(data, name) for name in ("n_points", "noise") if isinstance(data, Pattern)}
        here.set("data", datasets[kind](**kept))


def _count(data: Own) -> str:
    points = f"{data.size} point{'s' * (data.size != 1)} of your own"
    return (
        f"{points}, each with a value"
        if data.task is Task.REGRESSION
        else f"{points}, {data.n_classes} classes"
    )


@st.cache_data(show_spinner=False, max_entries=4)
def pictures(theme_name: str) -> list[dict[str, Any]]:
    """The patterns as the picker shows them: a few points each, with their colours."""
    patterns = [cls(n_points=PICTURED, noise=0.03) for cls in datasets if issubclass(cls, Pattern)]
    return [_picture(pattern, THEMES[theme_name]) for pattern in patterns]


def _own_picture(here: Here) -> dict[str, Any]:
    own = here.own or Own()
    picture: dict[str, Any] = here.keep(
        "own picture", (own, here.theme), lambda: _picture(Own.like(own, 0, PICTURED), here.theme)
    )
    return picture


def _picture(data: Dataset, theme: Theme) -> dict[str, Any]:
    x, y = data.draw(0)
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


def split_slider(here: Here) -> None:
    """How the samples are shared out."""
    split = here.described.split
    put("split", (split.train, split.train + split.validation))
    st.slider(
        f"Train {split.train} %, validation {split.validation} %, test {split.test} %",
        5,
        95,
        step=5,
        key="split",
        disabled=not here.lesson.allows("data"),
        help="Left of the first handle: training points; between the handles: validation; right: test",
        on_change=taken("split", lambda handles: here.set("split", _shares(*handles))),
    )


def _shares(first: int, second: int) -> Split:
    train = min(first, 90)
    return Split(train=train, validation=min(second, 95) - train)
