import pytest
import torch

from dlcore.activations import ReLU
from dlcore.data import Digits, datasets
from dlcore.data.features import X1, X2, SinX1
from dlcore.experiment import Experiment, with_value
from dlcore.layers import (
    AveragePool,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalPool,
    MaxPool,
    Residual,
    ToSequence,
)
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


IMAGES = Experiment(
    data=Digits(n_images=100),
    network=(Conv2d(channels=4), BatchNorm(), MaxPool(), Conv2d(channels=3), Flatten(), Dense(units=5)),
    batch_size=25,
)


def kept_of(before, after, steps=6):
    """Which layers hold after a change what they held before it, by their places in the new stack."""
    session = Session(before)
    session.advance(steps)
    old = [list(session.network.modules_of(i).state_dict().values()) for i in range(len(before.network) + 1)]
    old = [[each.clone() for each in layer] for layer in old]
    session.change(after)
    new = [list(session.network.modules_of(i).state_dict().values()) for i in range(len(after.network) + 1)]
    same = [
        i
        for i, layer in enumerate(new)
        if layer and any(len(layer) == len(was) and all(map(torch.equal, layer, was)) for was in old)
    ]
    return same, session.carried


def test_of_images_every_kind_of_layer_that_has_not_changed_keeps_its_weights():
    kept, said = kept_of(IMAGES, with_value(IMAGES, "network.3.channels", 6))
    assert kept == [0, 1, 6]
    assert said == (
        "Started over; layers 1 and 2 and the output layer keep their weights.  Reset begins afresh."
    )


def test_a_layer_that_is_given_another_shape_begins_anew_and_with_it_what_it_normalised():
    kept, said = kept_of(IMAGES, with_value(IMAGES, "network.0.channels", 6))
    assert kept == [5, 6], "the second convolution has other inputs, and what comes after it has not"
    assert said.startswith("Started over; layer 6 and the output layer keep their weights.")


def test_what_has_no_weights_changes_nothing_where_shapes_stay():
    kept, said = kept_of(IMAGES, with_value(IMAGES, "network.2", AveragePool()))
    assert kept == [0, 1, 3, 5, 6]
    assert said.startswith("Started over; all layers keep their weights.")


def test_a_nest_keeps_its_weights_as_a_whole():
    network = (Conv2d(channels=4), Residual.made_for((4, 8, 8)), GlobalPool())
    e = IMAGES.model_copy(update={"network": network})
    assert kept_of(e, with_value(e, "network.2", Flatten()))[0] == [0, 1]
    assert kept_of(e, with_value(e, "network.1.inside.0.channels", 2))[0] == [0, 3]


def test_neurons_behind_a_layer_that_lays_them_out_anew_are_not_taken_for_others():
    first = Dense(units=6)
    e = DEEP.model_copy(update={"network": (first, ToSequence(steps=3), Dense(units=4), Flatten())})
    wider = with_value(e, "network.0.units", 9)
    session = Session(e)
    session.advance(5)
    session.change(wider)
    assert session.carried.startswith("Started over; layer 1 and the output layer keep their weights.")


def test_a_layer_that_is_switched_off_and_on_again_leaves_the_others_alone():
    kept, _ = kept_of(IMAGES, with_value(IMAGES, "network.1.off", True))
    assert kept == [0, 3, 5, 6]
