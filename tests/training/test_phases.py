import numpy as np
import pytest
import torch

from dlcore.experiment import Experiment
from dlcore.training.loop import epoch_order
from dlcore.training.phases import phases
from dlcore.training.session import Session

SMALL = Experiment(
    data={"kind": "moons", "n_points": 60},
    network=({"kind": "dense", "units": 5}, {"kind": "dense", "units": 3, "activation": "relu"}),
    optimizer={"kind": "sgd", "learning_rate": 0.1},
    batch_size=7,
)


def after(n_steps, e=SMALL):
    session = Session(e)
    session.advance(n_steps)
    return session


@pytest.mark.parametrize("n_steps", [1, 4, 13])
def test_the_numbers_are_those_of_the_step_that_then_comes(n_steps):
    session = after(n_steps)
    before = session.checkpoint().to_bytes()
    told = phases(session)
    assert session.checkpoint().to_bytes() == before, "looking leaves no trace"
    session.advance(1)
    assert told.facts["step"] == session.step
    assert told.facts["loss"] == session.batch_loss
    for layer, linear in session.network.linears():
        np.testing.assert_array_equal(told.arrays[f"{layer}.weight_after"], linear.weight.detach())
        np.testing.assert_array_equal(told.arrays[f"{layer}.weight_grad"], linear.weight.grad)
        np.testing.assert_array_equal(told.arrays[f"{layer}.bias_after"], linear.bias.detach())


