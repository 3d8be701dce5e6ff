"""How far back a recurrent layer reaches: the gradient at every step, and what is still known there."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from dlcore.blocks import Recurrent as Block
from dlcore.data import Task
from dlcore.experiment import Experiment
from dlcore.probes.attention import given
from dlcore.probes.base import Probe, add
from dlcore.probes.recurrence import CELLS, MOST_STEPS, Recurrence, remembering, steps
from dlcore.probes.samples import SHARE, chosen
from dlcore.record import Arrays
from dlcore.training.answering import shares_of
from dlcore.training.look import looking
from dlcore.training.metrics import decisions
from dlcore.training.session import Session

MOST_SAMPLES = 48
"""Test samples that the means go over."""


@add
class ThroughTime(Probe):
    """Of the first 48 test samples, at every one of at most 128 steps t of a recurrent layer:

    ``state`` (T,) float32, the length of the loss's gradient with respect to the state h_t, a mean over the
    samples; of an LSTM ``memory`` (T,) float32, the same with respect to its memory c_t.  Where the layer
    passes on its last step, reads forwards only and answers with classes, ``known`` (T,) float32, the share
    of the samples that would be answered rightly if the sequence ended at t, and ``share`` (T, K) float32,
    what each class would then get of the one ``sample``.  ``cell`` (1,) int32, which of ``CELLS``;
    ``layer`` (1,) int32.  After Bengio, Simard and Frasconi, 1994.
    """

    kind = "through_time"
    every_s = 0.4
    layer: int = 0
    sample: int = 0

    def applies(self, experiment: Experiment) -> bool:
        return Recurrence().applies(experiment)

    def read(self, session: Session) -> Arrays:
        found = remembering(session)
        layer, block = next((each for each in found if each[0] >= self.layer), found[-1])
        cell = block.cell
        with looking(session.network.module, gradients=True):
            rows, loss = _carried(session, block)
            states = [row[-1] for row in rows]  # T times (B, H)
            memories = [row[-2] for row in rows] if isinstance(cell, nn.LSTM) else []
            # a mean shares one gradient out among the samples: each one's own is as many times larger
            gradients = torch.autograd.grad(loss * len(states[0]), [*states, *memories])
        lengths = np.array([each.norm(dim=-1).mean().item() for each in gradients], np.float32)
        n = len(states)
        arrays = {"state": lengths[:n]} | ({"memory": lengths[n:]} if memories else {})
        if block.last and not cell.bidirectional and block in list(session.network.module):
            arrays |= self._known(session, layer, block, torch.stack(states, 1).detach())
        arrays = {name: array[:MOST_STEPS] for name, array in arrays.items()}
        kind = next(i for i, each in enumerate(CELLS) if isinstance(cell, each))
        return arrays | {"cell": np.array([kind], np.int32), "layer": np.array([layer], np.int32)}

    def _known(self, session: Session, layer: int, block: Block, states: Tensor) -> Arrays:
        """What would be answered if the sequence ended at each step: states (B, T, H)."""
        task, modules = session.experiment.data.task, list(session.network.module)
        if task is Task.REGRESSION:
            return {}
        after = nn.Sequential(*modules[modules.index(block) + 1 :])
        truth = session.tensors[SHARE].truth[: len(states), None]
        with looking(session.network.module):
            x = given(session, layer, block, chosen(session, self.sample))
            mine = torch.stack([row[-1][0] for row in steps(block.cell, x)])  # (T, H)
            said = decisions(after(states.flatten(0, 1)), task).reshape(states.shape[:2])
            share = shares_of(session, after(mine))
        known = (said == truth).float().mean(0)
        return {"known": known.numpy(), "share": share.numpy().astype(np.float32)}


def _carried(session: Session, block: Block) -> tuple[list[tuple[Tensor, ...]], Tensor]:
    """What the cell of a block that reads forwards did with B samples, step by step, and their mean loss,
    computed from just these numbers; to be called while looking for gradients."""
    rows: list[tuple[Tensor, ...]] = []

    def by_hand(module: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> Tensor:
        (x,) = arguments  # (B, T, D)
        rows.extend(steps(block.cell, x))
        ways = [[row[-1] for row in rows]]
        if block.cell.bidirectional:
            ways.append([row[-1] for row in steps(block.cell, x, backwards=True)])
        if block.last:
            return torch.cat([way[end] for way, end in zip(ways, (-1, 0), strict=False)], -1)
        return torch.cat([torch.stack(way, 1) for way in ways], -1)

    handle = block.register_forward_hook(by_hand)
    try:
        data = session.tensors[SHARE].first(MOST_SAMPLES)
        loss: Tensor = session.criterion(session.network.module(data.x), data.y)
    finally:
        handle.remove()
    return rows, loss
