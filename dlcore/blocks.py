"""The few modules torch does not have.  The exported script prints those it uses, source and all."""

from __future__ import annotations

import torch
from torch import nn


class Sine(nn.Module):
    """(*) → (*)."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return torch.sin(z)


class Step(nn.Module):
    """(*) → (*), 1 where the input is positive, else 0; the gradient is zero everywhere."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return (z > 0).to(z.dtype) + 0.0 * z


class BinaryHingeLoss(nn.Module):
    """The mean of max(0, 1 − y·z) over scores z (B, 1) and targets y (B, 1) of −1 and 1."""

    def forward(self, z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return (1 - y * z).clamp(min=0).mean()


class GaussianNoise(nn.Module):
    """(*) → (*), with noise of standard deviation ``std`` added while training."""

    def __init__(self, std: float) -> None:
        super().__init__()
        self.std = std

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.std * torch.randn_like(x) if self.training else x

    def extra_repr(self) -> str:
        return f"std={self.std}"


class TokenCrossEntropy(nn.Module):
    """The mean cross-entropy over logits (B, T, K) and classes (B, T), −100 where nothing is asked."""

    def __init__(self, weight: torch.Tensor | None = None, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.weight = weight
        self.label_smoothing = label_smoothing

    def forward(self, z: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(
            z.flatten(0, 1), y.flatten(), self.weight, label_smoothing=self.label_smoothing
        )


class Transpose(nn.Module):
    """(B, T, D) → (B, D, T)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.transpose(1, 2)
