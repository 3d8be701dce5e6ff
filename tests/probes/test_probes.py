import re

import numpy as np
import pytest
import torch

from dlcore.data import PLANE, datasets
from dlcore.experiment import Experiment
from dlcore.layers import Dense
from dlcore.optimizers import SGD
from dlcore.probes import boundary, neurons, probes
from dlcore.probes.base import plane_inputs
from dlcore.training.session import Session
from tests.probes.cases import PLANE as CASES

every_case = pytest.mark.parametrize("case", CASES)
EVERYWHERE = [kind for kind, probe in probes.items() if all(map(probe().applies, CASES.values()))]
"""Probes of what every network on the plane has."""


def trained(case, n_steps=7):
    session = Session(CASES[case])
    session.advance(n_steps)
    return session


@pytest.mark.parametrize("kind", probes)
def test_a_probe_has_a_reference_text_that_states_shapes(kind):
    text = probes[kind].__doc__
    assert "``" in text
    assert re.search(r"\b(float(32|64)|u?int(8|16|32|64))\b", text)


@pytest.mark.parametrize(
    "kind", ["boundary", "neurons", "weights", "curves", "mistakes", "health", "histograms", "trace"]
)
def test_what_every_network_on_the_plane_has_is_read_of_every_one(kind):
    assert kind in EVERYWHERE


def at_centre(row, column, side):
    return [-PLANE + (column + 0.5) * 2 * PLANE / side, -PLANE + (row + 0.5) * 2 * PLANE / side]


def answer(session, row, column, side):
    """What the network gives at the centre of one cell, asked by hand."""
    x = torch.tensor([at_centre(row, column, side)], dtype=torch.float32)
    session.network.module.eval()
    with torch.no_grad():
        return session.network.module(x)[0].numpy()


PLACES = [(0, 0), (0, 63), (63, 0), (31, 40), (50, 12)]


def softmax(z):
    return np.exp(z) / np.exp(z).sum()


@pytest.mark.parametrize(
    ("case", "shown"),
    [
        ("binary", lambda z: 2 / (1 + np.exp(-z)) - 1),
        ("binary hinge", lambda z: np.clip(z, -1, 1)),
        ("binary squared", lambda z: z),
        ("regression", lambda z: z),
        ("no hidden layer", lambda z: 2 / (1 + np.exp(-z)) - 1),
    ],
)
def test_the_boundary_is_the_answer_at_the_middle_of_each_cell(case, shown):
    session = trained(case)
    record = boundary.Boundary().read(session)
    value = record["value"]
    assert list(record) == ["value"]
    side = boundary.side(session.experiment)
    assert (value.shape, value.dtype) == ((side, side), np.float32)
    for row, column in [*PLACES, (side - 1, side - 1)]:
        assert value[row, column] == pytest.approx(shown(answer(session, row, column, side)[0]), abs=1e-5)


@pytest.mark.parametrize(
    ("settings", "side"),
    [
        ({}, 96),
        ({"network": (Dense(units=8),) * 4}, 96),  # 16 + 3·64 + 8 = 216 multiply-adds
        ({"network": (Dense(units=8),) * 5}, 64),  # 280
        ({"data": datasets["rings"](classes=3)}, 64),
        ({"data": datasets["rings"](classes=2)}, 96),
    ],
)
def test_the_map_of_a_small_network_with_one_output_is_finer(settings, side):
    assert boundary.side(Experiment(**settings)) == side


@pytest.mark.parametrize(
    ("case", "shares"), [("classes", softmax), ("classes squared", lambda z: np.clip(z, 0, 1))]
)
def test_the_boundary_of_several_classes_is_the_best_and_its_lead(case, shares):
    session = trained(case, 60)
    record = boundary.Boundary().read(session)
    label, strength = record["label"], record["strength"]
    assert (label.shape, label.dtype) == ((64, 64), np.uint8)
    assert (strength.shape, strength.dtype) == ((64, 64), np.float32)
    for row, column in PLACES:
        second, first = np.sort(shares(answer(session, row, column, 64)))[-2:]
        assert label[row, column] == answer(session, row, column, 64).argmax()
        assert strength[row, column] == pytest.approx(first - second, abs=1e-5)
    assert strength.min() >= 0
    assert strength.max() <= 1


def test_binary_certainty_lies_between_minus_one_and_one():
    session = trained("binary", 200)
    value = boundary.Boundary().read(session)["value"]
    assert np.abs(value).max() <= 1
    assert value.min() < 0 < value.max()


def test_the_grid_of_the_plane_runs_along_x1_first_and_upwards():
    side = 4
    grid = plane_inputs(CASES["binary"], side).numpy()
    by_hand = [at_centre(row, column, side) for row in range(side) for column in range(side)]
    np.testing.assert_allclose(grid, by_hand)


