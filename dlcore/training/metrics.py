"""How good a network is: targets as a loss wants them, and the numbers people read."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from dlcore.data import Parts, Task
from dlcore.data.features import columns
from dlcore.experiment import Experiment
from dlcore.losses import Target


@dataclass(frozen=True)
class Tensors:
    """One share of the samples: x (N, *shape) inputs, y (N, …) targets as the loss wants them."""

    x: Tensor
    y: Tensor
    truth: Tensor
    """(N, *answer_shape): the class numbers or the values; (N, F) where the sample itself is asked for."""

    def first(self, n: int) -> Tensors:
        """The first n samples."""
        return Tensors(self.x[:n], self.y[:n], self.truth[:n])


def tensors(experiment: Experiment, part: Parts) -> Tensors:
    """Compute the inputs and targets of one share of the points."""
    truth = torch.from_numpy(np.ascontiguousarray(part.y))
    x = torch.from_numpy(columns(experiment.inputs, part.x) if experiment.data.planar else part.x)
    target = experiment.head().target
    if target is Target.INPUT:
        return Tensors(x, x.flatten(1), x.flatten(1))
    if target is Target.DISTRIBUTION:
        given = experiment.objective.given(len(x), experiment.seeds.init)
        return Tensors(torch.from_numpy(given), x.flatten(1), x.flatten(1))
    return Tensors(x, targets(target, truth, experiment.data.n_classes), truth)


def targets(target: Target, truth: Tensor, n_classes: int) -> Tensor:
    """Write class numbers or values as the loss wants them: (N,) → (N, 1), (N, K) or (N,).

    Several answers to a sample stay as they are: values (N, H), or the classes of tokens (N, T).
    """
    if target is Target.INDEX:
        return truth
    if target is Target.ONE_HOT:
        return nn.functional.one_hot(truth, n_classes).float()
    column = truth.float()[:, None].flatten(1)
    return 2 * column - 1 if target is Target.SIGN else column


def score(outputs: Tensor, truth: Tensor, task: Task) -> float:
    """Accuracy for classes, R² for regression: outputs (N, K) or (N, T, K), truth (N, *answer_shape).

    R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)²; for constant y it is 0, or 1 when every answer is right.  Tokens count
    where something is asked.  nan without points.
    """
    if len(truth) == 0:
        return float("nan")
    if task is Task.REGRESSION:
        left = (truth - decisions(outputs, task).reshape(truth.shape)).square().sum().item()
        spread = (truth - truth.mean()).square().sum().item()
        return 1 - left / spread if spread else float(left == 0)
    right = decisions(outputs, task) == truth
    return (right[truth >= 0] if task is Task.TOKENS else right).float().mean().item()


def explained(outputs: Tensor, truth: Tensor) -> float:
    """The share of the variance that answers account for, outputs and truth (N, F) of several values.

    1 − Σ(y − ŷ)² / Σ(y − ȳ)², ȳ being the mean of each value over the samples: what principal components are
    judged by, too.  nan without samples.
    """
    if len(truth) == 0:
        return float("nan")
    left = (truth - outputs).square().sum().item()
    spread = (truth - truth.mean(0)).square().sum().item()
    return 1 - left / spread if spread else float(left == 0)


def scores(outputs: Tensor, truth: Tensor, sizes: list[int], task: Task) -> list[float]:
    """The :func:`score` of each share: outputs and truth share after share."""
    if task in (Task.REGRESSION, Task.TOKENS):
        parts = zip(torch.split(outputs, sizes), torch.split(truth, sizes), strict=True)
        return [score(out, part, task) for out, part in parts]
    right = (decisions(outputs, task) == truth).tolist()
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    return [sum(right[end - n : end]) / n if n else math.nan for end, n in zip(ends, sizes, strict=True)]


def decisions(outputs: Tensor, task: Task) -> Tensor:
    """What the network answers: outputs (N, K) → the class (N,) int64, or the value (N,), or values (N, H).

    Of tokens the class at each step: (N, T, K) → (N, T).
    """
    if task is Task.REGRESSION:
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs
    return (outputs[:, 0] > 0).long() if task is Task.BINARY else outputs.argmax(-1)
