import math

import numpy as np
import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from dlcore.data import typed
from dlcore.experiment import with_value
from dlcore.probes import opened
from dlcore.probes.attention import attending, given, looks
from dlcore.training.look import looking
from dlcore.training.session import Session
from tests.probes.cases import ATTENDING

N_HEADS = 2 + 4 + 2


@pytest.fixture(scope="module")
def session():
    made = Session(ATTENDING)
    made.advance(20)
    return made


def torchs_own(module, x):
    """The weights that torch weighs values with: what it mixes of values that are the identity."""
    query, key, _ = module.projected(x)
    identity = torch.eye(x.shape[1]).expand(1, module.heads, -1, -1)
    return scaled_dot_product_attention(query, key, identity, is_causal=module.causal)[0]


@pytest.mark.parametrize("which", [0, 1, 2], ids=["plain", "causal", "rotary"])
@pytest.mark.parametrize("sample", [0, 3])
def test_the_map_of_every_head_is_torchs_own_weights(session, which, sample):
    layer, module = attending(session)[which]
    with looking(session.network.module):
        x = given(session, layer, module, session.tensors["test"].x[sample : sample + 1])
        assert torch.allclose(looks(module, x).weight, torchs_own(module, x), rtol=0, atol=1e-6)


def test_the_tiles_are_those_maps_in_order_to_a_hundredth(session):
    record = opened("heads?sample=3").read(session)
    assert record["layer"].tolist() == [2, 2, 3, 3, 3, 3, 4, 4]
    assert record["head"].tolist() == [0, 1, 0, 1, 2, 3, 0, 1]
    shown = record["weight"] / 127 * record["scale"][:, None, None]
    with looking(session.network.module):
        x = session.tensors["test"].x[3:4]
        own = [torchs_own(module, given(session, layer, module, x)) for layer, module in attending(session)]
    np.testing.assert_allclose(shown, torch.cat(own).numpy(), atol=0.5 / 127)


def test_a_string_of_ones_own_is_looked_at_like_the_sample_that_it_is(session):
    row = session.tensors["test"].x[4].numpy()
    number = typed.numbered(ATTENDING.data, row)
    for kind in ("heads", "attention"):
        own, sample = (opened(f"{kind}?{what}").read(session) for what in (f"typed={number}", "sample=4"))
        assert all(np.array_equal(own[name], sample[name]) for name in sample)


def test_the_answer_beside_the_maps_is_the_networks(session):
    record = opened("heads?sample=5").read(session)
    with looking(session.network.module):
        shares = session.network.module(session.tensors["test"].x[5:6])[0].softmax(-1)
    np.testing.assert_array_equal(record["best"], shares.argmax(-1).numpy())
    np.testing.assert_allclose(record["share"], shares.amax(-1).numpy(), atol=1e-6)


def with_silenced(session, *heads):
    """A session with the same weights in which heads, told by their tiles, are switched off."""
    e = ATTENDING
    where = [("network.2", 0), ("network.2", 1), *((("network.3.inside.0"), k) for k in range(4)),
             ("network.4", 0), ("network.4", 1)]  # fmt: skip
    for path in dict.fromkeys(path for path, _ in where):
        off = tuple(where[head][1] for head in heads if where[head][0] == path)
        e = with_value(e, f"{path}.silenced_heads", off)
    other = Session(ATTENDING)
    other.advance(session.step)
    assert other.change(e)
    return other


@pytest.mark.parametrize("head", range(N_HEADS))
def test_what_a_head_is_good_for_is_what_is_missed_without_it(session, head):
    told = opened("ablation").read(session)
    other = with_silenced(session, head)
    assert math.isclose(told["without"][head], other.evaluate().test_score, abs_tol=1e-6)
    assert told["now"] == told["whole"] == pytest.approx(session.evaluate().test_score)
    then = opened("ablation").read(other)
    assert then["whole"] == told["whole"]
    assert then["now"] == then["without"][head] == pytest.approx(other.evaluate().test_score)
    assert opened("heads").read(other)["silenced"].tolist() == [k == head for k in range(N_HEADS)]


def test_where_it_goes_wrong_adds_up_to_how_often(session):
    told = opened("ablation").read(with_silenced(session, 0, 3))
    assert np.isnan(told["now_steps"][0]), "of the first token nothing is asked"
    assert told["now_steps"][1:].mean() == pytest.approx(told["now"][0])
    assert told["whole_steps"][1:].mean() == pytest.approx(told["whole"][0])


def test_a_head_that_is_off_mixes_nothing(session):
    other = with_silenced(session, 1)
    assert not opened("attention?layer=2&head=1").read(other)["mixed"].any()
    assert opened("attention?layer=2&head=0").read(other)["mixed"].any()
