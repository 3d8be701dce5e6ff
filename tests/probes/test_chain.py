import copy
import time

import numpy as np
import pytest
import torch

from dlcore.chain import Chain, opens, places
from dlcore.data import Own
from dlcore.experiment import Experiment
from dlcore.probes import opened
from dlcore.slopes import ACTIVATIONS, LOSSES
from dlcore.training.session import Session
from tests.probes.test_every_probe import state

BENDS = [kind for kind in ACTIVATIONS if kind != "linear"]


def network(activation="sigmoid", loss="cross_entropy", units=(2, 2), seed=1, point=(1.5, -0.5), answer=1):
    return Experiment(
        data=Own.of([point] * 4, [answer] * 4),
        network=tuple({"kind": "dense", "units": n, "activation": activation} for n in units),
        loss=loss,
        init={"kind": "normal", "std": 0.8},
        optimizer={"kind": "sgd", "learning_rate": 0.5},
        seeds={"init": seed},
        batch_size=4,
    )


def reading(session):
    arrays = opened("chain").read(session)
    return {
        place: tuple(arrays[name][k] for name in ("values", "gradients", "checks"))
        for k, place in enumerate(places(session.experiment))
    }


def by_hand(session):
    """The loss in float64, and its derivatives in weights and biases by torch and by nudges."""
    module = copy.deepcopy(session.network.module).double()
    x, y = session.tensors["train"].x[:1].double(), session.tensors["train"].y[:1].double()
    loss = session.criterion(module(x), y)
    loss.backward()
    exact, nudged = {}, {}
    linears = [part for part in module if isinstance(part, torch.nn.Linear)]
    for layer, linear in enumerate(linears):
        for letter, tensor in (("w", linear.weight), ("b", linear.bias)):
            for at in np.ndindex(tuple(tensor.shape)):
                place = ".".join(map(str, (letter, layer, *at)))
                exact[place] = tensor.grad[at].item()
                sides = []
                for h in (1e-5, -1e-5):
                    with torch.no_grad():
                        tensor[at] += h
                        sides.append(session.criterion(module(x), y).item())
                        tensor[at] -= h
                nudged[place] = (sides[0] - sides[1]) / 2e-5
    return loss.item(), exact, nudged


def with_biases(session, seed=0):
    """Biases begin at 0, where a unit that is given nothing sits on the kink of ReLU."""
    for layer, linear in session.network.linears():
        for u, value in enumerate(np.random.default_rng([seed, layer]).normal(0, 0.5, linear.out_features)):
            session.set_weight(layer, u, -1, float(value))
    return session


@pytest.mark.parametrize(
    ("activation", "loss", "units", "seed"),
    [
        *((activation, loss, (3, 2), 1 + i) for i, activation in enumerate(BENDS) for loss in LOSSES),
        *(("sigmoid", "cross_entropy", units, 3) for units in ((), (1, 1, 1), (3, 3, 3))),
        *(("relu", "hinge", (3, 3, 3), seed) for seed in (1, 4)),
    ],
)
def test_gradients_are_those_of_autograd_and_agree_with_finite_differences_to_a_ten_thousandth(
    activation, loss, units, seed
):
    session = with_biases(Session(network(activation, loss, units, seed, answer=seed % 2)), seed)
    found = reading(session)
    value, exact, nudged = by_hand(session)
    assert found["L"][0] == pytest.approx(value, rel=1e-12)
    for place, gradient in exact.items():
        assert found[place][1] == pytest.approx(gradient, rel=1e-12, abs=1e-300), place
        assert found[place][2] == pytest.approx(nudged[place], rel=1e-6, abs=1e-9), place
    for place, (_, gradient, check) in found.items():
        if place[0] not in "sy":
            assert check == pytest.approx(gradient, rel=1e-4, abs=1e-9), place


def test_on_a_kink_the_check_sees_the_mean_of_both_slopes():
    found = reading(Session(network("relu", seed=1)))
    value, gradient, check = found["z.1.0"]
    assert (value, gradient) == (0, 0), "no unit of the first layer answers, and torch takes 0 for the slope"
    assert check == pytest.approx(0.5 * found["a.1.0"][1], rel=1e-6)


def test_gradients_in_inputs_sums_and_answers_are_those_of_autograd():
    session = Session(network("tanh", "mean_squared", (3, 2)))
    found = reading(session)
    module = copy.deepcopy(session.network.module).double()
    x = session.tensors["train"].x[:1].double().requires_grad_()
    steps = [x]
    for part in module:
        steps.append(part(steps[-1]))
    loss = session.criterion(steps[-1], session.tensors["train"].y[:1].double())
    gradients = torch.autograd.grad(loss, steps)
    names = ["x.{}", "z.0.{}", "a.0.{}", "z.1.{}", "a.1.{}", "z.2.{}", "a.2.{}"]
    for name, step, gradient in zip(names, steps, gradients, strict=True):
        for k in range(step.shape[1]):
            assert found[name.format(k)][0] == pytest.approx(step[0, k].item(), rel=1e-12)
            assert found[name.format(k)][1] == pytest.approx(gradient[0, k].item(), rel=1e-12)
    assert found["y"][0] == 1.0, "with the squared error class 1 is asked for as 1, class 0 as −1"


def test_the_step_is_the_one_that_the_opened_numbers_foretell():
    session = Session(network(loss="mean_squared"))
    before = reading(session)
    session.advance(1)
    after = reading(session)
    for place in before:
        if place[0] in "wb":
            value, gradient, _ = before[place]
            assert after[place][0] == pytest.approx(value - 0.5 * gradient, abs=1e-6)


def test_opening_leaves_no_trace_and_a_sample_past_the_end_is_the_last():
    session = Session(network())
    session.advance(3)
    before = state(session)
    arrays = opened("chain?sample=99").read(session)
    assert state(session) == before
    np.testing.assert_array_equal(arrays["values"], opened("chain?sample=2").read(session)["values"])


def test_only_what_fits_on_a_blackboard_is_opened():
    assert opens(network())
    assert not opens(Experiment()), "a hundred and more weights"
    assert not opens(network(activation="step"))
    assert not opens(network().model_copy(update={"data": Own.of([(0, 0)] * 6, range(6))}))
    assert not opens(Experiment(data="mnist")), "an image"


def test_opening_the_largest_takes_less_than_twenty_milliseconds():
    session = Session(network(units=(3, 3, 3)))
    probe = opened("chain")
    probe.read(session)
    times = []
    for _ in range(5):
        begun = time.thread_time()
        probe.read(session)
        times.append(time.thread_time() - begun)
    assert min(times) < 0.02


def test_the_walk_ends_with_the_update_of_the_experiment():
    assert Chain(network()).steps()[-1].phase == "Update"
