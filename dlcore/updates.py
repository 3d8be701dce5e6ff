"""The optimizers torch does not have as they are needed.  The exported script prints those it uses."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn


class Lion(torch.optim.Optimizer):
    """Move every weight by the same length, against the sign of its mean gradient (Chen et al., 2023)."""

    def __init__(
        self, params: Iterable[nn.Parameter], lr: float, betas: tuple[float, float], weight_decay: float
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]  # nothing here looks at the loss again
        for group in self.param_groups:
            rate, (beta1, beta2) = group["lr"], group["betas"]
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                mean = state.setdefault("mean", torch.zeros_like(weight))
                weight.mul_(1 - rate * group["weight_decay"])
                weight.sub_(rate * mean.lerp(weight.grad, 1 - beta1).sign())
                mean.lerp_(weight.grad, 1 - beta2)


class Muon(torch.optim.Optimizer):
    """Muon for matrices, AdamW for biases and all else (Jordan et al., 2024).

    Muon's rate is scaled so that one rate suits both (Liu et al., 2025).
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float,
        momentum: float,
        betas: tuple[float, float],
        weight_decay: float,
    ) -> None:
        settings = {"lr": lr, "momentum": momentum, "betas": betas, "weight_decay": weight_decay}
        super().__init__(params, settings)
        all_of_them = [weight for group in self.param_groups for weight in group["params"]]
        matrices = [weight for weight in all_of_them if weight.ndim == 2]
        others = [weight for weight in all_of_them if weight.ndim != 2]
        self.rules: list[torch.optim.Optimizer] = []
        if matrices:
            self.rules.append(torch.optim.Muon(matrices, adjust_lr_fn="match_rms_adamw"))
        if others:
            self.rules.append(torch.optim.AdamW(others, fused=True))

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]  # nothing here looks at the loss again
        settings = {name: value for name, value in self.param_groups[0].items() if name != "params"}
        for rule in self.rules:
            rule.state = self.state  # one memory, so that it is saved and loaded as one
            for group in rule.param_groups:
                group.update((name, settings[name]) for name in settings.keys() & group.keys())
            rule.step()


@torch.no_grad()
def count_anew(network: nn.Module, x: torch.Tensor) -> None:
    """Compute what batch norm knows of its inputs anew, as the mean and variance over x (N, …)."""
    norms = [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    if not norms:
        return
    training = network.training
    network.eval()  # dropout silences nothing while we count
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.train()
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean, not a moving one
    network(x)
    network.train(training)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
