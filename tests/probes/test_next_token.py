import numpy as np
import pytest
import torch

from dlcore.data import typed
from dlcore.probes import opened
from dlcore.training.look import looking
from dlcore.training.session import Session
from tests.probes.cases import FORETELLING

DATA = FORETELLING.data
NEVER = [0, 1]


@pytest.fixture(scope="module")
def session():
    made = Session(FORETELLING)
    made.advance(50)
    return made


def logits(session, text):
    """What the network says after a text, what is never an answer left out."""
    row = typed.read(DATA, text).x
    with looking(session.network.module):
        found = session.network.module(torch.from_numpy(row)[None])[0, len(text)].double()
        found[NEVER] = -torch.inf
    return found


def told(session, text, **how):
    number = typed.numbered(DATA, typed.read(DATA, text).x)
    asked = "&".join(f"{name}={value}" for name, value in {"typed": number, **how}.items())
    return opened(f"next_token?{asked}").read(session)


@pytest.mark.parametrize("text", ["", "m", "mül"])
@pytest.mark.parametrize("temperature", [50, 100, 170])
def test_a_temperature_divides_what_goes_into_the_softmax(session, text, temperature):
    record, z = told(session, text, temperature=temperature), logits(session, text)
    best = torch.from_numpy(record["best"]).long()
    np.testing.assert_array_equal(best, z.topk(12).indices)
    np.testing.assert_allclose(record["share"], z.softmax(0)[best], atol=1e-6)
    np.testing.assert_allclose(record["drawn"], (z * 100 / temperature).softmax(0)[best], atol=1e-6)
    assert record["step"] == len(text)


def test_without_a_beginning_it_is_the_first_letter(session):
    nothing, empty = opened("next_token").read(session), told(session, "")
    assert all(np.array_equal(nothing[name], empty[name]) for name in empty)


def test_only_the_likeliest_are_drawn_from_and_share_all_there_is(session):
    record = told(session, "a", top_k=3)
    assert (record["drawn"] > 0).tolist() == [True] * 3 + [False] * 9
    assert record["drawn"].sum() == pytest.approx(1)
    shares = record["share"][:3]
    np.testing.assert_allclose(record["drawn"][:3], shares / shares.sum(), atol=1e-6)


@pytest.mark.parametrize("how", [{"temperature": 0}, {"top_k": 1}])
def test_at_temperature_0_the_likeliest_is_certain(session, how):
    assert told(session, "a", **how)["drawn"].tolist() == [1.0] + [0.0] * 11
