import statistics

import numpy as np
import pytest

from dlcore import comparison
from dlcore.comparison import RULERS, alike, differences, nearest, places, spread, stations
from dlcore.data import Own
from dlcore.experiment import Experiment, Seeds, diff, with_value
from dlcore.optimizers import SGD, Adam
from dlcore.presets import PRESETS


def changed(**values):
    made = Experiment()
    for path, value in values.items():
        made = with_value(made, path.replace("__", "."), value)
    return made


def told(*experiments):
    return {each.label: each.values for each in differences(experiments)}


def test_the_same_experiment_differs_in_nothing():
    assert differences([Experiment()] * 3) == []


def test_a_setting_that_differs_is_told_with_its_value_in_each():
    runs = Experiment(), changed(batch_size=3), changed(optimizer__learning_rate=0.01, network__1__units=4)
    assert told(*runs) == {
        "layer 2 units": ("8", "8", "4"),
        "learning rate": ("0.003", "0.003", "0.01"),
        "batch size": ("10", "3", "10"),
    }


def test_of_different_kinds_what_all_of_them_have_is_compared_too():
    runs = changed(optimizer=Adam(learning_rate=0.003)), changed(optimizer=SGD(learning_rate=0.3))
    assert told(*runs) == {"optimizer": ("Adam", "SGD"), "learning rate": ("0.003", "0.3")}


def test_networks_of_different_depth_are_told_whole():
    none, deep = (Experiment(network=Experiment().network[:1] * n_layers) for n_layers in (0, 9))
    assert told(Experiment(), none, deep) == {
        "network": ("8 ELU, 8 ELU, 8 ELU", "no hidden layer", ", ".join(["8 ELU"] * 9))
    }


def test_packed_points_are_told_apart_without_being_spelt_out():
    one = Own()
    two = Own(points=one.points[: len(one.points) // 2 // 16 * 16])
    assert told(*(Experiment(data=data) for data in (one, two, one))) == {
        "points": ("version 1", "version 2", "version 1")
    }


@pytest.mark.parametrize("other", PRESETS, ids=lambda preset: preset.name)
def test_between_two_it_is_what_the_diff_finds(other):
    found = {each.path for each in differences([Experiment(), other.experiment])}
    paths = {change.path for change in diff(Experiment(), other.experiment)}
    assert paths <= found
    assert all(any(extra.startswith(f"{path}.") for path in paths) for extra in found - paths)


def test_runs_that_differ_in_their_seeds_alone_are_of_one_kind():
    lucky = [Experiment(seeds=Seeds(init=seed, data=seed)) for seed in (1, 2, 3)]
    other = changed(batch_size=3)
    assert alike([lucky[0], other, lucky[1], lucky[2]]) == [(0, 2, 3), (1,)]


def test_the_spread_is_the_sample_standard_deviation_and_leaves_out_what_is_no_number():
    numbers = [0.7, 0.9, 0.85]
    found = spread([*numbers[:2], None, float("nan"), numbers[2]])
    assert found == pytest.approx((statistics.mean(numbers), statistics.stdev(numbers), 3))


def test_one_number_has_no_spread_and_none_has_no_mean():
    assert spread([0.5]) == (0.5, None, 1)
    assert spread([None, float("inf")]) is None


MOMENTS = {"step": np.array([0, 50, 200]), "epoch": np.array([0, 2, 8]), "seconds": np.array([0, 0.5, 3.0])}


def test_moments_lie_where_the_ruler_says():
    found = [list(places(MOMENTS, by, 200)) for by in RULERS]
    assert found == [[0, 0.25, 1], [0, 2, 8], [0, 50, 200], [0, 0.5, 3]]
    assert list(places({"step": np.array([0])}, "share", 0)) == [0], "a run that has made no step"


def test_one_scrubber_stands_wherever_a_run_has_a_moment():
    assert list(stations([np.array([0.0, 0.5, 1]), np.array([0, 0.25, 1])])) == [0, 0.25, 0.5, 1]
    assert list(stations([])) == []
    many = stations([np.arange(1000.0)])
    assert len(many) == comparison.MOST_STATIONS
    assert (many[0], many[-1]) == (0, 999)


def test_each_run_shows_its_nearest_moment_and_its_last_when_it_is_over():
    short, long = np.array([0.0, 2, 4]), np.array([0.0, 10, 20])
    assert [(nearest(short, at), nearest(long, at)) for at in (0, 3.5, 6, 18)] == [
        (0, 0), (2, 0), (2, 1), (2, 2)
    ]  # fmt: skip
