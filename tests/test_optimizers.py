import pytest
import torch
from torch import nn

from dlcore.optimizers import LBFGS, Lion, Muon, RAdam
from dlcore.training.optimizer import build_optimizer


def parameters():
    generator = torch.Generator().manual_seed(2)
    return [nn.Parameter(torch.randn(shape, generator=generator)) for shape in ((4, 3), (4,), (2, 3, 1, 1))]


def gradients(seed):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=generator) for shape in ((4, 3), (4,), (2, 3, 1, 1))]


def stepped(optimizer, weights, n_steps=5):
    for seed in range(n_steps):
        for weight, gradient in zip(weights, gradients(seed), strict=True):
            weight.grad = gradient.clone()
        optimizer.step()
    return weights


def test_lion_is_that_of_its_formula():
    rule = Lion(learning_rate=0.1, beta1=0.8, beta2=0.95, weight_decay=0.2)
    ours = parameters()
    stepped(build_optimizer(rule, ours), ours)
    for i, start in enumerate(parameters()):
        w, m = start.detach().double(), torch.zeros_like(start, dtype=torch.float64)
        for seed in range(5):
            g = gradients(seed)[i].double()
            w = (1 - 0.1 * 0.2) * w - 0.1 * torch.sign(0.8 * m + 0.2 * g)
            m = 0.95 * m + 0.05 * g
        torch.testing.assert_close(ours[i].detach().double(), w, atol=1e-6, rtol=0)


def test_lion_moves_every_weight_by_the_same_length():
    weights = parameters()
    before = [weight.detach().clone() for weight in weights]
    stepped(build_optimizer(Lion(learning_rate=0.03, weight_decay=0), weights), weights, 1)
    for weight, old in zip(weights, before, strict=True):
        torch.testing.assert_close((weight - old).abs(), torch.full_like(old, 0.03), atol=1e-6, rtol=0)


def test_muon_moves_matrices_as_torchs_own_does_and_all_else_as_adamw():
    rule = Muon(learning_rate=0.02, momentum=0.9, beta1=0.8, beta2=0.99, weight_decay=0.1)
    ours, theirs = parameters(), parameters()
    stepped(build_optimizer(rule, ours), ours)
    shared = {"lr": 0.02, "weight_decay": 0.1}
    muon = torch.optim.Muon(theirs[:1], momentum=0.9, adjust_lr_fn="match_rms_adamw", **shared)
    adamw = torch.optim.AdamW(theirs[1:], betas=(0.8, 0.99), fused=True, **shared)
    for seed in range(5):
        for weight, gradient in zip(theirs, gradients(seed), strict=True):
            weight.grad = gradient.clone()
        muon.step()
        adamw.step()
    for a, b in zip(ours, theirs, strict=True):
        assert torch.equal(a, b)


def test_a_step_of_muon_is_about_as_long_in_every_direction():
    weight = nn.Parameter(torch.zeros(6, 4))
    optimizer = build_optimizer(Muon(learning_rate=1.0, weight_decay=0), [weight])
    weight.grad = torch.randn(6, 4, generator=torch.Generator().manual_seed(1)) * torch.logspace(0, -1, 4)
    optimizer.step()
    lengths = torch.linalg.svdvals(weight.detach()) / (0.2 * 6**0.5)
    assert lengths.min() > 0.5  # the gradient's own differ by a factor of ten
    assert lengths.max() < 1.4


def test_radam_begins_as_plain_momentum():
    weight = nn.Parameter(torch.zeros(1))
    optimizer = build_optimizer(RAdam(learning_rate=0.1), [weight])
    weight.grad = torch.tensor([7.0])
    optimizer.step()
    assert weight.item() == pytest.approx(-0.1 * 7.0)  # Adam would have gone 0.1, whatever the gradient


def test_lbfgs_finds_the_lowest_point_of_a_narrow_valley():
    # Rosenbrock, 1960: at (1, 1), where plain descent crawls for tens of thousands of steps
    point = nn.Parameter(torch.tensor([-1.2, 1.0]))
    optimizer = build_optimizer(LBFGS(), [point])

    def look():
        optimizer.zero_grad()
        loss = (1 - point[0]) ** 2 + 100 * (point[1] - point[0] ** 2) ** 2
        loss.backward()
        return loss

    for _ in range(25):
        optimizer.step(look)
    torch.testing.assert_close(point.detach(), torch.ones(2), atol=1e-3, rtol=0)
