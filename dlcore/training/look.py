"""Looking at a network without leaving a trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def looking(module: nn.Module, gradients: bool = False) -> Iterator[None]:
    """Run forward passes in evaluation mode, and without gradients unless they are asked for; the mode is
    put back."""
    training = module.training
    module.eval()
    try:
        with torch.enable_grad() if gradients else torch.inference_mode():
            yield
    finally:
        module.train(training)
