"""Layers that bring numbers to one scale, and then to a scale that is learnt."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from dlcore.layers.base import (
    IMAGE,
    SEQUENCE,
    Frozen,
    Layer,
    Shape,
    channels_first,
    channelwise,
    form,
    layers,
)
from dlcore.spec import LIVE, Call


@layers.add
class BatchNorm(Layer):
    r"""Bring each channel to mean 0 and variance 1 over the batch, then scale and shift it.

    (N, *) → (N, *), a channel being a number of a flat sample, a feature of a sequence, a map of an image.
    $h = \gamma \odot (x - \mu) / \sqrt{\sigma^2 + \epsilon} + \beta$; once trained, $\mu$ and $\sigma$ are
    running means.  Ioffe and Szegedy, 2015.
    """

    kind: Literal["batch_norm"] = "batch_norm"
    title = "Batch normalisation"
    family = "Normalisation"
    momentum: float = Field(
        0.1,
        ge=0.01,
        le=1,
        description="How much the running means take of each batch",
        json_schema_extra={**LIVE, "step": 0.01},
    )
    frozen: Frozen = False

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        norm = Call("dlcore.blocks.BatchNorm", channels_first(shape)[0], momentum=self.momentum)
        return channelwise(shape, norm)

    def n_parameters(self, shape: Shape) -> int:
        return 2 * channels_first(shape)[0]


@layers.add
class LayerNorm(Layer):
    r"""Bring all numbers of a sample, or of a step, to mean 0 and variance 1, then scale and shift each.

    (N, *) → (N, *), each step of a sequence (N, T, D) by itself.
    $h = \gamma \odot (x - \mu) / \sqrt{\sigma^2 + \epsilon} + \beta$.  Ba et al., 2016.
    """

    kind: Literal["layer_norm"] = "layer_norm"
    title = "Layer normalisation"
    family = "Normalisation"
    frozen: Frozen = False

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return (Call("torch.nn.LayerNorm", list(_together(shape))),)

    def n_parameters(self, shape: Shape) -> int:
        return 2 * math.prod(_together(shape))


@layers.add
class GroupNorm(Layer):
    r"""Bring each group of channels of a sample to mean 0 and variance 1, then scale and shift each channel.

    (N, C, H, W) → (N, C, H, W), and of a sequence its features, (N, T, D) → (N, T, D).
    $h = \gamma \odot (x - \mu_g) / \sqrt{\sigma_g^2 + \epsilon} + \beta$.  Wu and He, 2018.
    """

    kind: Literal["group_norm"] = "group_norm"
    title = "Group normalisation"
    family = "Normalisation"
    takes = (SEQUENCE, IMAGE)
    groups: int = Field(1, ge=1, le=64, description="Into how many groups the channels fall")
    frozen: Frozen = False

    def needs(self, shape: Shape) -> str:
        wrong = super().needs(shape)
        uneven = not wrong and channels_first(shape)[0] % self.groups
        return f"a number of channels that {self.groups} divides" if uneven else wrong

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        return channelwise(shape, Call("torch.nn.GroupNorm", self.groups, channels_first(shape)[0]))

    def n_parameters(self, shape: Shape) -> int:
        return 2 * channels_first(shape)[0]


def _together(shape: Shape) -> Shape:
    """What is normalised together: the features of a step, or the whole sample."""
    return shape[-1:] if form(shape) == SEQUENCE else shape
