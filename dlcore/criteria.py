"""The losses torch does not have.  The exported script prints those it uses, source and all.

Scores z are (B, K), or (B, T, K) with one class asked for at each step; a single score z (B, 1) stands for
the scores 0 and z of two classes.  Classes y are (B,) or (B, T), −100 where nothing is asked.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def asked(z: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Scores and classes where something is asked: (N, K) and (N,)."""
    if z.shape[-1] == 1:
        z = nn.functional.pad(z, (1, 0))
    z, y = z.flatten(0, -2), y.flatten()
    return z[y >= 0], y[y >= 0]


class SmoothedBinaryCrossEntropy(nn.Module):
    """The mean cross-entropy of scores z (B, 1) and targets y (B, 1) of 0 and 1, moved together."""

    def __init__(self, label_smoothing: float, pos_weight: Tensor | None = None) -> None:
        super().__init__()
        self.label_smoothing = label_smoothing
        self.pos_weight = pos_weight

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        y = (1 - self.label_smoothing) * y + self.label_smoothing / 2
        return nn.functional.binary_cross_entropy_with_logits(z, y, pos_weight=self.pos_weight)


class FocalLoss(nn.Module):
    """The mean of −(1 − p)^γ ln p, where p is the share given to the right class."""

    def __init__(self, gamma: float, weight: Tensor | None = None) -> None:
        super().__init__()
        self.gamma = gamma
        self.weight = weight

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        z, y = asked(z, y)
        surprise = nn.functional.cross_entropy(z, y, reduction="none")  # −ln p
        # at p = 1 a power below one has no derivative
        focal = (-torch.expm1(-surprise)).clamp(min=1e-12) ** self.gamma * surprise
        if self.weight is None:
            return focal.mean()
        weight = self.weight[y]
        return (weight * focal).sum() / weight.sum()


class SmoothedKLDivergence(nn.Module):
    """The mean of Σ q ln(q / p): q is 1 − ε for the right class, with ε shared among all; p the softmax."""

    def __init__(self, label_smoothing: float) -> None:
        super().__init__()
        self.label_smoothing = label_smoothing

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        z, y = asked(z, y)
        n_classes = z.shape[-1]
        right = nn.functional.one_hot(y, n_classes).to(z.dtype)
        q = (1 - self.label_smoothing) * right + self.label_smoothing / n_classes
        return nn.functional.kl_div(z.log_softmax(-1), q, reduction="batchmean")


class OneAgainstAll(nn.Module):
    """The mean binary cross-entropy of every class against all the others."""

    def __init__(self, pos_weight: Tensor | None = None) -> None:
        super().__init__()
        self.pos_weight = pos_weight

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        z, y = asked(z, y)
        right = nn.functional.one_hot(y, z.shape[-1]).to(z.dtype)
        return nn.functional.binary_cross_entropy_with_logits(z, right, pos_weight=self.pos_weight)


class CosineLoss(nn.Module):
    """The mean of 1 − cos(z, e): e is 1 for the right class, 0 for the others."""

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        z, y = asked(z, y)
        right = nn.functional.one_hot(y, z.shape[-1]).to(z.dtype)
        return 1 - nn.functional.cosine_similarity(z, right).mean()
