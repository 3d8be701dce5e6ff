"""What the network answers to samples of one's own, as it stands."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dlcore.data import Series, Task
from dlcore.data.features import columns
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.session import Session

MOST = 64
"""Samples at a time."""
MOST_STEPS = 240
"""Steps that a series is gone on for."""
LIKELIEST = 10
"""Of the tokens that may stand at a step, so many are told."""
LARGEST = 1e6
"""What a network may be given: beyond it, numbers on the scale it learns on are a mistake."""


def answer(session: Session, x: NDArray[Any]) -> Arrays:
    """Ask the network about up to 64 samples x (N, *sample_shape), on the scale it learns on, points of the
    plane as they lie; the session stays as it is.

    Of classes: ``share`` (N, K) float32, what each gets.  Of tokens, for the ten likeliest at each step, the
    likeliest first: ``best`` (N, T, ≤ 10) int32 and ``share`` (N, T, ≤ 10) float32.  Of values: ``value``
    (N, H) float32.  Raises ``ValueError``, in words, for what the network cannot be given.
    """
    with session.judged(), looking(session.network.module):
        outputs = session.network.module(given(session, x))
        shares = shares_of(session, outputs)
    task = session.experiment.task
    if task is Task.REGRESSION:
        return {"value": outputs.reshape(len(x), -1).numpy().astype(np.float32)}
    if task is Task.TOKENS:
        found = shares.topk(min(LIKELIEST, shares.shape[-1]))
        return {
            "best": found.indices.numpy().astype(np.int32),
            "share": found.values.numpy().astype(np.float32),
        }
    return {"share": shares.numpy().astype(np.float32)}


def extend(session: Session, window: NDArray[Any], n_steps: int) -> Arrays:
    """Go on with a series: window (T, 1), on the scale the network learns on → ``value`` (n_steps,) float32.

    What the network answers is what it sees next, all of its answers at a time, for up to 240 steps.
    Raises ``ValueError``, in words, where there is no series or the window does not fit.
    """
    data = session.experiment.data
    if not isinstance(data, Series):
        raise ValueError(f"{data.heading()} is no series that could be gone on with.  Choose one that is.")
    n_steps = min(max(n_steps, 1), MOST_STEPS)
    seen = given(session, np.asarray(window)[None])  # (1, T, 1)
    answers: list[Tensor] = []
    with session.judged(), looking(session.network.module):
        for _ in range(-(-n_steps // data.horizon)):
            said = session.network.module(seen).reshape(-1)  # (H,)
            answers.append(said)
            seen = torch.cat([seen, said[None, :, None]], 1)[:, -data.window :]
    return {"value": torch.cat(answers)[:n_steps].numpy().astype(np.float32)}


def shares_of(session: Session, outputs: Tensor) -> Tensor:
    """What each class gets of an output: (N, …, K) between 0 and 1; nothing for regression."""
    task = session.experiment.task
    if task is Task.REGRESSION:
        return torch.empty(len(outputs), 0)
    shown = torch.nan_to_num(session.experiment.loss.confidence(outputs, task))
    if task is Task.BINARY:
        second = (shown[:, 0] + 1) / 2
        return torch.stack([1 - second, second], 1).clamp(0, 1)
    return shown.clamp(0, 1)


def given(session: Session, x: NDArray[Any]) -> Tensor:
    """Up to 64 samples x (N, *sample_shape) as the network takes them.  Raises ``ValueError``, in words."""
    data = session.experiment.data
    shape = " × ".join(map(str, data.sample_shape))
    if x.shape[1:] != data.sample_shape or not 1 <= len(x) <= MOST:
        given = " × ".join(map(str, x.shape))
        raise ValueError(f"{data.heading()} takes up to {MOST} samples of {shape}, and this is {given}.")
    if data.vocabulary:
        if x.dtype.kind not in "iu":
            raise ValueError(f"{data.heading()} takes whole numbers, one for each token.")
        if x.min() < 0 or x.max() >= len(data.vocabulary):
            raise ValueError(f"Tokens of {data.heading()} are numbers from 0 to {len(data.vocabulary) - 1}.")
        return torch.from_numpy(x.astype(np.int64))
    if x.dtype.kind not in "fiu" or not np.isfinite(x).all() or np.abs(x).max() > LARGEST:
        raise ValueError(f"{data.heading()} takes numbers between −{LARGEST:g} and {LARGEST:g}.")
    numbers = x.astype(np.float32)
    return torch.from_numpy(columns(session.experiment.inputs, numbers) if data.planar else numbers)
