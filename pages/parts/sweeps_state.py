"""What one tab does with sweeps: what it is about to sweep, and the sweep it looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from pydantic import ValidationError

from dlcore.charts.theme import Theme
from dlcore.engine.sweeping import Sweeping
from dlcore.engine.sweeps import SweepRefused
from dlcore.experiment import Experiment
from dlcore.hyperparameters import LAYERS, UNITS, hyperparameters
from dlcore.outcomes import Outcomes, Trial
from dlcore.spec import Problem
from dlcore.store import StoreError
from dlcore.sweeps import Axis, Sweep, decode, encode, suggested
from pages.parts.serving import sweeps
from pages.parts.state import played, shown_theme

MAX_SWEEP_ID = 64
FIRST, SECOND = "optimizer.learning_rate", UNITS


@dataclass
class SweepDesk:
    """A visitor's tab on the page of sweeps."""

    owner: str
    sweep: Sweep
    """What the editor shows."""
    sweeping: Sweeping | None = None
    """The one that is looked at."""
    chosen: int | None = None
    """The number of the trial that is looked at; None follows the best."""
    price: str = "n_parameters"
    notices: list[str] = field(default_factory=list)
    stale: bool = False
    """Whether something outside the live part has to be drawn again."""
    beats: int = 0
    _kept: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    @classmethod
    def entered(cls, owner: str) -> SweepDesk:
        """As the address says, else with what this tab has in the playground or the builder."""
        theirs = played()
        token, sweep_id = st.query_params.get("s", ""), st.query_params.get("sweep", "")
        desk = cls(owner, begun(theirs.experiment if theirs else Experiment()))
        if token:
            try:
                desk.sweep = decode(token)
            except ValueError as refusal:
                desk.notices.append(f"{refusal}  Here is one to begin with.")
        if 0 < len(sweep_id) <= MAX_SWEEP_ID:
            desk.sweeping = sweeps().find(sweep_id, owner)
            if desk.sweeping is None:
                desk.notices.append("The sweep in this link is somebody else's, or is gone.")
            elif not token:
                desk.sweep = desk.sweeping.sweep
        elif not token:
            mine = sweeps().of(owner)
            desk.sweeping = next((each for each in mine if each.running), None)
        return desk

    @property
    def theme(self) -> Theme:
        """The appearance the visitor's browser shows."""
        return shown_theme()

    @property
    def problems(self) -> list[Problem]:
        """What keeps the sweep that is edited from being run."""
        found: list[Problem] = self.keep("problems", self.sweep, self.sweep.problems)
        return found

    @property
    def outcomes(self) -> Outcomes:
        """What the pictures show: the sweep looked at, else the one that is edited, before its start."""
        return self.sweeping.outcomes() if self.sweeping is not None else Outcomes(self.sweep, ())

    @property
    def selected(self) -> Trial | None:
        """The trial looked at: the chosen one, or the best."""
        outcomes = self.outcomes
        found = next((each for each in outcomes.trials if each.number == self.chosen), None)
        if found is not None:
            return found
        ranking = outcomes.ranking()
        return ranking[0].trial if ranking else None

    def keep(self, name: str, depends: Any, make: Callable[[], Any]) -> Any:
        """What ``make`` made when ``depends`` was last another; made again only when it changes."""
        if name not in self._kept or self._kept[name][0] != depends:
            self._kept[name] = depends, make()
        return self._kept[name][1]

    def set(self, **changes: Any) -> None:
        """Change what is about to be swept; a value may be out of bounds."""
        settings = {name: getattr(self.sweep, name) for name in Sweep.model_fields}
        try:
            self.sweep = Sweep.model_validate({**settings, **changes})
        except ValidationError:
            self.notices.append("That value is out of bounds, so the setting stays as it was.")

    def set_axis(self, number: int, **changes: Any) -> None:
        """Change one axis."""
        axes = list(self.sweep.axes)
        if number >= len(axes):
            return  # a widget's last word: its axis has been taken away
        try:
            axes[number] = Axis.model_validate({**axes[number].model_dump(), **changes})
        except ValidationError:
            self.notices.append("That value is out of bounds, so the axis stays as it was.")
            return
        self.set(axes=tuple(axes))

    def sweep_over(self, number: int, path: str) -> None:
        """Sweep another setting, around what it is."""
        if path in hyperparameters(self.sweep.experiment):
            self.set_axis(number, **suggested(self.sweep.experiment, path).model_dump())

    def two(self, wanted: bool) -> None:
        """Sweep two settings, or one."""
        axes = self.sweep.axes[:1]
        if wanted:
            taken, known = axes[0].path, hyperparameters(self.sweep.experiment)
            path = next(each for each in (SECOND, FIRST, LAYERS, *known) if each in known and each != taken)
            axes = (*axes, suggested(self.sweep.experiment, path))
        self.set(axes=axes)

    def take(self, experiment: Experiment) -> None:
        """Sweep another experiment; settings that it does not have give way to others."""
        known = hyperparameters(experiment)
        axes = tuple(axis for axis in self.sweep.axes if axis.path in known)
        self.set(experiment=experiment, axes=axes or begun(experiment).axes)

    def show(self, sweep: Sweep) -> None:
        """Set a sweep that is worth a try."""
        self.sweep, self.sweeping, self.chosen = sweep, None, None

    def look_at(self, sweep_id: str) -> None:
        """Look at another of one's sweeps; at none where the id is ""."""
        self.sweeping = sweeps().find(sweep_id, self.owner) if sweep_id else None
        self.chosen = None
        if self.sweeping is not None:
            self.sweep = self.sweeping.sweep

    def choose(self, number: int) -> None:
        """Look at one trial."""
        self.chosen = number if any(each.number == number for each in self.outcomes.trials) else None
        self.stale = True

    def start(self) -> None:
        """Begin the sweep that the editor shows."""
        try:
            self.sweeping = sweeps().start(self.sweep, self.owner)
            self.chosen = None
        except (SweepRefused, OSError) as refusal:
            self.notices.append(str(refusal))

    def go_on(self) -> None:
        """Train what is missing of the sweep looked at."""
        if self.sweeping is not None:
            try:
                sweeps().go_on(self.sweeping)
            except SweepRefused as refusal:
                self.notices.append(str(refusal))

    def pause(self) -> None:
        """Hold the sweep looked at."""
        if self.sweeping is not None:
            self.sweeping.pause()

    def stop(self) -> None:
        """Leave the sweep looked at where it is."""
        if self.sweeping is not None:
            self.sweeping.stop()
            self.sweeping.wait(2.0)

    def forget(self) -> None:
        """Delete the sweep looked at."""
        if self.sweeping is not None:
            try:
                sweeps().forget(self.sweeping)
            except StoreError as trouble:
                self.notices.append(str(trouble))
                return
            self.sweeping, self.chosen = None, None

    def rest(self) -> None:
        """A sweep goes on while its owner is elsewhere."""

    def address(self) -> dict[str, str]:
        """What the address says of this tab."""
        wanted = {"s": encode(self.sweep)}
        if self.sweeping is not None:
            wanted["sweep"] = self.sweeping.id
        return wanted


def begun(experiment: Experiment) -> Sweep:
    """A sweep to begin with: the learning rate and the width, where the experiment has them."""
    known = hyperparameters(experiment)
    paths = [path for path in (FIRST, SECOND) if path in known]
    return Sweep(experiment=experiment, axes=tuple(suggested(experiment, path) for path in paths))
