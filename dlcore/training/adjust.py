"""What is done around an update: schedules, clipping, penalties and decay."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dlcore.model import WEIGHTED
from dlcore.regularisation import Regularisation
from dlcore.schedules import Constant, Schedule
from dlcore.training.cuts import Cuts
from dlcore.training.loop import Adjustment, LossOf


def weights(network: nn.Module) -> list[Tensor]:
    """The weight matrices that training moves, those of recurrent cells among them: what regularisation
    pulls on.  Biases, embeddings and what normalises stay free."""
    weighted = [module for module in network.modules() if isinstance(module, (*WEIGHTED, nn.RNNBase))]
    return [
        weight
        for module in weighted
        for name, weight in module.named_parameters(recurse=False)
        if name.startswith("weight") and weight.requires_grad
    ]


def penalised(loss_of: LossOf, network: nn.Module, pull: Regularisation) -> LossOf:
    """Add λ₁ Σ|w| + λ₂/2 Σw² to the loss; without a penalty, the loss itself."""
    if pull.how != "penalty" or (pull.l1 == 0 and pull.l2 == 0):
        return loss_of
    pulled = weights(network)

    def with_penalty(network: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        loss = loss_of(network, x, y)
        for weight in pulled:
            if pull.l1:
                loss = loss + pull.l1 * weight.abs().sum()
            if pull.l2:
                loss = loss + pull.l2 / 2 * weight.square().sum()
        return loss

    return with_penalty


def before_update(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    schedule: Schedule | Cuts,
    rate: float,
    pull: Regularisation,
) -> tuple[Adjustment, ...]:
    """Set the scheduled rate, clip the gradient, decay the weights by ηλ₂; nothing that is not asked for."""
    chosen: list[Adjustment] = []
    if not isinstance(schedule, Constant):

        def set_rate(epoch: float) -> None:
            for group in optimizer.param_groups:
                group["lr"] = rate * schedule.at(epoch)

        chosen.append(set_rate)
    if pull.max_norm:
        parameters = list(network.parameters())
        chosen.append(lambda epoch: _clip(parameters, pull.max_norm))
    if pull.how == "decoupled decay" and pull.l2:
        pulled = weights(network)

        @torch.no_grad()
        def decay(epoch: float) -> None:
            for weight in pulled:
                weight.mul_(1 - optimizer.param_groups[0]["lr"] * pull.l2)

        chosen.append(decay)
    return tuple(chosen)


def after_update(
    network: nn.Module, optimizer: torch.optim.Optimizer, pull: Regularisation
) -> tuple[Adjustment, ...]:
    """Soft-threshold the weights by ηλ₁, past the optimizer."""
    if pull.how != "decoupled decay" or pull.l1 == 0:
        return ()
    pulled = weights(network)

    @torch.no_grad()
    def shrink(epoch: float) -> None:
        rate = optimizer.param_groups[0]["lr"]
        for weight in pulled:
            weight.copy_(nn.functional.softshrink(weight, rate * pull.l1))

    return (shrink,)


def _clip(parameters: list[nn.Parameter], max_norm: float) -> None:
    nn.utils.clip_grad_norm_(parameters, max_norm)
