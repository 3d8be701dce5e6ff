"""What a layer makes of one sample, with the windows of weights that make it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from dlcore.probes.base import Probe, add
from dlcore.probes.samples import (
    SHARE,
    after,
    as_maps,
    before,
    chosen,
    coarse,
    first,
    numbered,
    parts,
    whole,
)
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.session import Session

MOST_CHANNELS = 64
MOST_KERNELS = 4
"""Windows beside one map; the opened channel has up to 64."""
MOST_STRONGEST = 6
STRONGEST_PRODUCTS = 50_000_000

Window = nn.Conv1d | nn.Conv2d | nn.ConvTranspose2d


@add
class Features(Probe):
    """What one layer makes of one test sample: a map for each channel, at most 64 × 64 places of 64 channels.

    ``maps`` (C, H, W) int8, ±127 standing for ±``scale`` (C,) float32; −128 for none; of a sequence one
    map, features down and steps across; of a flat layer lines of 16.  ``shape`` (…) int32 is the layer's own.

    Of a convolution ``filters`` (C, J, h, w) int8 with ``filter_scale`` (C,) float32, the windows over the
    first J ≤ 4 inputs of each channel; and of the opened ``channel`` all of them (at most 64): ``kernel``
    (I, h, w) float32, ``bias`` (1,) float32, and the maps it is laid on, ``inputs`` (I, H, W) int8 with
    ``input_scale`` (I,) float32.
    """

    kind = "features"
    layer: int = 0
    sample: int = 0
    channel: int = 0

    def read(self, session: Session) -> Arrays:
        layer, x = numbered(session, self.layer), chosen(session, self.sample)
        with looking(session.network.module):
            given = before(session, layer, x)
            made = given
            for module in parts(session, layer):
                made = module(made)
            maps, scale = whole(coarse(as_maps(made[0])[:MOST_CHANNELS]))
            arrays: Arrays = {"maps": maps, "scale": scale, "shape": np.array(made.shape[1:], np.int32)}
            window = next((part for part in parts(session, layer) if isinstance(part, Window)), None)
            return arrays if window is None else {**arrays, **_windows(window, given[0], self.channel)}


def kernels(window: Window) -> Tensor:
    """A convolution's weights: (C, I, h, w), I being the inputs of one channel's own group."""
    weight = window.weight.detach()
    if isinstance(window, nn.ConvTranspose2d):
        weight = weight.transpose(0, 1)
    return weight[:, :, None] if weight.ndim == 3 else weight


def _windows(window: Window, given: Tensor, channel: int) -> Arrays:
    weight = kernels(window)
    n_channels, n_inputs = weight.shape[:2]
    filters, scale = whole(weight[:MOST_CHANNELS, :MOST_KERNELS])
    channel = min(channel, n_channels - 1, MOST_CHANNELS - 1)
    start = channel // (n_channels // window.groups) * n_inputs
    seen = given[None] if isinstance(window, nn.Conv1d) else given
    if isinstance(window, nn.Conv1d):
        # a sequence has its features last, and a window over it has them as its channels
        seen = (given.T if given.shape[0] != window.in_channels else given)[:, None]
    inputs, input_scale = whole(coarse(seen[start : start + min(n_inputs, MOST_CHANNELS)]))
    bias = torch.zeros(n_channels) if window.bias is None else window.bias.detach()
    return {
        "filters": filters,
        "filter_scale": scale,
        "kernel": weight[channel, :MOST_CHANNELS].numpy().astype(np.float32),
        "bias": bias[channel : channel + 1].numpy().astype(np.float32),
        "inputs": inputs,
        "input_scale": input_scale,
    }


@add
class Strongest(Probe):
    """Which test samples move each channel of a layer most, of at most 512; once every three seconds.

    ``sample`` (C, K) int32, the strongest first; ``value`` (C, K) float32, the channel's largest answer to
    it; ``place`` (C, K) float32, where in the map that is: row and column as shares of its sides, (C, K, 2).
    """

    kind = "strongest"
    every_s = 3.0
    layer: int = 0

    def read(self, session: Session) -> Arrays:
        layer = numbered(session, self.layer)
        n = first(session, STRONGEST_PRODUCTS)
        x = session.tensors[SHARE].x[:n]
        with looking(session.network.module):
            made = after(session, layer, x)  # (N, C, H, W), (N, T, D) or (N, F)
            if made.ndim == 3:
                made = made.transpose(1, 2)
            values = made.reshape(len(made), made.shape[1], -1)[:, :MOST_CHANNELS]
            largest, where = torch.nan_to_num(values).max(2)  # (N, C)
            best = largest.topk(min(MOST_STRONGEST, len(made)), dim=0)
            at = where.gather(0, best.indices).T  # (C, K)
        rows, columns = made.shape[2:] if made.ndim == 4 else (1, int(np.prod(made.shape[2:])))
        place = torch.stack([(at // columns + 0.5) / rows, (at % columns + 0.5) / columns], 2)
        return {
            "sample": best.indices.T.numpy().astype(np.int32),
            "value": best.values.T.numpy().astype(np.float32),
            "place": place.numpy().astype(np.float32),
        }
