"""The loss as a surface over the weights, against torch's own loop, differences and eigenvalues."""

import numpy as np
import pytest
import torch

from dlcore.activations import Tanh
from dlcore.data import datasets
from dlcore.data.points import Circle
from dlcore.experiment import Experiment
from dlcore.layers import Dense, Dropout, layers
from dlcore.objectives import objectives
from dlcore.optimizers import LBFGS, SGD, Adam
from dlcore.planes import filter_plane
from dlcore.record import Record
from dlcore.training.landscape import Landscape, descend, heights, sharpness, weights
from dlcore.training.session import Session
from tests.probes.test_every_probe import state

SMALL = Experiment(data=Circle(n_points=120), network=(Dense(units=7, activation=Tanh()), Dense(units=3)))
"""With 7 · 2 + 7, 3 · 7 + 3, 3 + 1: 49 numbers."""

NOTHING = Record({}, {})


def trained(experiment, n_steps=150):
    session = Session(experiment)
    session.advance(n_steps)
    return session


def hessian(session):
    """By torch's own functional Hessian of the loss with all weights in one row: (P, P)."""
    module, data = session.network.module, session.tensors["train"]
    names = [name for name, _ in module.named_parameters()]
    like = dict(module.named_parameters())

    def loss(flat):
        parts = torch.split(flat, [like[name].numel() for name in names])
        put = {name: part.view_as(like[name]) for name, part in zip(names, parts, strict=True)}
        return session.criterion(torch.func.functional_call(module, put, (data.x,)), data.y)

    flat = torch.cat([parameter.detach().reshape(-1) for parameter in module.parameters()])
    return torch.autograd.functional.hessian(loss, flat)


@pytest.mark.parametrize("n_steps", [0, 3, 40, 600])
def test_the_largest_eigenvalue_is_torch_linalgs_on_a_net_of_fifty_weights(n_steps):
    session = trained(SMALL, n_steps)
    row = weights(session)["weights"]
    assert len(row) == 49
    found = sharpness(session, row, NOTHING)
    largest = float(torch.linalg.eigvalsh(hessian(session)).max())
    assert found.facts["found"]
    assert found.facts["value"] == pytest.approx(largest, rel=0.01)


def test_where_the_most_negative_eigenvalue_is_the_largest_in_size_the_largest_is_still_found():
    session = trained(SMALL, 0)
    # turned upside down, a loss falls more steeply than it rises
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in session.network.module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 3)
    values = torch.linalg.eigvalsh(hessian(session))
    upright = session.loss_of
    session.loss_of = lambda network, x, y: -upright(network, x, y)
    assert values.max() > -values.min()
    found = sharpness(session, weights(session)["weights"], NOTHING)
    assert found.facts["value"] == pytest.approx(float(-values.min()), rel=0.01)


def test_an_iteration_in_pieces_goes_on_from_its_vector():
    session = trained(SMALL, 40)
    row = weights(session)["weights"]
    whole = sharpness(session, row, NOTHING).facts["value"]
    piece = NOTHING
    while not piece.facts.get("found"):
        piece = sharpness(session, row, Record.from_bytes(piece.to_bytes()), budget_s=0.0)
    assert piece.facts["value"] == whole


def test_each_height_is_the_loss_of_the_network_with_those_weights():
    session = trained(SMALL)
    told = weights(session)
    plane = filter_plane(told["weights"], told["rows"], 4)
    at = np.array([[0, 0], [0.5, -0.2], [-1, 1]], np.float32)
    found = heights(session, plane.centre, plane.directions, at)["loss"]
    module, data = session.network.module, session.tensors["train"]
    for (a, b), loss in zip(at, found, strict=True):
        row = torch.from_numpy(plane.centre + a * plane.directions[0] + b * plane.directions[1])
        with torch.no_grad():
            torch.nn.utils.vector_to_parameters(row, module.parameters())
            assert session.criterion(module(data.x), data.y).item() == pytest.approx(loss, rel=1e-5)


def test_a_direction_has_in_each_filter_the_length_of_the_networks_own_and_leaves_biases():
    session = trained(SMALL)
    told = weights(session)
    plane = filter_plane(told["weights"], told["rows"], 1)
    for way in plane.directions:
        start = 0
        for parameter in session.network.module.parameters():
            part = way[start : start + parameter.numel()].reshape(parameter.shape)
            start += parameter.numel()
            if parameter.ndim == 1:
                assert not part.any()
            else:
                own = parameter.detach().flatten(1).norm(dim=1).numpy()
                assert np.allclose(np.linalg.norm(part.reshape(len(part), -1), axis=1), own, rtol=1e-4)


@pytest.mark.parametrize(
    "rule", [SGD(learning_rate=0.1, momentum=0.9), Adam(), LBFGS()], ids=lambda r: r.kind
)
def test_a_descent_is_the_runs_own_and_may_be_made_in_pieces(rule):
    experiment = SMALL.model_copy(update={"optimizer": rule, "batch_size": 20})
    session = Session(experiment)
    start = Record({}, weights(session))
    n_steps = 2 * -(-len(session.tensors["train"].x) // 20) + 1  # into the third epoch
    first = descend(session, rule, start, 4, 20)
    rest = descend(session, rule, Record.from_bytes(first.to_bytes()), n_steps - 4, 20)
    assert rest.facts["step"] == n_steps
    for n, told in ((4, first), (n_steps, rest)):
        own = Session(experiment)
        own.advance(n)
        assert np.array_equal(told.arrays["weights"][-1], weights(own)["weights"])


def test_a_step_above_two_over_the_largest_eigenvalue_raises_the_loss_and_one_below_lowers_it():
    session = trained(SMALL, 600)
    row = weights(session)["weights"]
    edge = 2 / sharpness(session, row, NOTHING).facts["value"]

    def after(rate):
        told = descend(session, SGD(learning_rate=rate), Record({}, {"weights": row}), 25, 10_000)
        return told.arrays["loss"].max() - told.arrays["loss"][0]

    assert after(0.3 * edge) <= 1e-6
    assert after(3 * edge) > 0.01


def test_looking_at_the_landscape_leaves_no_trace():
    session = trained(Experiment(network=(Dense(units=4), Dropout(p=0.4), layers["layer_norm"]())), 5)
    before = state(session)
    told = weights(session)
    weights(session, first=True)
    heights(
        session, told["weights"], np.ones((2, len(told["weights"])), np.float32), np.ones((3, 2), np.float32)
    )
    sharpness(session, told["weights"], NOTHING)
    descend(session, Adam(), Record({}, told), 3, 10)
    assert state(session) == before


def test_the_first_weights_are_those_the_run_began_with():
    session = Session(SMALL)
    first = weights(session)["weights"]
    session.advance(9)
    assert np.array_equal(weights(session, first=True)["weights"], first)
    assert not np.array_equal(weights(session)["weights"], first)


def test_weights_of_another_network_are_refused_in_words():
    with pytest.raises(ValueError, match="another network"):
        Landscape(Session(SMALL)).put(np.zeros(7, np.float32))


def test_a_loss_with_chance_in_it_is_refused_in_words():
    experiment = Experiment(
        data=datasets["digits"](n_images=100),
        objective=objectives["variational"](),
        network=(layers["flatten"](), layers["gaussian_code"](), Dense(units=8)),
    )
    with pytest.raises(ValueError, match="no surface that stands still"):
        Landscape(Session(experiment))
