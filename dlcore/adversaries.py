"""The second player of an adversarial game.  The exported script prints it, source and all.

A generator makes fakes of noise z (B, Z); a discriminator scores samples (B, F) with one number each,
high for what it takes to be real.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


def seen_through(game: str, real: Tensor, fake: Tensor) -> Tensor:
    """The discriminator's loss, of scores (B, 1): the better it tells real from fake the smaller.

    Minimax and non-saturating: −ln σ(real) − ln(1 − σ(fake)) (Goodfellow et al., 2014); least squares with
    targets 1 and 0 (Mao et al., 2017); Wasserstein: fake − real (Arjovsky et al., 2017).
    """
    if game == "Wasserstein":
        return fake.mean() - real.mean()
    if game == "least squares":
        return (real - 1).square().mean() / 2 + fake.square().mean() / 2
    return nn.functional.softplus(-real).mean() + nn.functional.softplus(fake).mean()


def taken_in(game: str, fake: Tensor) -> Tensor:
    """The generator's loss, of its fakes' scores (B, 1): the more of them pass as real the smaller."""
    if game == "Wasserstein":
        return -fake.mean()
    if game == "least squares":
        return (fake - 1).square().mean() / 2
    if game == "minimax":
        return -nn.functional.softplus(fake).mean()  # ln(1 − σ): flat where every fake is seen through
    return nn.functional.softplus(-fake).mean()


def gradient_penalty(discriminator: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    """How far the slope of the scores is from 1, squared, at places between real and fake samples (B, F).

    Gulrajani et al., 2017.
    """
    share = torch.rand(len(real), 1)
    between = (share * real + (1 - share) * fake).requires_grad_()
    (slope,) = torch.autograd.grad(discriminator(between).sum(), between, create_graph=True)
    found: Tensor = (slope.norm(dim=1) - 1).square().mean()
    return found


class MinibatchDeviation(nn.Module):
    """(B, F) → (B, F + 1), with how much the batch varies: the mean deviation of its features.

    Karras et al., 2018.  When judged and shown it is that of the last batch.
    """

    last: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("last", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return torch.cat([x, self.last.expand(len(x), 1)], 1)
        deviation = (x.var(0, correction=0) + 1e-8).sqrt().mean()
        self.last.copy_(deviation.detach())
        return torch.cat([x, deviation.expand(len(x), 1)], 1)


class Adversary(nn.Module):
    """A discriminator with what trains it.

    Called, it says how far fakes are from real samples, both (N, F).
    """

    rounds: Tensor
    directions: Tensor

    def __init__(
        self,
        discriminator: nn.Module,
        sizes: tuple[int, int],
        optimizer: str,
        settings: dict[str, Any],
        game: str = "non-saturating",
        uniform: bool = False,
        penalty: float = 0.0,
        spectral: bool = False,
        steps: int = 1,
        every: int = 1,
        moves: str = "both",
    ) -> None:
        super().__init__()
        self.discriminator = discriminator
        for module in discriminator.modules():
            if spectral and isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d):
                spectral_norm(module)  # Miyato et al., 2018
        self.game = game
        self.n_latent = sizes[0]
        self.uniform = uniform
        self.penalty = penalty
        self.steps = steps
        self.every = every
        self.moves = moves
        self.optimizer = getattr(torch.optim, optimizer)(discriminator.parameters(), **settings)
        self.loss = math.nan
        self.register_buffer("rounds", torch.zeros((), dtype=torch.int64))
        self.register_buffer("directions", evenly_spread(sizes[1]), persistent=False)

    @property
    def settings(self) -> dict[str, Any]:
        """What the optimizer's rule is set to."""
        return dict(self.optimizer.param_groups[0])

    @settings.setter
    def settings(self, settings: dict[str, Any]) -> None:
        for group in self.optimizer.param_groups:
            group.update(settings)

    def latent(self, n: int) -> Tensor:
        """Noise for n fakes: (n, Z)."""
        return torch.rand(n, self.n_latent) * 2 - 1 if self.uniform else torch.randn(n, self.n_latent)

    def learn(self, generator: nn.Module, given: Tensor, real: Tensor) -> None:
        """Make the discriminator's k steps of a round, each with its share of the real samples (B, F)."""
        turn = int(self.rounds) % self.every
        self.rounds += 1
        if self.moves == "generator" or turn:
            return
        for part in real.chunk(self.steps):
            with torch.no_grad():
                fake = generator(self.latent(len(part)))
            loss = seen_through(self.game, self.discriminator(part), self.discriminator(fake))
            if self.penalty:
                loss = loss + self.penalty * gradient_penalty(self.discriminator, part, fake)
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch ships it without annotations
            self.optimizer.step()
            self.loss = loss.item()

    def forward(self, fake: Tensor, real: Tensor) -> Tensor:
        """The sliced Wasserstein distance of two sets of as many samples: (N, F), (N, F) → ()."""
        apart = (fake @ self.directions).sort(0).values - (real @ self.directions).sort(0).values
        return apart.abs().mean()

    def covered(self, fake: Tensor, real: Tensor) -> float:
        """The share of real samples that have a fake near by, both (N, F)."""
        return share_covered(fake, real)


def share_covered(fake: Tensor, real: Tensor, neighbours: int = 5, most: int = 300) -> float:
    """The share of real samples (N, F) with a fake nearer than their fifth nearest real neighbour.

    Of the first 300 of each.  Naeem et al., 2020; nan without samples.
    """
    fake, real = fake[:most], real[:most]
    if not len(real):
        return math.nan
    k = min(neighbours, len(real) - 1)  # the nearest is the sample itself
    reach = torch.cdist(real, real).kthvalue(k + 1).values
    return (torch.cdist(real, fake).min(1).values <= reach).float().mean().item()


def evenly_spread(n_features: int, n_directions: int = 32) -> Tensor:
    """Directions of length 1 to look along: (F, D); of the plane over half a turn, else drawn once."""
    if n_features == 2:
        angle = torch.arange(n_directions) * (math.pi / n_directions)
        return torch.stack([angle.cos(), angle.sin()])
    drawn = torch.randn(n_features, n_directions, generator=torch.Generator().manual_seed(1))
    found: Tensor = drawn / drawn.norm(dim=0)
    return found


def fooled(network: nn.Module, criterion: Adversary, x: Tensor, y: Tensor) -> Tensor:
    """The generator's loss on new fakes, as many as the discriminator has seen in one of its steps.

    Where the generator rests, its fakes are taken as they are, and no gradient reaches it.
    """
    fake = network(criterion.latent(math.ceil(len(y) / criterion.steps)))
    if criterion.moves == "discriminator":
        fake = fake.detach()
    return taken_in(criterion.game, criterion.discriminator(fake))
