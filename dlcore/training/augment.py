"""Augmentation between the batch and the network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from dlcore.data.augment import augment, chance
from dlcore.experiment import Experiment

Augment = Callable[[Tensor, Tensor, int, int], tuple[Tensor, Tensor]]
"""From a batch x (B, C, H, W) and its targets, of which epoch and from which sample on, to another."""


def augmenting(experiment: Experiment) -> Augment | None:
    """What an experiment does to its training batches; None where it leaves them be."""
    settings = experiment.augmentation
    if not settings.active:
        return None
    seed, n_classes = experiment.seeds.batches, experiment.data.n_classes
    arguments = settings.arguments()

    def alter(x: Tensor, y: Tensor, epoch: int, seen: int) -> tuple[Tensor, Tensor]:
        if settings.mix_up and not y.is_floating_point():
            y = nn.functional.one_hot(y, n_classes).float()
        images, targets = augment(chance(seed, epoch, seen), x.numpy(), y.numpy(), **arguments)
        return torch.from_numpy(np.ascontiguousarray(images)), torch.from_numpy(targets)

    return alter
