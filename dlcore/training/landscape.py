"""The loss of a network as a surface over its weights: heights, descents, curvature.

All of it on a copy, so that the run is left as it is.  The loss is the criterion's on the training points,
the first 1000 of them, with dropout off and without penalties on the weights.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dlcore.objectives.base import PLAIN
from dlcore.optimizers import Optimizer
from dlcore.record import Arrays, Record
from dlcore.training import optimizer_state
from dlcore.training.events import StepEnd
from dlcore.training.loop import Plan, train
from dlcore.training.optimizer import build_optimizer
from dlcore.training.session import Session

MOST_WEIGHTS = 200_000
"""Weights of a network that a landscape is offered of."""
MOST_POINTS = 1000
CLOSE = 0.003
"""How far, of an eigenvalue's size, its vector may be from being one; the eigenvalue is off by its square."""

MOST_PRODUCTS = 2000

Floats = NDArray[np.float32]


class Landscape:
    """The loss of a session's network as a function of all its weights in one row (P,)."""

    def __init__(self, session: Session) -> None:
        if session.experiment.n_parameters() > MOST_WEIGHTS:
            raise ValueError(
                f"This network has more than {MOST_WEIGHTS:,} weights.  Take layers away to see its surface."
            )
        objective = session.experiment.objective
        if objective.learns or objective.step() != PLAIN:
            raise ValueError(
                f"{objective.heading()} has chance, or a second network, in its loss: it is "
                "no surface that stands still.  Take a network that learns answers."
            )
        self.session = session
        self.module = copy.deepcopy(session.network.module)
        parameters = list(self.module.parameters())
        self.flat = torch.cat([parameter.detach().reshape(-1) for parameter in parameters])
        """(P,), of which every parameter of the copy is a part."""
        start = 0
        for parameter in parameters:
            parameter.requires_grad_(True)
            parameter.data = self.flat[start : start + parameter.numel()].view_as(parameter)
            start += parameter.numel()
        train_share = session.tensors["train"]
        self.x, self.y = train_share.x[:MOST_POINTS], train_share.y[:MOST_POINTS]
        self.module.eval()

    def put(self, weights: Floats) -> None:
        """Take weights (P,).  Raises ``ValueError`` where they belong to another network."""
        if weights.shape != self.flat.shape:
            raise ValueError("These weights belong to another network.  Draw the surface anew.")
        self.flat.copy_(torch.from_numpy(weights.astype(np.float32)))

    def loss(self) -> Tensor:
        """The loss of the weights that were put, as a scalar."""
        return self.session.loss_of(self.module, self.x, self.y)


