import numpy as np
import pytest
import torch

from dlcore.experiment import Experiment
from dlcore.guides.backpropagation import BackpropagationSettings, deep
from dlcore.probes import opened
from dlcore.training.session import Session
from tests.probes.test_every_probe import state


def session(**how):
    return Session(deep(BackpropagationSettings(depth=6, **how)))


def test_gradients_are_those_of_the_loss_over_the_first_points():
    run = session(bend="tanh")
    read = opened("flow").read(run)
    x, y = (each[:64] for each in (run.tensors["train"].x, run.tensors["train"].y))
    module = run.network.module
    linears = [linear for _, linear in run.network.linears()]
    gradients = torch.autograd.grad(run.criterion(module(x), y), [linear.weight for linear in linears])
    expected = [gradient.square().mean().sqrt() for gradient in gradients]
    np.testing.assert_allclose(read["gradient"], expected, rtol=1e-5)
    first = linears[0](x).detach().numpy()
    assert read["signal"][0] == pytest.approx(np.sqrt(first.var(0).mean()), rel=1e-5)


def test_norms_go_by_the_points_at_hand_and_keep_what_they_have_learnt():
    run = session(wiring="norm")
    before = state(run)
    read = opened("flow").read(run)
    assert state(run) == before
    again = session(wiring="norm")
    again.network.module.train()
    x, y = (each[:64] for each in (again.tensors["train"].x, again.tensors["train"].y))
    weight = again.network.linears()[0][1].weight
    (gradient,) = torch.autograd.grad(again.criterion(again.network.module(x), y), [weight])
    assert read["gradient"][0] == pytest.approx(gradient.square().mean().sqrt().item(), rel=1e-5)


def test_layers_inside_of_skips_and_frozen_ones_have_their_place():
    assert len(opened("flow").read(session(wiring="skip + norm"))["gradient"]) == 7
    frozen = Experiment(network=({"kind": "dense", "units": 3, "frozen": True},))
    assert opened("flow").read(Session(frozen))["gradient"][0] > 0, "what would move it, were it free"
