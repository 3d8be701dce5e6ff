import itertools
import math

import numpy as np
import pytest
import torch
from scipy.optimize import linear_sum_assignment
from torch import nn
from torch.nn.utils import parametrize

from dlcore.adversaries import (
    Adversary,
    MinibatchDeviation,
    evenly_spread,
    fooled,
    gradient_penalty,
    seen_through,
    taken_in,
)

N = 12
RATE = 0.1


def softplus(z):
    return np.log1p(np.exp(z))


def sigma(z):
    return 1 / (1 + np.exp(-z))


def line():
    """A discriminator and a generator of one weight and one bias each, set by hand."""
    discriminator, generator = nn.Sequential(nn.Linear(1, 1)), nn.Sequential(nn.Linear(1, 1))
    with torch.no_grad():
        for module, weight, bias in ((discriminator, 0.7, -0.2), (generator, 1.5, 0.4)):
            module[0].weight.fill_(weight)
            module[0].bias.fill_(bias)
    return generator, discriminator


def adversary(discriminator, n_features=1, **settings):
    return Adversary(discriminator, (1, n_features), "SGD", {"lr": RATE}, **settings)


def reals():
    return torch.linspace(-1, 3, N)[:, None]


def test_a_round_is_that_of_goodfellow_by_hand():
    """Algorithm 1 for scores D(x) = σ(a x + b) and fakes G(z) = w z + c, its gradients written out."""
    generator, discriminator = line()
    game = adversary(discriminator, game="minimax")
    real = reals()
    torch.manual_seed(3)
    game.learn(generator, real, real)
    loss = fooled(generator, game, real, real)
    loss.backward()

    torch.manual_seed(3)
    z_first, z_second = torch.randn(N, 1).double().numpy(), torch.randn(N, 1).double().numpy()
    x, a, b, w, c = real.double().numpy(), 0.7, -0.2, 1.5, 0.4
    fake = w * z_first + c
    # descend −ln σ(x) − ln(1 − σ(fake)): its slope in a score is σ − 1 for a real sample, σ for a fake
    by_real, by_fake = sigma(a * x + b) - 1, sigma(a * fake + b)
    a, b = (
        a - RATE * ((by_real * x).mean() + (by_fake * fake).mean()),
        b - RATE * (by_real.mean() + by_fake.mean()),
    )
    assert discriminator[0].weight.item() == pytest.approx(a, abs=1e-6)
    assert discriminator[0].bias.item() == pytest.approx(b, abs=1e-6)
    score = a * (w * z_second + c) + b
    assert loss.item() == pytest.approx(np.log(1 - sigma(score)).mean(), abs=1e-6)
    assert generator[0].weight.grad.item() == pytest.approx((-sigma(score) * a * z_second).mean(), abs=1e-6)
    assert generator[0].bias.grad.item() == pytest.approx((-sigma(score) * a).mean(), abs=1e-6)


@pytest.mark.parametrize(
    ("game", "of_discriminator", "of_generator"),
    [
        ("minimax", lambda r, f: -np.log(sigma(r)) - np.log(1 - sigma(f)), lambda f: np.log(1 - sigma(f))),
        ("non-saturating", lambda r, f: softplus(-r) + softplus(f), lambda f: -np.log(sigma(f))),
        ("least squares", lambda r, f: ((r - 1) ** 2 + f**2) / 2, lambda f: (f - 1) ** 2 / 2),
        ("Wasserstein", lambda r, f: f - r, lambda f: -f),
    ],
)
def test_each_game_has_the_losses_of_its_paper(game, of_discriminator, of_generator):
    rng = np.random.default_rng(1)
    real, fake = rng.normal(size=(2, N, 1))
    scores = torch.from_numpy(real), torch.from_numpy(fake)
    assert seen_through(game, *scores).item() == pytest.approx(of_discriminator(real, fake).mean())
    assert taken_in(game, scores[1]).item() == pytest.approx(of_generator(fake).mean())


def test_the_penalty_of_a_plane_is_its_slope_less_one_squared():
    discriminator = nn.Linear(2, 1)
    with torch.no_grad():
        discriminator.weight.copy_(torch.tensor([[3.0, 4.0]]))
    found = gradient_penalty(discriminator, torch.randn(N, 2), torch.randn(N, 2))
    assert found.item() == pytest.approx((5 - 1) ** 2)


def test_the_penalty_looks_between_real_and_fake():
    seen = []

    class Square(nn.Module):
        def forward(self, x):
            seen.append(x.detach())
            return x.square().sum(1, keepdim=True) / 2  # its slope is the place itself

    real, fake = torch.full((N, 2), 3.0), torch.full((N, 2), 1.0)
    found = gradient_penalty(Square(), real, fake)
    (places,) = seen
    assert ((places > 1) & (places < 3)).all()
    assert torch.equal(places[:, 0], places[:, 1])
    assert found.item() == pytest.approx((places.norm(dim=1) - 1).square().mean().item())


