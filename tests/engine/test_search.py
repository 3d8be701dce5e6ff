"""What is asked next, and what is given up; without training anything."""

import itertools

import pytest

from dlcore.engine.search import ROUND, STARTUP, Search, look, rungs
from dlcore.outcomes import Training, Trial
from dlcore.sweeps import Axis, Sweep

RATE = Axis(low=0.001, high=1.0, log=True, steps=4)
WIDTH = Axis(path="units", values=(2, 4, 8))
KIND = Axis(path="optimizer", values=("sgd", "adam"))
WHOLE = Axis(path="batch_size", low=1, high=200, log=True)


def done(asked, value):
    return Trial(asked.number, asked.values, (Training(0, "done", 9, 1.0, {"validation_score": value}),))


def searched(sweep, worth=lambda values: 0.5):
    """All trials of a sweep whose setting is worth so much."""
    search, found = Search(sweep), []
    while asked := search.next_round():
        found += asked
        search.tell(asked, {each.number: done(each, worth(each.values)) for each in asked})
    return found


@pytest.mark.parametrize("prune", [False, True])
def test_a_grid_asks_for_each_cell_once(prune):
    sweep = Sweep(axes=(RATE, WIDTH), n_seeds=1, prune=prune)
    asked = [each.values for each in searched(sweep)]
    assert len(asked) == 12
    assert set(asked) == set(itertools.product((0.001, 0.01, 0.1, 1.0), (2, 4, 8)))


@pytest.mark.parametrize("how", ["grid", "random", "TPE"])
def test_the_same_sweep_asks_for_the_same_trials_and_another_seed_for_others(how):
    sweep = Sweep(axes=(RATE, KIND), how=how, n_trials=24, n_seeds=1)
    first, again = ([each.values for each in searched(sweep, lambda v: -v[0])] for _ in range(2))
    other = [each.values for each in searched(sweep.model_copy(update={"seed": 2}), lambda v: -v[0])]
    assert first == again
    assert first != other


def test_what_is_drawn_lies_in_the_ranges_and_is_whole_where_it_has_to_be():
    for rate, size in (each.values for each in searched(Sweep(axes=(RATE, WHOLE), how="random", n_seeds=1))):
        assert 0.001 <= rate <= 1.0
        assert isinstance(size, int)
        assert 1 <= size <= 200


def test_tpe_is_told_what_came_out_and_chance_is_not():
    def asked(how, best):
        sweep = Sweep(axes=(RATE,), how=how, n_trials=32, n_seeds=1)
        return [each.values for each in searched(sweep, lambda values: -abs(values[0] - best))]

    assert asked("random", 0.01) == asked("random", 0.9)
    low, high = asked("TPE", 0.01), asked("TPE", 0.9)
    assert low[:8] == high[:8]  # drawn by chance, before there is anything to learn from
    assert sum(values[0] for values in low[16:]) < sum(values[0] for values in high[16:])


def test_rounds_know_the_rounds_before_them_and_nothing_else():
    sweep = Sweep(axes=(RATE,), how="TPE", n_trials=2 * ROUND, n_seeds=1)
    assert len(Search(sweep).next_round()) == ROUND
    assert len(Search(sweep.model_copy(update={"how": "random"})).next_round()) == 2 * ROUND


def test_a_training_behind_the_median_is_given_up_and_one_before_it_is_not():
    sweep = Sweep(axes=(RATE,), how="random", n_trials=2 * ROUND, n_seeds=1, prune=True)
    search = Search(sweep)
    first = search.next_round()
    assert len(first) == STARTUP
    values = [0.2, 0.4, 0.6, 0.8]
    assert not any(each.hopeless(0, 0, value) for each, value in zip(first, values, strict=True))
    search.tell(first, {each.number: done(each, value) for each, value in zip(first, values, strict=True)})
    bad, good, *_ = search.next_round()
    assert bad.hopeless(0, 0, 0.49)
    assert not good.hopeless(0, 0, 0.51)


def test_every_start_is_compared_with_the_same_start_at_the_same_epoch():
    assert rungs(80) == [10, 20, 40]
    assert rungs(1) == []
    assert rungs(3) == [1, 2]
    assert len({look(seed, rung) for seed in range(8) for rung in range(3)}) == 24
