"""What the network answers to the test samples, and how sure it is: the ground of several probes."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from dlcore.probes.samples import SHARE, first
from dlcore.training.answering import shares_of
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
        return Answers(data.truth[:n], decisions(outputs, experiment.task), shares)
