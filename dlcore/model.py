"""From an experiment to a PyTorch network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import nn

from dlcore.experiment import Experiment
from dlcore.initializers import Initializer
from dlcore.spec import Call

WEIGHTED = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d)
"""Modules with a matrix, or windows, of weights that an initialisation fills; regularisation pulls on
them, and on the matrices of recurrent cells, which torch fills itself."""


@dataclass(frozen=True)
class Network:
    """A network with a memory of which modules belong to which layer.

    ``module`` is flat, (B, *input_shape) → (B, *outputs); ``ends[i]`` is one past the last module of layer i,
    the output layer last.
    """

    module: nn.Sequential
    ends: tuple[int, ...]

    def layer_outputs(self, x: torch.Tensor) -> list[torch.Tensor]:
        """What comes out of each layer, the output layer last: (B, *input_shape) → [(B, …), …]."""
        outputs = []
        modules, start = list(self.module), 0
        for end in self.ends:
            for module in modules[start:end]:
                x = module(x)
            outputs.append(x)
            start = end
        return outputs

    def modules_of(self, layer: int) -> nn.Sequential:
        """The modules of a layer, the output layer last."""
        start = self.ends[layer - 1] if layer else 0
        return nn.Sequential(*list(self.module)[start : self.ends[layer]])

    @cached_property
    def names(self) -> dict[str, list[str]]:
        """What the ``state_dict`` calls the ``parameters`` and the ``buffers``, in the order of a checkpoint;
        "" for a buffer that it leaves out."""
        kept = self.module.state_dict()
        return {
            "parameters": [name for name, _ in self.module.named_parameters()],
            "buffers": [name if name in kept else "" for name, _ in self.module.named_buffers()],
        }

    def last_module(self, layer: int) -> nn.Module:
        """The module whose output is the layer's."""
        return self.module[self.ends[layer] - 1]

    def linears(self) -> list[tuple[int, nn.Linear]]:
        """The weight matrix of every dense layer with the layer's number, the output layer last."""
        return [
            (layer, module)
            for layer in range(len(self.ends))
            for module in self.modules_of(layer)
            if isinstance(module, nn.Linear)
        ]


def layer_calls(experiment: Experiment) -> list[tuple[Call, ...]]:
    """The modules of each layer, the output layer last: what :func:`build` builds and the script prints."""
    stack = zip(experiment.stack(), experiment.shapes(), strict=False)
    *hidden, output = [layer.calls(shape) for layer, shape in stack]
    return [*hidden, (*output, *experiment.head().calls)]


def build(experiment: Experiment) -> Network:
    """Build the network with its first weights; the global random state stays as it was."""
    outside = torch.get_rng_state()
    try:
        # the generator itself: torch.manual_seed would look for every kind of accelerator first
        torch.default_generator.manual_seed(experiment.seeds.init)
        layers = [[call.build() for call in calls] for calls in layer_calls(experiment)]
        module = nn.Sequential(*(part for layer in layers for part in layer))
        fill(module, experiment.init)
    finally:
        torch.set_rng_state(outside)
    ends = [sum(len(layer) for layer in layers[: i + 1]) for i in range(len(layers))]
    return Network(module, tuple(ends))


def fill(module: nn.Module, init: Initializer) -> None:
    """Give a module, and all those in it, their first weights."""
    initialise = init.call()
    for part in module.modules():
        if isinstance(part, WEIGHTED):
            initialise.build(part.weight)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
