"""What plays in the lab of gradient descent: no run that trains, but steps that its worker has worked out."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field, replace
from typing import Any

from dlcore.engine import Frame, State
from dlcore.guides.gradient_descent import FIRST, PATHS, GradientDescentSettings
from dlcore.optimizers import Optimizer
from pages.parts.here import Here
from pages.parts.labs.descents import Descent, Race, Scene
from pages.parts.state import Lab

MOST_STEPS = 500
PACE = 25.0
FULL_PACE = 400.0
"""Steps per second where as many as can be are asked for."""
AHEAD_S = 0.4
"""How far ahead of the present step descents are worked out."""
LISTEN_EVERY_S = 1.5
RACE_BUDGET_S = 0.08
SCENE_BUDGET_S = 0.16
MANY = 10


@dataclass
class Playback(Here):
    """The lab's run, whose network is looked at and never trained; what passes are steps of descents."""

    lab: Lab | None = None
    passed: float = 0.0
    """The step that is shown, with the part of the next that has passed."""
    playing: bool = False
    then: float = 0.0
    race: Race | None = None
    scene: Scene | None = None
    heard: float = field(default=-10.0)
    trouble: str = ""
    """What the worker refused, in words."""
    stamp: int = -1
    """The revision of the run whose network the scene is of."""

    @classmethod
    def of(cls, lab: Lab) -> Playback:
        """The lab's, put in the place of its plain run where that has not been done."""
        here = lab.here
        if isinstance(here, cls):
            return here
        made = cls(here.experiment, here.run, here.owner, here.notices, lab=lab)
        made.pace = PACE
        lab.heres = dict.fromkeys(lab.heres, made)
        return made

    @property
    def settings(self) -> GradientDescentSettings:
        """The lab's."""
        assert self.lab is not None
        settings: GradientDescentSettings = self.lab.settings
        return settings

    @property
    def step(self) -> int:
        """The step that is shown."""
        return int(self.passed)

    @property
    def last(self) -> int:
        """The last step there is."""
        if self.settings.on_surface:
            return MOST_STEPS
        return max((each.n_steps for each in self.descents.values()), default=0)

    @property
    def rules(self) -> dict[str, Optimizer]:
        """What descends, by name."""
        return self.settings.rules()

    @property
    def descents(self) -> dict[str, Descent]:
        """The ways of the rules, as far as they are known."""
        if self.settings.on_surface:
            return self.race.descents if self.race else {}
        return self.scene.descents if self.scene else {}

    @property
    def working(self) -> bool:
        """Whether something that is shown is still to be worked out."""
        return (
            not self.settings.on_surface
            and self.scene is not None
            and not (self.scene.done or self.scene.stopped)
        )

    def frame(self, watch: tuple[str, ...]) -> Frame:
        """The newest picture, after a little has been worked out."""
        now = time.monotonic()
        if now - self.heard > LISTEN_EVERY_S or self.newest.state is State.LOST:
            self.heard = now
            super().frame(())
        if self.newest.state is not State.LOST:
            self._work()
        reached = self.reached()
        if self.playing:
            passed_s = min(now - self.then, 0.5)
            self.passed = min(self.passed + passed_s * (self.pace or FULL_PACE), float(reached))
            self.playing = self.passed < self.last and not (self.settings.on_surface and self._all_gone())
        self.then = now
        state = State.PLAYING if self.playing else State.PAUSED if self.step else State.IDLE
        if self.newest.state is State.LOST:
            state, self.playing = State.LOST, False
        speed = (self.pace or FULL_PACE) if self.playing else 0.0
        return replace(self.newest, state=state, step=self.step, epoch=self.step, steps_per_s=speed)

    def reached(self) -> int:
        """The last step that is known of all who are still on the way."""
        on_the_way = [each.n_steps for each in self.descents.values() if not each.gone]
        furthest = max((each.n_steps for each in self.descents.values()), default=0)
        return min(on_the_way, default=furthest)

    def _all_gone(self) -> bool:
        return bool(self.descents) and all(
            each.gone and each.n_steps <= self.step for each in self.descents.values()
        )

    def _work(self) -> None:
        settings = self.settings
        if settings.on_surface:
            start, noise = (settings.x, settings.y), settings.noise / settings.batch**0.5
            text = settings.shown().formula
            if self.race is None or not self.race.matches(text, start, noise, settings.seed):
                self.race = Race(text, start, noise, settings.seed)
            self.race.take(self.rules)
            self.trouble = ""
            ahead = (self.pace or FULL_PACE) * AHEAD_S + 2
            try:
                self.race.reach(self.run, min(round(self.passed + ahead), MOST_STEPS), RACE_BUDGET_S)
            except ValueError as refusal:
                self.trouble = str(refusal)
            return
        wanted = Scene(
            self.run, settings.begin == FIRST, settings.network_batch, settings.directions == PATHS,
            settings.seed, self.rules, settings.opened(),
        )  # fmt: skip
        if self.scene is None or not self.scene.matches(wanted) or self.stamp != self.newest.revision:
            if self.scene is not None and self.stamp == self.newest.revision:
                wanted.inherit(self.scene)
            self.scene, self.stamp = wanted, self.newest.revision
        self.scene.work(SCENE_BUDGET_S)
        self.trouble = self.scene.said

    def do(self, command: str, **settings: Any) -> None:
        """Play, pause, step or go back to the start."""
        if command == "play":
            self.passed = 0.0 if self.passed >= self.last > 0 else self.passed
            self.playing, self.then = True, time.monotonic()
        elif command == "pause":
            self.playing = False
        elif command in {"step", "epoch"}:
            self.playing = False
            self.go_to(self.step + (1 if command == "step" else MANY))
        elif command == "reset":
            self.playing, self.passed = False, 0.0

    def go_to(self, step: int) -> None:
        """Show a step, working out what is missing."""
        if self.settings.on_surface and self.race is not None and not self.trouble:
            self.race.reach(self.run, min(step, MOST_STEPS), 1.0)
        self.passed = float(min(max(step, 0), self.reached()))

    def set_pace(self, steps_per_s: float) -> None:
        """Let so many steps pass in a second."""
        self.pace = steps_per_s

    def reseed(self) -> None:
        """Meet other noise, start from other first weights, and look in other random directions."""
        assert self.lab is not None
        new = secrets.randbelow(1_000_000)
        seeds = self.settings.experiment.seeds.model_copy(update={"init": new, "batches": new})
        experiment = self.settings.experiment.model_copy(update={"seeds": seeds})
        self.passed = 0.0
        self.lab.change(self.settings.model_copy(update={"seed": new, "experiment": experiment}))

    def rest(self) -> None:
        """Pause, because the tab looks elsewhere."""
        self.playing = False
