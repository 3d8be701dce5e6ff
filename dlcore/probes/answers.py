"""What the network answers to the test samples, and how sure it is: the ground of several probes."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from dlcore.data import Task
from dlcore.probes.samples import SHARE, first
from dlcore.training.look import looking
from dlcore.training.metrics import decisions
from dlcore.training.session import Session

PRODUCTS = 300_000_000
FEWEST, MOST = 200, 2000


class Answers(NamedTuple):
    """The answers to the first test samples, N of them; those of tokens at every step.

    ``truth`` and ``answer`` are (N, …) as the data has them; ``shares`` (N, …, K), what each class gets, is
    empty for regression.
    """

    truth: Tensor
    answer: Tensor
    shares: Tensor


def answers(session: Session) -> Answers:
    """Ask the network about the first test samples, fewer for a large one."""
    data, experiment = session.tensors[SHARE], session.experiment
    n = first(session, PRODUCTS, FEWEST, MOST)
    with looking(session.network.module):
        outputs = session.network.module(data.x[:n])
        shares = shares_of(session, outputs)
        return Answers(data.truth[:n], decisions(outputs, experiment.data.task), shares)


def shares_of(session: Session, outputs: Tensor) -> Tensor:
    """What each class gets of an output: (N, …, K) between 0 and 1; nothing for regression."""
    task = session.experiment.data.task
    if task is Task.REGRESSION:
        return torch.empty(len(outputs), 0)
    shown = torch.nan_to_num(session.experiment.loss.confidence(outputs, task))
    if task is Task.BINARY:
        second = (shown[:, 0] + 1) / 2
        return torch.stack([1 - second, second], 1).clamp(0, 1)
    return shown.clamp(0, 1)