def test_a_batch_is_seen_with_its_mean_deviation():
    x = torch.from_numpy(np.random.default_rng(2).normal(size=(N, 5))).float()
    seen = MinibatchDeviation()(x)
    assert torch.equal(seen[:, :5], x)
    assert seen[:, 5].numpy() == pytest.approx(x.numpy().std(0).mean(), rel=1e-5)


def test_when_shown_it_is_the_deviation_of_the_last_batch():
    module = MinibatchDeviation()
    wide = module(torch.tensor([[-3.0], [3.0]]))[0, 1].item()
    module.eval()
    assert module(torch.tensor([[1.0]]))[0, 1].item() == wide == pytest.approx(3.0)


def test_under_spectral_norm_no_layer_stretches():
    torch.manual_seed(1)
    discriminator = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 1))
    game = adversary(discriminator, 6, spectral=True)
    game.settings = {"lr": 0.0}  # each step looks once more for the direction that is stretched most
    generator = nn.Linear(1, 6)
    for _ in range(100):
        game.learn(generator, torch.zeros(N, 1), torch.randn(N, 6))
    game.eval()
    for layer in (discriminator[0], discriminator[2]):
        assert parametrize.is_parametrized(layer)
        assert np.linalg.svd(layer.weight.detach().numpy())[1][0] == pytest.approx(1, abs=1e-3)


def test_the_steps_of_a_round_share_the_batch():
    generator, discriminator = line()
    seen = []
    discriminator.register_forward_hook(lambda module, inputs, output: seen.append(len(inputs[0])))
    game = adversary(discriminator, steps=3)
    game.learn(generator, reals(), reals())
    fooled(generator, game, reals(), reals())
    assert seen == [4, 4] * 3 + [4]


def test_the_discriminator_waits_for_its_round():
    generator, discriminator = line()
    game = adversary(discriminator, every=3)
    weights = []
    for _ in range(7):
        game.learn(generator, reals(), reals())
        weights.append(discriminator[0].weight.item())
    changed = [True, *(a != b for a, b in itertools.pairwise(weights))]
    assert changed == [True, False, False, True, False, False, True]
    assert weights[0] != pytest.approx(0.7, abs=1e-9)


def test_who_rests_keeps_its_weights():
    generator, discriminator = line()
    optimizer = torch.optim.Adam(generator.parameters())
    for moves, resting, moving in (
        ("discriminator", generator, discriminator),
        ("generator", discriminator, generator),
    ):
        game = adversary(discriminator, moves=moves)
        before = resting[0].weight.item(), moving[0].weight.item()
        game.learn(generator, reals(), reals())
        optimizer.zero_grad()
        fooled(generator, game, reals(), reals()).backward()
        optimizer.step()
        assert resting[0].weight.item() == before[0]
        assert moving[0].weight.item() != before[1]


def test_the_distance_of_points_on_a_line_is_the_least_way_to_carry_them():
    """On a line of the plane the Wasserstein distance is an assignment's, seen under every angle."""
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=N), rng.normal(size=N) + 1
    ways = np.abs(a[:, None] - b)
    exact = ways[linear_sum_assignment(ways)].mean()
    along = torch.tensor([[math.cos(0.3), math.sin(0.3)]])
    game = adversary(nn.Linear(2, 1), 2)
    sliced = game(torch.from_numpy(a).float()[:, None] * along, torch.from_numpy(b).float()[:, None] * along)
    seen = (along @ evenly_spread(2)).abs().mean().item()
    assert sliced.item() == pytest.approx(exact * seen, rel=1e-5)


def test_moving_all_points_by_one_step_is_that_far():
    """The mean of |cos| over all directions is 2/π."""
    game = adversary(nn.Linear(2, 1), 2)
    real = torch.randn(200, 2)
    assert game(real + torch.tensor([0.6, 0.8]), real).item() == pytest.approx(2 / math.pi, rel=1e-3)
    assert game(real[torch.randperm(200)], real).item() == 0


def test_directions_have_length_one():
    for n_features in (2, 64):
        assert evenly_spread(n_features).norm(dim=0).numpy() == pytest.approx(1, abs=1e-6)


def test_noise_is_as_asked_for():
    torch.manual_seed(1)
    even = Adversary(nn.Linear(1, 1), (3, 1), "SGD", {"lr": RATE}, uniform=True).latent(500)
    normal = Adversary(nn.Linear(1, 1), (3, 1), "SGD", {"lr": RATE}).latent(500)
    assert even.shape == normal.shape == (500, 3)
    assert even.abs().max() <= 1 < normal.abs().max()
    assert normal.std().item() == pytest.approx(1, abs=0.1)
