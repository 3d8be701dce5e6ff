"""What the channels of a layer like most: pictures that are changed until a channel answers its strongest.

Erhan, Bengio, Courville and Vincent, 2009: follow the gradient of one unit's answer, not to the weights, but
to the input.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dlcore.layers import IMAGE
from dlcore.model import WEIGHTED
from dlcore.probes.samples import before, numbered, parts
from dlcore.record import Arrays
from dlcore.training.answering import given
from dlcore.training.look import looking
from dlcore.training.session import Session

MOST_STEPS = 20
"""Steps of one question: a page asks for the next ones with what it was answered."""
STEP = 0.1
"""How far the pixel that matters most moves in one step."""
LOW, HIGH = 0.0, 1.0
"""The range of a picture's numbers."""


def climb(session: Session, layer: int, x: NDArray[np.float32], first: int, n_steps: int) -> Arrays:
    """Change pictures x (N, C, H, W) so that the n-th of them moves channel ``first + n`` of a layer more.

    A channel is judged at the middle of its map, and before its activation: one that is silent would
    give no direction.  ``x`` (N, C, H, W) float32 after the steps, its numbers between 0 and 1; ``value``
    (N,) float32, the answer to it; ``field`` (4,) int32: the pixels, top, left, bottom, right, that any of
    them depends on.  Raises ``ValueError``, in words, for data that are no pictures.
    """
    if len(session.experiment.data.sample_shape) != IMAGE:
        raise ValueError("Only pictures can be changed bit by bit.  Choose data that are pictures.")
    layer = numbered(session, layer)
    with session.judged(), looking(session.network.module), torch.inference_mode(False):
        seen = given(session, np.clip(x, LOW, HIGH)).clone().requires_grad_()
        touched = torch.zeros(seen.shape[2:], dtype=torch.bool)
        for _ in range(min(max(n_steps, 1), MOST_STEPS)):
            (slope,) = torch.autograd.grad(_answers(session, layer, seen, first).sum(), seen)
            touched |= (slope != 0).any(1).any(0)
            with torch.no_grad():
                steepest = slope.abs().amax((1, 2, 3), keepdim=True).clamp(min=1e-12)
                seen += STEP * slope / steepest
                seen.clamp_(LOW, HIGH)
        value = _answers(session, layer, seen, first)
    return {
        "x": seen.detach().numpy(),
        "value": value.detach().numpy().astype(np.float32),
        "field": _bounds(touched),
    }


def _answers(session: Session, layer: int, x: Tensor, first: int) -> Tensor:
    """What channel ``first + n`` answers to picture n at the middle of its map: (N, C, H, W) → (N,)."""
    made = before(session, layer, x)
    for module in _weighing(parts(session, layer)):
        made = module(made)
    n = torch.arange(len(x))
    channel = (n + first).clamp(max=made.shape[1] - 1)
    while made.ndim > 2:
        made = made[..., made.shape[-1] // 2]
    return made[n, channel]


def _weighing(modules: list[nn.Module]) -> list[nn.Module]:
    """A layer's modules up to the one with its weights; all of them where none has any."""
    last = next((i for i, module in enumerate(modules) if isinstance(module, WEIGHTED)), len(modules) - 1)
    return modules[: last + 1]


def _bounds(touched: Tensor) -> NDArray[np.int32]:
    """The least rectangle around what is marked: (H, W) → top, left, bottom, right; all where nothing is."""
    if not touched.any():
        return np.array([0, 0, *touched.shape], np.int32)
    rows, columns = touched.any(1).nonzero().flatten(), touched.any(0).nonzero().flatten()
    edges = (int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
    return np.array(edges, np.int32)
