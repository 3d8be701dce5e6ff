"""Which samples a probe looks at, and how far it carries them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dlcore.data.typed import unnumbered
from dlcore.layers import IMAGE, SEQUENCE
from dlcore.training.session import Session

SHARE = "test"
"""The share of the data that samples are chosen from: what the network has not learnt from."""
MOST_PLACES = 64
"""Rows, and columns, of one map; a larger one is shown by every second, third … of its places."""
LINE = 16
"""Numbers in one line of a flat layer's map."""


def chosen(session: Session, sample: int, typed: int = 0) -> Tensor:
    """One test sample as the network is given it, the last where the number is past the end: (1, *shape).

    Instead the string of one's own that ``typed`` stands for; 0 stands for none.
    """
    x, data = session.tensors[SHARE].x, session.experiment.data
    if typed and data.vocabulary:
        return torch.from_numpy(unnumbered(data, typed))[None]
    at = min(sample, len(x) - 1)
    return x[at : at + 1]


def first(session: Session, products: int, fewest: int = 16, most: int = 512) -> int:
    """How many samples a probe may look at for about so many products, between ``fewest`` and ``most``."""
    return max(fewest, min(most, products // max(1, session.experiment.multiply_adds())))


def parts(session: Session, layer: int) -> list[nn.Module]:
    """The modules of one layer, in order."""
    ends = session.network.ends
    return list(session.network.module)[ends[layer - 1] if layer else 0 : ends[layer]]


def numbered(session: Session, layer: int) -> int:
    """A layer's number, that of the output layer where it is past the end."""
    return min(layer, len(session.network.ends) - 1)


def before(session: Session, layer: int, x: Tensor) -> Tensor:
    """What a layer is given: x (B, *input_shape) → (B, …).  To be called while looking."""
    end = session.network.ends[layer - 1] if layer else 0
    for module in list(session.network.module)[:end]:
        x = module(x)
    return x


def after(session: Session, layer: int, x: Tensor) -> Tensor:
    """What a layer gives: x (B, *input_shape) → (B, …).  To be called while looking."""
    x = before(session, layer, x)
    for module in parts(session, layer):
        x = module(x)
    return x


def inside(module: nn.Module) -> Iterator[nn.Module]:
    """A module and all those in it, in the order in which they were made."""
    yield from module.modules()


def as_maps(values: Tensor) -> Tensor:
    """Lay one sample's numbers out as pictures: an image (C, H, W) as it is, a sequence (T, D) as one map
    (1, D, T) with the steps from left to right, a row (F,) as one map in lines of 16, its end filled with
    nan.
    """
    if values.ndim == IMAGE:
        return values
    if values.ndim == SEQUENCE:
        return values.T[None]
    row = values.flatten()[: LINE * MOST_PLACES]
    if len(row) <= 2 * LINE:
        return row[None, None]
    filled = row.new_full((-(-len(row) // LINE) * LINE,), torch.nan)
    filled[: len(row)] = row
    return filled.reshape(1, -1, LINE)


def coarse(maps: Tensor, most: int = MOST_PLACES) -> Tensor:
    """Leave rows and columns out where there are more than ``most``: (…, H, W) → (…, H', W')."""
    rows, columns = (-(-n // most) for n in maps.shape[-2:])
    return maps[..., ::rows, ::columns]


def whole(maps: Tensor) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Write maps as whole numbers: (N, …) → (N, …) int8, ±127 being ± the scale, and the scale (N,).

    −128 stands where there is no number.
    """
    maps = maps.detach().float()
    known = torch.nan_to_num(maps, nan=0.0, posinf=1e30, neginf=-1e30)
    scale = known.abs().flatten(1).amax(1).clamp(min=1e-12)
    small = (known / scale.reshape(-1, *[1] * (maps.ndim - 1)) * 127).round()
    small[maps.isnan()] = -128
    return small.to(torch.int8).numpy(), scale.numpy().astype(np.float32)
