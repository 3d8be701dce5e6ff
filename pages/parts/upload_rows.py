"""A table of one's own, each column with its role, onto the shelf and into the experiment."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from dlcore.data import OwnTable
from dlcore.data.own_table import ROLES, Arranged, Plan, arrange, guess
from dlcore.data.shelf import ShelfError, Shelved, shelf
from dlcore.data.table import Table, TableError, read
from pages.parts import chrome
from pages.parts.state import Here, put, taken
from pages.parts.upload import plain, preview

NAME = "upload-rows"
KINDS = {False: "classes", True: "a value"}
KEPT = "Your current data stay."
AGAIN = "again"
"""The file of a draft whose table is there already."""
ACROSS = 4


@dataclass
class Draft:
    """A file that is being looked at, before anything is changed."""

    file_id: str
    table: Table | None = None
    plan: Plan | None = None
    refusal: str = ""


def rows_button(here: Here) -> None:
    """Open the dialog."""
    hint = "Learn from a CSV file of your own, with any number of columns"
    chrome.opens(here, NAME, "Upload a table", "upload-rows-open", "upload_file", hint)


def file_button(here: Here) -> None:
    """Take an upload along, as the exported script wants it; nothing where the data are none."""
    data = here.experiment.data
    if not isinstance(data, Shelved) or not data.upload:
        return
    if data.upload == here.laid_out[0] and here.lesson.allows("data"):
        st.button(
            "Columns",
            key="upload-rows-again",
            icon=":material/view_column:",
            help="Give the columns of this table other roles, or learn another one of them",
            on_click=_open_again,
            args=(here,),
        )
    st.download_button(
        "Data file",
        lambda: shelf().file(data.upload),
        f"{data.upload}.npz",
        "application/octet-stream",
        key="download-shelved",
        icon=":material/download:",
        help="The uploaded data as the exported script reads them: put this file beside the script",
        on_click="ignore",
    )


def _open_again(here: Here) -> None:
    """The dialog with the table that is learnt from, and the roles that its columns have."""
    here.open_dialog(NAME)
    here.draft = replace(here.laid_out[1], file_id=AGAIN)


def rows_dialog(here: Here) -> None:
    """Show the dialog where it is open."""
    if here.dialog == NAME:
        shown = st.dialog(
            "A table of your own", width="large", icon=":material/upload_file:", on_dismiss=here.close_dialog
        )
        shown(_content)(here)


def _content(here: Here) -> None:
    st.caption(
        "CSV with any delimiter, up to 20 MB and 100,000 rows.  Each word of a category becomes a column of "
        "0 and 1; gaps are filled and scales fitted by the training rows alone.  The table is kept on this "
        "server, under a name that only your link knows."
    )
    file = st.file_uploader("CSV file", key="upload-rows-file", max_upload_size=20)
    if file is None and (here.draft is None or here.draft.file_id != AGAIN):
        here.draft = None
        return
    if file is not None and (here.draft is None or here.draft.file_id != file.file_id):
        here.draft = _opened(file.file_id, file.getvalue())
    draft: Draft = here.draft
    if draft.table is None or draft.plan is None:
        _refuse(draft.refusal)
        return
    table = draft.table
    preview(table, "upload-rows-header", lambda header: _read_anew(draft, table, header))
    if draft.table is None or draft.plan is None:
        return
    _roles(draft, draft.table, draft.plan)
    try:
        made: Arranged = here.keep(
            "projected", (draft.table, draft.plan), lambda: arrange(draft.table, draft.plan)
        )
    except TableError as refusal:
        _refuse(str(refusal))
        return
    _result(here, draft, made)


def _opened(file_id: str, data: bytes) -> Draft:
    try:
        table = read(data)
        return Draft(file_id, table, guess(table))
    except TableError as refusal:
        return Draft(file_id, refusal=str(refusal))


def _refuse(sentence: str) -> None:
    st.error(f"{plain(sentence)}  {KEPT}", icon=":material/error:")


def _read_anew(draft: Draft, table: Table, header: bool) -> None:
    try:
        draft.table = table.with_header(header)
        draft.plan = guess(draft.table)
    except TableError as refusal:
        draft.table, draft.refusal = None, str(refusal)


def _roles(draft: Draft, table: Table, plan: Plan) -> None:
    def change(place: int, role: str) -> None:
        draft.plan = plan.with_role(place, next(each for each in ROLES if each == role))

    with st.container(height=230 if len(table.names) > 2 * ACROSS else "content", border=False):
        columns = st.columns(ACROSS)
        for i, name in enumerate(table.names):
            key = f"upload-rows-role:{i}"
            put(key, plan.roles[i])
            columns[i % ACROSS].selectbox(
                plain(name), ROLES, key=key, on_change=taken(key, lambda role, i=i: change(i, role))
            )
    put("upload-rows-kind", plan.values)
    st.segmented_control(
        "The target is learnt as",
        list(KINDS),
        format_func=KINDS.__getitem__,
        key="upload-rows-kind",
        required=True,
        on_change=taken("upload-rows-kind", lambda v: setattr(draft, "plan", replace(plan, values=v))),
    )


def _result(here: Here, draft: Draft, made: Arranged) -> None:
    about = made.about
    n_inputs = len(OwnTable.named(about, mark_missing=True))
    classes = ", ".join(about["classes"])
    learnt = f"classes: {classes}" if classes else f"a value, {about['target']}"
    st.caption(f"{about['rows']:,} rows, {n_inputs} inputs; to be learnt: {plain(learnt)}.")
    if made.notes:
        st.caption(plain("  ".join(made.notes)))
    if st.button("Use this table", key="upload-rows-use", type="primary", icon=":material/check:"):
        try:
            name = shelf().put(made.arrays, about, here.owner)
        except ShelfError as refusal:
            _refuse(str(refusal))
            return
        data = here.experiment.data
        again = isinstance(data, OwnTable) and data.upload == here.laid_out[0] and draft.file_id == AGAIN
        here.laid_out = name, draft
        here.set("data", data.model_copy(update={"upload": name}) if again else OwnTable(upload=name))
        here.close_dialog()
        st.rerun()
