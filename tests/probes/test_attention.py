import numpy as np
import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from dlcore.probes import opened
from dlcore.probes.attention import attending, given, looks
from dlcore.training.look import looking
from dlcore.training.session import Session
from tests.probes.cases import ATTENDING


@pytest.fixture(scope="module")
def session():
    made = Session(ATTENDING)
    made.advance(5)
    return made


@pytest.mark.parametrize("which", [0, 1, 2])
def test_an_attention_by_hand_is_torchs_own(session, which):
    layer, module = attending(session)[which]
    with looking(session.network.module):
        x = given(session, layer, module, session.tensors["test"].x[3:4])
        by_hand = looks(module, x)
        query, key, value = module.projected(x)
        expected = scaled_dot_product_attention(query, key, value, is_causal=module.causal)
        assert torch.allclose(by_hand.mixed, expected[0], atol=1e-6)
        made = module.output(by_hand.mixed.transpose(0, 1).flatten(1))
        assert torch.allclose(made, module(x)[0], atol=1e-6)


@pytest.mark.parametrize(("head", "query"), [(0, 0), (1, 4), (3, 5)])
def test_an_opened_query_adds_up_to_what_torch_mixes(session, head, query):
    layer, module = attending(session)[1]  # four heads, each step sees no later one
    record = opened(f"attention?layer={layer}&sample=3&head={head}&query={query}").read(session)
    with looking(session.network.module):
        q, k, v = module.projected(given(session, layer, module, session.tensors["test"].x[3:4]))
        expected = scaled_dot_product_attention(q, k, v, is_causal=True)[0, head, query].numpy()
    products = record["k"] @ record["q"]
    np.testing.assert_allclose(record["product"], products, atol=1e-6)
    visible = np.arange(6) <= query
    np.testing.assert_allclose(record["scaled"][visible], products[visible] / np.sqrt(2), atol=1e-6)
    assert np.isneginf(record["scaled"][~visible]).all()
    shares = np.exp(record["scaled"]) / np.exp(record["scaled"]).sum()
    np.testing.assert_allclose(record["share"], shares, atol=1e-6)
    np.testing.assert_allclose(record["mixed"], expected, atol=1e-6)
    np.testing.assert_allclose(record["share"] @ record["v"], expected, atol=1e-6)
    shown = record["weight"][head, query] / 127 * record["scale"][head]
    np.testing.assert_allclose(shown, record["share"], atol=1 / 200)


def test_a_layer_without_attention_means_the_next_that_has_one(session):
    assert opened("attention?layer=0").read(session)["layer"].tolist() == [2]
    assert opened("attention?layer=3").read(session)["layer"].tolist() == [3]
    assert opened("attention?layer=99").read(session)["layer"].tolist() == [4]
