"""What a network is judged by: the first samples of each share, and how it does on them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from dlcore.data import Task
from dlcore.limits import n_judged
from dlcore.training.history import Evaluation
from dlcore.training.look import looking
from dlcore.training.metrics import Tensors, scores

AT_ONCE = 4_000_000
"""Products up to which a network is judged for every picture, and not at the end of an epoch only."""


class Judge:
    """The samples that judge a network: of a large one not all, which would take longer than an epoch."""

    def __init__(self, shares: Sequence[Tensors], products: int, task: Task) -> None:
        self._task = task
        self._parts = [share.first(n_judged(products)) for share in shares]
        self._x = torch.cat([part.x for part in self._parts])
        self._truth = torch.cat([part.truth for part in self._parts])
        self.quick = products * len(self._x) <= AT_ONCE
        """Whether it takes no longer than a few steps."""

    @property
    def known(self) -> Tensor:
        """Those of the training share: (N, *input_shape)."""
        return self._parts[0].x

    def evaluation(self, network: nn.Module, criterion: Callable[[Tensor, Tensor], Tensor]) -> Evaluation:
        """Losses and scores on every share, as the network stands; costs one forward pass."""
        sizes = [len(part.x) for part in self._parts]
        with looking(network):
            outputs = network(self._x)
            losses = [
                criterion(out, part.y).item() if len(out) else math.nan
                for part, out in zip(self._parts, outputs.split(sizes), strict=True)
            ]
            return Evaluation(*losses, *scores(outputs, self._truth, sizes, self._task))
