"""The textbook loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from dlcore.training.augment import Augment
from dlcore.training.events import EpochEnd, StepEnd

LossOf = Callable[[nn.Module, Tensor, Tensor], Tensor]
"""The loss of a batch: of the network, x (B, *input_shape) and y (B, …)."""
Adjustment = Callable[[float], None]
"""Something done around an update, told how many epochs have passed, as a fraction."""


@dataclass(frozen=True)
class Plan:
    """What the loop needs to know besides the network, the loss and the optimizer."""

    batch_seed: int
    batch_size: int
    before_update: tuple[Adjustment, ...] = field(default=())
    after_update: tuple[Adjustment, ...] = field(default=())
    searches: bool = False
    """Whether a step of the optimizer looks at the loss of its batch several times."""
    augment: Augment | None = None
    learn: Callable[[nn.Module, Tensor, Tensor], None] | None = None
    """The step that a loss makes first that is itself learnt."""


def epoch_order(batch_seed: int, epoch: int, n_points: int) -> Tensor:
    """The order in which an epoch looks at the points: (N,) int64, a function of its arguments alone."""
    return torch.from_numpy(np.random.default_rng((batch_seed, epoch)).permutation(n_points))


def train(
    network: nn.Module,
    loss_of: LossOf,
    optimizer: torch.optim.Optimizer,
    x: Tensor,
    y: Tensor,
    plan: Plan,
    epoch: int = 0,
    seen: int = 0,
) -> Iterator[StepEnd | EpochEnd]:
    """Train for ever on x (N, F) and y (N, …), from point ``seen`` of epoch ``epoch`` on."""
    n_points = len(x)
    while True:
        order = epoch_order(plan.batch_seed, epoch, n_points)[seen:]
        batches = zip(
            torch.split(x[order], plan.batch_size), torch.split(y[order], plan.batch_size), strict=True
        )
        for batch_x, batch_y in batches:
            if plan.augment:
                batch_x, batch_y = plan.augment(batch_x, batch_y, epoch, seen)
            if plan.learn:
                plan.learn(network, batch_x, batch_y)
            if plan.searches:
                look = partial(_look, network, loss_of, optimizer, batch_x, batch_y)
                for adjust in plan.before_update:
                    adjust(epoch + seen / n_points)
                batch_loss = optimizer.step(look)
            else:
                loss = loss_of(network, batch_x, batch_y)
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]  # torch ships it without annotations
                for adjust in plan.before_update:
                    adjust(epoch + seen / n_points)
                optimizer.step()
                batch_loss = loss.item()
            for adjust in plan.after_update:
                adjust(epoch + seen / n_points)
            seen += len(batch_x)
            yield StepEnd(epoch, seen, batch_loss)
        epoch, seen = epoch + 1, 0
        yield EpochEnd(epoch)


def _look(
    network: nn.Module,
    loss_of: LossOf,
    optimizer: torch.optim.Optimizer,
    batch_x: Tensor,
    batch_y: Tensor,
) -> float:
    """The loss of a batch, whose gradient is left in the parameters: asked for several times in one step."""
    optimizer.zero_grad()
    loss = loss_of(network, batch_x, batch_y)
    loss.backward()  # type: ignore[no-untyped-call]  # torch ships it without annotations
    return loss.item()
