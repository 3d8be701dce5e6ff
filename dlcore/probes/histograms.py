"""How the numbers of a layer are spread, and how that changes while the network learns."""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dlcore.probes.base import Probe, add
from dlcore.probes.health import weights
from dlcore.probes.samples import SHARE, first, numbered
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.session import Session

BINS = 48
MOST_ROWS = 48
"""Moments that are remembered; when there are more, every second one is forgotten."""
MOST_NUMBERS = 20_000
"""Numbers of one layer that one histogram counts: of a larger layer every second, third …"""
PRODUCTS = 8_000_000
WHOSE = ("weights", "activations", "gradients")


class Spread(NamedTuple):
    """One histogram: the shares (BINS,) of the numbers between ``low`` and ``high`` in equal bins."""

    shares: NDArray[np.float32]
    low: float
    high: float


class Row(NamedTuple):
    """All histograms of one moment, by layer and by whose numbers they count."""

    step: int
    epoch: float
    spreads: dict[tuple[int, int], Spread]


_remembered: WeakKeyDictionary[nn.Module, list[Row]] = WeakKeyDictionary()
"""What was read before of each network.  Beside the session and no part of it: a checkpoint knows nothing of
it, and it goes with its network."""


@add
class Histograms(Probe):
    """Histograms of one layer over time, one row for each moment at which they were read, at most 48.

    Of the layer's weights with ``numbers`` 0, of what it answers to the first test samples (at most 64) with
    1, of the gradients of the last step with 2.  ``epoch`` (R,) float32; ``share`` (R, 48) float32, how much
    of the numbers each bin holds, the bins of row r being equal parts of ``low`` to ``high``, (R,) float32;
    nan bounds and no shares where there was nothing to count, as gradients before the first step.
    """

    kind = "histograms"
    every_s = 1.0
    layer: int = 0
    numbers: int = 0

    def read(self, session: Session) -> Arrays:
        rows = remembered(session)
        key = numbered(session, self.layer), min(self.numbers, len(WHOSE) - 1)
        none = Spread(np.zeros(BINS, np.float32), np.nan, np.nan)
        spreads = [row.spreads.get(key, none) for row in rows]
        return {
            "epoch": np.array([row.epoch for row in rows], np.float32),
            "share": np.stack([spread.shares for spread in spreads]),
            "low": np.array([spread.low for spread in spreads], np.float32),
            "high": np.array([spread.high for spread in spreads], np.float32),
        }


def remembered(session: Session) -> list[Row]:
    """The rows of a session's network, that of now among them; a run that went back forgets what came after.

    Rows lie about equally far apart: the last is replaced while it is nearer to the one before than all
    would be that are remembered.
    """
    module = session.network.module
    rows = [row for row in _remembered.get(module, []) if row.step < session.step]
    if len(rows) > 1 and (session.step - rows[-2].step) * MOST_ROWS < 2 * session.step:
        rows.pop()
    if len(rows) >= MOST_ROWS:
        rows = rows[::2]
    rows.append(_row(session))
    _remembered[module] = rows
    return rows


def _row(session: Session) -> Row:
    network, spreads = session.network, {}
    x = session.tensors[SHARE].x[: first(session, PRODUCTS, 4, 64)]
    with looking(network.module):
        for layer, made in enumerate(network.layer_outputs(x)):
            spreads[layer, 1] = spread([made])
    for layer in range(len(network.ends)):
        learnt = weights(session, layer)
        if learnt:
            spreads[layer, 0] = spread([each.detach() for each in learnt])
            gradients = [each.grad for each in learnt if each.grad is not None]
            if gradients:
                spreads[layer, 2] = spread(gradients)
    passed = session.seen / max(1, len(session.tensors["train"].x))
    return Row(session.step, session.epoch + passed, spreads)


def spread(each: list[Tensor]) -> Spread:
    """Count numbers in equal bins between the least and the largest; what is not finite is left out."""
    values = torch.cat([part.flatten()[:: max(1, -(-part.numel() // MOST_NUMBERS))] for part in each])
    values = values[values.isfinite()].float()
    if not len(values):
        return Spread(np.zeros(BINS, np.float32), np.nan, np.nan)
    low, high = values.min().item(), values.max().item()
    if high - low < 1e-12 * max(1.0, abs(low)):
        low, high = low - 0.5e-6, high + 0.5e-6
    counts = torch.histc(values, BINS, low, high)
    return Spread((counts / counts.sum()).numpy(), low, high)
