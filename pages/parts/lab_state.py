"""What one tab does in a lab: its settings, what was predicted, and its runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from dlcore.engine import Frame, State
from dlcore.experiment import Experiment, Seeds, value_at, with_value
from dlcore.guides import Guide
from dlcore.lesson import Lesson
from dlcore.spec import Declared
from dlcore.spec.share import pack
from pages.parts.here import Here
from pages.parts.undo import Undo


@dataclass
class Lab:
    """A lab as one tab has it.  Its runs follow its settings, and play and rest together."""

    guide: Guide[Any]
    settings: Any
    heres: dict[str, Here]
    """What each run looks at, by the name that the guide gives it; the first one leads."""
    start: Callable[[Experiment], Here]
    guess: int | None = None
    """Which of the guide's choices was predicted; None before."""
    kept: dict[str, Any] = field(default_factory=dict)
    """What the parts of this lab remember."""
    edits: Undo[Any] = field(default_factory=Undo)
    lesson: Lesson = field(default_factory=Lesson)
    present: bool = False
    seeds: Seeds | None = None
    """Other seeds than the guide's, once it was reseeded."""
    redraw: bool = False
    """Whether something outside the live part has to be drawn again."""

    @property
    def here(self) -> Here:
        """What the leading run looks at."""
        return next(iter(self.heres.values()))

    @property
    def described(self) -> Declared:
        """What the forms show and change: the settings."""
        settings: Declared = self.settings
        return settings

    @property
    def experiment(self) -> Experiment:
        """The leading run's."""
        return self.here.experiment

    @property
    def notices(self) -> list[str]:
        """What is to be said once."""
        return self.here.notices

    @property
    def stale(self) -> bool:
        """Whether the whole page has to be drawn again."""
        return self.redraw or any(here.stale for here in self.heres.values())

    @stale.setter
    def stale(self, value: bool) -> None:
        self.redraw = value
        for here in self.heres.values():
            here.stale = value

    @property
    def branch(self) -> None:
        """A lab's runs have no branches."""

    @property
    def every_s(self) -> float:
        """How long after a picture the next one is asked for."""
        return self.here.every_s

    @every_s.setter
    def every_s(self, value: float) -> None:
        self.here.every_s = value

    @property
    def pace(self) -> float:
        """Steps per second asked for; 0 is full speed."""
        return self.here.pace

    def frames(self, watch: tuple[str, ...]) -> dict[str, Frame]:
        """The newest picture of every run."""
        return {name: here.frame(watch) for name, here in self.heres.items()}

    def frame(self, watch: tuple[str, ...]) -> Frame:
        """The newest picture of the leading run; it counts as playing while any of them does."""
        return self.led(self.frames(watch))

    def led(self, frames: dict[str, Frame]) -> Frame:
        """Of pictures of every run that of the leading one, as :meth:`frame` gives it."""
        lead = next(iter(frames.values()))
        if any(each.state is State.PLAYING for each in frames.values()) and lead.state is not State.LOST:
            return replace(lead, state=State.PLAYING)
        return next((each for each in frames.values() if each.state is State.LOST), lead)

    def allows_setting(self, path: str) -> bool:
        """A lab has few settings, and all of them may be changed."""
        return True

    def set(self, path: str, value: Any) -> None:
        """Change one setting; a value may be out of bounds, or too late."""
        try:
            value_at(self.described, path)
            self.change(with_value(self.described, path, value))
        except (AttributeError, IndexError):
            return  # a widget's last word: its setting has gone with the declaration it belonged to
        except ValidationError:
            self.notices.append("That value is out of bounds, so the setting stays as it was.")

    def change(self, settings: Any) -> None:
        """Go on with other settings; it can be undone."""
        if settings != self.settings:
            self.edits.edited(self.settings)
        self._take(settings)

    def _take(self, settings: Any) -> None:
        before, anew = self.guide.experiments(self.settings), self._begins_anew(settings)
        self.settings, self.redraw = settings, True
        wanted = self._wanted(settings)
        if set(wanted) != set(self.heres):
            # the runs that are wanted no longer rest; a run left over would train on unseen
            self.rest()
            self.heres = {name: self.heres.get(name) or self.start(each) for name, each in wanted.items()}
        for name, experiment in wanted.items():
            if before.get(name) != experiment:  # a setting that is the page's alone leaves a reseeded run be
                self.heres[name].replace(experiment)
        if anew:
            self.do("reset")

    def _begins_anew(self, settings: Any) -> bool:
        """Whether a change of the settings is one with which the guide has its runs begin anew."""
        going_on = self.guide.going_on
        return going_on is not None and any(
            getattr(settings, name) != getattr(self.settings, name)
            for name in settings.settings()
            if name not in going_on
        )

    def _wanted(self, settings: Any) -> dict[str, Experiment]:
        """The guide's experiments, from the seeds that this tab has drawn anew."""
        wanted = self.guide.experiments(settings)
        if self.seeds is None:
            return wanted
        return {name: each.model_copy(update={"seeds": self.seeds}) for name, each in wanted.items()}

    def begin(self, settings: Any) -> None:
        """Set what is worth a try, from its own start."""
        self.change(settings)
        self.do("reset")

    def undo(self) -> None:
        """Take the last change of the settings back."""
        self._take(self.edits.back(self.settings))

    def redo(self) -> None:
        """Make the change again that was undone last."""
        self._take(self.edits.forth(self.settings))

    def predict(self, choice: int) -> None:
        """Note what the student expects."""
        self.guess, self.redraw = choice, True

    def do(self, command: str, **settings: Any) -> None:
        """Tell every run to do something."""
        for here in self.heres.values():
            here.do(command, **settings)

    def toggle(self) -> None:
        """Play, or pause, all of them."""
        self.do("pause" if self.frame(()).state is State.PLAYING else "play")

    def reseed(self) -> None:
        """Start apart, all of them from the same other seeds."""
        self.here.reseed()
        self.seeds = self.experiment.seeds
        for here in self.heres.values():
            here.replace(here.experiment.model_copy(update={"seeds": self.experiment.seeds}))

    def set_pace(self, steps_per_s: float) -> None:
        """Train at so many steps per second; 0 is full speed."""
        for here in self.heres.values():
            here.set_pace(steps_per_s)

    def revive(self) -> None:
        """Go on from the last checkpoints after workers were lost."""
        for here in self.heres.values():
            if here.run.lost:
                here.revive()

    @property
    def run(self) -> Any:
        """The leading run."""
        return self.here.run

    @property
    def told(self) -> tuple[str, int]:
        """The run and the revision whose notice was said last."""
        return self.here.told

    @told.setter
    def told(self, value: tuple[str, int]) -> None:
        self.here.told = value

    def rest(self) -> None:
        """Pause what plays, because its tab looks elsewhere."""
        for here in self.heres.values():
            here.rest()

    def address(self) -> dict[str, str]:
        """What the address says of this lab."""
        wanted = {"run": ".".join(here.run.id for here in self.heres.values())}
        if self.settings != self.guide.settings:
            wanted["s"] = pack(self.settings.compact())
        if self.guess is not None:
            wanted["guess"] = str(self.guess)
        return wanted
