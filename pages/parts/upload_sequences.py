"""A series or lines of one's own: a file, or what is typed, onto the shelf and into the experiment."""

from __future__ import annotations

from typing import Any

import streamlit as st
from pydantic import ValidationError

from dlcore.data import OwnSeries, OwnText
from dlcore.data.own_series import read_series
from dlcore.data.own_text import TextError, about, read_lines
from dlcore.data.shelf import ShelfError, shelf
from dlcore.data.table import TableError
from pages.parts.state import Here, read

SERIES, LINES, TYPED = "upload-series", "upload-lines", "typed-lines"


def series_upload(here: Here) -> None:
    """Take a CSV file with a column of numbers, or a date and a number in each row."""
    st.file_uploader(
        "CSV file with one column of numbers, or a date and a number",
        key=SERIES,
        max_upload_size=20,
        on_change=lambda: _take_series(here),
    )


def text_upload(here: Here) -> None:
    """Take lines from a file, or typed ones."""
    st.file_uploader(
        "Text file, one string on each line",
        key=LINES,
        max_upload_size=1,
        on_change=lambda: _take_file(here),
    )
    st.text_area("Or type lines here, twenty at least", key=TYPED, height=120, max_chars=100_000)
    st.button("Use these lines", key="use-lines", on_click=lambda: _take_lines(here, read(TYPED)))


def _take_series(here: Here) -> None:
    file = read(SERIES)
    if file is None:
        return
    try:
        found = read_series(file.getvalue())
        name = shelf().put(found.arrays(), found.about(), here.owner)
    except (TableError, ShelfError) as refusal:
        here.notices.append(f"{refusal}  The series stays as it was.")
        return
    here.notices += found.notes
    data = here.experiment.data
    kept: dict[str, Any] = data.arguments() if isinstance(data, OwnSeries) else {}
    kept.pop("file", None)
    try:
        here.set("data", OwnSeries(upload=name, **kept))
    except ValidationError:  # a window that fitted the series before
        here.set("data", OwnSeries(upload=name))


def _take_file(here: Here) -> None:
    file = read(LINES)
    if file is not None:
        _take_lines(here, file.getvalue())


def _take_lines(here: Here, text: bytes | str) -> None:
    try:
        found = read_lines(text)
        name = shelf().put(found.arrays(), about(found.lines), here.owner)
    except (TextError, ShelfError) as refusal:
        here.notices.append(f"{refusal}  The text stays as it was.")
        return
    here.notices += found.notes
    data = here.experiment.data
    tokens = data.tokens if isinstance(data, OwnText) else "letters"
    here.set("data", OwnText(upload=name, tokens=tokens))
