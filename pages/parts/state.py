"""The one typed object in ``st.session_state``; the URL in and out."""

from __future__ import annotations

import atexit
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from dlcore.charts.theme import DARK, LIGHT, Theme
from dlcore.data import Parts, prepare
from dlcore.engine import EngineFull, Frame, LocalEngine, Run, State
from dlcore.experiment import Experiment, Seeds, with_value
from dlcore.link import decode, encode

OWNER_COOKIE = "glassbox_owner"
OWNER = re.compile(r"[A-Za-z0-9_-]{32,64}")
MAX_RUN_ID = 64
ECHO_S = 1.5
"""For how long after a widget was put to another value a browser may still report the one before."""


@st.cache_resource(show_spinner="Starting the training engine…")
def engine() -> LocalEngine:
    """The engine of this server; it ends with the server."""
    started = LocalEngine()
    atexit.register(started.close)
    return started


@dataclass
class Here:
    """What this visitor's tab is looking at."""

    experiment: Experiment
    run: Run
    owner: str
    known_browser: bool
    """Whether the owner token came from the browser, so that a refresh will find the run again."""
    notices: list[str] = field(default_factory=list)
    pace: float = 0.0
    """Steps per second asked for; 0 is full speed."""
    measure: str = "loss"
    """Which curve is shown: ``loss`` or ``score``."""
    log: bool = False
    """Whether its axis is logarithmic."""
    gallery: bool = False
    """Whether the gallery is open."""
    stale: bool = False
    """Whether something outside the live part has to be drawn again."""
    _acted: bool = True
    _kept: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    @property
    def theme(self) -> Theme:
        """The appearance the visitor's browser shows."""
        return DARK if st.context.theme.type == "dark" else LIGHT

    @property
    def points(self) -> dict[str, Parts]:
        """The experiment's points, drawn once."""
        e = self.experiment
        parts: dict[str, Parts] = self.keep(
            "points",
            (e.data, e.split, e.seeds),
            lambda: prepare(e.data, e.split, e.seeds.data, e.seeds.split),
        )
        return parts

    def keep(self, name: str, depends: Any, make: Callable[[], Any]) -> Any:
        """What ``make`` made when ``depends`` was last another; made again only when it changes."""
        if name not in self._kept or self._kept[name][0] != depends:
            self._kept[name] = depends, make()
        return self._kept[name][1]

    def frame(self, watch: tuple[str, ...]) -> Frame:
        """The newest picture; right after something was done, one that shows it."""
        fresh, self._acted = self._acted, False
        return self.run.frame(watch, fresh=fresh)

    def replace(self, experiment: Experiment) -> None:
        """Go on with another experiment, bent so that it can run."""
        for _ in range(8):
            problems = experiment.problems()
            if not problems:
                break
            self.notices.append(f"{problems[0].what}  {problems[0].next}")
            experiment = experiment.model_copy(update=dict(problems[0].remedy))
        if experiment != self.experiment:
            self.experiment = experiment
            self.run.change(experiment)
        self.stale = self._acted = True

    def set(self, path: str, value: Any) -> None:
        """Change one setting."""
        self.replace(with_value(self.experiment, path, value))

    def do(self, command: str, **settings: Any) -> None:
        """Tell the run to do something."""
        self.run.do(command, **settings)
        self._acted = True

    def toggle(self) -> None:
        """Play, or pause."""
        self.do("pause" if self.run.frame(()).state is State.PLAYING else "play")

    def reseed(self) -> None:
        """Start apart: other first weights and another order of the points."""
        new = secrets.randbelow(1_000_000)
        seeds = Seeds(**{**self.experiment.seeds.model_dump(), "init": new, "batches": new})
        self.replace(self.experiment.model_copy(update={"seeds": seeds}))

    def set_pace(self, steps_per_s: float) -> None:
        """Train at so many steps per second; 0 is full speed."""
        self.pace = steps_per_s
        self.do("pace", steps_per_s=steps_per_s)

    def revive(self) -> None:
        """Go on from the last checkpoint after the worker was lost."""
        self.run = engine().revive(self.run)
        self.do("pace", steps_per_s=self.pace)
        self.do("play")


def open_here() -> Here:
    """Find this tab's state, or make it from the URL; leave the URL saying what is looked at."""
    here: Here | None = st.session_state.get("here")
    if here is None:
        here = st.session_state["here"] = _arrive()
    here.stale = False
    here.experiment = here.run.experiment  # another tab on the same run may have changed it
    _write_url(here)
    return here


def put(key: str, value: Any) -> None:
    """Set what a widget shows, before it is drawn.

    Again each time, even to what it is: a widget in a popover comes to life only when the popover is opened,
    and would then start from its own default, and report that as its user's choice.
    """
    shown = st.session_state.get(f"{key}:shown", value)
    if shown != value:
        st.session_state[f"{key}:before"] = shown, time.monotonic()
    st.session_state[key] = st.session_state[f"{key}:shown"] = value


def taken(key: str, use: Callable[[Any], None]) -> Callable[[], None]:
    """A callback that hands a widget's new value on; a widget emptied by its user hands on nothing.

    Nor does one that only echoes what it was put to: while the run plays, the browser reports all widgets
    ten times a second, and those of the moment before a preset was chosen would undo parts of it.
    """

    def callback() -> None:
        value = st.session_state[key]
        before, since = st.session_state.get(f"{key}:before", (None, -ECHO_S))
        late = value == before and time.monotonic() - since < ECHO_S
        if value is not None and value != st.session_state.get(f"{key}:shown") and not late:
            if f"{key}:shown" in st.session_state:
                st.session_state[f"{key}:shown"] = value
            use(value)

    return callback


def triggered(key: str, event: str, use: Callable[[Any], None]) -> Callable[[], None]:
    """A callback that hands a component's event on."""

    def callback() -> None:
        value = st.session_state[key][event]
        if value is not None:
            use(value)

    return callback


def _arrive() -> Here:
    owner, known = _owner()
    token, run_id = st.query_params.get("x", ""), st.query_params.get("run", "")
    opened = decode(token) if token else None
    notices = [opened.sentence()] if opened and opened.set_aside else []
    try:
        run = engine().attach(run_id, owner) if 0 < len(run_id) <= MAX_RUN_ID else None
        if run is not None and opened and not opened.set_aside and opened.experiment != run.experiment:
            run = None  # the link asks for something else than what the run is doing
        elif run_id and run is None:
            notices.append("The run in this link is somebody else's or has ended; here is a new one.")
        if run is None:
            run = engine().start(opened.experiment if opened else Experiment(), owner)
    except EngineFull as full:
        st.info(str(full), icon=":material/groups:")
        st.stop()
    except OSError as error:
        st.error(f"No training process could be started ({error}).  Reload the page to try again.")
        st.stop()
    here = Here(run.experiment, run, owner, known, notices)
    if st.query_params.get("play") == "1":
        here.do("play")
    return here


def _owner() -> tuple[str, bool]:
    """This browser's token; a new one where it has none yet."""
    token = str(st.context.cookies.get(OWNER_COOKIE, ""))
    return (token, True) if OWNER.fullmatch(token) else (secrets.token_urlsafe(32), False)


def _write_url(here: Here) -> None:
    wanted = {"x": encode(here.experiment), "run": here.run.id}
    if any(st.query_params.get(name) != value for name, value in wanted.items()) or "play" in st.query_params:
        kept = {name: st.query_params[name] for name in st.query_params if name not in {"x", "run", "play"}}
        st.query_params.from_dict({**kept, **wanted})