def test_row_0_of_the_input_maps_is_the_lowest_x2():
    session = trained("binary")
    record = neurons.Neurons().read(session)
    x1, x2 = record["maps"][:2].astype(int)
    assert (np.diff(x1, axis=1) > 0).all()
    assert (np.diff(x1, axis=0) == 0).all()
    assert (np.diff(x2, axis=0) > 0).all()
    assert (np.diff(x2, axis=1) == 0).all()
    assert (x2[0] == -127).all()


@every_case
def test_neuron_maps_come_layer_by_layer_and_at_most_16_of_each(case):
    experiment = CASES[case]
    record = neurons.Neurons().read(trained(case))
    drawn = sum(min(shape[-1], 16) for shape in experiment.shapes())
    assert (record["maps"].shape, record["maps"].dtype) == ((drawn, 24, 24), np.int8)
    assert (record["scale"].shape, record["scale"].dtype) == ((drawn,), np.float32)


@every_case
def test_the_last_neuron_map_is_the_output_of_the_network(case):
    session = trained(case)
    record = neurons.Neurons().read(session)
    shown = record["maps"][-1] / 127 * record["scale"][-1]
    for row, column in [(0, 0), (23, 5), (11, 12)]:
        output = answer(session, row, column, 24)[: neurons.DRAWN][-1]
        assert shown[row, column] == pytest.approx(output, abs=float(record["scale"][-1]) / 200)


def test_the_maps_of_a_network_that_has_run_away_are_still_numbers():
    session = trained("binary")
    with torch.no_grad():
        session.network.linears()[0][1].weight.fill_(float("inf"))
    record = neurons.Neurons().read(session)
    assert np.isfinite(record["scale"]).all()


def test_weights_and_gradients_are_those_of_autograd():
    experiment = CASES["classes"].model_copy(update={"network": (Dense(units=5),), "optimizer": SGD()})
    session = Session(experiment.model_copy(update={"batch_size": 500}))
    module = session.network.module
    data = session.tensors["train"]
    parameters = list(module.parameters())
    loss = torch.nn.functional.cross_entropy(module(data.x), data.y)
    expected = torch.autograd.grad(loss, parameters)
    session.advance(1)
    arrays = probes["weights"]().read(session)
    names = ["0.weight", "0.bias", "1.weight", "1.bias"]
    for name, parameter, gradient in zip(names, parameters, expected, strict=True):
        np.testing.assert_array_equal(arrays[name], parameter.detach().numpy())
        np.testing.assert_allclose(arrays[f"{name}_grad"], gradient.numpy(), rtol=1e-4, atol=1e-7)


def test_gradients_are_zero_before_the_first_step():
    arrays = probes["weights"]().read(Session(CASES["binary"]))
    assert not any(array.any() for name, array in arrays.items() if name.endswith("_grad"))


def test_gradients_are_gone_when_a_run_is_put_back_to_a_checkpoint():
    session = Session(CASES["binary"])
    start = session.checkpoint()
    session.advance(5)
    session.restore(start)
    arrays = probes["weights"]().read(session)
    assert not any(array.any() for name, array in arrays.items() if name.endswith("_grad"))


def test_weight_matrices_are_named_by_their_layer_and_cut_to_16():
    arrays = probes["weights"]().read(trained("binary"))
    shapes = {name: array.shape for name, array in arrays.items() if name.endswith("weight")}
    assert shapes == {"0.weight": (16, 2), "2.weight": (3, 16), "3.weight": (1, 3)}
    assert all(array.dtype == np.float32 for array in arrays.values())
    assert all(arrays[f"{name}_grad"].shape == shape for name, shape in shapes.items())


def test_curves_are_the_history_of_the_session():
    session = trained("binary", 40)
    arrays = probes["curves"]().read(session)
    assert arrays["epoch"].dtype == np.int32
    assert arrays["epoch"].tolist() == session.history.epochs
    for i, name in enumerate(session.history.rows[0]._fields):
        assert arrays[name].dtype == np.float32
        np.testing.assert_allclose(arrays[name], [row[i] for row in session.history.rows], rtol=1e-6)


@pytest.mark.parametrize("kind", EVERYWHERE)
def test_a_probe_bears_a_frozen_layer_a_silenced_neuron_and_no_hidden_layer(kind):
    frozen = {"kind": "dense", "frozen": True}
    for e in (
        Experiment(network=(frozen, frozen), silenced=({"layer": 0, "unit": 1},)),
        Experiment(network=()),
    ):
        session = Session(e)
        assert probes[kind]().read(session) or not e.network
        session.advance(3)
        assert probes[kind]().read(session) or not e.network
