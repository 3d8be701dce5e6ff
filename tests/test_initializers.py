import math

import pytest
import torch
from torch.nn import init

from dlcore.experiment import Experiment
from dlcore.initializers import He, Normal, Orthogonal, Uniform, Xavier, Zeros
from dlcore.layers import Dense
from dlcore.model import build

ORACLES = [
    (Xavier(), init.xavier_uniform_),
    (Xavier(distribution="normal"), init.xavier_normal_),
    (He(), lambda weight: init.kaiming_uniform_(weight, nonlinearity="relu")),
    (He(distribution="normal"), lambda weight: init.kaiming_normal_(weight, nonlinearity="relu")),
    (Orthogonal(gain=1.7), lambda weight: init.orthogonal_(weight, 1.7)),
    (Uniform(a=0.25), lambda weight: init.uniform_(weight, -0.25, 0.25)),
    (Normal(std=2.5), lambda weight: init.normal_(weight, std=2.5)),
    (Zeros(), init.zeros_),
]
FAN_IN, FAN_OUT = 200, 300
LARGEST = {
    Xavier(): math.sqrt(6 / (FAN_IN + FAN_OUT)),
    He(): math.sqrt(6 / FAN_IN),
    Uniform(a=0.25): 0.25,
}
SPREAD = {
    Xavier(distribution="normal"): math.sqrt(2 / (FAN_IN + FAN_OUT)),
    He(distribution="normal"): math.sqrt(2 / FAN_IN),
    Normal(std=2.5): 2.5,
}


def drawn(initializer, shape=(FAN_OUT, FAN_IN)):
    torch.manual_seed(11)
    weight = torch.empty(shape)
    initializer.call().build(weight)
    return weight


@pytest.mark.parametrize(("initializer", "oracle"), ORACLES, ids=lambda value: getattr(value, "kind", ""))
def test_weights_are_those_of_torch(initializer, oracle):
    weight = drawn(initializer)
    torch.manual_seed(11)
    assert torch.equal(weight, oracle(torch.empty(FAN_OUT, FAN_IN)))


@pytest.mark.parametrize(("initializer", "largest"), LARGEST.items(), ids=repr)
def test_even_draws_reach_to_their_formula_and_no_further(initializer, largest):
    weight = drawn(initializer)
    assert 0.99 * largest < weight.abs().max() <= largest
    assert weight.std().item() == pytest.approx(largest / math.sqrt(3), rel=0.02)


@pytest.mark.parametrize(("initializer", "std"), SPREAD.items(), ids=repr)
def test_bell_curves_are_as_wide_as_their_formula(initializer, std):
    weight = drawn(initializer)
    assert weight.std().item() == pytest.approx(std, rel=0.02)
    assert weight.mean().item() == pytest.approx(0, abs=std / 50)


def test_orthogonal_weights_stretch_by_their_gain_alone():
    weight = drawn(Orthogonal(gain=1.7), (30, 20))
    torch.testing.assert_close(weight.T @ weight, 1.7**2 * torch.eye(20), atol=1e-4, rtol=0)


@pytest.mark.parametrize(("initializer", "oracle"), ORACLES, ids=lambda value: getattr(value, "kind", ""))
def test_a_network_starts_from_the_initialisation_asked_for(initializer, oracle):
    start = build(Experiment(network=(Dense(units=40),), init=initializer)).module[0].weight
    other = build(Experiment(network=(Dense(units=40),), init=Normal(std=0.01))).module[0].weight
    assert not torch.equal(start, other)
    assert bool(start.any()) == (initializer != Zeros())
