import pytest
import torch
from torch import nn

from dlcore.optimizers import optimizers
from dlcore.training.optimizer import build_optimizer


def trained(optimizer, network, x, y, n_steps=20):
    def look():
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(network(x), y)
        loss.backward()
        return loss

    for _ in range(n_steps):
        if isinstance(optimizer, torch.optim.LBFGS):
            optimizer.step(look)
        else:
            look()
            optimizer.step()
    return network


def a_network():
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 1))


@pytest.mark.parametrize("rule", list(optimizers), ids=lambda rule: rule.kind_name())
def test_it_moves_weights_as_torchs_own_does(rule):
    rule = rule()
    x, y = torch.randn(10, 2, generator=torch.Generator().manual_seed(1)), torch.ones(10, 1)
    ours, theirs = a_network(), a_network()
    trained(build_optimizer(rule, ours.parameters()), ours, x, y)
    trained(rule.call().build(theirs.parameters()), theirs, x, y)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a, b)


def test_the_profiler_finds_no_label_of_its_own():
    network = a_network()
    optimizer = build_optimizer(optimizers["adam"](), network.parameters())
    with torch.autograd.profiler.profile() as profile:
        trained(optimizer, network, torch.ones(4, 2), torch.ones(4, 1), n_steps=2)
    assert not [event.name for event in profile.function_events if event.name.startswith("Optimizer.")]


def test_gradients_are_gone_after_zero_grad():
    network = a_network()
    optimizer = build_optimizer(optimizers["sgd"](), network.parameters())
    network(torch.ones(4, 2)).sum().backward()
    optimizer.zero_grad()
    assert all(parameter.grad is None for parameter in network.parameters())
