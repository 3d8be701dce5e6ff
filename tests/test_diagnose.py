from typing import Literal

import numpy as np
import pytest
import torch

from dlcore.activations import activations
from dlcore.data import Pattern
from dlcore.diagnose import CAUSES, SYMPTOMS, diagnose, not_finite
from dlcore.evidence import Evidence, number
from dlcore.experiment import Experiment
from dlcore.probes import probes
from dlcore.training.session import Session


class Lopsided(Pattern):
    """One class has nine points of ten."""

    kind: Literal["lopsided"] = "lopsided"

    @staticmethod
    def sample(rng, n_points, noise):
        y = (np.arange(n_points) % 10 == 0).astype(int)
        return rng.normal(3.0 * (2 * y - 1)[:, None], 0.5 + noise, (n_points, 2)), y


def dense(units, activation="tanh"):
    return {"kind": "dense", "units": units, "activation": activation}


def sgd(rate):
    return {"kind": "sgd", "learning_rate": rate}


def adam(rate):
    return {"kind": "adam", "learning_rate": rate}


PROVOKED = {
    "not finite": (
        {
            "data": "plane",
            "loss": "mean_squared",
            "network": [dense(40, "linear")] * 4,
            "optimizer": sgd(10),
        },
        5,
    ),
    "all-zero start": ({"data": "circle", "init": "zeros", "network": [dense(4)]}, 3),
    "no slope": ({"data": "circle", "network": [dense(8, "step")]}, 3),
    "dead ReLUs": ({"data": "circle", "network": [dense(8, "relu")] * 3, "optimizer": sgd(3)}, 20),
    "saturated": ({"data": "spiral", "network": [dense(8)] * 3, "init": {"kind": "normal", "std": 5}}, 30),
    "vanishing gradient": (
        {"data": "circle", "network": [dense(6, "sigmoid")] * 6, "optimizer": sgd(0.1)},
        10,
    ),
    "exploding gradient": (
        {
            "data": "ripple",
            "loss": "mean_squared",
            "network": [dense(12, "relu")] * 6,
            "init": {"kind": "uniform", "a": 2},
            "optimizer": adam(1e-4),
        },
        3,
    ),
    "rate too high": ({"data": "spiral", "network": [dense(8)] * 2, "optimizer": sgd(5)}, 30),
    "rate too low": ({"data": "circle", "network": [dense(4)], "optimizer": sgd(1e-5)}, 15),
    "linear net": ({"data": "circle", "network": [dense(4, "linear")] * 2, "optimizer": sgd(0.03)}, 60),
    "class imbalance": ({"data": Lopsided(), "network": [dense(4)]}, 3),
    "too few points": ({"data": {"kind": "moons", "n_points": 20}}, 3),
    "underfitting": ({"data": "spiral", "network": [dense(2)], "optimizer": "adam"}, 200),
    "overfitting": (
        {
            "data": {"kind": "moons", "noise": 0.45, "n_points": 120},
            "network": [dense(32, "relu")] * 3,
            "optimizer": adam(0.01),
        },
        100,
    ),
}
"""For each rule an experiment that has the trouble, and after how many epochs."""

QUIET = {
    "not finite": ({"optimizer": adam(0.5)}, 20),
    "all-zero start": ({"data": "two_gaussians", "network": [], "init": "zeros", "optimizer": sgd(0.03)}, 20),
    "no slope": ({"data": "circle", "network": [dense(8, "sine")]}, 20),
    "dead ReLUs": ({"data": "circle", "network": [dense(8, "relu")] * 2, "optimizer": sgd(0.03)}, 60),
    "saturated": ({"data": "xor", "network": [dense(4)]}, 200),
    "vanishing gradient": ({"data": "circle", "network": [dense(6)] * 6, "optimizer": sgd(0.03)}, 10),
    "exploding gradient": (
        {"data": "plane", "network": [dense(8)] * 3, "loss": "mean_squared", "optimizer": sgd(0.01)},
        1,
    ),
    "rate too high": ({"data": "xor", "batch_size": 1, "network": [dense(6)], "optimizer": sgd(0.03)}, 40),
    "rate too low": ({"data": "two_gaussians", "network": [dense(4)], "optimizer": sgd(0.003)}, 150),
    "linear net": ({"data": "two_gaussians", "network": [dense(4, "linear")], "optimizer": sgd(0.03)}, 60),
    "class imbalance": ({"data": {"kind": "blobs", "classes": 6}}, 10),
    "too few points": (
        {"data": {"kind": "two_gaussians", "n_points": 20}, "network": [], "optimizer": sgd(0.03)},
        20,
    ),
    "underfitting": ({}, 150),
    "overfitting": ({"data": "moons", "network": [dense(8, "relu")] * 2}, 150),
}
"""For each rule an experiment that comes near the trouble and does not have it."""


