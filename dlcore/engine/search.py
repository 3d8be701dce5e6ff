"""Which settings a sweep tries next, and which trainings it gives up: Optuna's samplers and median rule."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import BaseSampler, GridSampler, RandomSampler, TPESampler
from optuna.trial import TrialState

from dlcore.hyperparameters import Hyperparameter, Value
from dlcore.outcomes import Outcomes, Trial
from dlcore.sweeps import Axis, Sweep

optuna.logging.disable_default_handler()
optuna.logging.set_verbosity(optuna.logging.ERROR)

ROUND = 4
"""So many trials are asked for at once where what is asked next depends on what came out.

Whatever the number of cores, each round knows the rounds before it and nothing else: the same sweep asks for
the same trials and gives the same ones up, on a laptop and on a server.
"""
STARTUP = 4
"""Trials that are never given up, and after which the median is one of something."""
RUNGS = (1 / 8, 1 / 4, 1 / 2)
"""The shares of the epochs after which a training is compared with those before it."""


def rungs(epochs: int) -> list[int]:
    """The epochs at which a training is looked at."""
    return sorted({max(1, round(share * epochs)) for share in RUNGS} - {epochs})


@dataclass(frozen=True)
class Asked:
    """A setting to try."""

    number: int
    values: tuple[Value, ...]
    _trial: optuna.trial.Trial

    def hopeless(self, seed: int, rung: int, value: float) -> bool:
        """Note what start ``seed`` had come to at a rung; whether the trial is behind the median there."""
        self.note(seed, rung, value)
        return self._trial.should_prune()

    def note(self, seed: int, rung: int, value: float) -> None:
        """Note what start ``seed`` had come to at a rung, for those that come later."""
        self._trial.report(value, look(seed, rung))


def look(seed: int, rung: int) -> int:
    """The number of a look: every start is compared with the same start of other trials."""
    return seed * len(RUNGS) + rung


class Search:
    """Ask for trials in rounds, and tell what they came to.  One thread asks and tells."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self._spaces = {
            axis.path: _space(axis, setting, sweep.how == "grid")
            for axis, setting in zip(sweep.axes, sweep.swept, strict=True)
        }
        self._left = sweep.n_settings
        self._study = optuna.create_study(
            sampler=self._sampler(),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=STARTUP, n_min_trials=2),
            direction="maximize" if sweep.measure == "score" else "minimize",
        )

    def _sampler(self) -> BaseSampler:
        sweep = self.sweep
        if sweep.how == "grid":
            places: Mapping[str, Sequence[Value]] = dict(
                zip((axis.path for axis in sweep.axes), sweep.places, strict=True)
            )
            return GridSampler(places, seed=sweep.seed)
        if sweep.how == "random":
            return RandomSampler(seed=sweep.seed)
        # trials of the same round count as bad ones, or all of them would be asked for at the same place
        startup = max(ROUND, min(10, sweep.n_trials // 2))
        return TPESampler(seed=sweep.seed, n_startup_trials=startup, constant_liar=True)

    def next_round(self) -> list[Asked]:
        """What to try next; empty when all has been tried."""
        whole = self.sweep.how != "TPE" and not self.sweep.prune
        n = self._left if whole else min(self._left, ROUND)
        self._left -= n
        return [self._ask() for _ in range(n)]

    def _ask(self) -> Asked:
        trial = self._study.ask(self._spaces)
        values = tuple(trial.params[axis.path] for axis in self.sweep.axes)
        return Asked(trial.number, values, trial)

    def tell(self, asked: Sequence[Asked], trials: Mapping[int, Trial]) -> None:
        """Say what a round has come to."""
        if not self._left:
            # nobody asks any more, and the sampler of a grid would want to stop a loop that is not its own
            return
        for each in asked:
            score = Outcomes(self.sweep, ()).score(trials[each.number])
            if score is not None and math.isfinite(score.mean):
                self._study.tell(each.number, score.mean)
            else:
                # TPE learns to stay away from what was given up; a failure it would merely forget
                self._study.tell(each.number, state=TrialState.PRUNED)


def _space(axis: Axis, setting: Hyperparameter, grid: bool) -> BaseDistribution:
    if grid or axis.values:
        return CategoricalDistribution(axis.places(setting))
    if setting.whole:
        return IntDistribution(round(axis.low), round(axis.high), log=axis.log)
    return FloatDistribution(axis.low, axis.high, log=axis.log)
