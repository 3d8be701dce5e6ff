"""Saved runs as files: a report, tables, event files, code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

import streamlit as st

from dlcore.changes import summary
from dlcore.export.entry import entries
from dlcore.export.forms import FORMS, Form
from dlcore.export.report import MOST, file_name
from dlcore.store import Runs, StoreError
from pages.parts.state import refusals

GONE = "None of these runs is saved any more.  Choose others"


def report_acts(runs: Runs, ids: Sequence[str], key: str, *, now: Callable[[], None] | None = None) -> None:
    """Buttons that download saved runs of the visitor; what they hold is made when one is pressed.

    ``now`` is called before the store is read.  Why there was nothing to download is said with the next
    drawing of the page.
    """
    chosen, address = tuple(ids), app_address(str(st.context.url or ""))
    refused = refusals(key, chosen)
    for sentence in dict.fromkeys(refused.values()):
        st.error(sentence, icon=":material/error:")
    try:
        title = _title(runs, chosen)
    except StoreError as error:
        st.error(str(error), icon=":material/error:")
        return
    with st.container(horizontal=True, gap="small", key=f"{key}-files"):
        for name, form in FORMS.items():
            if form.of_one and len(chosen) != 1:
                continue
            about = hindrance(form, len(chosen))
            st.download_button(
                form.name,
                _maker(runs, chosen, form, address, refused, now),
                file_name(title, form.ending),
                form.mime,
                key=f"{key}-{name}",
                icon=":material/download:",
                help=about or form.about,
                on_click="ignore",
                disabled=bool(about),
            )


def report_popover(runs: Runs, ids: Sequence[str], key: str) -> None:
    """A button behind which the downloads are."""
    shown = st.popover("Take along", icon=":material/download:", key=key, on_change="rerun", disabled=not ids)
    if shown.open:
        with shown:
            n = len(ids)
            st.caption(f"{n} saved runs in one file, side by side." if n > 1 else "This saved run as a file.")
            report_acts(runs, ids, f"{key}-acts")


def hindrance(form: Form, n_runs: int) -> str:
    """Why so many runs cannot be had in a form; "" where they can."""
    if n_runs == 0:
        return "Choose a run first"
    return f"A report lays up to {MOST} runs side by side" if form is FORMS["html"] and n_runs > MOST else ""


def app_address(page: str) -> str:
    """Where the app is served, of the address of one of its pages; "" for what is none."""
    parts = urlsplit(page)
    if parts.scheme not in ("http", "https"):
        return ""
    return f"{parts.scheme}://{parts.netloc}{parts.path.rpartition('/')[0]}/"


def _title(runs: Runs, ids: tuple[str, ...]) -> str:
    """What the files are called after: the run's name, or else what it is."""
    saved = runs.get(ids[0]) if len(ids) == 1 else None
    if saved is not None:
        return saved.name or summary(saved.experiment)
    return f"{len(ids)} runs" if len(ids) > 1 else "run"


def _maker(
    runs: Runs,
    ids: tuple[str, ...],
    form: Form,
    address: str,
    refused: dict[str, str],
    now: Callable[[], None] | None,
) -> Callable[[], bytes]:
    def made() -> bytes:
        try:
            if now is not None:
                now()
            found = entries(runs, ids)
            if not found:
                raise ValueError(GONE)
            done = form.write(found, datetime.now(UTC), address)
        except (StoreError, OSError, ValueError) as error:
            # the browser itself says only that there is no file
            refused[form.name] = f"{form.name}: {str(error).rstrip('.')}."
            raise
        refused.pop(form.name, None)
        return done

    return made
