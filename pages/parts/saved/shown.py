"""The small pictures of saved runs; and what is shown where there is no asking for them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dlcore.charts import thumbnails
from dlcore.charts.theme import Theme
from dlcore.record import Arrays
from dlcore.store import Runs, Saved, StoreError
from pages.parts.saved.desk import Desk
from pages.parts.state import engine, own_runs, shown_theme

LOOK_EVERY_S = 3.0


def pictures(store: Runs, runs: Sequence[Saved], theme: Theme) -> dict[str, tuple[str, Arrays]]:
    """The address of each run's newest picture, by id, with its arrays; else the fall of its loss."""
    found = store.pictures(each.id for each in runs)
    made = {
        each.id: (thumbnails.picture(found[each.id], each.experiment.task, theme), found[each.id])
        for each in runs
        if found.get(each.id)
    }
    bare = [each.id for each in runs if not made.get(each.id, ("",))[0]]
    histories = store.histories(bare) if bare else {}
    return made | {run: (thumbnails.sparkline(histories.get(run, {}), theme), {}) for run in bare}


def away(desk: Desk, error: StoreError) -> None:
    """Say why there are no runs to be seen just now."""
    desk.away = True
    st.warning(f"{error}  They are shown here again as soon as it can be.", icon=":material/cloud_off:")


def open_elsewhere(desk: Desk) -> set[str]:
    """The runs that another tab of this visitor has on its screen."""
    return engine().watched(desk.owner) - own_runs()


def clock(desk: Desk) -> None:
    """Have the page drawn anew when the browser has turned dark or light, or the list has come to others.

    Where somebody may be writing a note, only for the former; and when the store has come back, or has taken
    what was typed while it was away.
    """
    before, drawn = _as_it_is(desk), time.monotonic()

    def tick() -> None:
        # a page that was drawn just now is not drawn again at once: what it shows may still be refused
        back = desk.away and time.monotonic() - drawn > LOOK_EVERY_S / 2 and answers(desk)
        if desk.save_typed() or back or _as_it_is(desk) != before:
            st.rerun()

    st.fragment(tick, run_every=LOOK_EVERY_S)()


def answers(desk: Desk) -> bool:
    """Whether the store can be asked."""
    try:
        desk.runs.count()
    except StoreError:
        return False
    return True


def _as_it_is(desk: Desk) -> tuple[object, ...]:
    theme = shown_theme().name
    if desk.opened or desk.compared:
        return (theme,)
    try:
        newest = desk.runs.find(replace(desk.query, sort="saved", descending=True, limit=1, offset=0))
        elsewhere = frozenset(open_elsewhere(desk))
        return theme, desk.runs.count(desk.query), *(each.saved for each in newest), elsewhere
    except StoreError as error:
        return theme, str(error)
