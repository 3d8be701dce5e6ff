"""What one tab has on the page of luck and setting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from pydantic import ValidationError

from dlcore.changes import label
from dlcore.charts import boundary
from dlcore.charts.luck import Group
from dlcore.charts.theme import Theme
from dlcore.data import prepare
from dlcore.engine.luck import Luck
from dlcore.ensembles import member, obstacle
from dlcore.experiment import Experiment, value_at
from dlcore.link import decode
from dlcore.luck import KNOBS, OTHER, LuckSettings
from dlcore.spec import Declared, Problem
from dlcore.spec.share import TokenError, pack, unpack
from pages.parts.live import still_json
from pages.parts.state import engine, played

MOST_KEPT = 4
FIRST_PATIENCE_S = 2.0
"""How long the page waits for the untrained networks; then they come with the clock."""


@dataclass
class LuckDesk:
    """The settings, and the ensembles that were asked for last."""

    owner: str
    settings: LuckSettings
    notices: list[str] = field(default_factory=list)
    luck: Luck | None = None
    opened: Experiment | None = None
    """What the visitor wants to see in the playground."""
    _points: dict[Any, str] = field(default_factory=dict)

    @classmethod
    def entered(cls, owner: str) -> LuckDesk:
        """As the address says, else with what this tab has in the playground or the builder."""
        theirs = played()
        settings, notices = LuckSettings(experiment=theirs.experiment) if theirs else LuckSettings(), []
        if "s" in st.query_params:
            try:
                settings = LuckSettings.model_validate(unpack(st.query_params["s"]))
            except (TokenError, ValidationError):
                notices.append("The settings in this link cannot be read; here is the page as it opens.")
        return cls(owner, settings, notices)

    @property
    def running(self) -> bool:
        """Whether an ensemble is being trained."""
        return self.luck is not None and self.luck.running and self.luck.epochs > 0

    @property
    def obstacle(self) -> tuple[str, Problem] | None:
        """Which experiment cannot be trained many times at once, and why; None where all can."""
        for name, experiment in self.settings.wanted().items():
            problem = obstacle(experiment, self.settings.n)
            if problem is not None:
                return name, problem
        return None

    def change(self, **update: Any) -> None:
        """Take other settings.  What they make another ensemble of is left."""
        kept = {name: getattr(self.settings, name) for name in self.settings.settings()}
        try:
            settings = LuckSettings(**{**kept, **update})
        except ValidationError:
            self.notices.append("That value is out of bounds, so the setting stays as it was.")
            return
        self.take(settings)

    def take(self, settings: LuckSettings) -> None:
        """Go on with settings."""
        if (settings.wanted(), settings.n) != (self.settings.wanted(), self.settings.n):
            self.stop("Stopped, because the settings have changed.")
            self.luck = None
        self.settings = settings

    def begin(self, settings: LuckSettings) -> None:
        """Take settings that are worth a try, and run them."""
        self.take(settings)
        self.run()

    def mend(self) -> None:
        """Do what the obstacle's remedy says."""
        found = self.obstacle
        if found is not None:
            name, problem = found
            mended = self.settings.wanted()[name].model_copy(update=dict(problem.remedy))
            self.change(**{"experiment" if name == "first" else "second": mended})

    def compare(self, setting: str) -> None:
        """Have a second value of a setting, another experiment, or nothing to compare with."""
        knob = KNOBS.get(setting)
        e = self.settings.experiment
        second = knob.turned(e, knob.begun(e)) if knob else None
        self.change(setting=setting if knob or setting == OTHER else "", second=second)

    def compare_with(self, link: str) -> None:
        """Compare with the experiment of a link."""
        token = link.strip().rpartition("x=")[2].partition("&")[0]
        opened = decode(token)
        if not token or opened.set_aside:
            self.notices.append(opened.sentence() or "This is no link to an experiment.")
        if token and opened.experiment != self.settings.experiment:
            self.change(second=opened.experiment)

    @property
    def described(self) -> Declared:
        """What the form of the second value shows and changes."""
        return self.settings.second or self.settings.experiment

    def allows_setting(self, path: str) -> bool:
        """All of them may be changed."""
        return True

    def set(self, path: str, value: Any) -> None:
        """Give the second another value of the setting; one may be out of bounds, or too late."""
        knob = KNOBS.get(self.settings.setting)
        if knob is None or self.settings.second is None or not knob.offered(self.settings.experiment):
            return
        try:
            self.change(second=knob.turned(self.settings.experiment, value))
        except ValidationError:
            self.notices.append("That value is out of bounds, so the setting stays as it was.")

    def bring(self, experiment: Experiment) -> None:
        """Train another experiment; a second value of a setting goes along."""
        knob, second = KNOBS.get(self.settings.setting), self.settings.second
        if knob and second is not None:
            kept = knob.offered(experiment) and knob.offered(second)
            second = knob.turned(experiment, self._value(second)) if kept else None
        self.change(experiment=experiment, second=second)

    def _value(self, experiment: Experiment) -> Any:
        """The value of the compared setting; of what all layers have in common, in the first dense one."""
        path = KNOBS[self.settings.setting].path
        if path.startswith("network."):
            name = path.rpartition(".")[2]
            return next(getattr(layer, name) for layer in experiment.network if hasattr(layer, name))
        return value_at(experiment, path)

    def names(self) -> dict[str, str]:
        """What each group is called in words."""
        second, setting = self.settings.second, self.settings.setting
        if second is None:
            return {"first": "all seeds"}
        if setting not in KNOBS:
            return {"first": "the first experiment", "second": "the second experiment"}
        name = setting if setting == "L2" else setting[0].lower() + setting[1:]
        return {
            which: f"{name} {_shown(self._value(each))}" for which, each in self.settings.wanted().items()
        }

    def difference(self) -> str:
        """In what the second differs, in words."""
        second = self.settings.second
        return label(self.settings.experiment, second, 4) if second is not None else ""

    def prepare(self) -> None:
        """Have the untrained networks there, so that there is a picture before anything is trained."""
        if self.luck is None and self.obstacle is None:
            self._start(0)
            assert self.luck is not None
            self.luck.wait(FIRST_PATIENCE_S)

    def run(self) -> None:
        """Train the ensembles from their start."""
        if self.obstacle is None:
            self.stop("Stopped to begin anew.")
            self._start(self.settings.epochs)

    def _start(self, epochs: int) -> None:
        self.luck = Luck(engine(), self.settings.wanted(), self.settings.n, epochs, self.owner)
        self.luck.start()

    def stop(self, why: str = "Stopped before all epochs were done.") -> None:
        """Leave what is being trained where it is."""
        if self.luck is not None and self.luck.running:
            self.luck.stop(why)

    def groups(self) -> list[Group]:
        """The ensembles with what they have come to, as far as there is something."""
        records, names = self.luck.records() if self.luck else {}, self.names()
        return [
            Group(names[which], records[which].arrays, each.seeds.init)
            for which, each in self.settings.wanted().items()
            if which in records
        ]

    def points(self, e: Experiment, theme: Theme) -> str:
        """The training points of an experiment, as JSON that lies on a map; drawn once."""
        key = e.data, e.split, e.seeds.data, e.seeds.split, theme.name
        if key not in self._points:
            parts = prepare(*key[:4])
            made = still_json(boundary.points({"train": parts["train"]}, e.task, e.data.n_classes, theme))
            self._points = dict([*self._points.items(), (key, made)][-MOST_KEPT:])
        return self._points[key]

    def open_member(self, group: int, number: int) -> None:
        """Have the playground begin with a member: it will stop at the epoch where its dot was drawn."""
        luck = self.luck
        if luck is None:
            return
        name = list(luck.wanted)[group]
        made = member(luck.wanted[name], number)
        epochs = int(luck.records()[name].facts["epoch"])
        self.opened = made.model_copy(update={"stop": made.stop.model_copy(update={"epochs": epochs})})

    def rest(self) -> None:
        """An ensemble goes on for a minute while its tab looks elsewhere; then it ends by itself."""

    def address(self) -> dict[str, str]:
        """What the address says of this page."""
        return {"s": pack(self.settings.compact())}


def _shown(value: Any) -> str:
    if isinstance(value, Declared):
        return value.heading()
    return f"{value:g}" if isinstance(value, float) else str(value)
