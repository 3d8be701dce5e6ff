"""What is said of a saved run."""

from __future__ import annotations

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

import streamlit as st

from dlcore.changes import summary
from dlcore.charts.curves import title
from dlcore.store import Saved
from pages.parts.transport import short, thin_spaces

STATES = {
    "playing": "saved while learning",
    "paused": "paused",
    "finished": "finished",
    "failed": "broke down",
}

OF = {"test": "", "validation": " (validation)", "train": " (training)"}


def called(saved: Saved) -> str:
    """Its name, or what it is."""
    return saved.name or summary(saved.experiment)


def apart(runs: list[Saved]) -> dict[str, str]:
    """A name for each, by id: those that would be called the same are numbered."""
    names = [called(each) for each in runs]
    seen: dict[str, int] = {}
    told = {}
    for each, name in zip(runs, names, strict=True):
        seen[name] = seen.get(name, 0) + 1
        told[each.id] = f"{name} ({seen[name]})" if names.count(name) > 1 else name
    return told


def measures(saved: Saved) -> tuple[str, str]:
    """What its loss and its score are called."""
    experiment = saved.experiment
    loss, score = experiment.objective.measures or ("loss", title("score", experiment.task))
    return loss, score


def reached(saved: Saved) -> str:
    """Its score, on the test points where it has some: ``accuracy 0.98``."""
    _, score = measures(saved)
    for share in OF:
        value = saved.measures.get(f"{share}_score")
        if value is not None:
            return f"{score} {short(value)}{OF[share]}"
    return ""


def losses(saved: Saved) -> str:
    """Its losses in training and test: ``loss 0.02 / 0.03``."""
    loss, _ = measures(saved)
    return f"{loss} {short(saved.measures.get('train_loss'))} / {short(saved.measures.get('test_loss'))}"


def length(saved: Saved) -> str:
    """How long it has learnt: ``150 epochs in 12 s``."""
    return f"{thin_spaces(saved.epoch)} epoch{'s' * (saved.epoch != 1)} in {lasting(saved.seconds)}"


def lasting(seconds: float) -> str:
    """A length of time."""
    if seconds < 60:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"


def when(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """A moment on the visitor's clock: ``today 14:05``, ``18 Nov 14:05``, ``18 Nov 2025``."""
    here, today = moment.astimezone(zone), now.astimezone(zone)
    days = (today.date() - here.date()).days
    if days in (0, 1):
        return f"{'yesterday' if days else 'today'} {here:%H:%M}"
    return f"{here.day} {here:%b %H:%M}" if here.year == today.year else f"{here.day} {here:%b %Y}"


def state(saved: Saved, watched: bool) -> str:
    """How it stands; ``watched`` where a tab has it on its screen."""
    if watched:
        return "learning in another tab" if saved.state == "playing" else "open in another tab"
    return STATES.get(saved.state, saved.state)


def plain(text: str) -> str:
    """Text as it is, where markdown would read marks in it."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]()<>#+!|~$:" else letter for letter in text)


def zone() -> ZoneInfo:
    """The visitor's time zone."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ValueError, OSError):  # what a browser calls its zone need not be known here
        return ZoneInfo("UTC")