def trained(settings, n_epochs):
    session = Session(Experiment(**settings))
    for _ in range(n_epochs):
        session.advance_epoch()
    return session


def evidence(session):
    readings = {kind: probes[kind]().read(session) for kind in ("curves", "health")}
    return Evidence(session.experiment, readings["curves"], readings["health"], session.failure)


def found(session):
    return {finding.rule: finding for finding in diagnose(evidence(session))}


def test_every_rule_has_an_experiment_that_provokes_it_and_one_that_must_not():
    assert len(PROVOKED) == len(CAUSES) + len(SYMPTOMS) + 1
    assert PROVOKED.keys() == QUIET.keys()
    assert all(rule.__doc__ and "(" in rule.__doc__ for rule in (*CAUSES, *SYMPTOMS, not_finite))


@pytest.mark.parametrize("rule", PROVOKED)
def test_a_rule_finds_its_trouble_and_the_repair_ends_it(rule):
    session = trained(*PROVOKED[rule])
    finding = found(session)[rule]
    assert all(text.endswith(".") for text in (finding.seen, finding.why, finding.what_to_do))
    assert rule == "class imbalance" or finding.remedy
    if not finding.remedy:
        return
    repaired = Experiment.model_validate(
        {**{name: getattr(session.experiment, name) for name in Experiment.model_fields}, **finding.remedy}
    )
    assert repaired.problems() == []
    session.change(repaired)
    if session.failure:
        session.reset()
    for _ in range(120):
        session.advance_epoch()
    assert rule not in found(session)


@pytest.mark.parametrize("rule", QUIET)
def test_a_rule_is_silent_where_its_trouble_is_only_near(rule):
    assert rule not in found(trained(*QUIET[rule]))


@pytest.mark.parametrize("data", ["circle", "xor", "two_gaussians", "moons", "heart", "rings", "blobs"])
def test_a_run_that_learns_well_has_no_finding(data):
    for n_epochs in (0, 5, 40):
        assert found(trained({"data": data}, n_epochs)) == {}


def test_nothing_is_found_without_evidence():
    assert diagnose(Evidence(Experiment(), {}, {})) == []


def test_numbers_of_another_experiment_are_no_evidence():
    late = evidence(trained(*PROVOKED["dead ReLUs"]))
    for network in ((), (dense(4, "relu"),), (*late.experiment.network, {"kind": "dropout"})):
        other = Experiment(data="circle", network=network)
        assert diagnose(Evidence(other, late.curves, late.health)) == []


def test_the_worst_comes_first():
    session = trained({"data": {"kind": "moons", "n_points": 20}, "init": "zeros"}, 3)
    assert [each.severity for each in diagnose(evidence(session))] == ["error", "hint"]


def test_a_failure_names_the_layer_and_the_step_that_overflowed_first():
    settings, n_epochs = PROVOKED["not finite"]
    session = trained(settings, n_epochs)
    fault = session.fault()
    by_hand = Session(session.experiment)
    by_hand.advance(fault.step - 1)
    weights = by_hand.network.linears()[fault.layer][1].weight
    assert weights.detach().abs().max().item() == fault.largest
    assert all(bool(p.isfinite().all()) for p in by_hand.network.module.parameters())
    outputs = by_hand.network.layer_outputs(by_hand.tensors["train"].x)
    assert fault.what == "activation"
    assert all(bool(out.isfinite().all()) for out in outputs[: fault.layer])
    assert f"layer {fault.layer + 1} overflowed first: step {fault.step}" in found(session)["not finite"].seen


