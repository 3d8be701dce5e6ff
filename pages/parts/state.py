"""``st.session_state``, whose one typed object is :class:`Here`; the URL in and out."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import streamlit as st
from pydantic import ValidationError

from dlcore.engine import EngineFull, Run
from dlcore.experiment import Experiment, diff
from dlcore.guides import Guide
from dlcore.lesson import Lesson
from dlcore.lesson import decode as decode_lesson
from dlcore.link import decode, encode
from dlcore.spec.share import TokenError, unpack
from dlcore.store import StoreError
from dlcore.templates import LENET
from pages.parts import visitor
from pages.parts.here import Here, shown_theme
from pages.parts.lab_state import Lab
from pages.parts.running import engine, unsaved
from pages.parts.saved.desk import NAMES, Desk

__all__ = [
    "Desk",
    "Here",
    "Kept",
    "Lab",
    "bring",
    "echo",
    "engine",
    "hand_over",
    "offer",
    "open_desk",
    "open_here",
    "open_kept",
    "open_lab",
    "own_runs",
    "owner",
    "played",
    "put",
    "read",
    "refusals",
    "send",
    "sent",
    "shown_theme",
    "taken",
    "triggered",
    "unsaved",
]

MAX_RUN_ID = 64
ECHO_S = 2.0
"""For how long after a widget was put to another value a browser may still report the one before."""


class Kept(Protocol):
    """What a tab has of a page: it rests while the tab looks elsewhere, and the address tells it."""

    notices: list[str]
    """What is to be said once."""

    def rest(self) -> None: ...

    def address(self) -> dict[str, str]: ...


K = TypeVar("K", bound=Kept)


def open_here(*, building: bool = False) -> Here:
    """Find this tab's state, or make it from the URL; leave the URL saying what is looked at.

    A page that is for ``building`` keeps a stack that cannot be built as a draft.
    """
    here: Here | None = st.session_state.get("here")
    with _or_try_again():
        if here is None:
            here = st.session_state["here"] = _arrive(building)
            here.building = building
        _come_to("here")
        here.turn_to(building)
    here.experiment = here.run.experiment  # another tab on the same run may have changed it
    if here.arriving:
        arriving, here.arriving = here.arriving, None
        if arriving is not here.run:
            here.move_to(arriving)
    if here.brought:
        brought, here.brought = here.brought, None
        here.replace(brought)
        here.do("reset")
    if here.wanted:
        wanted, here.wanted = here.wanted, None
        here.begin(wanted)
    here.stale = False
    write_url(here)
    return here


def open_lab(guide: Guide[Any]) -> Lab:
    """Find this tab's state of a lab, or make it from the URL; leave the URL saying what is looked at."""
    key = f"lab:{guide.name}"
    lab: Lab | None = st.session_state.get(key)
    with _or_try_again():
        if lab is None:
            lab = st.session_state[key] = _enter(guide)
        for here in lab.heres.values():
            if here.run.lost:  # its worker was, or its place was needed for another run
                here.regain()
    _come_to(key)
    lab.stale = False
    write_url(lab)
    return lab


def open_kept(key: str, enter: Callable[[str], K]) -> K:
    """Find what this tab has of a page, or have it entered for this browser; the URL says what it shows."""
    kept: K | None = st.session_state.get(key)
    if kept is None:
        with _or_try_again():
            kept = st.session_state[key] = enter(owner())
    _come_to(key)
    write_url(kept)
    return kept


def open_desk() -> Desk:
    """Find what this tab looks at among the saved runs, or make it from the URL; leave the URL saying it."""
    desk: Desk | None = st.session_state.get("desk")
    come = desk is None or st.session_state.get("open") != "desk"
    with _or_try_again():
        engine()  # which files what was left unfiled when the server went down
    if desk is None:
        desk = st.session_state["desk"] = Desk(owner())
    if come:  # later on the address lags behind what is done
        desk.read(st.query_params.to_dict())
    _come_to("desk")
    write_url(desk)
    return desk


