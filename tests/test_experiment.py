import pytest
import torch
from hypothesis import given, settings
from pydantic import ValidationError

from dlcore.activations import ReLU, Tanh
from dlcore.data import Split, Task, datasets, features
from dlcore.data.features import X1, X2
from dlcore.experiment import Experiment, Seeds, Stop, diff, value_at, with_value
from dlcore.layers import Dense, Dropout
from dlcore.limits import Limits
from dlcore.link import nearest
from dlcore.losses import CrossEntropy, MeanSquared
from dlcore.model import build
from dlcore.optimizers import SGD, Adam
from dlcore.schedules import Cosine
from tests.layers.around import random_input
from tests.samples import experiments

BOUNDS = Limits(max_layers=4, max_units=64, max_points=1000, max_parameters=5000)
BROKEN = Experiment(
    data=datasets["ripple"](n_points=2000),
    split=Split(train=80, validation=20),
    inputs=(X1(), X2(), X1()),
    network=(Dense(),) * 5,
    loss=CrossEntropy(),
)
DEEP = Experiment(network=(Dense(units=6), Dropout(), Dense(units=5, activation=ReLU())))


def where(experiment, bounds=BOUNDS):
    return [problem.where for problem in experiment.problems(bounds)]


def test_the_default_experiment_can_run():
    assert Experiment().problems(Limits()) == []


def test_all_problems_are_listed_at_once():
    assert where(BROKEN) == ["Loss", "Inputs", "Split", "Data", "Network"]


def test_each_problem_says_what_is_wrong_and_what_to_do():
    for problem in BROKEN.problems(BOUNDS):
        assert problem.what.endswith(".")
        assert problem.next.endswith(".")
        assert str(problem) == f"{problem.where}: {problem.what}  {problem.next}"


@pytest.mark.parametrize("place", ["Loss", "Inputs", "Split", "Data", "Network"])
def test_each_remedy_removes_its_problem_and_no_other(place):
    (problem,) = [problem for problem in BROKEN.problems(BOUNDS) if problem.where == place]
    mended = BROKEN.model_copy(update=dict(problem.remedy))
    assert where(mended) == [other for other in where(BROKEN) if other != place]


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"data": datasets["plane"]()}, "regression"),
        ({"inputs": (X1(), X1())}, "twice"),
        ({"split": Split(train=90, validation=10)}, "0 %"),
        ({"data": datasets["xor"](n_points=1001)}, "1001 points"),
        ({"network": (Dense(),) * 5}, "5 layers"),
        ({"network": (Dense(), Dense(units=65))}, "Layer 2"),
        ({"network": (Dense(units=64),) * 3}, "8577"),
    ],
)
def test_a_problem_names_what_is_too_much(settings, word):
    (problem,) = Experiment(**settings).problems(BOUNDS)
    assert word in problem.what
    mended = Experiment(**settings).model_copy(update=dict(problem.remedy))
    assert problem not in mended.problems(BOUNDS)


def test_limits_are_allowed_themselves():
    at_limit = Experiment(data=datasets["xor"](n_points=1000), network=(Dense(units=64),) * 2)
    assert at_limit.problems(BOUNDS) == []


@settings(max_examples=100, deadline=None)
@given(experiments(max_layers=6))
def test_remedies_lead_to_an_experiment_that_can_run(experiment):
    for _ in range(20):
        problems = experiment.problems(BOUNDS)
        if not problems:
            break
        experiment = experiment.model_copy(update=dict(problems[0].remedy))
    assert experiment.problems(BOUNDS) == []


@settings(max_examples=60, deadline=None)
@given(experiments(max_layers=6))
def test_shapes_and_parameters_are_those_of_the_built_network(experiment):
    experiment = nearest(experiment.compact(), BOUNDS).experiment
    network = build(experiment)
    network.module.eval()
    x = random_input(experiment.input_shape)
    outputs = network.layer_outputs(x)
    assert [tuple(out.shape[1:]) for out in (x, *outputs)] == list(experiment.shapes())
    assert torch.equal(outputs[-1], network.module(x))
    assert sum(p.numel() for p in network.module.parameters()) == experiment.n_parameters()


def test_parameters_and_multiply_adds_are_those_of_arithmetic_by_hand():
    # 2 inputs, 6 units, dropout, 5 units, 1 output
    shapes = DEEP.shapes()
    costs = [
        (each.n_parameters(s), each.multiply_adds(s)) for each, s in zip(DEEP.stack(), shapes, strict=False)
    ]
    assert costs == [(18, 12), (0, 0), (35, 30), (6, 5)]
    assert (DEEP.n_parameters(), DEEP.multiply_adds()) == (59, 47)


