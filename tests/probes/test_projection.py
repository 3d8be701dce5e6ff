import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from dlcore.probes import opened
from dlcore.probes.projection import principal, turned
from dlcore.training.session import Session
from tests.engine.conftest import until
from tests.probes.cases import AHEAD, IMAGES, TOKENS


@pytest.mark.parametrize("shape", [(40, 200), (200, 7), (30, 2), (30, 1)])
def test_principal_components_are_scikit_learns(shape):
    rows = np.random.default_rng(1).normal(size=shape) * np.arange(1, shape[1] + 1)
    flat, share = principal(rows)
    n = min(2, shape[1])
    expected = PCA(n).fit(rows)
    np.testing.assert_allclose(np.abs(flat[:, :n]), np.abs(expected.transform(rows)), atol=1e-6)
    np.testing.assert_allclose(share[:n], expected.explained_variance_ratio_, atol=1e-9)


def test_a_turn_is_undone_and_distances_stay():
    flat = np.random.default_rng(2).normal(size=(50, 2))
    angle = 2.1
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.diag([1, -1])
    back = turned(flat @ turn, flat - flat.mean(0))
    np.testing.assert_allclose(back, flat - flat.mean(0), atol=1e-9)


@pytest.mark.parametrize("layer", [0, 5, 6])
def test_pictures_move_little_from_one_to_the_next(layer):
    session = Session(IMAGES)
    before = opened(f"projection?layer={layer}").read(session)["place"]
    for _ in range(6):
        session.advance(1)
        after = opened(f"projection?layer={layer}").read(session)["place"]
        mirrored = min(np.abs(after - before * sign).mean() for sign in ([-1, 1], [1, -1], [-1, -1]))
        assert np.abs(after - before).mean() < 0.25 * np.abs(before).mean()
        assert np.abs(after - before).mean() < mirrored
        before = after


def test_samples_are_coloured_by_their_truth():
    session = Session(IMAGES)
    record = opened("projection?layer=1").read(session)
    assert record["truth"].tolist() == session.tensors["test"].truth[: len(record["truth"])].tolist()
    values = opened("projection?layer=1").read(Session(AHEAD))
    assert np.isfinite(values["truth"]).all()


def test_neighbours_stay_together_in_t_sne():
    session = Session(IMAGES)
    session.advance(20)
    place = opened("projection?layer=5&flat=1").read(session)["place"]
    made = opened("projection?layer=5").read(session)["place"]
    assert place.shape == made[: len(place)].shape
    import torch

    with torch.no_grad():
        rows = session.network.module.eval()[:-1](session.tensors["test"].x[: len(place)]).numpy()
    session.network.module.train()
    assert trustworthiness(rows, place, n_neighbors=8) > 0.85


def test_of_an_embedding_the_vocabulary_is_laid_out():
    session = Session(TOKENS)
    record = opened("projection?layer=0").read(session)
    assert record["token"].tolist() == [0, 1, 2, 3, 4]
    weight = session.network.module[0].weight.detach().numpy().astype(float)
    expected = PCA(2).fit_transform(weight)
    distances = np.linalg.norm(expected[:, None] - expected[None], axis=2)
    shown = record["place"].astype(float)
    np.testing.assert_allclose(np.linalg.norm(shown[:, None] - shown[None], axis=2), distances, atol=1e-4)


def test_umap_lays_samples_out_where_it_is_installed():
    pytest.importorskip("umap")
    probe, session = opened("projection?layer=5&flat=2"), Session(IMAGES)
    assert probe.read(session) == {}
    until(lambda: probe.read(session), 120)
    assert probe.read(session)["place"].shape[1] == 2
