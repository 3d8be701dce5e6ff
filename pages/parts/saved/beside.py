"""Saved runs side by side: curves, what differs, what they came to, and their pictures at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dlcore.charts.theme import run_colours
from dlcore.comparison import MISSING, RULERS, Spread, alike, differences, spread
from dlcore.store import Saved
from pages.parts.report import report_popover
from pages.parts.saved import words
from pages.parts.saved.curves import curves
from pages.parts.saved.desk import Desk
from pages.parts.saved.scrub import SAYS, scrubber, told
from pages.parts.state import put, shown_theme, taken
from pages.parts.transport import short, thin_spaces

FINALS = {
    "train_loss": "training loss",
    "test_loss": "test loss",
    "train_score": "training {score}",
    "test_score": "test {score}",
}


def beside(desk: Desk) -> None:
    """The runs that were chosen, side by side; those that are nobody's here are passed over."""
    store = desk.runs
    runs = [saved for saved in map(store.get, desk.compared) if saved is not None]
    names = {run: f"{i}  {name}" for i, (run, name) in enumerate(words.apart(runs).items(), 1)}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="saved-head"):
        st.button("All runs", key="saved-back", icon=":material/arrow_back:", on_click=desk.close)
        st.html(f"<h1>{len(runs)} runs side by side</h1>")
        if len(runs) > 1:
            report_popover(store, tuple(names), "saved-report")
    if len(runs) < 2:
        st.info("Choose two runs or more in the list to compare them.", icon=":material/compare_arrows:")
        return
    histories = store.histories(names)
    with st.container(key="saved-beside"):
        with st.container(key="saved-curves"):
            curves(desk, [(names[each.id], each, histories.get(each.id, {})) for each in runs])
        with st.container(key="saved-tables"):
            _differences(runs, names)
            _finals(runs, names)
        with st.container(key="saved-moments"):
            put("saved-by", desk.by)
            st.segmented_control(
                "Moments by", RULERS, key="saved-by", format_func=SAYS.__getitem__, required=True,
                on_change=taken("saved-by", lambda by: desk.count_in(by=by)),
            )  # fmt: skip
            theme = shown_theme()
            all_told = [told(store, each, names[each.id], histories.get(each.id, {}), theme) for each in runs]
            shown = [each for each in all_told if each.moments]
            if shown:
                scrubber(desk, shown, desk.by, 130)
        with st.container(key="saved-each"):
            _each(desk, runs, names)


def _differences(runs: Sequence[Saved], names: dict[str, str]) -> None:
    found = differences([each.experiment for each in runs])
    st.markdown("**What differs**")
    if not found:
        st.caption("Nothing: these runs have the same settings, seeds included.")
        return
    rows = [[each.label, *each.values] for each in found]
    st.html(_table(["Setting", *_heads(runs, names)], rows))


def _finals(runs: Sequence[Saved], names: dict[str, str]) -> None:
    """What each came to; of runs that differ in their seeds alone, the mean and how far they spread."""
    scores = {words.measures(each)[1] for each in runs}
    score = scores.pop() if len(scores) == 1 else "score"
    rows = []
    for name, label in FINALS.items():
        values = [each.measures.get(name) for each in runs]
        if any(value is not None for value in values):
            rows.append([label.format(score=score), *map(short, values)])
    rows.append(["epochs", *(thin_spaces(each.epoch) for each in runs)])
    rows.append(["training time", *(words.lasting(each.seconds) for each in runs)])
    rows.append(["parameters", *(thin_spaces(each.n_parameters) for each in runs)])
    st.markdown("**What they came to**")
    st.html(_table(["", *_heads(runs, names)], rows))
    groups = [group for group in alike([each.experiment for each in runs]) if len(group) > 1]
    for group in groups:
        members = [runs[i] for i in group]
        said = []
        for name, label in FINALS.items():
            found = spread(each.measures.get(name) for each in members)
            if found is not None:
                said.append(f"{label.format(score=score)} {_spread(found)}")
        which = "These runs" if len(group) == len(runs) else ", ".join(str(i + 1) for i in group)
        st.markdown(f"{which} differ in their seeds alone: {'; '.join(said)} "
                    f"(mean ± standard deviation of {len(group)} runs).")  # fmt: skip


def _spread(found: Spread) -> str:
    return short(found.mean) + ("" if found.deviation is None else f" ± {short(found.deviation)}")


def _heads(runs: Sequence[Saved], names: dict[str, str]) -> list[str]:
    return [names[each.id] for each in runs]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table that scrolls by itself where it is too wide."""
    top = "".join(f"<th scope=col>{escape(head)}</th>" for head in heads)
    body = "".join(
        f"<tr><th scope=row>{escape(row[0])}</th>"
        + "".join(f"<td>{escape(cell or MISSING)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    table = f'<table class="saved-table"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'
    named = escape(heads[0] or "Results")
    return f'<div class="saved-scroll" tabindex="0" role="region" aria-label="{named}">{table}</div>'


def _each(desk: Desk, runs: Sequence[Saved], names: dict[str, str]) -> None:
    """The way to each of them, and out of the comparison."""
    colours = run_colours(shown_theme())
    for i, (saved, colour) in enumerate(zip(runs, colours, strict=False), 1):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"saved-each-{i}"):
            st.html(f'<span class="saved-line" style="background:{colour}"></span>', width=22)
            st.markdown(words.plain(names[saved.id]), width="stretch")
            st.button("Open", key=f"saved-details-{i}", on_click=desk.open, args=(saved.id,))
            st.button(
                "", key=f"saved-out-{i}", icon=":material/close:", on_click=desk.leave_out, args=(saved.id,),
                help=f"Leave {names[saved.id]} out of the comparison", type="tertiary",
            )  # fmt: skip
