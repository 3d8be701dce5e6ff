"""Who wins, checked by brute force and by hand."""

import csv
import io
import json
import math

import numpy as np
import pytest

from dlcore.data import Split
from dlcore.experiment import Experiment
from dlcore.outcomes import Outcomes, Training, Trial
from dlcore.sweeps import Axis, Sweep

SWEEP = Sweep(axes=(Axis(path="units", values=(2, 4, 8, 16)),), n_seeds=2)


def training(seed, value, seconds=1.0, end="done"):
    return Training(seed, end, 10, seconds, {"validation_score": value, "validation_loss": 1 - value})


def trial(number, values, *scores, size=10, seconds=1.0, end="done"):
    trainings = tuple(training(seed, score, seconds, end) for seed, score in enumerate(scores))
    return Trial(number, values, trainings, size)


def outcomes(*trials, **changes):
    return Outcomes(SWEEP.model_copy(update=changes), trials)


def test_a_score_is_the_mean_over_the_seeds_with_their_standard_deviation():
    score = outcomes().score(trial(0, (2,), 0.9, 0.8))
    assert score.mean == pytest.approx(0.85)
    assert score.spread == pytest.approx(math.sqrt(((0.9 - 0.85) ** 2 + (0.8 - 0.85) ** 2) / (2 - 1)))
    assert score.said() == "0.85 ± 0.0707 over 2 seeds"


@pytest.mark.parametrize(
    "lacking",
    [
        trial(0, (2,)),
        trial(0, (2,), 0.9),
        trial(0, (2,), 0.9, 0.9, end="pruned"),
        trial(0, (2,), 0.9, end="failed"),
    ],
)
def test_what_is_not_done_from_every_seed_has_no_score(lacking):
    assert outcomes(lacking).score(lacking) is None
    assert outcomes(lacking).sentence() == ""


def test_the_best_is_the_highest_score_or_the_lowest_loss():
    trials = trial(0, (2,), 0.6, 0.6), trial(1, (4,), 0.9, 0.9), trial(2, (8,), 0.7, 0.7)
    assert outcomes(*trials).ranking()[0].trial.number == 1
    assert outcomes(*trials, measure="loss").ranking()[0].trial.number == 1
    assert [each.trial.number for each in outcomes(*trials).ranking()] == [1, 2, 0]


def test_a_gap_within_the_spread_is_not_told_apart():
    said = outcomes(trial(0, (2,), 0.9, 0.98), trial(1, (4,), 0.92, 0.94)).sentence()
    assert said == (
        "Best: units of every layer 2, with validation accuracy 0.94 ± 0.0566 over 2 seeds.  The next best "
        "(units of every layer 4) comes to 0.93, within the spread: more seeds would be needed to tell them "
        "apart."
    )
    assert (
        outcomes(trial(0, (2,), 0.9, 0.91), trial(1, (4,), 0.5, 0.51))
        .sentence()
        .endswith("outside the spread.")
    )
    assert "is just as good" in outcomes(trial(0, (2,), 0.9, 0.8), trial(1, (4,), 0.8, 0.9)).sentence()
    assert (
        "cannot be told from luck" in outcomes(trial(0, (2,), 0.9), trial(1, (4,), 0.8), n_seeds=1).sentence()
    )


def test_choosing_on_the_test_is_cautioned():
    assert outcomes().caution() == ""
    assert (
        "chosen on the test samples" in outcomes(experiment=Experiment(split=Split(validation=0))).caution()
    )


@pytest.mark.parametrize("measure", ["score", "loss"])
@pytest.mark.parametrize("seed", range(20))
def test_the_pareto_front_is_what_brute_force_finds(measure, seed):
    rng = np.random.default_rng(seed)
    trials = [
        trial(i, (i,), *[float(rng.integers(0, 8)) / 8] * 2, size=int(rng.integers(1, 8))) for i in range(12)
    ]
    found = outcomes(*trials, measure=measure)
    sign = 1 if measure == "score" else -1
    prices = {each.trial.number: (each.trial.n_parameters, -sign * each.mean) for each in found.scores()}
    undominated = {
        price
        for price in prices.values()
        if not any(a <= price[0] and b <= price[1] and (a, b) != price for a, b in prices.values())
    }
    front = found.front("n_parameters")
    assert {prices[each.trial.number] for each in front} == undominated
    assert len(front) == len(undominated)


def test_the_best_so_far_never_gets_worse():
    trials = [trial(i, (i,), score, score) for i, score in enumerate((0.5, 0.4, 0.7, 0.6, 0.9))]
    assert outcomes(*trials).best_so_far() == [(0, 0.5), (1, 0.5), (2, 0.7), (3, 0.7), (4, 0.9)]


def test_trials_are_written_down_and_read_back():
    before = Trial(
        3, (0.1, "adam", True), (Training(0, "pruned", 7, 0.5, {"a": None}, ((0, 0.25),), "id", "why"),), 9
    )
    assert Trial.read(json.loads(json.dumps(before.facts()))) == before


def test_the_table_has_a_row_for_each_training():
    rows = list(csv.DictReader(io.StringIO(outcomes(trial(0, (2,), 0.9, 0.8), trial(1, (4,), 0.7)).csv())))
    assert [(row["trial"], row["units"], row["seed"], row["validation_score"]) for row in rows] == [
        ("1", "2", "1", "0.9"), ("1", "2", "2", "0.8"), ("2", "4", "1", "0.7"),
    ]  # fmt: skip
    assert outcomes().csv() == ""
