"""A lesson: what a class sees of the playground, what it is told, and what it is to reach."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field, ValidationError

from dlcore.data import Own, Task
from dlcore.experiment import Experiment
from dlcore.layers import Dense
from dlcore.spec import Declared
from dlcore.spec.share import TokenError, pack, unpack

Part = Literal[
    "data",
    "diagram",
    "learning_rate",
    "batch_size",
    "loss",
    "optimizer",
    "schedule",
    "regularisation",
    "start",
    "step",
    "reset",
    "reseed",
    "speed",
    "code",
    "try",
    "formulas",
]
PARTS: dict[Part, str] = {part: part.replace("_", " ").capitalize() for part in get_args(Part)} | {
    "diagram": "Editing the diagram",
    "start": "Start, seeds and stop",
    "step": "Step and epoch",
    "code": "PyTorch code",
    "try": "Things to try",
}
Measure = Literal["test_score", "train_score", "test_loss", "train_loss"]
MOST = 1_000_000


def clean(text: str) -> str:
    """Markdown without pictures, and with links to http, https and places of this page alone.

    HTML needs no care here: Streamlit shows it as text.
    """
    foreign = r"(?!https?://|[?#/])[^)\s>]*"
    # replaced and not taken out: what is left must not close up to something foreign; pictures last
    text = re.sub(r"(?i)<(?!https?:)[a-z][a-z0-9+.-]*:[^>\s]*>", "(link)", text)
    text = re.sub(rf"(?i)(\]\(\s*+<?+|\]:\s*+<?+){foreign}", r"\1#", text)
    return re.sub(r"!+(?=\[)", "", text)


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable() or letter == "\n")


class Goal(Declared):
    """A measure to reach, with no more than is allowed; a bound of 0 is none."""

    measure: Measure = Field("test_score", description="What is measured")
    comparison: Literal["over", "under"] = Field("over", description="On which side of the threshold")
    threshold: float = Field(0.95, ge=-1_000, le=1_000, description="How much")
    neurons: int = Field(0, ge=0, le=MOST, description="At most so many hidden neurons")
    layers: int = Field(0, ge=0, le=MOST, description="At most so many hidden layers")
    parameters: int = Field(0, ge=0, le=MOST, description="At most so many weights and biases")
    epochs: int = Field(0, ge=0, le=MOST, description="Within so many epochs")

    def words(self, task: Task) -> str:
        """The goal as a sentence reads it: "test accuracy over 0.95 with at most 6 neurons"."""
        share, _, what = self.measure.partition("_")
        name = {"score": "R²" if task is Task.REGRESSION else "accuracy"}.get(what, what)
        bounds = [_at_most(bound, what) for what, bound in self._bounds().items() if bound]
        within = f" with {' and '.join(bounds)}" if bounds else ""
        return f"{share} {name} {self.comparison} {self.threshold:g}{within}".replace("-", "−")

    def _bounds(self) -> dict[str, int]:
        return {
            "neurons": self.neurons,
            "layers": self.layers,
            "parameters": self.parameters,
            "epochs": self.epochs,
        }

    def judge(self, experiment: Experiment, epoch: int, measures: Mapping[str, float | None]) -> Verdict:
        """Say whether a run has reached the goal, and what is missing."""
        reached = measures.get(self.measure)
        dense = [layer for layer in experiment.network if isinstance(layer, Dense)]
        used = {
            "neurons": sum(layer.units for layer in dense),
            "layers": len(dense),
            "parameters": experiment.n_parameters(),
            "epochs": epoch,
        }
        missing = [
            f"{used[what]:,} {what}, {bound:,} allowed"
            for what, bound in self._bounds().items()
            if bound and used[what] > bound
        ]
        if reached is None or reached != reached:
            return Verdict(False, reached, ("nothing measured yet", *missing))
        if not (reached > self.threshold if self.comparison == "over" else reached < self.threshold):
            missing.insert(0, f"now {reached:.3g}".replace("-", "−"))
        return Verdict(not missing, reached, tuple(missing))


@dataclass(frozen=True)
class Verdict:
    """Whether a goal is met; where it is not, what is missing."""

    met: bool
    reached: float | None
    missing: tuple[str, ...]


class Lesson(Declared):
    """What is hidden, what is locked, what is said and what is to be reached."""

    name: Annotated[str, AfterValidator(_printable)] = Field("", max_length=80, description="Its name")
    text: Annotated[str, AfterValidator(_printable)] = Field(
        "", max_length=2_000, description="What to do, in Markdown"
    )
    goal: Goal | None = Field(None, description="What is to be reached")
    hidden: tuple[Part, ...] = Field((), max_length=len(PARTS), description="What is not there")
    locked: tuple[Part, ...] = Field((), max_length=len(PARTS), description="What cannot be changed")

    def shows(self, part: Part) -> bool:
        """Whether the part is there."""
        return part not in self.hidden

    def allows(self, part: Part) -> bool:
        """Whether the part may be used."""
        return part not in self.hidden and part not in self.locked

    def allows_setting(self, path: str) -> bool:
        """Whether the setting at a path of the experiment may be changed."""
        return self.allows(part_of(path))


def part_of(path: str) -> Part:
    """The part of the page where the setting at ``path`` is changed."""
    if path == "optimizer.learning_rate":
        return "learning_rate"
    root = path.partition(".")[0]
    owner: dict[str, Part] = {
        "data": "data",
        "split": "data",
        "augmentation": "data",
        "inputs": "diagram",
        "network": "diagram",
        "held": "diagram",
        "silenced": "diagram",
        "init": "start",
        "seeds": "start",
        "stop": "start",
        "optimizer": "optimizer",
        "schedule": "schedule",
        "objective": "loss",
        "loss": "loss",
        "regularisation": "regularisation",
        "batch_size": "batch_size",
    }
    return "data" if path == "seeds.data" else owner[root]


def told(experiment: Experiment, part: Part) -> str:
    """The settings of a part in words: what is hidden must not hide its number; "" where there are none."""
    e = experiment
    if part == "data":
        shares = f"{e.split.train} % training, {e.split.validation} % validation, {e.split.test} % test"
        about = f"{e.data.heading()}, {e.data.size} points" if isinstance(e.data, Own) else _spelt(e.data)
        return f"{about}; {shares}"
    if part == "learning_rate":
        return f"learning rate {e.optimizer.learning_rate:g}"
    if part == "batch_size":
        return f"batch size {e.batch_size}"
    if part == "optimizer":
        return f"optimizer {_spelt(e.optimizer, without=('learning_rate',))}"
    if part == "start":
        stop = f"stop after {e.stop.epochs:,} epochs" if e.stop.epochs else "no stop"
        return f"start {_spelt(e.init)}, {_spelt(e.seeds)}; {stop}"
    if part in {"loss", "schedule", "regularisation"}:
        return f"{part} {_spelt(getattr(e, part))}"
    return ""


def encode(lesson: Lesson) -> str:
    """Turn a lesson into the token of its link: only what differs from the defaults."""
    return pack(lesson.compact())


def decode(token: str) -> tuple[Lesson, str]:
    """Open a link's token, whatever it is; with a sentence on what could not be read, or ""."""
    try:
        raw = unpack(token)
    except TokenError as error:
        return Lesson(), f"The lesson could not be opened: {error}."
    if not isinstance(raw, dict):
        return Lesson(), "The lesson could not be opened: it describes none."
    try:
        return Lesson.model_validate(raw), ""
    except ValidationError as refusal:
        faulty = {str(error["loc"][0])[:40] for error in refusal.errors()}
        kept = {
            name: value for name, value in raw.items() if name in Lesson.model_fields and name not in faulty
        }
        said = f"Set aside from the lesson: {', '.join(sorted(faulty)[:5])} could not be read."
        return Lesson.model_validate(kept), said


def _at_most(bound: int, what: str) -> str:
    return f"at most {bound:,} {what if bound != 1 else what.removesuffix('s')}"


def _spelt(value: Declared, without: tuple[str, ...] = ()) -> str:
    settings: dict[str, Any] = {
        name: getattr(value, name) for name in value.settings() if name not in without
    }
    spelt = [f"{name.replace('_', ' ')} {_number(setting)}" for name, setting in settings.items()]
    heading = value.heading()
    return f"{heading} ({', '.join(spelt)})" if heading and spelt else heading or ", ".join(spelt)


def _number(setting: Any) -> str:
    return "none" if setting is None else f"{setting:g}" if isinstance(setting, float) else str(setting)
