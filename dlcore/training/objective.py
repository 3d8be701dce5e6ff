"""An objective at work: the loss of a batch, and what of it is itself learnt."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from dlcore.data import Parts
from dlcore.experiment import Experiment
from dlcore.model import fill
from dlcore.record import Arrays
from dlcore.spec import Call
from dlcore.training import optimizer_state, rebuild
from dlcore.training.diary import Diary
from dlcore.training.loop import LossOf

PREFIX = "criterion."


def build_criterion(experiment: Experiment, call: Call) -> Any:
    """Build what compares answers with what was asked for; one that learns, with weights from its seed."""
    if not experiment.objective.learns:
        return call.build()
    outside = torch.get_rng_state()
    try:
        torch.default_generator.manual_seed(experiment.seeds.init)
        criterion = call.build()
        fill(criterion, experiment.init)
        criterion.add_module("diary", Diary())
    finally:
        torch.set_rng_state(outside)
    return criterion


def loss_of(experiment: Experiment, criterion: Any) -> LossOf:
    """The loss of a batch as the objective has it."""
    step = experiment.objective.step()
    rule, settings = step.resolve(), dict(step.kwargs)

    def loss(network: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        found: Tensor = rule(network, criterion, x, y, **settings)
        return found

    return loss


def retune(criterion: nn.Module, before: Experiment, after: Experiment) -> None:
    """Give a criterion that learns, in mid-run, the settings in which its objective differs."""
    if after.objective.learns:
        rebuild.retune(criterion, before.criterion(), after.criterion())


@torch.no_grad()
def carry(old: nn.Module, before: Experiment, new: nn.Module, after: Experiment) -> None:
    """Where a network is built anew, let a criterion that learns keep what it knows, if it still fits."""
    if after.objective.learns and before.objective == after.objective and _sizes(old) == _sizes(new):
        new.load_state_dict(old.state_dict())


def _sizes(criterion: nn.Module) -> dict[str, torch.Size]:
    return {name: each.shape for name, each in criterion.state_dict().items()}


def written(criterion: nn.Module) -> tuple[Arrays, optimizer_state.Numbers]:
    """What a criterion that learns has learnt, and what its optimizer remembers, as a checkpoint has them."""
    numbers = [*criterion.parameters(), *criterion.buffers()]
    arrays = {f"{PREFIX}{i}": each.detach().numpy().copy() for i, each in enumerate(numbers)}
    remembered, facts = optimizer_state.written(_optimizer(criterion))
    return {**arrays, **{f"{PREFIX}{name}": array for name, array in remembered.items()}}, facts


@torch.no_grad()
def read(criterion: nn.Module, arrays: Arrays, facts: optimizer_state.Numbers) -> None:
    """Read back what :func:`written` wrote."""
    for i, each in enumerate([*criterion.parameters(), *criterion.buffers()]):
        each.copy_(torch.from_numpy(arrays[f"{PREFIX}{i}"].copy()))
    own = {name.removeprefix(PREFIX): array for name, array in arrays.items() if name.startswith(PREFIX)}
    optimizer_state.read(_optimizer(criterion), own, facts)
    _optimizer(criterion).zero_grad()


def for_points(experiment: Experiment, train: Parts, criterion: Any) -> Any:
    """The criterion once the points are others; one that learns keeps what it has learnt."""
    return criterion if experiment.objective.learns else experiment.criterion(train).build()


def note(experiment: Experiment, criterion: nn.Module, loss: float) -> None:
    """Of a criterion that learns write both losses of a step down: its own, where it says one."""
    if not experiment.objective.learns:
        return
    diary = criterion.diary
    assert isinstance(diary, Diary)
    own = getattr(criterion, "loss", math.nan)
    diary.add(own if isinstance(own, float) else math.nan, loss)


def _optimizer(criterion: nn.Module) -> torch.optim.Optimizer:
    found = criterion.optimizer
    assert isinstance(found, torch.optim.Optimizer)
    return found
