import pytest
import torch

from dlcore.experiment import Experiment
from dlcore.record import Record
from dlcore.training.session import Session

NET = ({"kind": "dense", "units": 4}, {"kind": "dropout", "p": 0.2}, {"kind": "dense", "units": 3})


def session(**settings):
    return Session(Experiment(network=NET, **settings))


def linear(s, layer):
    return dict(s.network.linears())[layer]


def test_a_held_weight_stays_where_it_is_held_from_the_start_on():
    s = session(
        held=({"layer": 2, "unit": 1, "source": 3, "value": 0.5}, {"layer": 3, "unit": 0, "value": -0.25})
    )
    before = linear(s, 2).weight.detach().clone()
    assert before[1, 3] == 0.5
    s.advance(20)
    assert linear(s, 2).weight[1, 3] == 0.5
    assert linear(s, 3).bias[0] == -0.25
    moved = linear(s, 2).weight.detach() != before
    moved[1, 3] = True
    assert moved.all(), "the others go on learning"


def test_a_weight_is_held_and_let_go_while_the_run_goes_on():
    s = session()
    s.advance(10)
    held = ({"layer": 0, "unit": 0, "source": 1, "value": 2.0},)
    assert s.change(Experiment(network=NET, held=held))
    s.advance(10)
    assert linear(s, 0).weight[0, 1] == 2.0
    assert s.change(Experiment(network=NET))
    s.advance(10)
    assert linear(s, 0).weight[0, 1] != 2.0
    assert s.step == 30


def test_a_weight_put_by_hand_is_moved_on_from_there():
    s = session()
    s.set_weight(2, 0, 1, 3.5)
    s.set_weight(3, 0, -1, -1.5)
    assert linear(s, 2).weight[0, 1] == 3.5
    assert linear(s, 3).bias[0] == -1.5
    s.advance(5)
    assert linear(s, 2).weight[0, 1] != 3.5


@pytest.mark.parametrize("place", [(1, 0, 0), (9, 0, 0), (0, 4, 0), (0, 0, 2), (0, -1, 0), (0, 0, -2)])
def test_a_weight_that_is_not_there_is_refused(place):
    with pytest.raises(ValueError, match="no weight"):
        session().set_weight(*place, 1.0)


def test_what_a_hand_did_to_a_weight_is_seen_at_once():
    s = session()
    before = s.evaluate()
    s.set_weight(3, 0, -1, 4.0)
    assert s.evaluate() != before


def test_a_silenced_neuron_counts_for_nothing_in_training_and_in_pictures():
    s = session(silenced=({"layer": 0, "unit": 2},))
    x = s.tensors["train"].x
    with torch.no_grad():
        assert (s.network.layer_outputs(x)[0][:, 2] == 0).all()
        assert (s.network.layer_outputs(x)[0][:, 1] != 0).any()
    s.advance(5)
    assert (linear(s, 0).weight.grad[2] == 0).all()
    answer = s.evaluate()
    s.set_weight(2, 0, 2, 100.0)
    assert s.evaluate() == answer


def test_a_neuron_that_is_switched_on_again_is_as_it_was():
    s = session()
    s.advance(10)
    before = s.evaluate()
    assert s.change(Experiment(network=NET, silenced=({"layer": 2, "unit": 1},)))
    assert s.evaluate() != before
    assert s.change(Experiment(network=NET))
    assert s.evaluate() == before


@pytest.mark.parametrize("optimizer", ["sgd", "adam", {"kind": "sgd", "momentum": 0.9}])
def test_a_frozen_layer_does_not_move_even_with_momentum_and_decay(optimizer):
    pull = {"l2": 0.1, "how": "decoupled decay"}
    s = session(optimizer=optimizer, regularisation=pull)
    s.advance(10)
    frozen = ({"kind": "dense", "units": 4, "frozen": True}, *NET[1:])
    assert s.change(Experiment(network=frozen, optimizer=optimizer, regularisation=pull))
    first, second = linear(s, 0).weight.detach().clone(), linear(s, 2).weight.detach().clone()
    s.advance(10)
    assert torch.equal(linear(s, 0).weight, first)
    assert not torch.equal(linear(s, 2).weight, second)


def test_a_run_with_hands_on_it_resumes_to_the_last_bit():
    settings = {
        "held": ({"layer": 0, "unit": 1, "source": 0, "value": 0.0},),
        "silenced": ({"layer": 2, "unit": 0},),
        "network": ({"kind": "dense", "units": 4}, {"kind": "dropout"}, {"kind": "dense", "frozen": True}),
    }
    a = Session(Experiment(**settings))
    a.advance(33)
    b = Session.restored(Record.from_bytes(a.checkpoint().to_bytes()))
    a.advance(20)
    b.advance(20)
    assert a.checkpoint().to_bytes() == b.checkpoint().to_bytes()
