"""How long a step takes, measured on a copy: the run itself is not touched."""

from __future__ import annotations

import math
import statistics
import time

import torch

from dlcore.model import build
from dlcore.training.events import StepEnd
from dlcore.training.loop import Plan, train
from dlcore.training.objective import build_criterion, loss_of
from dlcore.training.optimizer import build_optimizer
from dlcore.training.session import Session

BUDGET_S = 0.25
MOST_STEPS = 20


def timing(session: Session, budget_s: float = BUDGET_S) -> dict[str, float]:
    """Time some steps of a fresh copy of the network: ``step_s``, and ``epoch_s`` for all of an epoch's.

    The first step, which also allocates, is made before the clock starts.
    """
    e = session.experiment
    outside = torch.get_rng_state()
    try:
        network = build(e).module
        network.train(session.network.module.training)
        data = session.tensors["train"]
        optimizer = build_optimizer(e.optimizer, network.parameters())
        criterion = build_criterion(e, e.criterion(session.points["train"]))
        plan = Plan(e.seeds.batches, e.batch_size, learn=criterion.learn if e.objective.learns else None)
        events = train(network, loss_of(e, criterion), optimizer, data.x, data.y, plan)
        next(events)
        taken: list[float] = []
        until = time.perf_counter() + budget_s
        while not taken or (len(taken) < MOST_STEPS and time.perf_counter() < until):
            begun = time.perf_counter()
            if isinstance(next(events), StepEnd):
                taken.append(time.perf_counter() - begun)
    finally:
        torch.set_rng_state(outside)
    step_s = statistics.median(taken)
    return {"step_s": step_s, "epoch_s": step_s * math.ceil(len(data.x) / e.batch_size)}
