"""What a network is judged by: the first samples of each share, and how it does on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from dlcore.experiment import Experiment
from dlcore.limits import n_judged
from dlcore.losses import Target
from dlcore.training.history import Evaluation
from dlcore.training.look import looking
from dlcore.training.loop import LossOf
from dlcore.training.metrics import Tensors, explained, scores

AT_ONCE = 4_000_000
"""Products up to which a network is judged for every picture, and not at the end of an epoch only."""


class Judge:
    """The samples that judge a network: of a large one not all, which would take longer than an epoch."""

    def __init__(self, shares: Sequence[Tensors], products: int, experiment: Experiment) -> None:
        self._task = experiment.task
        self._inside = experiment.objective.inside
        target = experiment.head().target
        self._itself = target is Target.INPUT
        self._alike = target is Target.DISTRIBUTION
        self._parts = [share.first(n_judged(products)) for share in shares]
        self._x = torch.cat([part.x for part in self._parts])
        self._truth = torch.cat([part.truth for part in self._parts])
        self.quick = products * len(self._x) <= AT_ONCE
        """Whether it takes no longer than a few steps."""

    @property
    def known(self) -> Tensor:
        """Those of the training share: (N, *input_shape)."""
        return self._parts[0].x

    def evaluation(self, network: nn.Module, criterion: Any, loss_of: LossOf) -> Evaluation:
        """Losses and scores on every share, as the network stands; costs one forward pass.

        Where the loss looks at more than the answers it is ``loss_of``, and costs one more.
        """
        sizes = [len(part.x) for part in self._parts]
        with looking(network):
            outputs = network(self._x)
            answers = list(zip(self._parts, outputs.split(sizes), strict=True))
            losses = [
                (loss_of(network, part.x, part.y) if self._inside else criterion(out, part.y)).item()
                if len(out)
                else math.nan
                for part, out in answers
            ]
            if self._alike:
                return Evaluation(*losses, *(criterion.covered(out, part.y) for part, out in answers))
            if self._itself:
                return Evaluation(*losses, *(explained(out, part.y) for part, out in answers))
            return Evaluation(*losses, *scores(outputs, self._truth, sizes, self._task))