def hand_over(experiment: Experiment, building: bool) -> None:
    """Have the playground, or the builder, begin with an experiment when it is drawn next."""
    here: Here | None = st.session_state.get("here")
    if here is None:
        with _or_try_again():
            here = st.session_state["here"] = _arrive(building, experiment)
        here.building = building
    else:
        here.brought = experiment


def bring(run: Run, building: bool) -> None:
    """Have the playground, or the builder, show a run when it is drawn next."""
    here: Here | None = st.session_state.get("here")
    if here is None:
        st.session_state["here"] = Here(run.experiment, run, owner(), building=building)
    else:
        here.arriving = run


def played() -> Here | None:
    """What this tab has in the playground or the builder; None where it has been in neither."""
    here: Here | None = st.session_state.get("here")
    return None if here is None or here.run.lost else here


def own_runs() -> set[str]:
    """The saved runs that this tab has on its other pages."""
    holders = [value for value in st.session_state.values() if isinstance(value, Here | Lab)]
    heres = [
        each
        for holder in holders
        for each in ([holder] if isinstance(holder, Here) else holder.heres.values())
    ]
    return {here.run.saved_as for here in heres} - {""}


def send(errand: str) -> None:
    """Have the next page that asks for an errand find it."""
    st.session_state["errand"] = errand


def sent(errand: str) -> bool:
    """Whether this page was opened for an errand; told once."""
    found = st.session_state.get("errand") == errand
    if found:
        del st.session_state["errand"]
    return found


def _come_to(key: str) -> None:
    """Let what this tab looked at before rest: nobody watches it any more."""
    before, st.session_state["open"] = st.session_state.get("open", key), key
    if before != key:
        st.session_state[before].rest()


@contextmanager
def _or_try_again() -> Iterator[None]:
    """Where what a page is about cannot be had just now, say why, and let it be asked for again.

    Nothing more is drawn, and the address stays as it is: it is what says which run is wanted.
    """
    try:
        yield
    except EngineFull as full:
        st.info(str(full), icon=":material/groups:")
    except StoreError as away:
        st.warning(str(away), icon=":material/cloud_off:")
    except OSError as error:
        st.error(f"No training process could be started ({error}).", icon=":material/error:")
    else:
        return
    st.button("Try again", key="try-again", icon=":material/refresh:")
    st.stop()


def _attached(run_id: str, whose: str, notices: list[str]) -> Run | None:
    """The run that an address names; None where there is none to be had, and why is among the ``notices``."""
    if not run_id:
        return None
    try:
        run = engine().attach(run_id, whose) if len(run_id) <= MAX_RUN_ID else None
    except ValueError as refusal:
        notices.append(f"The run in this link cannot be gone on with, so here is a new one: {refusal}")
        return None
    if run is None:
        notices.append("The run in this link is somebody else's or has ended; here is a new one.")
    return run


def _enter(guide: Guide[Any]) -> Lab:
    """A lab as its address says, or as its guide opens it."""
    whose = owner()
    settings, notices = guide.settings, []
    if "s" in st.query_params:
        try:
            settings = type(guide.settings).model_validate(unpack(st.query_params["s"]))
        except (TokenError, ValidationError):
            notices.append("The settings in this link cannot be read; here is the lab as it opens.")
    wanted = guide.experiments(settings)
    ids = dict(zip(wanted, st.query_params.get("run", "").split("."), strict=False))

    def start(experiment: Experiment, found: Run | None = None) -> Here:
        if found is not None and found.experiment != experiment:
            notices.append("The run in this link has other settings than the link; here is a new one.")
            found = None
        return Here(experiment, found or engine().start(experiment, whose), whose)

    # all are looked for before any is begun: where the store is away, none is begun in vain
    found = {name: _attached(ids.get(name, ""), whose, notices) for name in wanted}
    heres = {name: start(each, found[name]) for name, each in wanted.items()}
    lab = Lab(guide, settings, heres, start)
    lab.notices.extend(notices)
    guess = st.query_params.get("guess", "")
    if guess.isdecimal() and int(guess[:2]) < len(guide.choices):
        lab.guess = int(guess[:2])
    if st.query_params.get("play") == "1":
        lab.do("play")
    return lab


