"""Try a row of numbers: a slider for each feature, in its own unit; or a point of the plane."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dlcore.data.fields import Field, fields
from dlcore.engine import Frame
from pages.parts.state import Here, taken
from pages.parts.tried import Tried, kept, tried
from pages.parts.views import choose, samples, try_answer

HIGH_PX = 430
FEW = 6
"""Fields up to which one column of them is enough."""


def show(here: Here, frame: Frame) -> None:
    """Sliders on the left, the answer on the right."""
    found = _fields(here)
    mine = _begun(here, found)
    left, right = st.columns([3, 2] if len(found) > FEW else [1, 1], gap="medium")
    with left:
        _head(here, mine)
        with st.container(height=HIGH_PX if len(found) > 2 * FEW else "content", border=False):
            columns = st.columns(2 if len(found) > FEW else 1, gap="medium")
            for i, field in enumerate(found):
                with columns[i * len(columns) // len(found)]:
                    _set(here, mine, field)
    with right:
        told = try_answer.asked(here, try_answer.fitted(here).given(mine.row[None].astype(np.float32))[0])
        if told is not None:
            try_answer.show(here, frame, told, _truth(here, mine))


def _fields(here: Here) -> list[Field]:
    data = here.experiment.data
    found: list[Field] = kept(here, "fields", lambda: fields(data, try_answer.parts(here)["train"].x))
    return found


def _begun(here: Here, found: list[Field]) -> Tried:
    """What is tried, begun from the test sample that is looked at."""
    mine = tried(here)
    if here.experiment.data.planar:
        if not len(mine.row):
            mine.row = np.zeros(2)
    elif mine.sample != choose.sample_of(here):
        mine.sample = choose.sample_of(here)
        back(here)
    return mine


def back(here: Here) -> None:
    """Begin again from the test sample, or in the middle of the plane."""
    mine = tried(here)
    mine.begin()
    mine.row = np.zeros(2) if here.experiment.data.planar else _sample(here, mine)


def _sample(here: Here, mine: Tried) -> NDArray[np.float64]:
    row: NDArray[np.float64] = try_answer.parts(here)["test"].x[mine.sample].astype(np.float64)
    return row


def _truth(here: Here, mine: Tried) -> object:
    """What is right of the sample, as long as it is as it was."""
    if mine.sample < 0 or not np.array_equal(mine.row, _sample(here, mine), equal_nan=True):
        return None
    return np.ravel(try_answer.parts(here)["test"].y[mine.sample])[0]


def _head(here: Here, mine: Tried) -> None:
    if here.experiment.data.planar:
        choose.said("A point of the plane, the middle to begin with.")
        return
    begun = f"Begun from test sample {mine.sample}, whose answer is {samples.truth(here, mine.sample)}."
    with choose.row():
        if _truth(here, mine) is None:
            choose.said("Changed.  " + begun)
            st.button("Back to the sample", key=f"try:back:{mine.begun}", on_click=back, args=(here,))
        else:
            choose.said(begun + "  Move a slider.")


def _set(here: Here, mine: Tried, field: Field) -> None:
    """One feature's widget."""
    key = f"try:{mine.begun}:{field.column}"
    if field.choices:
        chosen = mine.row[field.column : field.column + len(field.choices)]
        st.selectbox(
            field.name, range(len(field.choices)), int(np.argmax(chosen)), key=key,
            format_func=lambda k: field.choices[k], on_change=taken(key, lambda k: _choose(mine, field, k)),
        )  # fmt: skip
        return
    value = float(mine.row[field.column])
    missing = math.isnan(value)
    if field.gaps:
        st.toggle(
            f"{field.name} is missing", missing, key=f"{key}:missing",
            on_change=taken(f"{key}:missing", lambda on: _miss(mine, field, on)),
        )  # fmt: skip
    if missing:
        choose.said(f"{field.name}: what fills gaps stands in for it.")
        return
    low, high = field.bounds(value)
    if field.low == field.high:
        choose.said(f"{field.name}: {value:.4g} in every row that was learnt from.")
        return
    number = int if field.whole and value == round(value) else float
    st.slider(
        field.name, number(low), number(high), number(value), number(field.step) or 1, key=key,
        format="%d" if number is int else "%.4g",
        on_change=taken(key, lambda new: _move(mine, field, new, low, high)),
    )  # fmt: skip


def _move(mine: Tried, field: Field, value: float, low: float, high: float) -> None:
    mine.row = mine.row.copy()
    mine.row[field.column] = min(max(float(value), low), high)


def _choose(mine: Tried, field: Field, k: int) -> None:
    mine.row = mine.row.copy()
    mine.row[field.column : field.column + len(field.choices)] = np.eye(len(field.choices))[k]


def _miss(mine: Tried, field: Field, missing: bool) -> None:
    mine.row = mine.row.copy()
    mine.row[field.column] = math.nan if missing else (field.low + field.high) / 2
    if field.mark >= 0:
        mine.row[field.mark] = float(missing)
