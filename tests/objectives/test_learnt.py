"""A loss that is itself learnt: its weights and its optimizer are part of the run."""

import numpy as np
import pytest
import torch

from dlcore.experiment import with_value
from dlcore.objectives import objectives
from dlcore.record import Record
from dlcore.training.session import Session
from tests.objectives.cases import TWO, given_back
from tests.objectives.rival import Rivalled


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setitem(objectives._classes, "rivalled", Rivalled)


def numbers(session):
    both = (*session.network.module.parameters(), *session.criterion.parameters())
    return [each.detach().numpy().copy() for each in both]


def assert_same(one, other):
    for a, b in zip(numbers(one), numbers(other), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.fixture
def e():
    return given_back(Rivalled(), TWO)


def test_it_learns_once_with_every_step(e):
    session = Session(e)
    before = session.criterion.weigh.weight.detach().clone()
    session.advance(3)
    assert not torch.equal(before, session.criterion.weigh.weight)
    assert {int(each["step"]) for each in session.criterion.optimizer.state.values()} == {3}


def test_it_goes_on_from_a_checkpoint_to_the_last_bit(e):
    session = Session(e)
    session.advance(5)
    resumed = Session.restored(Record.from_bytes(session.checkpoint().to_bytes()))
    for each in (session, resumed):
        each.advance(6)
    assert_same(session, resumed)


def test_a_reset_brings_its_first_weights_back(e):
    session, fresh = Session(e), Session(e)
    session.advance(5)
    session.reset()
    assert_same(session, fresh)


def test_its_first_weights_follow_from_the_seed_of_the_first_weights(e):
    other = Session(with_value(e, "seeds.init", 2))
    assert not torch.equal(other.criterion.weigh.weight, Session(e).criterion.weigh.weight)


def test_a_live_setting_of_it_changes_in_mid_run_and_keeps_what_was_learnt(e):
    session = Session(e)
    session.advance(5)
    before = session.criterion.weigh.weight.detach().clone()
    assert session.change(with_value(e, "objective.rate", 0.5))
    assert torch.equal(before, session.criterion.weigh.weight)
    session.advance(1)
    assert session.criterion.optimizer.param_groups[0]["lr"] == 0.5


def test_it_keeps_what_it_knows_where_the_network_is_built_anew(e):
    session = Session(e)
    session.advance(5)
    before = session.criterion.weigh.weight.detach().clone()
    assert not session.change(with_value(e, "network.1.units", 15))
    assert torch.equal(before, session.criterion.weigh.weight)