def put(key: str, value: Any) -> None:
    """Set what a widget shows, before it is drawn.

    Again each time, even to what it is: a widget in a popover comes to life only when the popover is opened,
    and would then start from its own default, and report that as its user's choice.
    """
    shown = st.session_state.get(key, value)
    if shown != value:
        st.session_state[f"before:{key}"] = shown, time.monotonic()
    st.session_state[key] = value


def offer(key: str, value: str) -> None:
    """Set what a text field shows, where it shows another: the same again would undo what is being typed."""
    if st.session_state.get(key) != value:
        put(key, value)


def echo(key: str) -> Any:
    """What a widget showed until the program changed it a moment ago, or None.

    The picture's clock reports every widget ten times a second, and for a moment as it was before.
    """
    shown, when = st.session_state.get(f"before:{key}", (None, -math.inf))
    return shown if time.monotonic() - when < ECHO_S else None


def read(key: str) -> Any:
    """What a widget shows now."""
    return st.session_state[key]


def refusals(key: str, of: Any) -> dict[str, str]:
    """Why something could not be had, by its name; empty again once it is ``of`` something else."""
    name = f"refused:{key}"
    if st.session_state.get(name, (None, {}))[0] != of:
        st.session_state[name] = of, {}
    told: dict[str, str] = st.session_state[name][1]
    return told


def taken(key: str, use: Callable[[Any], None]) -> Callable[[], None]:
    """A callback that hands a widget's new value on; one emptied by its user, or an echo, is left alone."""

    def callback() -> None:
        value = st.session_state[key]
        if value is not None and value != echo(key):
            use(value)

    return callback


def triggered(key: str, event: str, use: Callable[[Any], None]) -> Callable[[], None]:
    """A callback that hands a component's event on."""

    def callback() -> None:
        value = st.session_state[key][event]
        if value is not None:
            use(value)

    return callback


def _arrive(building: bool, brought: Experiment | None = None) -> Here:
    whose = owner()
    token, run_id = st.query_params.get("x", ""), st.query_params.get("run", "")
    if brought:
        token, run_id = encode(brought), ""
    opened = decode(token) if token else None
    notices = [opened.sentence()] if opened and opened.set_aside else []
    alive = engine().alive(run_id)
    run = _attached(run_id, whose, notices)
    if run is not None and opened and not opened.set_aside and opened.experiment != run.experiment:
        if alive or not all(each.live for each in diff(run.experiment, opened.experiment)):
            run = None  # the link asks for something else than what the run is doing
        else:
            run.change(opened.experiment)  # its server was killed before that was written down
    if run is None:
        first = LENET.on() if building else Experiment()
        run = engine().start(opened.experiment if opened else first, whose)
    lesson, said = Lesson(), ""
    if "lesson" in st.query_params:
        lesson, said = decode_lesson(st.query_params["lesson"])
    notices += [said] if said else []
    here = Here(run.experiment, run, whose, notices, lesson=lesson)
    here.present = st.query_params.get("present") == "1"
    here.drafted = _drafted()
    if st.query_params.get("play") == "1":
        here.do("play")
    return here


def _drafted() -> Experiment | None:
    """The draft of a link: an experiment whose stack cannot be built yet; what cannot be read is none."""
    try:
        drafted = Experiment.model_validate(unpack(st.query_params["draft"]))
    except (KeyError, TokenError, ValidationError):
        return None
    return drafted if drafted.problems() else None


def owner() -> str:
    """Whose this tab is; what was begun in it stays that visitor's until it is closed."""
    if "owner" not in st.session_state:
        st.session_state["owner"] = visitor.owner(st.context.cookies)
    whose: str = st.session_state["owner"]
    return whose


def write_url(shown: Here | Lab | Desk | Kept) -> None:
    """Have the address say what is looked at."""
    wanted = shown.address()
    left = {"play", "present", "draft", "s", "guess", "sweep", *NAMES} - wanted.keys()
    if any(st.query_params.get(name) != value for name, value in wanted.items()) or left & set(
        st.query_params
    ):
        kept = {name: st.query_params[name] for name in st.query_params if name not in left}
        st.query_params.from_dict({**kept, **wanted})
