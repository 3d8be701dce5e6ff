"""What every page has around its content."""

from __future__ import annotations

from contextlib import suppress

import plotly.graph_objects as go
import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from dlcore.engine import Frame, State
from pages.parts.components import ASSETS
from pages.parts.state import Desk, Here, Kept, Lab, shown_theme, unsaved

NAMED = ("ground", "accent", "faint", "text", "positive", "negative")
"""The colours that the style sheets call by name."""
PAGES = ("playground", "builder", "labs", "runs", "sweeps", "luck")


def page(title: str, style: str = "") -> None:
    """Set a page up so that it opens correctly by itself, too; ``style`` names further CSS, where there is
    some."""
    st.set_page_config(page_title=f"{title} · Glassbox", page_icon=ASSETS / "icon.png", layout="wide")
    st.html(ASSETS / "style.css")
    if style and (ASSETS / style).exists():
        st.html(ASSETS / style)
    tokens = shown_theme().tokens()
    colours = "".join(f"--glassbox-{name}: {tokens[name]};" for name in NAMED)
    st.html(f"<style>:root {{{colours}}}</style>")
    row = st.container(horizontal=True, gap="small", key="pages")
    with row, suppress(StreamlitPageNotFoundError):  # a page that is run by itself has no others beside it
        for name in PAGES:
            st.page_link(f"pages/{name}.py", label=name.capitalize(), disabled=name.capitalize() == title)


def presentation(here: Here) -> None:
    """Make it large for a projector."""
    if here.present:
        st.html(ASSETS / "present.css")


def sized(here: Here, figure: go.Figure) -> go.Figure:
    """The figure, with larger type where it is shown on a projector."""
    if not here.present:
        return figure
    axis = {"tickfont": {"size": 16}, "title": {"font": {"size": 17}, "standoff": 4}}
    room = {"l": 58, "b": 54}
    return figure.update_layout(legend={"font": {"size": 16}}, xaxis=axis, yaxis=axis, margin=room)


def opens(here: Here, dialog: str, label: str, key: str, icon: str, hint: str | None = None) -> None:
    """A button that opens a dialog."""
    st.button(label, key=key, icon=f":material/{icon}:", help=hint, on_click=here.open_dialog, args=(dialog,))


def notices(here: Here | Lab | Desk | Kept) -> None:
    """Say once what was set aside or changed along the way."""
    for sentence in dict.fromkeys(here.notices):
        st.toast(sentence, icon=":material/info:", duration="long")
    here.notices.clear()


def trouble(here: Here | Lab, frame: Frame) -> None:
    """What a change did besides; where a run stands still, what happened and the way on.

    A run that broke down is the diagnosis's.
    """
    if frame.notice and here.told != (here.run.id, frame.revision):
        here.told = here.run.id, frame.revision
        st.toast(frame.notice, icon=":material/restart_alt:", duration="long")
    # a container of its own even when empty: pictures below it that move by one place are mounted anew
    with st.container(horizontal=True, vertical_alignment="center", key="trouble"):
        if frame.state is State.LOST:
            st.warning(frame.message, icon=":material/link_off:", width="stretch")
            st.button("Go on from the last checkpoint", key="revive", type="primary", on_click=here.revive)
        elif frame.state is State.FINISHED or (frame.message and frame.state is not State.FAILED):
            _say(frame)
        if why := unsaved(frame):
            st.warning(why, icon=":material/save:", width="stretch")


def _say(frame: Frame) -> None:
    if frame.state is State.FINISHED:
        st.success(
            f"{frame.message}  Change the stop to go on, or press Reset.",
            icon=":material/check_circle:",
        )
    else:
        st.info(f"{frame.message}  Press Play to go on.", icon=":material/info:")
