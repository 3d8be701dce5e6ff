"""The answers and the losses of many networks at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.nn.attention import SDPBackend, sdpa_kernel

from dlcore import criteria
from dlcore.blocks import SelfAttention

ONE_BY_ONE = (
    criteria.FocalLoss,
    criteria.SmoothedKLDivergence,
    criteria.OneAgainstAll,
    criteria.CosineLoss,
    nn.MultiMarginLoss,
)
"""Losses that pick out what is asked for, or that torch works out for one batch at a time."""


def answers_of(module: nn.Module, *, alike: bool = False) -> Callable[[dict[str, Tensor], Tensor], Tensor]:
    """A module for many networks: their weights, each (n, …), and a batch for each, (n, B, …) → (n, B, …).

    Where they are given the same samples, ``alike``, these are (B, …).
    """

    def answer(given: dict[str, Tensor], x: Tensor) -> Tensor:
        outputs: Tensor = functional_call(module, given, (x,))
        return outputs

    together: Callable[[dict[str, Tensor], Tensor], Tensor] = vmap(
        answer, in_dims=(0, None if alike else 0), randomness="error"
    )
    if not any(isinstance(part, SelfAttention) for part in module.modules()):
        return together

    def attending(given: dict[str, Tensor], x: Tensor) -> Tensor:
        with sdpa_kernel(SDPBackend.MATH):  # torch's quick one works out one network at a time
            return together(given, x)

    return attending


def losses_of(criterion: Any) -> Callable[[Tensor, Tensor], Tensor]:
    """A criterion for many networks: outputs (n, B, …) and targets (n, B, …) → the losses (n,)."""
    if isinstance(criterion, ONE_BY_ONE):
        return lambda outputs, y: torch.stack([criterion(*each) for each in zip(outputs, y, strict=True)])
    together: Callable[[Tensor, Tensor], Tensor] = vmap(criterion, randomness="error")
    return together