@pytest.mark.parametrize(
    ("what", "layer", "first", "last"),
    [
        ("activation", 0, 1e38, 1.0),  # x reaches 5, so sums pass 3.4e38
        ("loss", 1, 1e20, 1.0),  # errors near 1e20 are finite, their squares are not
        ("gradient", 0, 1e-37, 3e38),  # the answers are small, the way back multiplies by 3e38
        ("weight", 0, 1e-38, 3e37),  # a gradient near 1e38 is finite, ten times as much is not
    ],
)
def test_what_overflowed_first_is_told_apart(what, layer, first, last):
    network = [dense(1, "linear")]
    session = Session(Experiment(data="plane", loss="mean_squared", network=network, optimizer=sgd(10)))
    with torch.no_grad():
        for (_, linear), size in zip(session.network.linears(), (first, last), strict=True):
            linear.weight.fill_(size)
    session.advance(5)
    fault = session.fault()
    assert (fault.what, fault.layer, fault.step, fault.epoch) == (what, layer, 1, 1)
    assert fault.largest == pytest.approx(last if layer else first, rel=1e-6)


def test_a_failure_found_later_is_traced_from_the_last_weights_that_were_remembered():
    session = Session(Experiment(data="plane", loss="mean_squared", network=[], optimizer=sgd(0.03)))
    session.advance_epoch()
    runaway = session.experiment.model_copy(
        update={"optimizer": session.experiment.optimizer.model_copy(update={"learning_rate": 10.0})}
    )
    assert session.change(runaway)
    for _ in range(500):
        session.advance(1)
    assert session.failure
    fault = session.fault()
    assert 25 < fault.step <= session.step
    assert session.fault() is fault


@pytest.mark.parametrize("cls", list(activations), ids=lambda cls: cls.kind_name())
def test_slopes_are_those_of_finite_differences(cls):
    session = trained({"data": "circle", "network": [dense(6, cls.kind_name())]}, 2)
    health = probes["health"]().read(session)
    x = session.tensors["train"].x.double()
    module = session.network.module.double().eval()
    with torch.no_grad():
        z = module[0](x)
        bend = torch.nn.Sequential(*list(module)[1:-1])
        h = 1e-6
        slope = (bend(z + h) - bend(z - h)) / (2 * h)
        middle = (bend(torch.tensor(h).double()) - bend(torch.tensor(-h).double())) / (2 * h)
    if cls.kind_name() != "step":
        flat = (slope.abs() < 0.05 * middle.abs()).double().mean().item()
        if cls.kind_name() not in {"relu", "leaky_relu", "elu"}:  # their slope at zero is a convention
            assert health["saturated"][0] == pytest.approx(flat, abs=0.01)
    assert health["dead"][0] == pytest.approx((slope == 0).all(0).double().mean().item(), abs=0.01)


def test_the_update_ratio_of_sgd_is_that_of_the_last_step():
    session = Session(Experiment(data="moons", network=[dense(4)], optimizer=sgd(0.1)))
    session.advance(9)
    before = [linear.weight.detach().clone() for _, linear in session.network.linears()]
    session.advance(1)
    after = [linear.weight.detach() for _, linear in session.network.linears()]
    expected = [float((b - a).norm() / b.norm()) for a, b in zip(before, after, strict=True)]
    np.testing.assert_allclose(probes["health"]().read(session)["update"], expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.5, "0.5"),
        (123.4, "123"),
        (2.2e18, "2.2 × 10¹⁸"),
        (4.5e-5, "4.5 × 10⁻⁵"),
        (1.5e4, "1.5 × 10⁴"),
    ],
)
def test_numbers_are_written_as_people_write_them(value, text):
    assert number(value) == text
