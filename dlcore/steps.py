"""The loss of one batch, as each objective has it.  The exported script prints those it uses.

x (B, *input_shape) is what the network is given of each sample and y (B, …) what it is asked for;
``criterion`` compares answers with y.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def error(network: nn.Module, criterion: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """How far the answers are from what was asked for."""
    found: Tensor = criterion(network(x), y)
    return found


def denoised(
    network: nn.Module, criterion: nn.Module, x: Tensor, y: Tensor, noise: float, mask: float
) -> Tensor:
    """How far the answers to damaged samples are from the whole ones (Vincent et al., 2008).

    As with dropout, the damage is done while training only.
    """
    given = damaged(x, noise, mask) if network.training else x
    found: Tensor = criterion(network(given), y)
    return found


def damaged(x: Tensor, noise: float, mask: float) -> Tensor:
    """Samples with normal noise on every number, and then a share of the numbers set to 0: (*) → (*)."""
    noisy = x + noise * torch.randn_like(x)
    return noisy * (torch.rand_like(x) >= mask)


def next_token(network: nn.Module, criterion: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """How surprising each token is after those before it: −ln p(x[t + 1] | x[0], …, x[t]), the mean over the
    batch (Bengio et al., 2003).

    x (B, T): 0 fills rows up, and 2, the end, comes after the last token.  y (B, T) says by −100 where
    nothing is asked.
    """
    after = torch.cat([x[:, 1:], torch.zeros_like(x[:, :1])], 1)
    after = torch.where(after == 0, 2, after)
    found: Tensor = criterion(network(x), after.masked_fill(y < 0, -100))
    return found


def variational(network: nn.Module, criterion: nn.Module, x: Tensor, y: Tensor, beta: float) -> Tensor:
    """The error and, times β, the divergence of the codes, for each of the F numbers of a sample y (B, F)."""
    reconstruction: Tensor = criterion(network(x), y)
    return reconstruction + beta * divergence(network) / y.shape[1]


def divergence(network: nn.Module) -> Tensor:
    """How far the codes just drawn are from a standard normal, in nats: the mean over the batch."""
    codes = [getattr(module, "divergence", None) for module in network.modules()]
    return torch.stack([each for each in codes if isinstance(each, Tensor)]).sum()
