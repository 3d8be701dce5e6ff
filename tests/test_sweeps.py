"""What a sweep asks for, and what it refuses."""

import json

import pytest
from pydantic import ValidationError

from dlcore.data import Split
from dlcore.experiment import Experiment
from dlcore.hyperparameters import hyperparameters
from dlcore.optimizers import SGD
from dlcore.regularisation import Regularisation
from dlcore.spec.share import pack
from dlcore.sweeps import MOST_TRAININGS, Axis, Sweep, decode, encode, suggested

RATE = Axis(low=0.001, high=0.1, log=True, steps=3)
WIDTH = Axis(path="units", values=(2, 4))
SWEEP = Sweep(axes=(RATE, WIDTH))


def test_a_grid_over_a_range_has_its_places_evenly_apart():
    assert SWEEP.places == ((0.001, 0.01, 0.1), (2, 4))
    plain = Axis(path="data.noise", low=0.0, high=0.4, steps=5)
    assert Sweep(axes=(plain,)).places == ((0.0, 0.1, 0.2, 0.3, 0.4),)
    whole = Axis(path="layers", low=1, high=3, steps=5)
    assert Sweep(axes=(whole,)).places == ((1, 2, 3),)


def test_it_counts_settings_and_trainings():
    assert (SWEEP.n_settings, SWEEP.n_trainings) == (6, 12)
    drawn = SWEEP.model_copy(update={"how": "TPE", "n_trials": 9, "n_seeds": 3})
    assert (drawn.n_settings, drawn.n_trainings) == (9, 27)


def test_the_first_start_is_the_experiments_own_and_the_others_learn_from_the_same_samples():
    first, second = SWEEP.trained((0.01, 4), 0), SWEEP.trained((0.01, 4), 1)
    assert first.seeds == SWEEP.experiment.seeds
    assert (second.seeds.init, second.seeds.batches) == (first.seeds.init + 1, first.seeds.batches + 1)
    assert (second.seeds.data, second.seeds.split) == (first.seeds.data, first.seeds.split)
    assert first.optimizer.learning_rate == 0.01
    assert [layer.units for layer in first.network] == [4, 4, 4]
    assert first.stop.epochs == SWEEP.epochs


def test_a_kind_is_set_before_its_settings_whichever_axis_comes_first():
    kinds = Axis(path="optimizer", values=("sgd", "adam"))
    for axes, values in (((kinds, RATE), ("sgd", 0.1)), ((RATE, kinds), (0.1, "sgd"))):
        assert Sweep(axes=axes).trained(values, 0).optimizer == SGD(learning_rate=0.1)


def test_the_validation_share_decides_and_without_one_the_test():
    assert SWEEP.judged_by == "validation_score"
    without = Experiment(split=Split(train=50, validation=0))
    assert SWEEP.model_copy(update={"experiment": without, "measure": "loss"}).judged_by == "test_loss"


def test_it_goes_into_a_link_and_into_json_and_back():
    assert decode(encode(SWEEP)) == SWEEP
    assert Sweep.model_validate(json.loads(json.dumps(SWEEP.model_dump(mode="json")))) == SWEEP


HOSTILE = (
    [], 3, {"axes": []}, {"axes": [{"path": "units", "values": [float("inf")]}]}, {"axes": [{"low": 1e300}]},
    {"axes": [{"path": "units", "values": [10**400, 2]}]}, {"axes": [{"path": "x" * 99}]}, {"n_seeds": 10**9},
    {"axes": [{"values": [[1]]}]}, {"axes": [{}, {}, {}]}, {"how": "eval"}, {"epochs": "3; import os"},
)  # fmt: skip


@pytest.mark.parametrize(
    "token", ["", "junk", "1" + "x" * 40, encode(SWEEP)[:-5], "2abc", *map(pack, HOSTILE)]
)
def test_a_link_that_is_damaged_is_refused_in_words(token):
    with pytest.raises(ValueError, match=r"^The sweep in this link cannot be read: .*\.$"):
        decode(token)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"axes": (Axis(path="seeds.init", values=(1, 2)),)}, "no setting “seeds.init”"),
        ({"axes": (Axis(path="__class__", values=(1, 2)),)}, "no setting “__class__”"),
        ({"axes": (RATE, RATE)}, "Both axes sweep the same setting"),
        ({"axes": (Axis(path="units", values=(2,)),)}, "not two values"),
        ({"axes": (Axis(path="units", values=(2, 2)),)}, "listed twice"),
        ({"axes": (Axis(path="units", values=(2, 2.5)),)}, "cannot be 2.5"),
        ({"axes": (Axis(path="units", values=(2, 10_000)),)}, "cannot be 10000"),
        ({"axes": (Axis(path="optimizer", values=("sgd", "nothing")),)}, "cannot be nothing"),
        ({"axes": (Axis(low=0.1, high=0.001),)}, "The range ends at 0.001"),
        ({"axes": (Axis(low=0.1, high=1000),)}, "cannot be all of"),
        ({"axes": (Axis(path="layers", low=0.4, high=3, log=True),)}, "cannot begin at 0"),
        ({"axes": (Axis(path="layers", low=1.6, high=2.4),)}, "The range ends at 2.4"),
        ({"axes": (Axis(path="data.noise", low=0, high=0.4, log=True),)}, "cannot begin at 0"),
        (
            {"axes": (Axis(path="loss.label_smoothing", values=(0.0, 0.1)),), "measure": "loss"},
            "common scale",
        ),
        ({"how": "random", "n_trials": 200, "n_seeds": 8}, f"at most {MOST_TRAININGS}"),
    ],
)
def test_what_cannot_be_carried_out_is_said_with_where_and_what_next(changes, said):
    problems = SWEEP.model_copy(update=changes).problems()
    assert said in str(problems[0])
    assert all(problem.where and problem.what and problem.next for problem in problems)


def test_every_experiment_is_checked_before_anything_is_trained():
    clipped = Experiment(regularisation=Regularisation(max_norm=1.0))
    kinds = Axis(path="optimizer", values=("sgd", "lbfgs"))
    [problem] = Sweep(experiment=clipped, axes=(kinds,)).problems()
    assert problem.where == "At optimizer L-BFGS"
    assert Sweep(experiment=clipped, axes=(kinds,), how="random").problems() == [problem]


def test_a_setting_that_another_axis_takes_away_is_a_problem():
    axes = (Axis(path="layers", values=(1, 3)), Axis(path="network.2.units", values=(2, 4)))
    problems = Sweep(axes=axes).problems()
    assert [problem.where for problem in problems] == [
        "At number of layers 1, layer 3 units 2",
        "At number of layers 1, layer 3 units 4",
    ]


@pytest.mark.parametrize(
    "bad", [{"n_seeds": 0}, {"n_seeds": 9}, {"epochs": 2001}, {"axes": ()}, {"how": "x"}]
)
def test_numbers_out_of_bounds_are_refused(bad):
    with pytest.raises(ValidationError):
        Sweep.model_validate({**SWEEP.model_dump(), **bad})


def test_whatever_setting_is_chosen_the_values_suggested_can_be_trained():
    experiment = Experiment()
    for path, setting in hyperparameters(experiment).items():
        axis = suggested(experiment, path)
        assert list(axis.problems(setting, "Axis 1")) == []
