"""Points from a file, and points to a file."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dlcore.charts import boundary
from dlcore.charts.theme import OKABE_ITO
from dlcore.data import Own, Parts, Task
from dlcore.data.projection import Projected, Roles, guess, numeric_columns, project
from dlcore.data.table import Table, TableError, read
from pages.parts import chrome
from pages.parts.live import live_plot
from pages.parts.state import Here, put, taken

NAME = "upload"
PREVIEW_ROWS = 5
KINDS = {"classes": "classes", "values": "a value"}


@dataclass
class Draft:
    """A file that is being looked at, before anything is changed."""

    file_id: str
    table: Table | None = None
    roles: Roles | None = None
    refusal: str = ""


def upload_button(here: Here) -> None:
    """Open the dialog."""
    hint = "Learn from a table of your own, a CSV file"
    chrome.opens(here, NAME, "Upload", "upload-open", "upload_file", hint)


def download_button(here: Here) -> None:
    """Take the points along as a table."""
    st.download_button(
        "Save",
        lambda: table_of(here.points, here.experiment.data),
        "points.csv",
        "text/csv",
        key="download-points",
        icon=":material/download:",
        help="Download the points as CSV: x1, x2, class or value, and which share they are in",
        on_click="ignore",
    )


def table_of(parts: dict[str, Parts], data: Any) -> str:
    """The points as CSV."""
    names = getattr(data, "names", ())
    learnt = "value" if data.task is Task.REGRESSION else "class"
    lines = [f"x1,x2,{learnt},share"]
    for share, part in parts.items():
        for (x1, x2), y in zip(part.x.tolist(), part.y.tolist(), strict=True):
            answer = f"{y:.6g}" if learnt == "value" else _quoted(names[y] if y < len(names) else str(y))
            lines.append(f"{x1:.6g},{x2:.6g},{answer},{share}")
    return "\n".join([*lines, ""])


def _quoted(name: str) -> str:
    # a cell that opens like a formula is run by spreadsheets
    safe = f"'{name}" if name[:1] in "=+-@" and not re.fullmatch(r"[+-]?[\d.]+", name) else name
    return '"' + safe.replace('"', '""') + '"' if re.search(r'[",\n ]', safe) else safe


def legend(here: Here) -> None:
    """The names of the classes with their colours, where they have names."""
    data = here.experiment.data
    if not isinstance(data, Own) or not data.names or data.task is Task.REGRESSION:
        return
    theme = here.theme
    colours = (theme.negative, theme.positive) if data.task is Task.BINARY else OKABE_ITO
    named = [*data.names, *map(str, range(len(data.names), data.n_classes))]
    items = "".join(
        f'<li><span style="background:{colour}"></span>{html.escape(name)}</li>'
        for name, colour in zip(named, colours, strict=False)
    )
    st.html(f'<ul class="legend" aria-label="Classes">{items}</ul>')


def upload_dialog(here: Here) -> None:
    """Show the dialog where it is open."""
    if here.dialog == NAME:
        shown = st.dialog(
            "Points from a table",
            width="large",
            icon=":material/upload_file:",
            on_dismiss=here.close_dialog,
        )
        shown(_content)(here)


def _content(here: Here) -> None:
    st.caption(
        "Two inputs and something to learn, or more inputs, which are put on their principal plane.  "
        "CSV with any delimiter, up to 20 MB and 100,000 rows.  The file is forgotten with this window."
    )
    file = st.file_uploader("CSV file", key="upload-file", max_upload_size=20)
    if file is None:
        here.draft = None
        return
    if here.draft is None or here.draft.file_id != file.file_id:
        here.draft = _opened(file.file_id, file.getvalue())
    draft: Draft = here.draft
    if draft.table is None or draft.roles is None:
        st.error(f"{plain(draft.refusal)}  Your current points stay.", icon=":material/error:")
        return
    table = draft.table
    preview(table, "upload-header", lambda header: _read_anew(draft, table, header))
    _roles(draft, draft.table, draft.roles)
    try:
        made = here.keep("projected", (draft.table, draft.roles), lambda: project(draft.table, draft.roles))
    except TableError as refusal:
        st.error(f"{plain(str(refusal))}  Your current points stay.", icon=":material/error:")
        return
    _result(here, made)


def _opened(file_id: str, data: bytes) -> Draft:
    try:
        table = read(data)
        return Draft(file_id, table, guess(table))
    except TableError as refusal:
        return Draft(file_id, refusal=str(refusal))


def preview(table: Table, key: str, read_anew: Callable[[bool], None]) -> None:
    """Show the first rows, and whether the very first holds the names of the columns."""
    st.dataframe(table.body.head(PREVIEW_ROWS), hide_index=True, height="content")
    put(key, table.header)
    st.toggle(
        f"The first row holds the names; {len(table):,} rows below it"
        if table.header
        else "The first row holds names",
        key=key,
        on_change=taken(key, read_anew),
    )


def _read_anew(draft: Draft, table: Table, header: bool) -> None:
    try:
        draft.table = table.with_header(header)
        draft.roles = guess(draft.table)
    except TableError as refusal:
        draft.table, draft.refusal = None, str(refusal)


def _roles(draft: Draft, table: Table, roles: Roles) -> None:
    left, middle, right = st.columns([3, 2, 2])
    numeric = [name for name in dict.fromkeys([*numeric_columns(table), *roles.inputs])]

    def change(**new: Any) -> None:
        draft.roles = Roles(**{"inputs": roles.inputs, "target": roles.target, "kind": roles.kind, **new})

    put("upload-inputs", list(roles.inputs))
    left.multiselect(
        "Inputs",
        numeric,
        key="upload-inputs",
        help="Two, or more for their principal plane; columns of text cannot be inputs",
        on_change=taken("upload-inputs", lambda names: change(inputs=tuple(names))),
    )
    put("upload-target", roles.target)
    middle.selectbox(
        "To be learnt",
        table.names,
        key="upload-target",
        on_change=taken("upload-target", lambda name: change(target=name)),
    )
    put("upload-kind", roles.kind)
    right.segmented_control(
        "As",
        list(KINDS),
        format_func=KINDS.__getitem__,
        key="upload-kind",
        required=True,
        on_change=taken("upload-kind", lambda kind: change(kind=kind)),
    )


def _result(here: Here, made: Projected) -> None:
    own, theme = made.own, here.theme
    left, right = st.columns([2, 3])
    with left:
        parts = {"train": Parts(*own.draw(0))}
        picture = boundary.plane(parts, own.task, own.n_classes, theme)
        live_plot(picture, "upload", f"The {own.size} points in the plane", height=260)
    with right:
        for note in made.notes:
            st.caption(plain(note))
        names = ", ".join(own.names) if own.names else ""
        st.caption(f"{own.size:,} points. {'Classes: ' + plain(names) + '.' if names else ''}")
        if st.button("Use these points", key="upload-use", type="primary", icon=":material/check:"):
            here.own = own
            here.set("data", own)
            here.close_dialog()
            st.rerun()


def plain(text: str) -> str:
    """Text from strangers as Markdown that shows it letter by letter."""
    return re.sub(r"([\\`*_{}\[\]()<>#+!|$~:])", r"\\\1", text)
