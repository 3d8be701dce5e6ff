"""How well a network can learn: dead and saturated units, gradients by depth, the size of updates."""

from __future__ import annotations

import copy
import math

import numpy as np
import torch
from torch import Tensor, nn

from dlcore.data import Task
from dlcore.model import Network
from dlcore.probes.base import Probe, add
from dlcore.record import Arrays
from dlcore.training.optimizer import build_optimizer
from dlcore.training.postmortem import WHAT
from dlcore.training.session import SHARES, Session

MOST_POINTS = 512
FLAT = 0.05
"""An activation is saturated where its slope is below this share of its slope at zero."""


@add
class Health(Probe):
    """One number per layer with weights, over at most 512 training points; computed once a second.

    ``layer`` (L,) int32 as the experiment counts them, the output layer last; ``dead`` (L,) float32, the
    share of units that no point moves; ``saturated`` (L,) float32, the share of flat answers; ``gradient``
    (L,) float32, the gradient's root mean square over the layer's weights; ``weight`` (L,) float32, the norm
    of its weights; ``update`` (L,) float32, the norm of the last step's update over that of the weights, nan
    before the first step; ``alike`` (L,) uint8, whether all of several units are the same.  ``at`` (2,)
    int32, epoch and step; ``shares`` (3,) int32, how many points each share holds; ``classes`` (K,) int32,
    how many training points each class has, none for regression.

    Of a run that has broken down also ``fault`` (4,) int64, the index of what in ``postmortem.WHAT``, layer,
    step and epoch of the first number that was not finite, and ``fault_largest`` (1,) float64.
    """

    kind = "health"
    every_s = 1.0

    def read(self, session: Session) -> Arrays:
        network = session.network
        linears = network.linears()
        data = session.tensors["train"]
        x, y = data.x[:MOST_POINTS], data.y[:MOST_POINTS]
        training = network.module.training
        network.module.eval()
        try:
            dead, saturated = _slopes(network, x)
            loss = session.criterion(network.module(x), y)
            # a frozen layer has no gradient, and none is asked for
            moved = [linear.weight for _, linear in linears if linear.weight.requires_grad]
            known = iter(torch.autograd.grad(loss, moved))
            gradients = [
                next(known) if linear.weight.requires_grad else torch.zeros_like(linear.weight)
                for _, linear in linears
            ]
        finally:
            network.module.train(training)
        updates = _updates(session)
        columns = {
            "dead": dead,
            "saturated": saturated,
            "gradient": [each.norm().item() / math.sqrt(each.numel()) for each in gradients],
            "weight": [linear.weight.detach().norm().item() for _, linear in linears],
            "update": updates,
        }
        truth = data.truth.numpy()
        n_classes = session.experiment.data.n_classes
        counted = session.experiment.data.task is not Task.REGRESSION
        arrays: Arrays = {name: np.array(column, np.float32) for name, column in columns.items()}
        arrays |= {
            "layer": np.array([layer for layer, _ in linears], np.int32),
            "alike": np.array([_alike(linear) for _, linear in linears], np.uint8),
            "at": np.array([session.epoch, session.step], np.int32),
            "shares": np.array([len(session.points[share]) for share in SHARES], np.int32),
            "classes": np.bincount(truth, minlength=n_classes).astype(np.int32)
            if counted
            else np.zeros(0, np.int32),
        }
        return arrays | _fault(session)


def _slopes(network: Network, x: Tensor) -> tuple[list[float], list[float]]:
    """Shares of dead units and of saturated answers of each layer with weights: x (N, F)."""
    dead, saturated = [], []
    modules, start = list(network.module), 0
    for end in network.ends:
        for i in range(start, end):
            if not isinstance(modules[i], nn.Linear):
                continue
            bend = nn.Sequential(*modules[i + 1 : end])
            with torch.no_grad():
                z = modules[i](x)
            slope, middle = _slope(bend, z), _slope(bend, torch.zeros(1, z.shape[1]))
            dead.append((slope == 0).all(0).float().mean().item())
            saturated.append((slope.abs() < FLAT * middle.abs()).float().mean().item())
        with torch.no_grad():
            for module in modules[start:end]:
                x = module(x)
        start = end
    return dead, saturated


def _slope(bend: nn.Sequential, z: Tensor) -> Tensor:
    """The derivative of an elementwise function: (N, units) → (N, units)."""
    if len(bend) == 0:
        return torch.ones_like(z)
    z = z.detach().requires_grad_()
    (slope,) = torch.autograd.grad(bend(z).sum(), z)
    return slope


def _updates(session: Session) -> list[float]:
    """Give the optimizer's twin the last gradient once more: how far it moves each layer, by its norm.

    For plain SGD that is the last update itself; optimizers with a memory are one step further on.
    """
    parameters = list(session.network.module.parameters())
    linears = session.network.linears()
    if not session.step or all(parameter.grad is None for parameter in parameters):
        return [math.nan] * len(linears)
    if session.experiment.optimizer.searches:
        return _last_moves(session, parameters)
    twins = []
    for parameter in parameters:
        twin = nn.Parameter(parameter.detach().clone(), requires_grad=parameter.requires_grad)
        twin.grad = None if parameter.grad is None else parameter.grad.clone()
        twins.append(twin)
    optimizer = build_optimizer(session.experiment.optimizer, twins)
    optimizer.load_state_dict(copy.deepcopy(session.optimizer.state_dict()))
    optimizer.step()
    moved = {id(old): (new - old).norm().item() for old, new in zip(parameters, twins, strict=True)}
    return [
        moved[id(linear.weight)] / max(linear.weight.detach().norm().item(), 1e-12) for _, linear in linears
    ]


def _last_moves(session: Session, parameters: list[nn.Parameter]) -> list[float]:
    """How far the last move of an optimizer that searches along its steps went, by its norm."""
    memory = session.optimizer.state[parameters[0]]
    if "d" not in memory:
        return [0.0] * len(session.network.linears())
    moves = (memory["d"] * memory["t"]).split([parameter.numel() for parameter in parameters])
    moved = {id(old): move.norm().item() for old, move in zip(parameters, moves, strict=True)}
    return [
        moved[id(linear.weight)] / max(linear.weight.detach().norm().item(), 1e-12)
        for _, linear in session.network.linears()
    ]


def _alike(linear: nn.Linear) -> bool:
    weight = linear.weight.detach()
    return len(weight) > 1 and bool((weight == weight[0]).all())


def _fault(session: Session) -> Arrays:
    fault = session.fault()
    if fault is None:
        return {}
    numbers = [WHAT.index(fault.what), fault.layer, fault.step, fault.epoch]
    return {"fault": np.array(numbers, np.int64), "fault_largest": np.array([fault.largest])}
