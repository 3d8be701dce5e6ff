"""Every number of a small network for one sample: values, gradients, and their check by differences."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from dlcore.chain import opens, places
from dlcore.experiment import Experiment
from dlcore.probes.base import Probe, add
from dlcore.record import Arrays
from dlcore.training.session import Session

NUDGE = 1e-5
"""How far a number is moved to either side: the error, of the order of its square, stays below 1e-9."""


@add
class Chain(Probe):
    """One training sample through a small network and back, computed in float64.

    For the K places of :func:`dlcore.chain.places`: ``values`` (K,) float64; ``gradients`` (K,) float64, the
    derivative of the sample's loss by autograd, nan for slopes and what would be right; ``checks`` (K,)
    float64, the same by central differences, (L(v + h) − L(v − h)) / 2h, the rest of the network computed
    anew from v on.
    """

    kind = "chain"
    sample: int = 0

    def applies(self, experiment: Experiment) -> bool:
        return opens(experiment)

    def read(self, session: Session) -> Arrays:
        opened = _Opened(session, self.sample)
        found = opened.forwards_and_back()
        checks = opened.differences()
        table = np.full((3, len(found)), np.nan)
        for k, place in enumerate(places(session.experiment)):
            table[0, k], table[1, k] = found[place]
            table[2, k] = checks.get(place, np.nan)
        return {"values": table[0], "gradients": table[1], "checks": table[2]}


class _Opened:
    """A copy of the network in float64, layer by layer, and the loss of one sample."""

    def __init__(self, session: Session, sample: int) -> None:
        module = copy.deepcopy(session.network.module).double().eval()
        module.requires_grad_(True)
        module.zero_grad()
        data = session.tensors["train"]
        i = min(sample, len(data.x) - 1)
        self.x = data.x[i : i + 1].double()
        y = data.y[i : i + 1]
        self.y = y.double() if y.is_floating_point() else y
        self.criterion = copy.deepcopy(session.criterion).double()
        parts = list(module)
        starts = (0, *session.network.ends[:-1])
        self.layers: list[tuple[nn.Linear, nn.Sequential]] = []
        for start, end in zip(starts, session.network.ends, strict=True):
            linear = parts[start]
            assert isinstance(linear, nn.Linear)
            self.layers.append((linear, nn.Sequential(*parts[start + 1 : end])))

    def forwards_and_back(self) -> dict[str, tuple[float, float]]:
        """Value and gradient of every place."""
        found: dict[str, tuple[float, float]] = {}
        h = self.x.clone().requires_grad_()
        seen: list[tuple[str, Tensor]] = [("x.{}", h)]
        for layer, (linear, bend) in enumerate(self.layers):
            z = linear(h)
            seen += [(f"w.{layer}.{{}}.{{}}", linear.weight), (f"b.{layer}.{{}}", linear.bias)]
            seen.append((f"z.{layer}.{{}}", z))
            h = bend(z) if len(bend) else z
            if len(bend):
                (slope,) = torch.autograd.grad(h.sum(), z, retain_graph=True)
                seen.append((f"a.{layer}.{{}}", h))
                found |= {f"s.{layer}.{u}": (s, np.nan) for u, s in enumerate(slope[0].tolist())}
        loss = self.criterion(h, self.y)
        gradients = torch.autograd.grad(loss, [tensor for _, tensor in seen])
        for (name, tensor), gradient in zip(seen, gradients, strict=True):
            values = tensor.detach() if name.startswith("w") else tensor.detach().flatten()
            for at in np.ndindex(tuple(values.shape)):
                found[name.format(*at)] = values[at].item(), gradient.reshape(values.shape)[at].item()
        return found | {"y": (float(self.y.reshape(-1)[0]), np.nan), "L": (loss.item(), 1.0)}

    @torch.no_grad()
    def differences(self) -> dict[str, float]:
        """The gradient of every place from the loss a little to its either side."""
        found: dict[str, float] = {}
        h = self.x
        self._nudged(found, h, "x.{}", partial(self._loss_from, 0))
        for layer, (linear, bend) in enumerate(self.layers):
            for u in range(len(linear.weight)):
                self._weights(found, h, layer, u)
            z = linear(h)
            self._nudged(found, z, f"z.{layer}.{{}}", partial(self._loss_after, layer))
            self._nudged(found, z, f"b.{layer}.{{}}", partial(self._loss_after, layer))
            h = bend(z) if len(bend) else z
            if len(bend):
                self._nudged(found, h, f"a.{layer}.{{}}", partial(self._loss_from, layer + 1))
        return found | {"L": 1.0}

    def _weights(self, found: dict[str, float], h: Tensor, layer: int, u: int) -> None:
        """Move each weight into one unit: its sum is computed anew."""
        linear, _ = self.layers[layer]
        rows = _beside(linear.weight[u])  # (2 I, I)
        z = linear(h).repeat(len(rows), 1)
        z[:, u] = rows @ h[0] + linear.bias[u]
        self._differ(found, self._loss_after(layer, z), f"w.{layer}.{u}.{{}}")

    def _nudged(
        self, found: dict[str, float], at: Tensor, name: str, loss: Callable[[Tensor], Tensor]
    ) -> None:
        self._differ(found, loss(_beside(at[0])), name)

    @staticmethod
    def _differ(found: dict[str, float], losses: Tensor, name: str) -> None:
        above, below = losses.reshape(-1, 2).T
        for k, slope in enumerate(((above - below) / (2 * NUDGE)).tolist()):
            found[name.format(k)] = slope

    def _loss_after(self, layer: int, z: Tensor) -> Tensor:
        """The loss of each row of sums of a layer: (N, units) → (N,)."""
        return self._loss_from(layer + 1, self.layers[layer][1](z))

    def _loss_from(self, layer: int, h: Tensor) -> Tensor:
        """The loss of each row of inputs to a layer: (N, F) → (N,)."""
        for linear, bend in self.layers[layer:]:
            h = bend(linear(h))
        return torch.stack([self.criterion(row[None], self.y) for row in h])


def _beside(values: Tensor) -> Tensor:
    """Each number moved a little up, then down, the others as they are: (F,) → (2 F, F)."""
    moves = NUDGE * torch.eye(len(values), dtype=values.dtype)
    return torch.stack([values + moves, values - moves], 1).flatten(0, 1)
