"""One saved run: its pictures over time, its curves, its settings; its name, tags and notes; the ways on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

import streamlit as st

from dlcore.changes import summary
from dlcore.comparison import differences
from dlcore.experiment import Experiment
from dlcore.store import Moment, Saved
from pages.parts.report import report_popover
from pages.parts.saved import words
from pages.parts.saved.curves import curves
from pages.parts.saved.desk import Desk
from pages.parts.saved.finder import clean_tag
from pages.parts.saved.opening import branch_button, open_buttons
from pages.parts.saved.scrub import scrubber, told
from pages.parts.saved.shown import open_elsewhere
from pages.parts.state import offer, put, shown_theme, taken
from pages.parts.transport import thin_spaces

LONGEST_NAME, LONGEST_NOTES, MOST_TAGS = 120, 20_000, 20


def details(desk: Desk) -> None:
    """Everything about the run that is open; where there is none of that id, what else there is."""
    saved = desk.runs.get(desk.opened)
    saved = saved and desk.as_typed(saved)
    _head(desk, saved)
    if saved is None:
        st.info(
            "There is no such run, or it is not yours, or it has been let go.", icon=":material/search_off:"
        )
        return
    history = desk.runs.histories([saved.id]).get(saved.id, {})
    with st.container(key="saved-details"):
        with st.container(key="saved-moments"):
            run = told(desk.runs, saved, "", history, shown_theme())
            moment = scrubber(desk, [run], "epoch", 200)[0] if run.moments else None
            if saved.marks:
                st.caption(
                    "Changed on the way: " + "; ".join(f"epoch {at:g}, {what}" for at, what in saved.marks)
                )
        with st.container(key="saved-facts"):
            _acts(desk, saved, moment)
            st.markdown(_numbers(saved, saved.id in open_elsewhere(desk)))
            _naming(desk, saved)
        with st.container(key="saved-curves"):
            curves(desk, [(words.called(saved), saved, history)])
        with st.container(key="saved-settings"):
            _settings(saved.experiment)


def _head(desk: Desk, saved: Saved | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="saved-head"):
        st.button("All runs", key="saved-back", icon=":material/arrow_back:", on_click=desk.close)
        st.html(f"<h1>{escape(words.called(saved) if saved else 'No such run')}</h1>")


def _acts(desk: Desk, saved: Saved, moment: Moment | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="saved-ways"):
        open_buttons(desk, saved)
        if moment is not None:
            branch_button(desk, saved, moment)
        report_popover(desk.runs, (saved.id,), "saved-report")
        deleted = desk.query.deleted
        st.button(
            "Bring back" if deleted else "Delete",
            key="saved-delete-one",
            icon=":material/restore_from_trash:" if deleted else ":material/delete:",
            on_click=desk.restore if deleted else desk.delete,
            args=((saved.id,),),
        )
    if saved.parent:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="saved-parent"):
            st.caption(f"Branched off another run at step {thin_spaces(saved.parent_step)}.", width="content")
            st.button(
                "Open that", key="saved-trunk", type="tertiary", on_click=desk.open, args=(saved.parent,)
            )


def _numbers(saved: Saved, elsewhere: bool) -> str:
    now, zone = datetime.now(UTC), words.zone()
    lines = [
        " · ".join(part for part in (words.reached(saved), words.losses(saved)) if part),
        f"{words.length(saved)}, {thin_spaces(saved.step)} steps, "
        f"{thin_spaces(saved.n_parameters)} parameters",
        f"Begun {words.when(saved.begun, now, zone)}, saved {words.when(saved.saved, now, zone)}: "
        f"{words.state(saved, elsewhere)}",
    ]
    if saved.message:
        lines.append(saved.message)
    return "  \n".join(map(words.plain, lines))


def _naming(desk: Desk, saved: Saved) -> None:
    run = saved.id
    offer("saved-name", saved.name)
    st.text_input(
        "Name", key="saved-name", max_chars=LONGEST_NAME, placeholder=summary(saved.experiment),
        on_change=taken("saved-name", lambda name: desk.write(run, name=name[:LONGEST_NAME])),
    )  # fmt: skip
    put("saved-own-tags", list(saved.tags))
    st.multiselect(
        "Tags", sorted({*saved.tags, *desk.runs.tags()}), key="saved-own-tags", accept_new_options=True,
        max_selections=MOST_TAGS, placeholder="Choose, or write new ones",
        on_change=taken("saved-own-tags", lambda tags: desk.write(run, tags=_clean(tags))),
    )  # fmt: skip
    offer("saved-notes", saved.notes)
    st.text_area(
        "Notes", key="saved-notes", max_chars=LONGEST_NOTES, height=110,
        placeholder="What was tried, what was seen",
        on_change=taken("saved-notes", lambda notes: desk.write(run, notes=notes[:LONGEST_NOTES])),
    )  # fmt: skip
    kept = [name for of, name in desk.typed if of == run]
    if kept:
        st.caption(f":material/cloud_off: Not saved yet, and tried again: {', '.join(kept)}.")


def _clean(tags: Sequence[str]) -> tuple[str, ...]:
    clean = dict.fromkeys(map(clean_tag, tags))
    return tuple(tag for tag in clean if tag)[:MOST_TAGS]


def _settings(experiment: Experiment) -> None:
    """What is not as the playground opens with."""
    rows = [(each.label, each.values[1]) for each in differences([Experiment(), experiment])]
    st.markdown("**Settings**")
    st.caption(
        f"{summary(experiment)}.  What is not as the playground opens with:" if rows else summary(experiment)
    )
    if rows:
        cells = "".join(f"<tr><th scope=row>{escape(a)}</th><td>{escape(b)}</td></tr>" for a, b in rows)
        st.html(f'<table class="saved-table"><tbody>{cells}</tbody></table>')
