import numpy as np
import pytest

from dlcore.experiment import Experiment
from dlcore.probes import probes
from dlcore.probes.spaces import LINES, laid
from dlcore.training.session import Session


def grid():
    steps = np.arange(LINES) - (LINES - 1) / 2
    return np.stack([np.tile(steps, LINES), np.repeat(steps, LINES)], 1)


@pytest.mark.parametrize("units", [1, 2, 5])
def test_every_layer_has_a_grid_and_the_training_points(units):
    session = Session(Experiment(network=({"kind": "dense", "units": units}, {"kind": "dropout"})))
    record = probes["spaces"]().read(session)
    assert set(record) == {"0.grid", "0.points", "1.grid", "1.points"}
    assert record["0.grid"].shape == (LINES, LINES, 2)
    assert record["0.points"].shape == (len(session.points["train"]), 2)


def test_layers_of_three_and_more_are_seen_in_space():
    network = ({"kind": "dense", "units": 5}, {"kind": "dense", "units": 2}, {"kind": "dense", "units": 3})
    session = Session(Experiment(network=network))
    record = probes["solids"]().read(session)
    assert set(record) == {"0.grid", "0.points", "2.grid", "2.points"}
    assert record["0.grid"].shape == (LINES, LINES, 3)
    seen = session.network.layer_outputs(session.tensors["train"].x)[2]
    assert record["2.points"] == pytest.approx(seen.detach().numpy(), abs=1e-6), "three neurons, as they are"


def test_a_bowl_in_more_dimensions_is_laid_into_space_as_it_was():
    bowl = np.concatenate([grid(), (grid() ** 2).sum(1, keepdims=True) / 9], 1)
    bowl -= bowl.mean(0)
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(6, 6)))[0][:, :3]
    flat = laid(bowl @ turn.T, LINES**2, 3)
    apart = [np.linalg.norm(each[:, None] - each[None], axis=2) for each in (flat, bowl)]
    assert apart[0] == pytest.approx(apart[1], abs=1e-8)
    assert np.corrcoef(flat[:, 2], bowl[:, 2])[0, 1] > 0.9, "its third direction stays the third"


def test_a_picture_in_space_does_not_spin_from_step_to_step():
    session = Session(Experiment(network=({"kind": "dense", "units": 8},)))
    session.advance(20)
    before = probes["solids"]().read(session)["0.grid"]
    session.advance(1)
    after = probes["solids"]().read(session)["0.grid"]
    assert np.abs(after - before).max() < 0.2 * np.abs(before).max()


def test_two_neurons_are_shown_as_they_are():
    values = np.random.default_rng(0).normal(size=(LINES**2 + 7, 2))
    assert (laid(values, LINES**2) == values).all()


def test_a_plane_turned_into_more_dimensions_is_laid_back_as_it_was():
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(5, 5)))[0][:, :2]
    flat = laid(grid() @ turn.T, LINES**2)
    assert flat == pytest.approx(grid(), abs=1e-9)


def test_more_neurons_are_laid_along_their_principal_components():
    from sklearn.decomposition import PCA

    values = np.random.default_rng(2).normal(size=(LINES**2, 6)) * [5, 3, 1, 0.5, 0.2, 0.1]
    mine, oracle = laid(values, LINES**2), PCA(2).fit_transform(values)
    apart = [np.linalg.norm(each[:, None] - each[None], axis=2) for each in (mine, oracle)]
    assert apart[0] == pytest.approx(apart[1], abs=1e-8)
