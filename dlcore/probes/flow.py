"""How the gradient changes on its way back through the weights, and the signal on its way there."""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import Tensor

from dlcore.model import WEIGHTED
from dlcore.probes.base import Probe, add
from dlcore.probes.health import NORMS
from dlcore.record import Arrays
from dlcore.training.session import Session

MOST_POINTS = 64


@add
class Flow(Probe):
    """One number for every matrix or window of weights, in the order in which they are built.

    Over the first 64 training points at most: ``gradient`` (L,) float32, the root mean square of the loss's
    gradient over the weights; ``signal`` (L,) float32, how much their sums differ from point to point: the
    root mean square over the units of their standard deviations.  Norms go by the mean and variance of these
    points, as they do while training; dropout silences none.
    """

    kind = "flow"

    def read(self, session: Session) -> Arrays:
        module = copy.deepcopy(session.network.module).eval()
        weighted = [part for part in module.modules() if isinstance(part, WEIGHTED)]
        for part in module.modules():
            if isinstance(part, NORMS):
                part.train()
        signals: list[float] = [0.0] * len(weighted)

        def keep(k: int, output: Tensor) -> None:
            signals[k] = output.detach().var(0, correction=0).mean().sqrt().item()

        for k, part in enumerate(weighted):
            part.weight.requires_grad_(True)
            part.register_forward_hook(lambda module, inputs, output, k=k: keep(k, output))
        data = session.tensors["train"].first(MOST_POINTS)
        loss = session.criterion(module(data.x), data.y)
        gradients = torch.autograd.grad(loss, [part.weight for part in weighted], allow_unused=True)
        sizes = [0.0 if each is None else each.square().mean().sqrt().item() for each in gradients]
        return {"gradient": np.array(sizes, np.float32), "signal": np.array(signals, np.float32)}
