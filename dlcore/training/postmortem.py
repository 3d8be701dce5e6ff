"""After a run has broken down: which number was the first that is none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn

from dlcore.record import Record
from dlcore.training.loop import epoch_order

if TYPE_CHECKING:
    from dlcore.training.session import Session

WHAT = ("activation", "loss", "gradient", "weight")
"""In the order in which one step computes them."""


class Fault(NamedTuple):
    """The first number of a run that was not finite."""

    what: str
    """One of ``WHAT``."""
    layer: int
    """As the experiment counts them, the output layer last; for a loss, the output layer."""
    step: int
    epoch: int
    """Of that step, counted from 1."""
    largest: float
    """The largest size of a weight of that layer before that step."""


def first_fault(record: Record, last_step: int, kind: type[Session]) -> Fault | None:
    """Repeat a run from a checkpoint, step by step, up to ``last_step``; the first fault on the way.

    A repetition is equal to the last bit, so it breaks down where the run did.
    """
    session = kind.restored(record)
    while session.step < last_step and not session.failure:
        before, random = _weights(session), session.random_state()
        epoch, seen = session.epoch, session.seen
        session.advance(1)
        if session.failure or not _all_finite([*_weights(session), *_gradients(session)]):
            return _in_step(session, before, random, epoch, seen)
    return None


def _in_step(session: Session, before: list[Tensor], random: Tensor, epoch: int, seen: int) -> Fault:
    """Find the fault in the step just made from weights ``before``: forwards, loss, backwards, update."""
    learning = _learning(session)
    after, gradients = _weights(session), _gradients(session)
    parameters = list(session.network.module.parameters())
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        for parameter, old in zip(parameters, before, strict=True):
            parameter.copy_(old)
        torch.set_rng_state(random)
        layer = _forward_fault(session, epoch, seen)
    largest = {number: _largest(learnt) for number, learnt in learning.items()}
    of_parameter = {id(p): number for number, learnt in learning.items() for p in learnt}
    numbers = [of_parameter[id(parameter)] for parameter in parameters]
    what = "activation"
    if layer is None and session.failure:
        what, layer = "loss", numbers[-1]
    if layer is None:  # the gradient runs from the output back
        broken = [n for n, each in zip(numbers, gradients, strict=True) if not _all_finite([each])]
        what, layer = "gradient", max(broken, default=None)
    if layer is None:
        broken = [n for n, each in zip(numbers, after, strict=True) if not _all_finite([each])]
        what, layer = "weight", min(broken, default=numbers[-1])
    return Fault(what, layer, session.step, epoch + 1, largest.get(layer, 0.0))


def _forward_fault(session: Session, epoch: int, seen: int) -> int | None:
    data = session.tensors["train"]
    e = session.experiment
    batch = epoch_order(e.seeds.batches, epoch, len(data.x))[seen : seen + e.batch_size]
    x = data.x[batch]  # (B, F)
    for i, module in enumerate(session.network.module):
        x = module(x)
        if not _all_finite([x]):
            return next(layer for layer, end in enumerate(session.network.ends) if i < end)
    return None


def _learning(session: Session) -> dict[int, list[nn.Parameter]]:
    """What each layer learns, biases included; layers that learn nothing are left out."""
    modules, found, start = list(session.network.module), {}, 0
    for layer, end in enumerate(session.network.ends):
        learnt = [parameter for module in modules[start:end] for parameter in module.parameters()]
        if learnt:
            found[layer] = learnt
        start = end
    return found


def _largest(learnt: list[nn.Parameter]) -> float:
    """The largest size of a weight; biases count only where there is nothing else."""
    matrices = [parameter for parameter in learnt if parameter.ndim > 1]
    return max(parameter.detach().abs().max().item() for parameter in matrices or learnt)


def _weights(session: Session) -> list[Tensor]:
    return [parameter.detach().clone() for parameter in session.network.module.parameters()]


def _gradients(session: Session) -> list[Tensor]:
    return [
        torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        for parameter in session.network.module.parameters()
    ]


def _all_finite(tensors: Iterable[Tensor]) -> bool:
    return all(bool(each.isfinite().all()) for each in tensors)
