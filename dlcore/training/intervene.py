"""Hands on the network: frozen layers, held weights, silenced neurons."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import cast

import torch
from torch import Tensor, nn

from dlcore.experiment import Experiment
from dlcore.interventions import BIAS, Held
from dlcore.layers import Layer, Nest, Shape
from dlcore.layers.nested import walk
from dlcore.model import Network
from dlcore.training.loop import Adjustment


def freeze(network: Network, experiment: Experiment) -> None:
    """Let training move a layer, or not; without a gradient an optimizer passes a parameter by."""
    for place, (layer, shape) in enumerate(zip(experiment.stack(), experiment.shapes(), strict=False)):
        _freeze(layer, shape, network.modules_of(place))


def _freeze(layer: Layer, shape: Shape, modules: nn.Sequential) -> None:
    frozen = bool(getattr(layer, "frozen", False))
    for parameter in modules.parameters():
        parameter.requires_grad_(not frozen)
        if frozen:
            parameter.grad = None
    if isinstance(layer, Nest) and not frozen:
        for name, stack in layer.stacks():
            inside = iter(cast(nn.Sequential, modules[0].get_submodule(name)))
            for each, given in walk(stack, shape):
                _freeze(each, given, nn.Sequential(*islice(inside, len(each.calls(given)))))


def hold(network: Network, held: tuple[Held, ...]) -> tuple[Adjustment, ...]:
    """Put held weights where they are held, now and after every update; nothing where none is held."""
    linears = dict(network.linears())
    puts = [
        _put(linears[layer], [each for each in held if each.layer == layer])
        for layer in {h.layer for h in held}
    ]
    for put in puts:
        put(0.0)
    return tuple(puts)


def _put(linear: nn.Linear, held: list[Held]) -> Adjustment:
    weights = [each for each in held if each.source != BIAS]
    biases = [each for each in held if each.source == BIAS]
    to = torch.tensor([each.unit for each in weights], dtype=torch.long)
    source = torch.tensor([each.source for each in weights], dtype=torch.long)
    weight_values = torch.tensor([each.value for each in weights])
    units = torch.tensor([each.unit for each in biases], dtype=torch.long)
    bias_values = torch.tensor([each.value for each in biases])

    @torch.no_grad()
    def put(epoch: float) -> None:
        linear.weight[to, source] = weight_values
        linear.bias[units] = bias_values

    return put


def silence(network: Network, experiment: Experiment) -> list[Callable[[], None]]:
    """Make neurons answer 0 in every forward pass; returns what takes the silence away again."""
    undo = []
    for layer in {each.layer for each in experiment.silenced}:
        mask = torch.ones(experiment.shapes()[layer + 1])
        mask[..., [each.unit for each in experiment.silenced if each.layer == layer]] = 0.0
        undo.append(network.last_module(layer).register_forward_hook(_masked(mask)).remove)
    return undo


def _masked(mask: Tensor) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], Tensor]:
    return lambda module, inputs, output: output * mask


@torch.no_grad()
def set_weight(network: Network, layer: int, unit: int, source: int, value: float) -> None:
    """Put one weight, or with source −1 one bias, where a person wants it; training may move it from there.

    Raises ``ValueError`` when there is no such weight.
    """
    linear = dict(network.linears()).get(layer)
    if linear is None or not 0 <= unit < linear.out_features or not BIAS <= source < linear.in_features:
        raise ValueError(f"there is no weight from {source} to {unit} in layer {layer}")
    if source == BIAS:
        linear.bias[unit] = value
    else:
        linear.weight[unit, source] = value
