"""Generator and discriminator as they stand: fakes, the scores of all places, where fakes are driven."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dlcore.adversaries import Adversary, taken_in
from dlcore.data import PLANE
from dlcore.data.points import Clouds
from dlcore.experiment import Experiment
from dlcore.objectives import Adversarial
from dlcore.probes.base import Probe, add
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.session import Session

SIDE = 64
SHOWN, COUNTED = 400, 1000
"""How many fakes are drawn, and how many are made to be counted."""
ARROWS = 48
LINES, BEADS = 13, 40
"""Lines of the latent grid each way, and places along each."""
REACH = 3.0
"""A fake belongs to a cloud within so many of its standard deviations."""
SHARE = 0.25
"""A cloud is covered where it has this share of the fakes that are its due."""


def counted(fakes: NDArray[np.floating], clouds: Clouds) -> NDArray[np.int32]:
    """How many fakes (N, 2) lie in each cloud: (K,)."""
    apart = np.linalg.norm(fakes[:, None] - clouds.centres, axis=2)
    inside = apart.min(1) <= REACH * clouds.spread
    return np.bincount(apart.argmin(1)[inside], minlength=len(clouds.centres)).astype(np.int32)


def covered(counts: NDArray[np.int32], n_fakes: int) -> NDArray[np.bool_]:
    """Which clouds are covered by that many of ``n_fakes`` fakes: (K,)."""
    enough: NDArray[np.bool_] = counts >= SHARE * n_fakes / len(counts)
    return enough


@lru_cache(maxsize=4)
def noise(n: int, n_latent: int, uniform: bool) -> Tensor:
    """The noise of the fakes that are shown, the same for every picture: (n, Z)."""
    rng = np.random.default_rng(7)
    drawn = rng.uniform(-1, 1, (n, n_latent)) if uniform else rng.normal(size=(n, n_latent))
    return torch.from_numpy(drawn.astype(np.float32))


@lru_cache(maxsize=4)
def lattice(n_latent: int, uniform: bool) -> Tensor:
    """A grid over the first two latent numbers, line by line: (2 · LINES · BEADS, Z), the others 0.

    Over the whole square of uniform noise; of normal noise two standard deviations each way.
    """
    reach = 1.0 if uniform else 2.0
    along, across = np.linspace(-reach, reach, BEADS), np.linspace(-reach, reach, LINES)
    grid = np.zeros((2, LINES, BEADS, n_latent), np.float32)
    grid[0, :, :, 0] = along
    if n_latent > 1:
        grid[0, :, :, 1] = across[:, None]
        grid[1, :, :, 1] = along
        grid[1, :, :, 0] = across[:, None]
    return torch.from_numpy(grid.reshape(-1, n_latent))


@lru_cache(maxsize=1)
def places() -> Tensor:
    """The centres of the map's cells: (SIDE², 2), x₁ running fastest, both rising."""
    centres = ((np.arange(SIDE) + 0.5) / SIDE * 2 - 1) * PLANE
    return torch.from_numpy(np.stack([each.ravel() for each in np.meshgrid(centres, centres)], 1)).float()


def belief(game: str, score: Tensor, real: Tensor, fake: Tensor) -> Tensor:
    """Scores as pictures show them, −1 (fake) to 1 (real): (N, 1) → (N, 1).

    Of a logit what its chance says, of least squares 0 and 1 brought to −1 and 1.  A Wasserstein score has
    no zero of its own: the middle between real and fake samples is one, and their distance the scale.
    """
    if game == "least squares":
        return (2 * score - 1).clamp(-1, 1)
    if game != "Wasserstein":
        return (score / 2).tanh()
    high, low = real.mean(), fake.mean()
    return ((score - (high + low) / 2) / (score.std() + 1e-8)).tanh()


def pushes(critic: Adversary, fakes: Tensor) -> Tensor:
    """Where the generator's loss drives each fake: (N, F), downhill, as if it were alone in its batch."""
    training = critic.training
    critic.eval()
    try:
        free = fakes.detach().clone().requires_grad_()
        loss = taken_in(critic.game, critic.discriminator(free))
        (uphill,) = torch.autograd.grad(loss, free)
        return -uphill * len(fakes)
    finally:
        critic.train(training)


def score_map(critic: Adversary, real: Tensor, fake: Tensor) -> NDArray[np.float32]:
    """What the discriminator takes each place of the plane for: (SIDE, SIDE), row 0 the lowest x₂."""
    with looking(critic):
        scores = critic.discriminator(places())
        shown = belief(critic.game, scores, critic.discriminator(real), critic.discriminator(fake))
        score: NDArray[np.float32] = shown[:, 0].numpy().reshape(SIDE, SIDE).copy()
    return score


def bent(generator: nn.Module, n_latent: int, uniform: bool) -> NDArray[np.float32]:
    """The lines of the latent grid as the generator bends them: (1 or 2, LINES, BEADS, 2)."""
    with looking(generator):
        made: NDArray[np.float32] = generator(lattice(n_latent, uniform)).numpy().reshape(2, LINES, BEADS, 2)
    made = made.copy()
    return made if n_latent > 1 else made[:1, :1]


@add
class Rivals(Probe):
    """Fakes, always of the same noise: ``fake`` (N, F) float32, and how far they are, ``distance`` ().

    Of the plane also ``score`` (S, S), −1 (taken for fake) to 1 (for real), row 0 the lowest x₂; ``push``
    (A, 2), where the generator's loss drives the first A fakes; ``lines`` (1 or 2, L, B, 2), the latent grid
    as the generator bends it.  Of clouds ``count`` (K,) int32, the fakes in each of ``of`` () made, and
    ``covered`` (K,) uint8.
    """

    kind = "rivals"
    every_s = 0.05

    def applies(self, experiment: Experiment) -> bool:
        return isinstance(experiment.objective, Adversarial)

    def read(self, session: Session) -> Arrays:
        game, critic, generator = session.experiment.objective, session.criterion, session.network.module
        assert isinstance(game, Adversarial)
        data = session.experiment.data
        with looking(generator):
            fakes = generator(noise(COUNTED, game.latent, game.uniform))
        fakes = fakes.clone()  # what was made while looking cannot have a gradient
        real = session.tensors["train"].y[:COUNTED]
        arrays: Arrays = {"fake": fakes[:SHOWN].numpy()}
        if data.planar:
            arrays["score"] = score_map(critic, real, fakes)
            arrays["push"] = pushes(critic, fakes[:ARROWS]).numpy()
            arrays["lines"] = bent(generator, game.latent, game.uniform)
        else:
            arrays["fake"] = arrays["fake"][:ARROWS]
        if isinstance(data, Clouds):
            count = counted(fakes.numpy(), data)
            arrays["count"] = count
            arrays["covered"] = covered(count, COUNTED).astype(np.uint8)
        n = min(len(real), COUNTED)
        arrays["distance"] = np.array(critic(fakes[:n], real[:n]).item(), np.float32)
        return {name: array.astype(np.float32) if array.dtype == np.float64 else array
                for name, array in arrays.items()}  # fmt: skip


@add
class Rivalry(Probe):
    """Both losses so far: ``round`` (R,) int32, ``discriminator`` and ``generator`` (R,) float32."""

    kind = "rivalry"

    def applies(self, experiment: Experiment) -> bool:
        return isinstance(experiment.objective, Adversarial)

    def read(self, session: Session) -> Arrays:
        arrays: Arrays = session.criterion.diary.arrays()
        return arrays