def test_weight_matrices_are_told_with_the_number_of_their_layer():
    network = build(DEEP)
    assert [(layer, tuple(module.weight.shape)) for layer, module in network.linears()] == [
        (0, (6, 2)),
        (2, (5, 6)),
        (3, (1, 5)),
    ]


def test_biases_start_at_zero():
    assert not any(module.bias.any() for _, module in build(DEEP).linears())


def test_building_a_network_leaves_the_global_random_state_alone():
    state = torch.get_rng_state()
    build(DEEP)
    assert torch.equal(torch.get_rng_state(), state)


def test_the_output_layer_follows_from_data_and_loss():
    binary = Experiment(data=datasets["xor"]())
    classes = Experiment(data=datasets["rings"](classes=4))
    assert (binary.head().units, classes.head().units) == (1, 4)
    assert Experiment(data=datasets["plane"](), loss=MeanSquared()).head().units == 1
    assert datasets["rings"](classes=2).task is Task.BINARY


@pytest.mark.parametrize("path", ["batch_size", "network", "data"])
def test_an_experiment_cannot_change(path):
    with pytest.raises(ValidationError, match="frozen"):
        setattr(Experiment(), path, 3)


@settings(max_examples=50, deadline=None)
@given(experiments())
def test_equal_experiments_are_equal_keys(experiment):
    twin = Experiment.model_validate(experiment.model_dump(mode="json"))
    assert twin == experiment
    assert hash(twin) == hash(experiment)
    assert diff(experiment, twin) == []


def test_different_experiments_are_different_keys():
    assert len({Experiment(), Experiment(), Experiment(batch_size=11), DEEP}) == 3


@settings(max_examples=60, deadline=None)
@given(experiments(), experiments())
def test_a_difference_between_experiments_is_always_found(a, b):
    assert bool(diff(a, b)) == (a != b)
    for change in diff(a, b):
        assert value_at(a, change.path) == change.before
        assert value_at(b, change.path) == change.after


@pytest.mark.parametrize(
    ("path", "value", "live"),
    [
        ("optimizer.learning_rate", 0.5, True),
        ("optimizer", SGD(), True),
        ("schedule", Cosine(), True),
        ("regularisation.how", "decoupled decay", True),
        ("regularisation.max_norm", 2.0, True),
        ("batch_size", 20, True),
        ("stop.epochs", 7, True),
        ("network.1.p", 0.5, True),
        ("network.0.units", 7, False),
        ("network.2.activation", Tanh(), False),
        ("network.1", Dense(), False),
        ("network", (Dense(),), False),
        ("data", datasets["xor"](), False),
        ("data.turns", 2.0, False),
        ("split.train", 60, False),
        ("inputs.0", features["radius"](), False),
        ("loss", MeanSquared(), False),
        ("init.distribution", "normal", False),
        ("seeds.batches", 5, False),
    ],
)
def test_a_difference_says_where_it_is_and_whether_a_run_can_take_it(path, value, live):
    (change,) = diff(DEEP, with_value(DEEP, path, value))
    assert (change.path, change.before, change.after) == (path, value_at(DEEP, path), value)
    assert change.live is live


def test_several_differences_are_told_apart():
    other = DEEP.model_copy(update={"batch_size": 3, "seeds": Seeds(init=3, data=3), "stop": Stop(epochs=1)})
    assert [change.path for change in diff(DEEP, other)] == [
        "batch_size",
        "stop.epochs",
        "seeds.data",
        "seeds.init",
    ]


@pytest.mark.parametrize(
    ("path", "value"),
    [("network.0.units", 9), ("data.noise", 0.2), ("optimizer", Adam(beta1=0.5)), ("batch_size", 1)],
)
def test_a_value_that_was_put_in_can_be_read(path, value):
    changed = with_value(DEEP, path, value)
    assert value_at(changed, path) == value
    assert value_at(DEEP, path) != value


def test_a_kind_can_be_put_in_by_its_name():
    assert with_value(DEEP, "network.0.activation", "relu").network[0] == Dense(units=6, activation=ReLU())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("network.0.units", 0),
        ("batch_size", 501),
        ("data.noise", float("nan")),
        ("data", "spirale"),
        ("inputs", ()),
    ],
)
def test_a_value_out_of_bounds_is_refused(path, value):
    with pytest.raises(ValidationError):
        with_value(DEEP, path, value)


def test_a_misspelt_kind_is_answered_with_the_nearest_one():
    with pytest.raises(ValidationError, match="did you mean 'spiral'"):
        Experiment(data="spirale")


def test_a_value_of_another_family_is_refused():
    with pytest.raises(ValidationError):
        Experiment(data=Adam())
