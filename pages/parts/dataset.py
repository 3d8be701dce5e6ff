"""The builder's choice of data, of any kind."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlcore.data import datasets
from pages.parts import forms
from pages.parts.data import split_slider
from pages.parts.state import Here, put, taken


def dataset_panel(here: Here) -> None:
    """Choose the data set; its settings are behind its name."""
    if not here.lesson.shows("data"):
        return
    locked = not here.lesson.allows("data")
    data = here.described.data
    put("dataset", data.kind_name())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Data",
            [kind for kind in _ordered() if not kind.startswith("own") or kind == data.kind_name()],
            key="dataset",
            format_func=_named,
            on_change=taken("dataset", lambda kind: here.set("data", datasets[kind]())),
            disabled=locked,
            label_visibility="collapsed",
        )
        with st.popover("", icon=":material/tune:", help="Settings of the data", key="data-settings"):
            st.markdown(f"**{data.heading()}**  \n{data.summary()}")
            forms.fields(here, "data")
            split_slider(here)


def _ordered() -> list[str]:
    """The kinds of data, points of the plane last: they have a page of their own."""
    return sorted(datasets.kinds(), key=lambda kind: _planar(datasets[kind]))


def _planar(cls: type[Any]) -> bool:
    return bool(cls().planar)


def _named(kind: str) -> str:
    cls = datasets[kind]
    return f"Plane: {cls.heading()}" if _planar(cls) else cls.heading()
