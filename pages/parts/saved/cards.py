"""The gallery: saved runs as cards, page by page."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from dlcore.charts import thumbnails
from dlcore.store import Saved
from pages.parts.components import component, serve_plotly
from pages.parts.saved import words
from pages.parts.saved.desk import PER_PAGE, Desk
from pages.parts.saved.finder import acts, finder
from pages.parts.saved.shown import open_elsewhere, pictures
from pages.parts.state import shown_theme, triggered
from pages.parts.transport import thin_spaces

KEY = "saved-cards"


def gallery(desk: Desk) -> None:
    """What there is to find runs by, what can be done with those chosen, and the runs."""
    n_found = desk.runs.count(desk.query)
    desk.turn(min(desk.query.offset, max(0, n_found - 1) // PER_PAGE * PER_PAGE))
    finder(desk)
    acts(desk, n_found)
    if n_found:
        _cards(desk)
        _pages(desk, n_found)
    else:
        _nothing(desk)


def _cards(desk: Desk) -> None:
    theme, now = shown_theme(), datetime.now(UTC)
    runs = desk.runs.find(desk.query)
    drawn = pictures(desk.runs, runs, theme)
    elsewhere = open_elsewhere(desk)
    component("cards", isolated=False)(
        key=KEY,
        data={
            "label": "Saved runs",
            "picked": list(desk.picked),
            "plotly": serve_plotly(),
            "cards": [_card(each, *drawn[each.id], now, each.id in elsewhere) for each in runs],
        },
        on_picked_change=triggered(KEY, "picked", lambda said: desk.pick(said["on"], said["shown"])),
        on_opened_change=triggered(KEY, "opened", lambda run: desk.open(str(run))),
    )


def _card(saved: Saved, picture: str, arrays: Any, now: datetime, elsewhere: bool) -> dict[str, Any]:
    name = words.called(saved)
    lines = [
        ("name", name),
        ("", words.reached(saved)),
        ("", words.losses(saved)),
        ("small", words.length(saved)),
        ("small", f"{words.when(saved.saved, now, words.zone())} · {words.state(saved, elsewhere)}"),
    ]
    return {
        "id": saved.id,
        "picture": picture,
        "alt": thumbnails.alt(arrays, name),
        "lines": [line for line in lines if line[1]],
        "tags": list(saved.tags),
    }


def _pages(desk: Desk, n_found: int) -> None:
    if n_found <= PER_PAGE:
        return
    first = desk.query.offset
    last = min(n_found, first + PER_PAGE)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="saved-pages"):
        st.button(
            "Newer" if desk.query.sort == "saved" and desk.query.descending else "Back",
            key="saved-before",
            icon=":material/chevron_left:",
            disabled=first == 0,
            on_click=desk.turn,
            args=(first - PER_PAGE,),
        )
        st.caption(f"{thin_spaces(first + 1)} to {thin_spaces(last)} of {thin_spaces(n_found)}")
        st.button(
            "Earlier" if desk.query.sort == "saved" and desk.query.descending else "On",
            key="saved-after",
            icon=":material/chevron_right:",
            disabled=last >= n_found,
            on_click=desk.turn,
            args=(first + PER_PAGE,),
        )


def _nothing(desk: Desk) -> None:
    """Why there is nothing to see, and what next."""
    query = desk.query
    with st.container(border=True, key="saved-none"):
        if query.deleted:
            st.markdown("**No deleted runs.**  What is deleted can be brought back from here for an hour.")
        elif query.words or query.tags or query.data:
            st.markdown("**No run is like that.**  Fewer words or another data set may find some.")
            st.button("Show all runs", key="saved-all", on_click=desk.find,
                      kwargs={"words": "", "tags": (), "data": ""})  # fmt: skip
        else:
            st.markdown(
                "**No runs yet.**  Whatever learns in the playground, the builder or a lab is saved here by "
                "itself, a few seconds after you press Play: its settings, its curves, and checkpoints to go "
                "on from."
            )
            with suppress(StreamlitPageNotFoundError):  # a page that is run by itself has no others beside it
                st.page_link("pages/playground.py", label="To the playground", icon=":material/play_arrow:")