def weights(session: Session, first: bool = False) -> Arrays:
    """The weights in one row: ``weights`` (P,), as they are, or with ``first`` as they were in the beginning.

    ``rows`` (R,) int32 says how many of them belong together, filter by filter: the weights that feed one
    unit.  A negative number is that of weights that belong to no filter, such as biases.
    """
    landscape = Landscape(Session(session.experiment) if first else session)
    rows: list[int] = []
    for parameter in landscape.module.parameters():
        if parameter.ndim < 2:
            rows.append(-parameter.numel())
        else:
            rows += [parameter.numel() // len(parameter)] * len(parameter)
    return {"weights": landscape.flat.numpy().copy(), "rows": np.array(rows, np.int32)}


def heights(
    session: Session, centre: Floats, directions: Floats, at: Floats, budget_s: float = math.inf
) -> Arrays:
    """The loss at centre (P,) + at (n, 2) · directions (2, P): ``loss`` (k,) float32.

    Of the first k places only where the budget does not last for all, but of one at least.
    """
    until = time.perf_counter() + budget_s
    landscape = Landscape(session)
    landscape.put(centre)
    middle = landscape.flat.clone()
    ways = torch.from_numpy(directions.astype(np.float32))
    if ways.shape != (2, len(middle)):
        raise ValueError("A plane has two directions, each as long as the row of weights.")
    losses: list[float] = []
    with torch.inference_mode():
        for a, b in at.tolist():
            torch.add(middle, ways[0], alpha=a, out=landscape.flat).add_(ways[1], alpha=b)
            losses.append(landscape.loss().item())
            if time.perf_counter() > until:
                break
    return {"loss": np.array(losses, np.float32)}


def descend(
    session: Session,
    rule: Optimizer,
    begun: Record,
    n_steps: int,
    batch_size: int,
    budget_s: float = math.inf,
) -> Record:
    """Train a copy of the network by up to ``n_steps`` steps of the textbook loop from where ``begun`` ended.

    ``begun`` holds ``weights`` (…, P), whose last row is the start, and the facts and arrays that this
    function gave with the piece before.  Batches are drawn as the run itself draws them; those as large as
    the training share are all of it.  Gives ``weights`` (n + 1, P) and ``loss`` (n + 1,) of all
    points, float32.  The facts say ``step`` and ``gone``, where the loss is a number no more.
    """
    until = time.perf_counter() + budget_s
    landscape = Landscape(session)
    landscape.put(begun.arrays["weights"].reshape(-1, len(landscape.flat))[-1])
    optimizer = build_optimizer(rule, landscape.module.parameters())
    first = int(begun.facts.get("step", 0))
    if first:
        optimizer_state.read(optimizer, begun.arrays, begun.facts["optimizer"])
    plan = Plan(session.experiment.seeds.batches, batch_size, searches=rule.searches)
    n_points = len(landscape.x)
    steps_an_epoch = -(-n_points // batch_size)
    epoch, within = divmod(first, steps_an_epoch)
    events = train(
        landscape.module,
        session.loss_of,
        optimizer,
        landscape.x,
        landscape.y,
        plan,
        epoch,
        within * batch_size,
    )
    row, losses = [landscape.flat.numpy().copy()], [_height(landscape)]
    while len(losses) <= n_steps and math.isfinite(losses[-1]):
        if not isinstance(next(events), StepEnd):
            continue
        row.append(landscape.flat.numpy().copy())
        losses.append(_height(landscape))
        if time.perf_counter() > until:
            break
    arrays, numbers = optimizer_state.written(optimizer)
    arrays |= {"weights": np.stack(row), "loss": np.array(losses, np.float32)}
    gone = not math.isfinite(losses[-1])
    return Record({"step": first + len(losses) - 1, "gone": gone, "optimizer": numbers}, arrays)


def _height(landscape: Landscape) -> float:
    with torch.inference_mode():
        return landscape.loss().item()


def sharpness(session: Session, centre: Floats, begun: Record, budget_s: float = math.inf) -> Record:
    """The largest eigenvalue of the loss's Hessian at weights (P,), by power iteration.

    Where the eigenvalue of largest size is negative, the iteration goes on with the Hessian moved up by it.
    ``begun`` is what this function gave before: of the same place, or where its facts are left out, of
    one nearby.  The facts say ``value``, and ``found``: whether it does not change any more.
    """
    until = time.perf_counter() + budget_s
    landscape = Landscape(session)
    landscape.put(centre)
    times = _hessian(landscape)
    random = _unit(torch.from_numpy(np.random.default_rng(0).normal(size=len(centre)).astype(np.float32)))
    vector, shift = random, float(begun.facts.get("shift", 0.0))
    if begun.arrays.get("vector", np.empty(0)).shape == centre.shape:
        vector = torch.from_numpy(begun.arrays["vector"].astype(np.float32))
        if not begun.facts:
            # with a little of everything: from one eigenvector exactly, the way would never lead to another
            vector = _unit(vector + 0.1 * random)
    value, found = 0.0, False
    for _ in range(MOST_PRODUCTS):
        product = times(vector)
        value = float(vector @ product)
        length = float(product.norm())
        if not math.isfinite(length) or length == 0:
            value, found = 0.0, length == 0
            break
        found = float((product - value * vector).norm()) <= CLOSE * abs(value)
        if found and value < 0 and shift == 0:
            # the one of largest size lies below: moved up by it, all are positive, and the largest is largest
            shift, found, vector = -1.1 * value, False, random
            continue
        if found:
            break
        vector = _unit(product + shift * vector)
        if time.perf_counter() > until:
            break
    return Record({"value": value, "found": found, "shift": shift}, {"vector": vector.numpy().copy()})


def _unit(vector: Tensor) -> Tensor:
    return torch.nn.functional.normalize(vector, dim=0)


def _hessian(landscape: Landscape) -> Callable[[Tensor], Tensor]:
    """The product of the Hessian with a vector (P,), by differentiating the gradient along it."""
    parameters = list(landscape.module.parameters())
    gradient = torch.cat(
        [each.reshape(-1) for each in torch.autograd.grad(landscape.loss(), parameters, create_graph=True)]
    )

    def times(vector: Tensor) -> Tensor:
        second = torch.autograd.grad(gradient @ vector, parameters, retain_graph=True, materialize_grads=True)
        return torch.cat([each.reshape(-1) for each in second])

    return times
