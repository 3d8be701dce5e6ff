"""What one tab is looking at: its experiment, its run, and what its visitor has done."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st
from pydantic import ValidationError

from dlcore.cards import Cards
from dlcore.charts.curves import View
from dlcore.charts.theme import DARK, LIGHT, Theme
from dlcore.data import Own, Parts, prepare
from dlcore.edits import drawable
from dlcore.engine import EngineFull, Frame, Run, State
from dlcore.experiment import Experiment, Seeds, value_at, with_value
from dlcore.lesson import Lesson
from dlcore.link import encode
from dlcore.presets import Preset
from dlcore.record import Record
from dlcore.spec import Problem
from dlcore.store import StoreError
from pages.parts.inside import Inside
from pages.parts.look import Branch, Look
from pages.parts.running import engine
from pages.parts.undo import Undo

LOOK_PATIENCE_S = 1.0
"""How long a look back is waited for: t-SNE and the like take a while, and nothing moves meanwhile."""
SETTLED_S = 1.0
"""How long an experiment stands before it is worth a measurement."""


@dataclass(frozen=True)
class Parked:
    """A run that waits on another page."""

    run: Run
    edits: Undo[Experiment]
    drafted: Experiment | None


@dataclass
class Here:
    """What this visitor's tab is looking at."""

    experiment: Experiment
    run: Run
    owner: str
    notices: list[str] = field(default_factory=list)
    pace: float = 0.0
    """Steps per second asked for; 0 is full speed."""
    taken: tuple[str, int] = ("", 0)
    """Which diagram edited last, and the number of its last edit: one that is told twice is done once."""
    shown: tuple[int, int] | None = None
    """The neuron (layer, unit) whose map stands in for the network's answer; None for the answer itself."""
    walking: bool = False
    """Whether the diagram shows the step to come, phase by phase."""
    look: Look = field(default_factory=Look)
    """How the plane is drawn."""
    inside: Inside = field(default_factory=Inside)
    """What the views of the network's inside look at."""
    own: Own | None = None
    """The visitor's own points, kept while another data set is looked at."""
    view: View = field(default_factory=View)
    """How the curves are drawn."""
    refused: dict[str, str] = field(default_factory=dict)
    """Why there was nothing to download, by the file asked for; until it is there."""
    told: tuple[str, int] = ("", 0)
    """The run and the revision whose notice was said last."""
    dialog: str = ""
    """Which dialog is open.  Kept here because a run that comes to another state draws the whole page anew,
    and a dialog that is not asked for again would close under its user's hands."""
    draft: Any = None
    """What the open dialog is working on."""
    laid_out: tuple[str, Any] = ("", None)
    """The last table that came to lie on the shelf: its upload's name, and the dialog's work on it."""
    lesson: Lesson = field(default_factory=Lesson)
    """What this visitor was sent here for; with nothing hidden where it is no lesson."""
    present: bool = False
    """Whether the page is shown large, with the pictures alone."""
    brought: Experiment | None = None
    """What a lab has handed over to be looked at here."""
    arriving: Run | None = None
    """The saved run that the next drawing of the page shows."""
    wanted: Preset | None = None
    """The preset that the next drawing of the page begins with."""
    every_s: float = 2.0
    """How long after a picture the next one is asked for."""
    beats: int = 0
    """How many pictures were drawn: what makes the clock go on even where nothing else has changed."""
    stale: bool = False
    """Whether something outside the live part has to be drawn again."""
    at: int | None = None
    """The step of the run's past that the pictures show; None is now."""
    branch: Branch | None = None
    newest: Frame = field(default_factory=lambda: Frame(State.IDLE))
    """The newest picture, whatever is looked at."""
    building: bool = False
    """Whether the page keeps a stack that cannot be built as a draft, instead of bending it."""
    drafted: Experiment | None = None
    """What cannot run yet, and is being built; the run keeps its last whole experiment meanwhile."""
    parked: Parked | None = None
    """What the page that was left had, where this one cannot show it."""
    cards: Cards = field(default_factory=Cards)
    shown_stack: bool = False
    """Whether the browser has shown the stack after an edit, and waits for the rest of the page."""
    tab: str = ""
    """Which view of the stage is open; "" is the first."""
    edits: Undo[Experiment] = field(default_factory=Undo)
    _acted: bool = True
    _timed: dict[Experiment, tuple[float, dict[str, float]]] = field(default_factory=dict)
    _kept: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    @property
    def theme(self) -> Theme:
        """The appearance the visitor's browser shows."""
        return shown_theme()

    @property
    def described(self) -> Experiment:
        """What the controls show and change: the draft where there is one, else the run's experiment."""
        return self.drafted if self.building and self.drafted else self.experiment

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
        """The newest picture, after something was done one that shows it; looking back, that of then."""
        fresh, self._acted = self._acted, False
        self.newest = self.run.frame(watch, fresh=fresh)
        then = self._past(watch) if self.at is not None else None
        if then is None:
            return self.newest
        now = self.newest
        arrays = {**then.arrays, **{f"past.{name}": array for name, array in now.probe("past").items()}}
        return replace(
            then,
            state=now.state,
            message=now.message,
            notice=now.notice,
            revision=now.revision,
            arrays=arrays,
        )

    def _past(self, watch: tuple[str, ...]) -> Frame | None:
        """The picture of the moment looked at; None when the worker does not answer."""
        key = self.run.id, self.newest.revision, self.at
        of, then = self._kept.get("past", (None, None))
        if of != key or then is None or not set(watch) <= set(then.watched):
            then = self.run.look(self.at or 0, watch, LOOK_PATIENCE_S)
            self._kept["past"] = key, then
        return then

    def look_at(self, step: int) -> None:
        """Show the pictures of a step of the past; those of now for a negative one."""
        self.at = None if step < 0 else step

    def go_back(self, record: Record) -> None:
        """Put the run back to one of its checkpoints."""
        self.run.restore(record)
        self.take_over(self.run.experiment)

    def take_over(self, experiment: Experiment) -> None:
        """Show another experiment that the run already has; it can be undone like an edit."""
        self.at = None
        if experiment != self.experiment:
            self.edits.edited(self.experiment)
            self.experiment = experiment
        self.stale = self._acted = True

    def replace(self, experiment: Experiment) -> None:
        """Go on with another experiment, bent so that it can run; a stack that is being built is left be."""
        for _ in range(8):
            problems = [each for each in experiment.problems() if not self._kept_as_draft(each)]
            if not problems:
                break
            self.notices.append(f"{problems[0].what}  {problems[0].next}")
            experiment = experiment.model_copy(update=dict(problems[0].remedy))
        if experiment != self.described:
            self.edits.edited(self.described)
        self._show(experiment)

    def _kept_as_draft(self, problem: Problem) -> bool:
        return self.building and "network" in problem.remedy

    def _show(self, experiment: Experiment) -> None:
        """Run an experiment, or where it cannot run yet, keep it as the draft beside the last whole one."""
        if not experiment.problems():
            self.drafted = None
            self._go_on_with(experiment)
            return
        self.drafted = experiment
        # what has nothing to do with the stack need not wait for it
        misfits = {
            name: getattr(self.experiment, name)
            for name in ("data", "inputs", "network", "objective", "loss")
        }
        beside = experiment.model_copy(update=misfits)
        self._go_on_with(self.experiment if beside.problems() else beside)

    def undo(self) -> None:
        """Take the last change of the experiment back."""
        self._travel(self.edits.back)

    def redo(self) -> None:
        """Make the change again that was undone last."""
        self._travel(self.edits.forth)

    def _travel(self, move: Callable[[Experiment], Experiment]) -> None:
        """To an earlier or a later experiment; a page that keeps no drafts passes them by."""
        found = move(self.described)
        while found.problems() and not self.building:
            passed, found = found, move(found)
            if found is passed:
                return
        self._show(found)

    def _go_on_with(self, experiment: Experiment) -> None:
        self.at = None
        if experiment != self.experiment:
            self.experiment = experiment
            self.run.change(experiment)
        self.stale = self._acted = True

    def move_to(self, run: Run) -> None:
        """Show another run; undo goes back to what is described now."""
        self.rest()
        self.edits.edited(self.described)
        self.run, self.experiment = run, run.experiment
        self.branch = self.drafted = self.at = None
        self.set_pace(self.pace)
        self.stale = True

    def turn_to(self, building: bool) -> None:
        """Come to the builder, or to the playground: with the same run, where both can show it.

        Where the playground cannot, the builder's waits until its visitor is back.
        """
        if building != self.building and (self.parked if building else not drawable(self.experiment)):
            waiting = Parked(self.run, self.edits, self.drafted)
            there = self.parked or Parked(engine().start(Experiment(), self.owner), Undo(), None)
            self.run, self.edits, self.drafted = there.run, there.edits, there.drafted
            self.parked = None if building else waiting
            self.stale = self._acted = True
        self.building = building

    def estimate(self) -> dict[str, float]:
        """How long a step and an epoch of the experiment take, measured once it has stood for a moment.

        Empty until then: in the middle of a row of edits, the measurement would hold the next one up.
        """
        since, timed = self._timed.get(self.experiment, (time.monotonic(), {}))
        if not timed and time.monotonic() - since > SETTLED_S:
            timed = self.run.timing()
        self._timed = {self.experiment: (since, timed)}
        return timed

    def set(self, path: str, value: Any) -> None:
        """Change one setting, where the lesson lets it be; a value may be out of bounds, or too late."""
        try:
            value_at(self.described, path)
        except (AttributeError, IndexError):
            return  # a widget's last word: its setting has gone with the declaration it belonged to
        if not self.lesson.allows_setting(path):
            self.notices.append("This lesson keeps that setting as it is.")
            return
        if path == "optimizer" and not self.lesson.allows("learning_rate"):
            value = value.model_copy(update={"learning_rate": self.described.optimizer.learning_rate})
        try:
            self.replace(with_value(self.described, path, value))
        except ValidationError:
            self.notices.append("That value is out of bounds, so the setting stays as it was.")

    def allows_setting(self, path: str) -> bool:
        """Whether the lesson lets a setting be changed."""
        return self.lesson.allows_setting(path)

    def want(self, preset: Preset) -> None:
        """Begin with a preset once every widget that is about to go has had its last word."""
        self.wanted = preset

    def begin(self, preset: Preset) -> None:
        """Set a preset's experiment and play it."""
        self.replace(preset.experiment)
        self.do("reset")  # a preset shows its own start, whatever was learnt before
        self.do("play")
        self.notices.append(preset.question)

    def open_dialog(self, name: str) -> None:
        """Open a dialog with the next drawing of the page."""
        self.dialog, self.draft = name, None

    def close_dialog(self) -> None:
        """Close the dialog and forget what it was working on."""
        self.dialog, self.draft = "", None
        self._kept.pop("projected", None)

    def toggle_present(self) -> None:
        """Into presentation mode, or out of it."""
        self.present = not self.present

    def do(self, command: str, **settings: Any) -> None:
        """Tell the run to do something, and the branch with it; only a reset is the run's alone."""
        self.run.do(command, **settings)
        if self.branch and command != "reset":
            self.branch.run.do(command, **settings)
        if command not in {"pause", "pace"}:
            self.at = None
        if command in {"play", "epoch"}:
            self.walking = False
        self._acted = True

    def draw_curves(self, **how: Any) -> None:
        """Draw the curves in another way from now on."""
        self.view = replace(self.view, **how)

    def toggle(self) -> None:
        """Play, or pause."""
        self.do("pause" if self.run.frame(()).state is State.PLAYING else "play")

    def reseed(self) -> None:
        """Start apart: other first weights and another order of the points."""
        new = secrets.randbelow(1_000_000)
        seeds = Seeds(**{**self.experiment.seeds.model_dump(), "init": new, "batches": new})
        self.replace(self.described.model_copy(update={"seeds": seeds}))

    def set_pace(self, steps_per_s: float) -> None:
        """Train at so many steps per second; 0 is full speed."""
        self.pace = steps_per_s
        self.do("pace", steps_per_s=steps_per_s)

    def rest(self) -> None:
        """Pause what plays, because its tab looks elsewhere."""
        if self.newest.state is State.PLAYING:
            self.do("pause")

    def address(self) -> dict[str, str]:
        """What the address says of this tab."""
        wanted = {"x": encode(self.experiment), "run": self.run.id}
        if self.present:
            wanted["present"] = "1"
        if self.drafted:
            wanted["draft"] = encode(self.drafted)
        return wanted

    def revive(self) -> None:
        """Go on from the last checkpoint after the worker was lost; where it cannot be had yet, say why."""
        try:
            self.regain()
        except (EngineFull, StoreError, OSError) as refusal:
            self.notices.append(str(refusal))
        else:
            self.do("play")

    def regain(self) -> None:
        """Find the run again as it was saved last, after its worker was lost or its place was needed.

        Where there is no going on with it any more, it begins anew.  Raises as ``engine().attach``.
        """
        try:
            run = engine().attach(self.run.id, self.owner)
        except ValueError:
            run = None
        if run is None and self.newest.step:
            self.notices.append("This run could not be gone on with, so it begins anew.")
        self.run = run or engine().start(self.experiment, self.owner)
        if self.run.experiment != self.experiment:
            self.run.change(self.experiment)  # the last change came too late to be saved
        self.set_pace(self.pace)


def shown_theme() -> Theme:
    """The appearance that the visitor's browser shows."""
    return DARK if st.context.theme.type == "dark" else LIGHT
