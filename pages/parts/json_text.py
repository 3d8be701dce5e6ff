"""The experiment as JSON: to take along, and to paste one in."""

from __future__ import annotations

import json

import streamlit as st

from dlcore.link import Opened, dumps, nearest
from dlcore.spec.share import MAX_JSON
from pages.parts import chrome
from pages.parts.state import Here, read

NAME = "json"
KEY = "json-text"


def json_button(here: Here) -> None:
    """Open the dialog."""
    chrome.opens(
        here, NAME, "JSON", "json-open", "data_object", "The experiment as text: copy it, or load one"
    )


def json_dialog(here: Here) -> None:
    """Show the dialog where it is open."""
    if here.dialog == NAME:
        shown = st.dialog(
            "Experiment as JSON", width="large", icon=":material/data_object:", on_dismiss=here.close_dialog
        )
        shown(_content)(here)


def opened(text: str) -> Opened | None:
    """The nearest experiment that can run to what a text describes; None for what is no JSON.

    A text of strangers: it is no longer than what a link may unpack to.
    """
    if len(text) > MAX_JSON:
        return None
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(raw, dict):
        raw.pop("glassbox", None)
    return nearest(raw)


def _content(here: Here) -> None:
    left, right = st.columns(2, gap="medium")
    text = dumps(here.experiment)
    with left:
        st.caption("This experiment.  The button in the corner copies it.")
        st.code(text, language="json", height=380)
        st.download_button(
            "Download",
            text,
            "experiment.json",
            "application/json",
            icon=":material/download:",
            on_click="ignore",
        )
    with right:
        st.caption("Another one, pasted here.  What cannot be used is set aside and told.")
        st.text_area(
            "Pasted JSON", key=KEY, height=380, max_chars=MAX_JSON, label_visibility="collapsed",
            placeholder='{"data": "digits", "network": ["flatten", {"kind": "dense", "units": 32}]}',
        )  # fmt: skip
        if st.button("Load", key="json-load", type="primary", icon=":material/upload:"):
            _load(here, str(read(KEY)))


def _load(here: Here, text: str) -> None:
    found = opened(text)
    if found is None:
        st.error(
            "This is no JSON.  Copy the text from the left, or from a saved file.", icon=":material/error:"
        )
        return
    here.close_dialog()
    here.replace(found.experiment)
    if found.set_aside:
        here.notices.append(found.sentence())
    st.rerun()
