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
