"""The window of one channel and everything it is laid on, so that a page can slide it by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dlcore.layers import IMAGE
from dlcore.probes.samples import before, numbered, parts
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.session import Session

POOLS = {nn.MaxPool2d: 1, nn.AvgPool2d: 2}
SUM = 0


def window_of(session: Session, layer: int, channel: int, x: Tensor) -> Arrays:
    """How a channel of a layer comes about for one sample x (1, C, H, W), before its activation.

    ``inputs`` (I, H, W) float32, what the window lies on; ``moves`` (5,) int32: size, stride, padding and
    dilation, and what is made of the numbers: 0 their weighted sum, 1 the largest, 2 the mean.  Of a
    convolution ``kernel`` (I, k, k) and ``bias`` (1,) float32.  Raises ``ValueError``, in words, for a layer
    without a square window.
    """
    layer = numbered(session, layer)
    with session.judged(), looking(session.network.module):
        given = before(session, layer, x)[0]
        module = parts(session, layer)[0]
        if given.ndim == IMAGE and isinstance(module, nn.Conv2d) and module.groups == 1:
            channel = min(channel, module.out_channels - 1)
            bias = torch.zeros(1) if module.bias is None else module.bias[channel : channel + 1]
            numbers = {"kernel": module.weight[channel].numpy().copy(), "bias": bias.numpy().copy()}
            return {"inputs": given.numpy().copy(), "moves": _moves(module, SUM), **numbers}
        if given.ndim == IMAGE and type(module) in POOLS:
            channel = min(channel, len(given) - 1)
            moves = _moves(module, POOLS[type(module)])
            return {"inputs": given[channel : channel + 1].numpy().copy(), "moves": moves}
    raise ValueError("No window slides in this layer.  Choose a convolution or a pooling.")


def _moves(module: nn.Module, how: int) -> NDArray[np.int32]:
    def one(value: Any) -> int:
        return int(value[0] if isinstance(value, tuple) else value)

    names = ("kernel_size", "stride", "padding", "dilation")
    return np.array([*(one(getattr(module, name, 1)) for name in names), how], np.int32)
