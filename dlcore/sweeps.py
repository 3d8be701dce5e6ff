"""A sweep: one or two settings of an experiment, each tried at several values and from several seeds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, ValidationError

from dlcore.experiment import Experiment, Seed, Seeds, value_at
from dlcore.hyperparameters import (
    ACTIVATION,
    LAYERS,
    UNITS,
    Hyperparameter,
    Value,
    hyperparameters,
    registry_of,
    with_setting,
)
from dlcore.limits import Limits
from dlcore.link import nearest
from dlcore.spec import Declared, Problem
from dlcore.spec.share import TokenError, pack, unpack

MOST_TRAININGS = 400
MOST_EPOCHS = 2000
MOST_TOLD = 4
"""Of experiments that cannot run so many are named; the rest are counted."""
N_SEEDS_TOTAL = 1_000_000
DIGITS = 2
N_SUGGESTED = 4
MOST = 1e9
Listed = (
    StrictBool
    | Annotated[StrictInt, Field(ge=-MOST, le=MOST)]
    | Annotated[StrictFloat, Field(ge=-MOST, le=MOST)]
    | Annotated[StrictStr, Field(max_length=40)]
)
"""A value as it comes out of JSON: no number is read out of a string."""


class Axis(Declared):
    """One setting and what is tried of it: the values listed or, where none are, a range."""

    path: str = Field("optimizer.learning_rate", max_length=60, description="Which setting is swept")
    values: tuple[Listed, ...] = Field((), max_length=20, description="The values that are tried")
    low: float = Field(0.001, ge=-1e6, le=1e6, description="The least value of the range")
    high: float = Field(0.1, ge=-1e6, le=1e6, description="The greatest value of the range")
    log: bool = Field(
        False, title="Logarithmic", description="Whether the range counts in factors instead of differences"
    )
    steps: int = Field(5, ge=2, le=20, description="At how many places of the range a grid looks")

    def places(self, setting: Hyperparameter) -> tuple[Value, ...]:
        """The values of a grid: those listed, or places of the range, evenly apart, to two digits."""
        if self.values or setting.choices:
            return self.values
        share = [i / (self.steps - 1) for i in range(self.steps)]
        if self.log:
            between = [self.low * (self.high / self.low) ** each for each in share]
        else:
            between = [self.low + (self.high - self.low) * each for each in share]
        inner = [float(f"{each:.{DIGITS}g}") for each in between[1:-1]]
        return tuple(dict.fromkeys(map(setting.number, [self.low, *inner, self.high])))

    def problems(self, setting: Hyperparameter, where: str) -> Iterator[Problem]:
        """What is wrong with what is tried of a setting."""
        if self.values or setting.choices:
            if len(self.values) < 2:
                yield Problem(where, "There are not two values to compare.", "List two or more.")
            elif len(set(self.values)) < len(self.values):
                yield Problem(where, "A value is listed twice.", "List each once.")
            for value in self.values:
                if not setting.takes(value):
                    yield Problem(where, f"{setting.label} cannot be {value}.", _may_be(setting))
            return
        low, high = setting.number(self.low), setting.number(self.high)
        if not self.low < self.high or low == high:
            yield Problem(where, f"The range ends at {self.high:g}, and begins at {self.low:g}.",
                          "Begin lower than it ends.")  # fmt: skip
        elif not (setting.takes(low) and setting.takes(high)):
            yield Problem(where, f"{setting.label} cannot be all of {self.low:g} to {self.high:g}.",
                          _may_be(setting))  # fmt: skip
        elif self.log and float(low) <= 0:
            yield Problem(where, "A logarithmic range cannot begin at 0 or less.",
                          "Begin above 0, or count in differences.")  # fmt: skip


def _may_be(setting: Hyperparameter) -> str:
    if setting.choices:
        return f"It is one of {', '.join(map(str, setting.choices))}."
    whole = "whole numbers " if setting.whole else ""
    return f"Stay with {whole}from {setting.low:g} to {setting.high:g}."


def suggested(experiment: Experiment, path: str) -> Axis:
    """What to begin with when a setting is to be swept: values around what it is."""
    setting = hyperparameters(experiment)[path]
    if setting.choices:
        present = _present(experiment, path)
        first = [*setting.choices[:N_SUGGESTED], *([present] if present in setting.choices else [])]
        return Axis(path=path, values=tuple(dict.fromkeys(first)))
    if path == LAYERS:
        return Axis(path=path, values=(1, 2, 3, 4))
    present = _present(experiment, path)
    centre = float(present) if isinstance(present, int | float) and present else setting.high / 100
    if setting.whole and setting.log:
        around = {min(max(round(centre * each), 1), round(setting.high)) for each in (1 / 4, 1 / 2, 1, 2, 4)}
        return Axis(path=path, values=tuple(sorted(around)))
    if setting.log:
        low, high = max(setting.low, centre / 10, 1e-6), min(setting.high, centre * 10)
        return Axis(path=path, low=float(f"{low:.1g}"), high=float(f"{high:.1g}"), log=True)
    if setting.whole and setting.high > 100:
        low, high = max(setting.low, centre // 4), min(setting.high, centre * 2)
        return Axis(path=path, low=low, high=high)
    return Axis(
        path=path,
        low=setting.low,
        high=setting.high,
        steps=min(5, round(setting.high) + 1) if setting.whole else 5,
    )


def _present(experiment: Experiment, path: str) -> Value | None:
    """What a setting is; of all layers together, what the last that has it has."""
    if path in (UNITS, ACTIVATION):
        holder: Any = next(each for each in reversed(experiment.network) if path in each.settings())
        found = getattr(holder, path)
    else:
        found = value_at(experiment, path)
    return found.kind_name() if isinstance(found, Declared) else found


class Sweep(Declared):
    """What is tried, how, and how it is judged."""

    experiment: Experiment = Field(Experiment(), description="What all trainings have in common")
    axes: tuple[Axis, ...] = Field(
        (Axis(low=0.0003, high=0.1, log=True),), min_length=1, max_length=2, description="What is swept"
    )
    how: Literal["grid", "random", "TPE"] = Field("grid", description="How the next setting is chosen")
    n_trials: int = Field(
        20, ge=2, le=200, title="Trials", description="How many settings are tried; a grid tries all it has"
    )
    n_seeds: int = Field(
        2, ge=1, le=8, title="Seeds", description="From how many starts each setting is trained"
    )
    epochs: int = Field(
        60, ge=1, le=MOST_EPOCHS, description="How long each is trained, unless its own stop comes first"
    )
    measure: Literal["score", "loss"] = Field("score", description="What the best setting is best in")
    prune: bool = Field(
        False,
        title="Stop early",
        description="Give up a training that is behind the median of those before it",
    )
    seed: Seed = Field(1, description="Chance in choosing what is tried next")

    @property
    def share(self) -> str:
        """The samples that the winner is chosen by: validation, or test where none are kept for it."""
        split = self.experiment.split
        return "validation" if split.validation or split.folds > 1 else "test"

    @property
    def judged_by(self) -> str:
        """The name of the measure that decides, as frames have it."""
        return f"{self.share}_{self.measure}"

    @property
    def swept(self) -> tuple[Hyperparameter, ...]:
        """What is swept, axis by axis.  Raises ``KeyError`` where a path is no setting of the experiment."""
        known = hyperparameters(self.experiment)
        return tuple(known[axis.path] for axis in self.axes)

    @property
    def places(self) -> tuple[tuple[Value, ...], ...]:
        """The values of each axis of the grid."""
        return tuple(axis.places(each) for axis, each in zip(self.axes, self.swept, strict=True))

    @property
    def n_settings(self) -> int:
        """How many settings are tried."""
        return math.prod(map(len, self.places)) if self.how == "grid" else self.n_trials

    @property
    def n_trainings(self) -> int:
        """How many networks are trained."""
        return self.n_settings * self.n_seeds

    def trained(self, values: tuple[Value, ...], seed: int) -> Experiment:
        """The experiment of one training: the settings, and start number ``seed``, counted from 0.

        Start 0 is the experiment's own; all starts learn from the same samples.  Raises as
        :func:`with_setting` does.
        """
        found = self.experiment
        order = sorted(zip(self.axes, values, strict=True), key=lambda pair: self._rank(pair[0]))
        for axis, value in order:
            found = with_setting(found, axis.path, value)
        seeds = found.seeds
        other = {
            "init": (seeds.init + seed) % N_SEEDS_TOTAL,
            "batches": (seeds.batches + seed) % N_SEEDS_TOTAL,
        }
        return found.model_copy(
            update={
                "seeds": Seeds(**{**seeds.model_dump(), **other}),
                "stop": found.stop.model_copy(update={"epochs": self.epochs}),
            }
        )

    def _rank(self, axis: Axis) -> tuple[bool, bool]:
        """What there is comes before how it is: the layers, then kinds, then the settings of these."""
        field = Experiment.model_fields.get(axis.path)
        return axis.path != LAYERS, field is None or registry_of(field) is None

    def said(self, values: tuple[Value, ...]) -> str:
        """A setting in words: ``learning rate 0.01, optimizer Adam``."""
        return ", ".join(
            f"{each.label} {each.said(value)}" for each, value in zip(self.swept, values, strict=True)
        )

    def corners(self) -> list[tuple[Value, ...]]:
        """Settings that stand for all: each of a grid; of ranges the ends, with every choice."""
        if self.how == "grid":
            return list(itertools.product(*self.places))
        ends = [
            axis.values or (each.number(axis.low), each.number(axis.high))
            for axis, each in zip(self.axes, self.swept, strict=True)
        ]
        return list(itertools.product(*ends))

    def problems(self, bounds: Limits | None = None) -> list[Problem]:
        """Every reason why it cannot be carried out, each with what to do next; none is none."""
        found: list[Problem] = []
        known = hyperparameters(self.experiment)
        for number, axis in enumerate(self.axes, 1):
            if axis.path not in known:
                found.append(
                    Problem(f"Axis {number}", f"This experiment has no setting “{axis.path}” to sweep.",
                            "Choose one that it has.")
                )  # fmt: skip
            else:
                found += axis.problems(known[axis.path], f"Axis {number}")
        if len({axis.path for axis in self.axes}) < len(self.axes):
            found.append(
                Problem("Axes", "Both axes sweep the same setting.", "Choose another, or take one away.")
            )
        if self.measure == "loss" and any(axis.path.partition(".")[0] == "loss" for axis in self.axes):
            found.append(
                Problem("Measure", "Different losses are no common scale.", "Let the score decide instead.")
            )
        if found:
            return found
        if self.n_trainings > MOST_TRAININGS:
            many = f"{self.n_settings} settings × {self.n_seeds} seeds are {self.n_trainings} trainings"
            said = f"{many}; at most {MOST_TRAININGS} are allowed."
            return [Problem("Sweep", said, "Try fewer values, or fewer seeds.")]
        return self._misfits(bounds)

    def _misfits(self, bounds: Limits | None) -> list[Problem]:
        """The settings at which the experiment cannot run."""
        found: list[Problem] = []
        for values in self.corners():
            try:
                wrong = self.trained(values, 0).problems(bounds)
            except (AttributeError, LookupError, ValueError):
                wrong = [Problem("", "Another axis takes this setting away.", "Sweep it by itself.")]
            found += [Problem(f"At {self.said(values)}", each.what, each.next) for each in wrong[:1]]
        more = len(found) - MOST_TOLD
        if more > 0:
            said = f"{more} more of {len(self.corners())} settings cannot run either."
            found = [*found[:MOST_TOLD], Problem("Sweep", said, "Change the values, or the experiment.")]
        return found


def encode(sweep: Sweep) -> str:
    """Turn a sweep into the token of its link."""
    return pack(sweep.compact())


def decode(token: str) -> Sweep:
    """Open a link's token.  Raises ``ValueError``, in a sentence, where it describes no sweep."""
    try:
        raw = unpack(token)
        if isinstance(raw, dict):
            raw["experiment"] = nearest(raw.get("experiment", {})).experiment
        return Sweep.model_validate(raw)
    except (TokenError, ValidationError) as error:
        why = str(error) if isinstance(error, TokenError) else "it describes no sweep"
        raise ValueError(f"The sweep in this link cannot be read: {why}.") from error
