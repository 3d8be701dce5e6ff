import pytest
import torch

from dlcore.activations import ReLU
from dlcore.data import datasets
from dlcore.data.features import X1, X2, SinX1
from dlcore.experiment import Experiment, with_value
from dlcore.layers import Dense, Dropout
from dlcore.record import Record
from dlcore.training.session import Session

DEEP = Experiment(
    data=datasets["moons"](n_points=60),
    network=(Dense(units=5), Dense(units=4), Dense(units=3)),
    batch_size=7,
)


def changed(path, value, steps=20, before=DEEP):
    """Matrices (weight and bias side by side) before and after one change, and those of a fresh start."""
    session = Session(before)
    for _ in range(steps):
        session.advance(1)
    old = matrices(session)
    after = with_value(before, path, value)
    session.change(after)
    return old, session, matrices(session), matrices(Session(after))


def matrices(session):
    return [
        torch.cat([linear.weight, linear.bias[:, None]], 1).detach().clone()
        for _, linear in session.network.linears()
    ]


def test_only_the_layer_that_changed_begins_anew():
    old, session, new, fresh = changed("network.1.activation", ReLU())
    for place in (0, 2, 3):
        assert torch.equal(new[place], old[place])
    assert torch.equal(new[1], fresh[1])
    assert session.carried == (
        "Started over; layers 1 and 3 and the output layer keep their weights.  Reset begins afresh."
    )
    assert session.marks.pairs == [
        (0.0, "Started over; layers 1 and 3 and the output layer keep their weights")
    ]
    assert (session.step, session.history.epochs) == (0, [0])
    assert session.history.rows == [session.evaluate()]


def test_a_neuron_added_keeps_the_others():
    old, session, new, fresh = changed("network.1.units", 5)
    assert torch.equal(new[0], old[0])
    assert torch.equal(new[1][:4], old[1])
    assert torch.equal(new[1][4], fresh[1][4])
    assert torch.equal(new[2][:, [0, 1, 2, 3, 5]], old[2])
    assert torch.equal(new[2][:, 4], fresh[2][:, 4])
    assert torch.equal(new[3], old[3])
    assert session.carried.startswith("Started over; all layers keep their weights.")


def test_a_neuron_removed_keeps_the_others():
    old, _, new, _ = changed("network.0.units", 3)
    assert torch.equal(new[0], old[0][:3])
    assert torch.equal(new[1], old[1][:, [0, 1, 2, 5]])
    assert all(torch.equal(new[place], old[place]) for place in (2, 3))


def test_an_input_added_keeps_the_weights_of_the_others():
    old, _, new, fresh = changed("inputs", (X1(), SinX1(), X2()))
    assert torch.equal(new[0][:, [0, 2, 3]], old[0])
    assert torch.equal(new[0][:, 1], fresh[0][:, 1])
    assert all(torch.equal(new[place], old[place]) for place in (1, 2, 3))


def test_a_layer_added_at_the_end_keeps_the_layers_before_it():
    old, session, new, fresh = changed("network", (*DEEP.network, Dense(units=6)))
    assert all(torch.equal(new[place], old[place]) for place in (0, 1, 2))
    assert all(torch.equal(new[place], fresh[place]) for place in (3, 4))
    assert session.carried.startswith("Started over; layers 1, 2 and 3 keep their weights.")


def test_a_layer_removed_keeps_what_still_fits_from_both_sides():
    before = with_value(DEEP, "network.1.units", 5)
    first, _, third = before.network
    old, session, new, _ = changed("network", (first, third), before=before)
    assert torch.equal(new[0], old[0])
    assert torch.equal(new[1], old[2]), "layer 3 had five inputs, and has five"
    assert torch.equal(new[2], old[3])
    assert session.carried.startswith("Started over; all layers keep")


def test_dropout_put_between_layers_changes_no_layer():
    first, second, third = DEEP.network
    old, _, new, _ = changed("network", (first, Dropout(), second, third))
    assert all(torch.equal(a, b) for a, b in zip(old, new, strict=True))


def test_other_points_leave_the_network_as_it_is_but_another_number_of_classes_needs_another_output():
    old, _, new, _ = changed("data.noise", 0.3)
    assert all(torch.equal(a, b) for a, b in zip(old, new, strict=True))
    old, _, new, fresh = changed("data", datasets["rings"](n_points=60))
    assert all(torch.equal(new[place], old[place]) for place in (0, 1, 2))
    assert torch.equal(new[3], fresh[3])


@pytest.mark.parametrize(("path", "value"), [("seeds.init", 9), ("init", "he")])
def test_another_start_is_another_start(path, value):
    _, session, new, fresh = changed(path, value)
    assert all(torch.equal(a, b) for a, b in zip(new, fresh, strict=True))
    assert session.carried == ""


def test_before_the_first_step_nothing_is_kept():
    _, session, new, fresh = changed("network.1.units", 5, steps=0)
    assert all(torch.equal(a, b) for a, b in zip(new, fresh, strict=True))
    assert session.carried == ""


def test_a_second_change_keeps_what_the_first_one_kept():
    _, session, once, _ = changed("network.1.units", 5)
    session.change(with_value(session.experiment, "network.1.units", 4))
    assert torch.equal(matrices(session)[0], once[0])


def test_a_failed_run_keeps_nothing():
    session = Session(DEEP)
    session.advance(3)
    session.failure = "The loss became nan."
    after = with_value(DEEP, "network.1.units", 5)
    session.change(after)
    assert session.checkpoint().to_bytes() == Session(after).checkpoint().to_bytes()


def test_reset_goes_to_the_experiments_own_start():
    _, session, _, _ = changed("network.1.units", 5)
    session.advance(9)
    session.reset()
    assert session.checkpoint().to_bytes() == Session(session.experiment).checkpoint().to_bytes()


@pytest.mark.parametrize("steps", [0, 13])
def test_a_checkpoint_after_a_rebuild_resumes_to_the_last_bit(steps):
    _, session, _, _ = changed("network.1.units", 5)
    for _ in range(steps):
        session.advance(1)
    other = Session.restored(Record.from_bytes(session.checkpoint().to_bytes()))
    assert other.carried == session.carried
    session.advance(20)
    other.advance(20)
    assert session.checkpoint().to_bytes() == other.checkpoint().to_bytes()
