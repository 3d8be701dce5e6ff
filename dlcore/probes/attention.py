"""Who looks at whom: the weights of an attention, and how one query comes by them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from dlcore.blocks import SelfAttention
from dlcore.experiment import Experiment
from dlcore.layers import Nest
from dlcore.layers.attention import Attending
from dlcore.layers.base import Layer
from dlcore.probes.base import Probe, add
from dlcore.probes.samples import after, chosen, parts
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.session import Session

MOST_STEPS = 64
"""Steps of a sequence that are shown: the first ones; all of them are computed with."""


class Looks(NamedTuple):
    """One attention on one sample, each head by itself: h heads, T steps, S numbers for each.

    ``query``, ``key`` and ``value`` are (h, T, S); ``product`` (h, T, T) is Q·K, ``scaled`` that over √S,
    −∞ where a mask hides the key, ``weight`` its softmax, and ``mixed`` (h, T, S) the values so weighed, 0 of
    a head that is switched off.
    """

    query: Tensor
    key: Tensor
    value: Tensor
    product: Tensor
    scaled: Tensor
    weight: Tensor
    mixed: Tensor


def looks(module: SelfAttention, x: Tensor) -> Looks:
    """Compute an attention by hand: x (1, T, D)."""
    query, key, value = (each[0] for each in module.projected(x))
    product = query @ key.transpose(1, 2)  # (h, T, T)
    scaled = product / math.sqrt(query.shape[-1])
    if module.causal:
        later = torch.ones(scaled.shape[1:], dtype=torch.bool).triu(1)
        scaled = scaled.masked_fill(later, -math.inf)
    weight = scaled.softmax(-1)
    return Looks(query, key, value, product, scaled, weight, (weight @ value) * module.speaking())


def attending(session: Session) -> list[tuple[int, SelfAttention]]:
    """The attentions of a network with the numbers of their layers; the first of each layer."""
    found = []
    for layer in range(len(session.network.ends)):
        inside = (each for part in parts(session, layer) for each in part.modules())
        found += [(layer, each) for each in inside if isinstance(each, SelfAttention)][:1]
    return found


def given(session: Session, layer: int, module: nn.Module, x: Tensor) -> Tensor:
    """What a module somewhere in a layer is given; to be called while looking."""
    caught: list[Tensor] = []
    handle = module.register_forward_pre_hook(lambda _, arguments: caught.append(arguments[0]))
    try:
        after(session, layer, x)
    finally:
        handle.remove()
    return caught[0]


@add
class Attention(Probe):
    """The attention of one layer for one test sample, or a string of one's own, and one query opened.

    ``weight`` (h, T, T) int8, ±127 standing for ±``scale`` (h,) float32: queries in rows, keys in columns, at
    most the first 64 steps.  Of ``query`` of ``head``, all float32: ``q`` (S,), ``k`` (T, S), ``v`` (T, S),
    ``product`` (T,) q·k, ``scaled`` (T,) that over √S, −∞ where the key is hidden, ``share`` (T,) its
    softmax, ``mixed`` (S,) the values so weighed.  ``layer`` (1,) int32, the layer in which it is.
    """

    kind = "attention"
    layer: int = 0
    sample: int = 0
    head: int = 0
    query: int = 0
    typed: int = 0

    def applies(self, experiment: Experiment) -> bool:
        return any(attends(layer) for layer in experiment.stack())

    def read(self, session: Session) -> Arrays:
        found = attending(session)
        layer, module = next((each for each in found if each[0] >= self.layer), found[-1])
        with looking(session.network.module):
            seen = looks(module, given(session, layer, module, chosen(session, self.sample, self.typed)))
        weight = seen.weight[:, :MOST_STEPS, :MOST_STEPS]
        scale = weight.flatten(1).amax(1).clamp(min=1e-12)
        head, query = min(self.head, len(weight) - 1), min(self.query, weight.shape[1] - 1)
        opened = {
            "q": seen.query[head, query],
            "k": seen.key[head, :MOST_STEPS],
            "v": seen.value[head, :MOST_STEPS],
            "product": seen.product[head, query, :MOST_STEPS],
            "scaled": seen.scaled[head, query, :MOST_STEPS],
            "share": seen.weight[head, query, :MOST_STEPS],
            "mixed": seen.mixed[head, query],
        }
        small = torch.nan_to_num(weight / scale[:, None, None] * 127).round().to(torch.int8)
        arrays = {name: values.numpy().astype(np.float32) for name, values in opened.items()}
        return arrays | {
            "weight": small.numpy(),
            "scale": torch.nan_to_num(scale).numpy().astype(np.float32),
            "layer": np.array([layer], np.int32),
        }


def attends(layer: Layer) -> bool:
    """Whether steps look at each other in a layer, or in one that it holds."""
    return any(isinstance(each, Attending) for each in held(layer))


def held(layer: Layer) -> Iterator[Layer]:
    """A layer and all that lie in it."""
    yield layer
    if isinstance(layer, Nest):
        for _, stack in layer.stacks():
            for each in stack:
                yield from held(each)
