"""What can be read off an autoencoder, against scikit-learn and by hand."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier

from dlcore.activations import Linear
from dlcore.data import Iris, Split
from dlcore.experiment import Experiment, with_value
from dlcore.guides.autoencoder import AutoencoderSettings, autoencoder
from dlcore.layers import Dense
from dlcore.losses import MeanSquared
from dlcore.objectives import Reconstruction
from dlcore.probes import probes
from dlcore.training.session import Session

PIXELS = 64


def trained(n_steps=300, **settings):
    session = Session(autoencoder(AutoencoderSettings(**settings)))
    session.advance(n_steps)
    session.network.module.eval()
    return session


@pytest.fixture(scope="module")
def session():
    return trained()


def read(session, kind, **fields):
    return probes[kind](**fields).read(session)


def encoded(session, x):
    """The codes by hand: all modules up to the linear layer of two units."""
    modules = list(session.network.module)
    at = next(i for i, each in enumerate(modules) if getattr(each, "out_features", 0) == 2)
    with torch.no_grad():
        return torch.nn.Sequential(*modules[: at + 1])(x), torch.nn.Sequential(*modules[at + 1 :])


def test_samples_lie_where_their_two_numbers_say(session):
    record = read(session, "codes")
    x = session.tensors["test"].x
    by_hand, _ = encoded(session, x)
    np.testing.assert_allclose(record["place"], by_hand[: len(record["place"])], rtol=1e-5)
    np.testing.assert_array_equal(record["truth"], session.points["test"].y[: len(record["truth"])])
    low, high = record["range"]
    assert ((record["place"] > low) & (record["place"] < high)).all(1).mean() > 0.9


def test_codes_of_more_numbers_lie_in_the_plane_of_their_principal_components():
    session = trained(50, size=6)
    record = read(session, "codes")
    assert record["size"].tolist() == [6]
    with torch.no_grad():
        layer = session.network.layer_outputs
        known, asked = (layer(session.tensors[s].x[:600])[3].numpy() for s in ("train", "test"))
    expected = PCA(2).fit(known).transform(asked)[: len(record["place"])]
    for k in range(2):
        assert abs(np.corrcoef(record["place"][:, k], expected[:, k])[0, 1]) == pytest.approx(1, abs=1e-4)


def test_neighbours_are_those_of_scikit_learn(session):
    known, _ = encoded(session, session.tensors["train"].x)
    asked, _ = encoded(session, session.tensors["test"].x)
    judge = KNeighborsClassifier(5).fit(known, session.points["train"].y)
    expected = judge.score(asked, session.points["test"].y)
    assert read(session, "neighbours")["share"][0] == pytest.approx(expected, abs=0.01)


def test_the_drawings_are_what_the_decoder_makes_of_the_middles_of_the_cells(session):
    side = 4
    sheet = read(session, "manifold", side=side)["map"][0]
    low, high = read(session, "codes")["range"]
    assert sheet.shape == (8 * side, 8 * side)
    _, decoder = encoded(session, session.tensors["test"].x[:1])
    for row, column in ((0, 0), (3, 1), (1, 3)):
        place = low + (np.array([column + 0.5, side - row - 0.5]) / side) * (high - low)
        with torch.no_grad():
            drawn = decoder(torch.tensor(place, dtype=torch.float32)[None]).reshape(8, 8).clamp(0, 1)
        tile = sheet[8 * row : 8 * row + 8, 8 * column : 8 * column + 8]
        np.testing.assert_allclose(tile / 127, drawn, atol=0.5 / 127 + 1e-4)


def test_a_place_of_the_plane_is_drawn_as_the_decoder_draws_it(session):
    low, high = read(session, "codes")["range"]
    record = read(session, "decoded", across=250, up=900)
    np.testing.assert_allclose(record["code"], low + np.array([0.25, 0.9]) * (high - low), rtol=1e-4)
    _, decoder = encoded(session, session.tensors["test"].x[:1])
    with torch.no_grad():
        drawn = decoder(torch.from_numpy(record["code"])[None]).reshape(1, 8, 8).clamp(0, 1)
    np.testing.assert_allclose(record["map"] / 127, drawn, atol=0.5 / 127 + 1e-4)


@pytest.mark.parametrize("fields", [{"across": 10**12, "up": 0}, {"across": 0, "up": 10**9}])
def test_a_place_outside_is_the_nearest_one_inside(session, fields):
    low, high = read(session, "codes")["range"]
    code = read(session, "decoded", **fields)["code"]
    assert (code >= low - 1e-4).all()
    assert (code <= high + 1e-4).all()
    assert read(session, "manifold", side=10**9)["map"].nbytes < 100_000


def test_what_comes_back_has_the_error_that_numpy_computes(session):
    record = read(session, "reconstructions")
    assert record["truth"].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, -1, -1, -1]
    strange = load_digits().images[load_digits().target == 0][:3] / 16
    np.testing.assert_allclose(record["given"][-3:] / 127, strange, atol=0.5 / 127)
    with torch.no_grad():
        answers = session.network.module(torch.tensor(strange[:, None], dtype=torch.float32)).numpy()
    expected = np.square(answers - strange.reshape(3, PIXELS)).mean(1)
    np.testing.assert_allclose(record["error"][-3:], expected, rtol=1e-4)


def test_a_denoising_network_is_shown_what_it_is_given_and_judged_by_the_whole():
    session = trained(20, how="denoising", noise=0.5)
    first, again = read(session, "reconstructions"), read(session, "reconstructions")
    np.testing.assert_array_equal(first["given"], again["given"])
    plain = read(trained(20), "reconstructions")["given"]
    # what noise brings below 0 or above 1 is cut off
    assert 0.2 < np.abs(first["given"] / 127 - plain / 127).mean() < 0.4


def test_strangers_are_told_by_their_error_as_scikit_learn_says(session):
    record = read(session, "strangers")
    assert len(record["strange"]) == 178
    errors = np.concatenate([record["known"], record["strange"]])
    strange = np.arange(len(errors)) >= len(record["known"])
    assert record["area"][0] == pytest.approx(roc_auc_score(strange, errors), abs=1e-6)
    x = session.tensors["test"].x
    with torch.no_grad():
        expected = np.square(session.network.module(x).numpy() - x.flatten(1).numpy()).mean(1)
    np.testing.assert_allclose(record["known"], expected, rtol=1e-4)


def test_the_two_losses_add_up_to_what_is_trained():
    session = trained(50, how="variational", beta=0.3)
    terms, now = read(session, "terms"), session.evaluate()
    total = terms["error"] + 0.3 * terms["divergence"] / PIXELS
    np.testing.assert_allclose(total, [now.train_loss, now.validation_loss, now.test_loss], rtol=1e-4)


def test_the_lab_comes_to_its_figures_with_its_defaults():
    session = trained(2500)  # a few seconds of one core
    assert read(session, "neighbours")["share"][0] >= 0.7
    assert read(session, "strangers")["area"][0] >= 0.9


def test_a_table_has_a_code_and_no_drawings():
    e = Experiment(
        data=Iris(), split=Split(train=70), network=(Dense(units=1, activation=Linear()),),
        objective=Reconstruction(), loss=MeanSquared(),
    )  # fmt: skip
    session = Session(e)
    assert read(session, "codes")["place"].shape == (len(session.points["test"]), 2)
    assert not any(probes[kind]().applies(e) for kind in ("manifold", "decoded", "reconstructions"))
    assert not any(
        probes[kind]().applies(with_value(e, "objective", "supervised"))
        for kind in ("codes", "neighbours", "strangers", "terms")
    )
