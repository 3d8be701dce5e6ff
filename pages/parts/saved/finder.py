"""What runs are found by, and what is done with those chosen."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlcore.charts.comparison import MOST_RUNS
from dlcore.data import datasets
from dlcore.store import Runs
from pages.parts.report import report_popover
from pages.parts.saved.desk import LONGEST_TAG, MOST_TAGS, MOST_WORDS, Desk
from pages.parts.state import offer, put, read, taken
from pages.parts.transport import thin_spaces

SORTS = {
    "saved": "Saved last",
    "begun": "Begun last",
    "name": "Name",
    "test_score": "Test score",
    "test_loss": "Test loss",
    "parameters": "Parameters",
    "seconds": "Training time",
}
WAYS = {
    "saved": ("Oldest first", "Newest first"),
    "begun": ("Oldest first", "Newest first"),
    "name": ("A to Z", "Z to A"),
    "": ("Least first", "Greatest first"),
}
RISES = {"name", "test_loss", "parameters"}
"""What one wants to begin with its least."""


def finder(desk: Desk) -> None:
    """Search, filter and sort."""
    query = desk.query
    st.html("<h1>Runs</h1>")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="saved-finder"):
        offer("saved-words", query.words)
        st.text_input(
            "Search", key="saved-words", max_chars=MOST_WORDS, icon=":material/search:", width=250,
            placeholder="Names, notes, settings", live=True,
            on_change=taken("saved-words", lambda said: desk.find(words=said)),
        )  # fmt: skip
        kinds = sorted({"", query.data, *desk.runs.data()})
        put("saved-data", query.data)
        st.selectbox(
            "Data", kinds, key="saved-data", format_func=_data_name, width=180,
            on_change=taken("saved-data", lambda kind: desk.find(data=kind)),
        )  # fmt: skip
        tags = sorted({*query.tags, *desk.runs.tags()})
        if tags:
            put("saved-tags", list(query.tags))
            st.multiselect(
                "Tags", tags, key="saved-tags", placeholder="Any", width=220, max_selections=MOST_TAGS,
                on_change=taken("saved-tags", lambda chosen: desk.find(tags=tuple(chosen))),
            )  # fmt: skip
        put("saved-sort", query.sort)
        st.selectbox(
            "Sort by", list(SORTS), key="saved-sort", format_func=SORTS.__getitem__, width=160,
            on_change=taken("saved-sort", lambda sort: desk.find(sort=sort, descending=sort not in RISES)),
        )  # fmt: skip
        st.button(
            WAYS.get(query.sort, WAYS[""])[query.descending],
            key="saved-way",
            icon=f":material/arrow_{'down' if query.descending else 'up'}ward:",
            help="Turn the order round",
            on_click=desk.find,
            kwargs={"descending": not query.descending},
        )
        put("saved-deleted", query.deleted)
        st.toggle(
            "Deleted", key="saved-deleted", help="What was deleted within the last hour",
            on_change=taken("saved-deleted", lambda on: desk.find(deleted=on)),
        )  # fmt: skip


def _data_name(kind: str) -> str:
    if not kind:
        return "All data"
    return datasets[kind].heading() if kind in datasets.kinds() else kind


def acts(desk: Desk, n_found: int) -> None:
    """How many there are, what can be done with those chosen, and the way back from the last deletion."""
    n = len(desk.picked)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="saved-acts"):
        counted = f"{thin_spaces(n_found)} run{'s' * (n_found != 1)}"
        st.markdown(f"**{thin_spaces(n)} chosen** of {counted}" if n else counted, width="content")
        if n:
            _with_chosen(desk, n)
        else:
            st.caption("Choose some to compare them.  Open one to go on from it." if n_found else "")
        if desk.deleted:
            gone = len(desk.deleted)
            st.markdown(f":material/delete: {gone} run{'s' * (gone != 1)} deleted.", width="content")
            _button("Undo", "saved-undo", "undo", desk.restore, desk.deleted)


def _with_chosen(desk: Desk, n: int) -> None:
    if desk.query.deleted:
        _button("Bring back", "saved-restore", "restore_from_trash", desk.restore, desk.picked)
    else:
        hint = "" if 2 <= n <= MOST_RUNS else f"Two to {MOST_RUNS} runs can be laid side by side"
        st.button(
            "Compare", key="saved-compare", type="primary", icon=":material/compare_arrows:",
            on_click=desk.compare, disabled=bool(hint), help=hint or "Curves, settings and pictures",
        )  # fmt: skip
        with st.popover("Tag", icon=":material/sell:", key="saved-tagging"):
            st.text_input("A tag for the chosen runs", key="saved-tag", max_chars=LONGEST_TAG)
            st.button("Add", key="saved-tag-add", on_click=_tag, args=(desk,))
        report_popover(desk.runs, desk.picked, "saved-report")
        _button("Delete", "saved-delete", "delete", desk.delete, desk.picked)
    st.button("Choose none", key="saved-clear", type="tertiary", on_click=desk.choose_none)


def _tag(desk: Desk) -> None:
    tag = clean_tag(str(read("saved-tag")))
    chosen = set(desk.picked)

    def give(runs: Runs) -> None:
        for run in chosen:
            saved = runs.get(run)
            if saved is not None and tag not in saved.tags:
                runs.tag(run, [*saved.tags, tag])

    if tag:
        desk.act(give)


def clean_tag(said: str) -> str:
    """A tag as it is kept: on one line, without the commas that the address parts tags by."""
    return " ".join(said.replace(",", " ").split())[:LONGEST_TAG]


def _button(label: str, key: str, icon: str, act: Any, runs: tuple[str, ...]) -> None:
    st.button(label, key=key, icon=f":material/{icon}:", on_click=act, args=(runs,))