def test_forward_loss_backward_and_update_are_those_of_the_book():
    session = after(2)
    told = phases(session)
    part = session.tensors["train"]
    order = epoch_order(1, session.epoch, len(part.x))[session.seen :][:7]
    x, y = part.x[order], part.y[order]
    first, second, last = (linear for _, linear in session.network.linears())
    hidden = torch.tanh(first(x))
    deeper = torch.relu(second(hidden))
    outputs = last(deeper)
    np.testing.assert_array_equal(told.arrays["input"], x[0])
    for layer, values in enumerate((hidden, deeper, outputs)):
        np.testing.assert_allclose(told.arrays[f"{layer}.value"], values[0].detach(), rtol=1e-5, atol=1e-6)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(outputs, y)
    assert told.facts["loss"] == pytest.approx(loss.item())
    assert told.facts["n_batch"] == 7
    values = (hidden, deeper, outputs)
    for layer, back in enumerate(torch.autograd.grad(loss, values, retain_graph=True)):
        np.testing.assert_allclose(told.arrays[f"{layer}.value_grad"], back[0], rtol=1e-4, atol=1e-7)
    gradient = torch.autograd.grad(loss, last.weight)[0]
    np.testing.assert_allclose(told.arrays["2.weight_grad"], gradient, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(
        told.arrays["2.weight_after"],
        (last.weight - 0.1 * gradient).detach(),
        rtol=1e-5,
    )


def test_dropout_silences_what_it_will_silence_in_the_step():
    e = Experiment(network=({"kind": "dense", "units": 8}, {"kind": "dropout", "p": 0.5}), batch_size=7)
    told = phases(after(3, e))
    silenced = told.arrays["1.value"] == 0
    assert silenced.any()
    np.testing.assert_allclose(
        told.arrays["1.value"][~silenced], 2 * told.arrays["0.value"][~silenced], rtol=1e-6
    )


def test_a_silenced_neuron_passes_no_gradient_back():
    e = Experiment(network=({"kind": "dense", "units": 4},), silenced=({"layer": 0, "unit": 2},))
    told = phases(after(3, e))
    assert told.arrays["0.value"][2] == 0
    assert (told.arrays["1.weight_grad"][:, 2] == 0).all()
    assert (told.arrays["0.weight_grad"][2] == 0).all()


def test_a_frozen_layer_has_gradients_of_its_values_alone():
    frozen = ({"kind": "dense", "units": 4, "frozen": True},)
    session = after(2, Experiment(network=frozen))
    told = phases(session)
    np.testing.assert_array_equal(told.arrays["0.weight"], told.arrays["0.weight_after"])
    assert not told.arrays["0.weight_grad"].any()
    np.testing.assert_allclose(  # the chain rule by hand, from the output back
        told.arrays["0.value_grad"], told.arrays["1.value_grad"] @ told.arrays["1.weight"], rtol=1e-5
    )


def test_a_run_that_has_stopped_has_no_step_to_come():
    session = after(1)
    session.failure = "The loss became nan."
    assert phases(session).facts == {}


def traced(point, n_steps=2, e=SMALL):
    """What is told of a training point, and torch's own answers layer by layer: (units,) each."""
    session = after(n_steps, e)
    told = phases(session, point)
    first, second, last = (linear for _, linear in session.network.linears())
    with torch.no_grad():
        hidden = torch.tanh(first(session.tensors["train"].x[point]))
        deeper = torch.relu(second(hidden))
        return session, told, (hidden, deeper, last(deeper))


def next_batch(session):
    e = session.experiment
    order = epoch_order(e.seeds.batches, session.epoch, len(session.tensors["train"].x))
    return order[session.seen :][: e.batch_size].tolist()


def test_any_training_point_is_traced_with_the_numbers_torch_computes_for_it():
    in_batch, outside = 0, 0
    for point in range(0, 30, 3):
        session, told, values = traced(point)
        np.testing.assert_array_equal(told.arrays["input"], session.tensors["train"].x[point])
        for layer, value in enumerate(values):
            np.testing.assert_allclose(told.arrays[f"{layer}.value"], value, rtol=1e-5, atol=1e-6)
        batch = next_batch(session)
        assert told.facts["row"] == (batch.index(point) if point in batch else -1)
        assert told.facts["truth"] == session.tensors["train"].truth[point]
        in_batch, outside = in_batch + (point in batch), outside + (point not in batch)
    assert in_batch
    assert outside


def test_whichever_point_is_traced_the_step_is_that_of_the_batch():
    session = after(2)
    usual, batch = phases(session), next_batch(session)
    inside = batch[4]
    outside = next(point for point in range(30) if point not in batch)
    for point in (inside, outside):
        told = phases(session, point)
        for name in ("loss", "loss_after", "n_batch", "step"):
            assert told.facts[name] == usual.facts[name]
        for layer in range(3):
            for part in ("weight", "bias"):
                for when in (part, f"{part}_grad", f"{part}_after"):
                    name = f"{layer}.{when}"
                    np.testing.assert_array_equal(told.arrays[name], usual.arrays[name])
    np.testing.assert_array_equal(told.arrays["2.value_grad"], usual.arrays["2.value_grad"])


def test_the_gradient_at_a_neuron_is_that_of_the_traced_point_where_it_is_in_the_batch():
    session = after(2)
    batch, part = next_batch(session), session.tensors["train"]
    first, second, last = (linear for _, linear in session.network.linears())
    hidden = torch.tanh(first(part.x[batch]))
    loss = torch.nn.functional.binary_cross_entropy_with_logits(
        last(torch.relu(second(hidden))), part.y[batch]
    )
    (back,) = torch.autograd.grad(loss, hidden)
    told = phases(session, batch[4])
    np.testing.assert_allclose(told.arrays["0.value_grad"], back[4], rtol=1e-4, atol=1e-7)


def test_a_point_outside_the_batch_is_answered_without_dropout():
    e = Experiment(network=({"kind": "dense", "units": 8}, {"kind": "dropout", "p": 0.5}), batch_size=7)
    session = after(3, e)
    outside = next(point for point in range(30) if point not in next_batch(session))
    told = phases(session, outside)
    np.testing.assert_array_equal(told.arrays["1.value"], told.arrays["0.value"])


@pytest.mark.parametrize("point", [-1, 10_000])
def test_a_point_that_is_not_there_is_the_first_of_the_batch(point):
    session = after(1)
    assert phases(session, point).facts == phases(session).facts
    assert phases(session).facts["row"] == 0
