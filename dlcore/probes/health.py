"""How well a network can learn: dead and saturated units, gradients by depth, the size of updates."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from dlcore.data import Task
from dlcore.model import WEIGHTED
from dlcore.probes.base import AnswerProbe, add
from dlcore.probes.samples import first, parts
from dlcore.record import Arrays
from dlcore.training.optimizer import build_optimizer
from dlcore.training.postmortem import WHAT
from dlcore.training.session import SHARES, Session

MOST_POINTS, FEWEST_POINTS = 512, 32
MOST_PRODUCTS = 10_000_000
"""Products that one look may cost: of a large network it takes fewer points."""
FLAT = 0.05
"""An activation is saturated where its slope is below this share of its slope at zero."""
NORMS = (nn.LayerNorm, nn.GroupNorm, nn.modules.batchnorm._BatchNorm)


@add
class Health(AnswerProbe):
    """One number per layer that learns, over at most 512 training points; computed once a second.

    ``layer`` (L,) int32 as the experiment counts them, the output layer last; ``dead`` (L,) float32, the
    share of units that no point moves; ``saturated`` (L,) float32, the share of flat answers, nan where the
    layer is no sum that is bent; ``gradient`` (L,) float32, the gradient's root mean square over the layer's
    weights; ``weight`` (L,) float32, the norm of its weights; ``update`` (L,) float32, the norm of the last
    step's update over that of the weights, nan before the first step; ``alike`` (L,) uint8, whether all of
    several units are the same.  ``at`` (2,) int32, epoch and step; ``shares`` (3,) int32, how many points
    each share holds; ``classes`` (K,) int32, how many training points each class has, none for regression.

    Of a run that has broken down also ``fault`` (4,) int64, the index of what in ``postmortem.WHAT``, layer,
    step and epoch of the first number that was not finite, and ``fault_largest`` (1,) float64.
    """

    kind = "health"
    every_s = 1.0

    def read(self, session: Session) -> Arrays:
        network, data = session.network, session.tensors["train"]
        learning = {i: found for i in range(len(network.ends)) if (found := weights(session, i))}
        n = first(session, MOST_PRODUCTS, FEWEST_POINTS, MOST_POINTS)
        x, y = data.x[:n], data.y[:n]
        training = network.module.training
        network.module.eval()
        try:
            dead, saturated = _slopes(session, list(learning), x)
            gradients = _gradients(session, learning, x, y)
        finally:
            network.module.train(training)
        columns = {
            "dead": dead,
            "saturated": saturated,
            "gradient": [norm(each) / math.sqrt(sum(g.numel() for g in each)) for each in gradients],
            "weight": [norm(each) for each in learning.values()],
            "update": _updates(session, learning),
        }
        arrays: Arrays = {name: np.array(column, np.float32) for name, column in columns.items()}
        arrays |= {
            "layer": np.array(list(learning), np.int32),
            "alike": np.array([_alike(each) for each in learning.values()], np.uint8),
            "at": np.array([session.epoch, session.step], np.int32),
            "shares": np.array([len(session.points[share]) for share in SHARES], np.int32),
            "classes": _classes(session),
        }
        return arrays | _fault(session)


def weights(session: Session, layer: int) -> list[nn.Parameter]:
    """The matrices and windows that a layer learns, without its biases; of a norm, all that it learns."""
    found = [
        parameter
        for part in parts(session, layer)
        for module in part.modules()
        if not isinstance(module, NORMS)
        for parameter in module.parameters(recurse=False)
        if parameter.ndim > 1
    ]
    return found or [parameter for part in parts(session, layer) for parameter in part.parameters()]


def norm(each: Sequence[Tensor]) -> float:
    """The norm of several tensors as if they were one."""
    return math.sqrt(sum(part.detach().square().sum().item() for part in each))


def _gradients(
    session: Session, learning: dict[int, list[nn.Parameter]], x: Tensor, y: Tensor
) -> list[list[Tensor]]:
    loss = session.loss_of(session.network.module, x, y)
    # a frozen layer has no gradient, and none is asked for
    moved = [each for layer in learning.values() for each in layer if each.requires_grad]
    if not moved:
        return [[torch.zeros_like(each) for each in layer] for layer in learning.values()]
    found = torch.autograd.grad(loss, moved, allow_unused=True)
    known = {id(each): gradient for each, gradient in zip(moved, found, strict=True) if gradient is not None}
    return [[known.get(id(each), torch.zeros_like(each)) for each in layer] for layer in learning.values()]


def _slopes(session: Session, learning: list[int], x: Tensor) -> tuple[list[float], list[float]]:
    """Shares of dead units and of saturated answers of each layer that learns: x (N, *input_shape)."""
    dead, saturated = [], []
    for layer in range(len(session.network.ends)):
        modules = parts(session, layer)
        at = next((i for i, part in enumerate(modules) if isinstance(part, WEIGHTED)), None)
        bent = at is not None and not any(isinstance(part, nn.Softmax) for part in modules)
        if layer in learning and bent and at is not None:
            with torch.no_grad():
                z = nn.Sequential(*modules[: at + 1])(x)
            bend = nn.Sequential(*modules[at + 1 :])
            slope, middle = _slope(bend, z), _slope(bend, torch.zeros(1, *z.shape[1:]))
            unit = -1 if isinstance(modules[at], nn.Linear) else 1
            dead.append((slope == 0).movedim(unit, 0).flatten(1).all(1).float().mean().item())
            saturated.append((slope.abs() < FLAT * middle.abs()).float().mean().item())
        with torch.no_grad():
            for module in modules:
                x = module(x)
        if layer in learning and not bent:
            units = x.movedim(1 if x.ndim == 4 else -1, 0).flatten(1)
            dead.append((units == units[:, :1]).all(1).float().mean().item())
            saturated.append(math.nan)
    return dead, saturated


def _slope(bend: nn.Sequential, z: Tensor) -> Tensor:
    """The derivative of an elementwise function: (N, …) → (N, …)."""
    if len(bend) == 0:
        return torch.ones_like(z)
    z = z.detach().requires_grad_()
    (slope,) = torch.autograd.grad(bend(z).sum(), z)
    return slope


def _updates(session: Session, learning: dict[int, list[nn.Parameter]]) -> list[float]:
    """Give the optimizer's twin the last gradient once more: how far it moves each layer, by its norm.

    For plain SGD that is the last update itself; optimizers with a memory are one step further on.  One that
    searches along its steps tells its last move.
    """
    parameters = list(session.network.module.parameters())
    if not session.step or all(parameter.grad is None for parameter in parameters):
        return [math.nan] * len(learning)
    moved = _moved(session, parameters)
    return [
        norm([moved[id(each)] for each in layer]) / max(norm(layer), 1e-12) for layer in learning.values()
    ]


def _moved(session: Session, parameters: list[nn.Parameter]) -> dict[int, Tensor]:
    """How far each parameter is moved, by its identity."""
    if session.experiment.optimizer.searches:
        memory = session.optimizer.state[parameters[0]]
        if "d" not in memory:
            return {id(each): torch.zeros_like(each) for each in parameters}
        moves = (memory["d"] * memory["t"]).split([each.numel() for each in parameters])
        return {id(each): move for each, move in zip(parameters, moves, strict=True)}
    twins = []
    for parameter in parameters:
        twin = nn.Parameter(parameter.detach().clone(), requires_grad=parameter.requires_grad)
        twin.grad = None if parameter.grad is None else parameter.grad.clone()
        twins.append(twin)
    optimizer = build_optimizer(session.experiment.optimizer, twins)
    optimizer.load_state_dict(copy.deepcopy(session.optimizer.state_dict()))
    optimizer.step()
    return {id(old): new.detach() - old.detach() for old, new in zip(parameters, twins, strict=True)}


def _alike(layer: list[nn.Parameter]) -> bool:
    weight = layer[0].detach()
    return weight.ndim > 1 and len(weight) > 1 and bool((weight == weight[0]).all())


def _classes(session: Session) -> np.ndarray:
    if session.experiment.task is Task.REGRESSION:
        return np.zeros(0, np.int32)
    truth = session.tensors["train"].truth.numpy().ravel()
    n_classes = session.experiment.data.n_classes
    return np.bincount(truth[truth >= 0], minlength=n_classes).astype(np.int32)


def _fault(session: Session) -> Arrays:
    fault = session.fault()
    if fault is None:
        return {}
    numbers = [WHAT.index(fault.what), fault.layer, fault.step, fault.epoch]
    return {"fault": np.array(numbers, np.int64), "fault_largest": np.array([fault.largest])}
