"""The weights and their gradients."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from dlcore.probes.base import Probe, add
from dlcore.probes.neurons import DRAWN
from dlcore.record import Arrays
from dlcore.training.session import Session


@add
class Weights(Probe):
    """Each weight matrix with its biases and the gradients of the last step, cut to 16 × 16.

    For layer i (counted as in the experiment, the output layer last): ``i.weight`` and ``i.weight_grad``
    (units, inputs) float32, ``i.bias`` and ``i.bias_grad`` (units,) float32; gradients are 0 before the
    first step.
    """

    kind = "weights"

    def read(self, session: Session) -> Arrays:
        arrays: Arrays = {}
        for layer, linear in session.network.linears():
            for name in ("weight", "bias"):
                parameter: nn.Parameter = getattr(linear, name)
                gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
                drawn = (slice(DRAWN),) * parameter.ndim
                arrays[f"{layer}.{name}"] = parameter.detach().numpy()[drawn].astype(np.float32)
                arrays[f"{layer}.{name}_grad"] = gradient.numpy()[drawn].astype(np.float32)
        return arrays
