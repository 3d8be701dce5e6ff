"""What a sweep has come to: the trainings of each trial, who wins, by how much, and at what price."""

from __future__ import annotations

import csv
import io
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from dlcore.data import Task
from dlcore.hyperparameters import Value
from dlcore.sweeps import Sweep

End = Literal["done", "pruned", "failed"]
DIGITS = 3
FEW = 40
"""Fewer samples than these tell accuracies apart too coarsely."""


@dataclass(frozen=True)
class Training:
    """One training of a trial, from one start."""

    seed: int
    """Which start, counted from 0."""
    end: End
    epoch: int
    """The epoch at which it ended, or was given up."""
    seconds: float = 0.0
    """How long it trained on this machine, beside whatever else that did."""
    measures: Mapping[str, float | None] = field(default_factory=dict)
    """As frames have them."""
    rungs: tuple[tuple[int, float], ...] = ()
    """What it had come to on the way: (number of the look, value)."""
    run: str = ""
    """The saved run, where it was kept."""
    message: str = ""


@dataclass(frozen=True)
class Trial:
    """One setting, and what its trainings came to."""

    number: int
    values: tuple[Value, ...]
    trainings: tuple[Training, ...] = ()
    n_parameters: int = 0

    @property
    def end(self) -> End | None:
        """How it ended; None while trainings are missing."""
        return next((each.end for each in self.trainings if each.end != "done"), None)

    def over(self, n_seeds: int) -> bool:
        """Whether nothing is missing."""
        return self.end is not None or len(self.trainings) == n_seeds

    @property
    def seconds(self) -> float:
        """How long one of its trainings took, on average."""
        return statistics.fmean(each.seconds for each in self.trainings) if self.trainings else 0.0

    def facts(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def read(cls, facts: Mapping[str, Any]) -> Trial:
        """Read back what :meth:`facts` wrote."""
        trainings = tuple(
            Training(**{**each, "rungs": tuple((int(at), float(value)) for at, value in each["rungs"])})
            for each in facts["trainings"]
        )
        return cls(**{**facts, "values": tuple(facts["values"]), "trainings": trainings})


@dataclass(frozen=True)
class Score:
    """The mean of a trial over its seeds, and their standard deviation (n − 1; nan for one seed)."""

    trial: Trial
    mean: float
    spread: float
    n: int

    def said(self) -> str:
        """``0.94 ± 0.02 over 2 seeds``."""
        between = f" ± {_short(self.spread)}" if math.isfinite(self.spread) else ""
        return f"{_short(self.mean)}{between} over {self.n} seed{'s' * (self.n != 1)}"


@dataclass(frozen=True)
class Outcomes:
    """Trials of one sweep, in the order of their numbers."""

    sweep: Sweep
    trials: tuple[Trial, ...]

    @property
    def upwards(self) -> bool:
        """Whether more is better."""
        return self.sweep.measure == "score"

    @property
    def measure(self) -> str:
        """What decides, in words: ``validation accuracy``."""
        e = self.sweep.experiment
        loss, score = e.objective.measures or ("loss", "R²" if e.task is Task.REGRESSION else "accuracy")
        return f"{self.sweep.share} {score if self.upwards else loss}"

    def values_of(self, trial: Trial) -> list[float]:
        """What its trainings came to that were done."""
        told = [each.measures.get(self.sweep.judged_by) for each in trial.trainings if each.end == "done"]
        return [value for value in told if value is not None]

    def score(self, trial: Trial) -> Score | None:
        """What a trial came to; None where trainings are missing, were given up or broke down."""
        values = self.values_of(trial)
        if not values or trial.end is not None or len(values) < self.sweep.n_seeds:
            return None
        spread = statistics.stdev(values) if len(values) > 1 else math.nan
        return Score(trial, statistics.fmean(values), spread, len(values))

    def scores(self) -> list[Score]:
        """Of all trials that have one."""
        return [found for trial in self.trials if (found := self.score(trial)) is not None]

    def ranking(self) -> list[Score]:
        """The best first; of equals, the one that was tried first."""
        return sorted(
            self.scores(), key=lambda each: (each.mean * (-1 if self.upwards else 1), each.trial.number)
        )

    def sentence(self) -> str:
        """Who wins, by how much, and whether that can be told from luck; "" while nothing is done."""
        ranking = self.ranking()
        if not ranking:
            return ""
        best = ranking[0]
        said = f"Best: {self.sweep.said(best.trial.values)}, with {self.measure} {best.said()}."
        rival = next((each for each in ranking[1:] if each.trial.values != best.trial.values), None)
        if rival is None:
            return said
        gap = abs(best.mean - rival.mean)
        other = f"({self.sweep.said(rival.trial.values)})"
        if not gap:
            return f"{said}  Another {other} is just as good."
        said += f"  The next best {other} comes to {_short(rival.mean)}"
        if best.n < 2:
            return f"{said}; from one seed each, a gap of {_short(gap)} cannot be told from luck."
        # the standard error of the difference of two means: within it, another pair of starts could turn them
        error = math.sqrt((best.spread**2 + rival.spread**2) / best.n)
        if gap <= max(best.spread, error):
            return f"{said}, within the spread: more seeds would be needed to tell them apart."
        return f"{said}, outside the spread."

    def caution(self) -> str:
        """What is wrong with how the winner is chosen; "" where nothing is."""
        e = self.sweep.experiment
        if self.sweep.share == "test":
            return (
                "The winner is chosen on the test samples, because none are kept for validation: the best of "
                "many looks better there than it is.  Keep some for validation, and look at the test once."
            )
        n = round(e.data.size * e.split.validation / 100)
        if e.split.folds < 2 and n < FEW and self.sweep.measure == "score" and e.task is not Task.REGRESSION:
            return (
                f"Only {n} samples decide, so one right answer more is worth {_short(1 / max(n, 1))}.  With "
                "more kept for validation, smaller differences can be told."
            )
        return ""

    def front(self, price: str) -> list[Score]:
        """The Pareto front: the scores that none beats at the same price or a lower one, the cheapest first.

        ``price`` is ``n_parameters`` or ``seconds``.
        """
        found: list[Score] = []
        sign = 1 if self.upwards else -1
        for each in sorted(self.scores(), key=lambda one: (getattr(one.trial, price), -sign * one.mean)):
            if not found or sign * each.mean > sign * found[-1].mean:
                found.append(each)
        return found

    def best_so_far(self) -> list[tuple[int, float]]:
        """After how many trials the best was how good."""
        found: list[tuple[int, float]] = []
        better = max if self.upwards else min
        for each in self.scores():
            best = better(each.mean, found[-1][1]) if found else each.mean
            found.append((each.trial.number, best))
        return found

    def table(self) -> list[dict[str, Any]]:
        """A row for each training, every setting and measure a column."""
        swept = self.sweep.swept
        return [
            {
                "trial": trial.number + 1,
                **{each.path: value for each, value in zip(swept, trial.values, strict=True)},
                "seed": training.seed + 1,
                "end": training.end,
                "epoch": training.epoch,
                "seconds": round(training.seconds, 3),
                "parameters": trial.n_parameters,
                **{name: training.measures.get(name) for name in MEASURES},
                "run": training.run,
            }
            for trial in self.trials
            for training in trial.trainings
        ]

    def csv(self) -> str:
        """The table as comma-separated values."""
        rows = self.table()
        written = io.StringIO()
        if rows:
            writer = csv.DictWriter(written, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        return written.getvalue()


MEASURES = ("train_loss", "validation_loss", "test_loss", "train_score", "validation_score", "test_score")


def by_number(trials: Iterable[Trial]) -> tuple[Trial, ...]:
    """Trials in the order in which they were asked for."""
    return tuple(sorted(trials, key=lambda trial: trial.number))


def cells(outcomes: Outcomes, places: Sequence[Sequence[Value]]) -> list[list[Trial | None]]:
    """The trials of a grid of two axes, the second axis's places as rows; None where none is begun."""
    found = {trial.values: trial for trial in outcomes.trials}
    return [[found.get((x, y)) for x in places[0]] for y in places[1]]


def _short(value: float) -> str:
    return f"{value:.{DIGITS}g}".replace("-", "−")
