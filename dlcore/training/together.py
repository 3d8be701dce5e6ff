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

Given = dict[str, Tensor]
"""The weights of many networks by their names in one of them, each (n, …)."""
ONE_BY_ONE = (
    criteria.FocalLoss,
    criteria.SmoothedKLDivergence,
    criteria.OneAgainstAll,
    criteria.CosineLoss,
    nn.MultiMarginLoss,
)
"""Losses that pick out what is asked for, or that torch works out for one batch at a time."""


def answers_of(module: nn.Module, *, alike: bool = False) -> Callable[[Given, Tensor], Tensor]:
    """A module for many networks: their weights and a batch for each, (n, B, …) → (n, B, …).

    Where they are given the same samples, ``alike``, these are (B, …).
    """

    def answer(given: Given, x: Tensor) -> Tensor:
        outputs: Tensor = functional_call(module, given, (x,), tie_weights=False)
        return outputs

    return _attending(module, vmap(answer, in_dims=(0, None if alike else 0), randomness="error"))


def losses_of(criterion: Any) -> Callable[[Tensor, Tensor], Tensor]:
    """A criterion for many networks: outputs (n, B, …) and targets (n, B, …) → the losses (n,)."""
    if isinstance(criterion, ONE_BY_ONE):
        return lambda outputs, y: torch.stack([criterion(*each) for each in zip(outputs, y, strict=True)])
    together: Callable[[Tensor, Tensor], Tensor] = vmap(criterion, randomness="error")
    return together


def training_losses_of(module: nn.Module, criterion: Any) -> Callable[[Given, Tensor, Tensor], Tensor]:
    """Both in one: weights, a batch x (n, B, …) and its targets y (n, B, …) → the losses (n,).

    One vmap costs a step of small networks a quarter less than two.
    """
    if isinstance(criterion, ONE_BY_ONE):
        answer, compare = answers_of(module), losses_of(criterion)
        return lambda given, x, y: compare(answer(given, x), y)

    def loss(given: Given, x: Tensor, y: Tensor) -> Tensor:
        found: Tensor = criterion(functional_call(module, given, (x,), tie_weights=False), y)
        return found

    return _attending(module, vmap(loss, randomness="error"))


def _attending(module: nn.Module, together: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The function, with an attention that can be worked out for many networks at once."""
    if not any(isinstance(part, SelfAttention) for part in module.modules()):
        return together

    def attending(*given: Any) -> Tensor:
        with sdpa_kernel(SDPBackend.MATH):  # torch's quick one takes one network at a time
            return together(*given)

    return attending
