"""The optimizer of a run: torch's own, without the profiler's labels."""

from __future__ import annotations

from collections.abc import Iterable
from types import MethodType

import torch
from torch import nn

from dlcore.optimizers import Optimizer


def build_optimizer(rule: Optimizer, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """Build a rule on parameters.

    torch puts a label for its profiler around every ``step`` and ``zero_grad``.  On the nets of a playground
    that is a tenth of a step; and since each label is an object that pybind11 enters into one table for the
    whole process, it makes a forked worker copy, page by page, most of the memory that table lies in.
    """
    optimizer: torch.optim.Optimizer = rule.call().build(parameters)
    labelled = type(optimizer).step
    if getattr(labelled, "hooked", False):
        optimizer.step = MethodType(labelled.__wrapped__, optimizer)  # type: ignore[attr-defined, method-assign]  # functools.wraps sets it

    moved = [parameter for group in optimizer.param_groups for parameter in group["params"]]

    def zero_grad() -> None:
        for parameter in moved:
            parameter.grad = None

    optimizer.zero_grad = zero_grad  # type: ignore[method-assign, assignment]  # of this one optimizer
    return optimizer


def retune(optimizer: torch.optim.Optimizer, rule: Optimizer) -> None:
    """Give an optimizer in mid-run the settings of its rule, and what it remembers the form they need."""
    for group in optimizer.param_groups:
        group.update(rule.hyperparameters())
    for parameter, state in optimizer.state.items():
        if isinstance(optimizer, torch.optim.RMSprop) and optimizer.param_groups[0]["momentum"]:
            # it makes its buffer with its first step only, and would miss one asked for later
            state.setdefault("momentum_buffer", torch.zeros_like(parameter))
        if isinstance(optimizer, torch.optim.LBFGS):
            # it lets one move go for each that comes, and so never gets shorter than it was
            for memory in (state.get(name, []) for name in ("old_dirs", "old_stps", "ro")):
                del memory[: -optimizer.param_groups[0]["history_size"]]
            state.pop("al", None)  # what it writes on has the length of the memory
