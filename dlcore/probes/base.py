"""What every probe declares."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from dlcore.data import PLANE
from dlcore.data.features import columns
from dlcore.experiment import Experiment
from dlcore.layers import Dense, Dropout
from dlcore.record import Arrays
from dlcore.training.session import Session


class Probe(ABC):
    """Read arrays off a session without leaving a trace in it."""

    kind: ClassVar[str]
    every_s: ClassVar[float] = 0.0
    """For how many seconds one reading is good enough while the run goes on."""

    def applies(self, experiment: Experiment) -> bool:
        """Whether there is anything to read for this experiment."""
        return True

    @abstractmethod
    def read(self, session: Session) -> Arrays:
        """Compute the arrays; the class's docstring states their shapes."""


class PlaneProbe(Probe):
    """A probe of what only a network on the plane has."""

    def applies(self, experiment: Experiment) -> bool:
        return experiment.data.planar and all(
            isinstance(layer, Dense | Dropout) for layer in experiment.network
        )


probes: dict[str, Probe] = {}


def add(cls: type[Probe]) -> type[Probe]:
    """Enter a probe under its kind; a decorator."""
    probes[cls.kind] = cls()
    return cls


def plane_inputs(experiment: Experiment, side: int) -> Tensor:
    """The network's inputs on a grid over the plane: (side², F), x₁ running fastest, both coordinates rising.

    The points are the centres of side × side equal cells.
    """
    centres = ((np.arange(side) + 0.5) / side * 2 - 1) * PLANE
    x1, x2 = np.meshgrid(centres, centres)
    points = np.stack([x1.ravel(), x2.ravel()], 1).astype(np.float32)
    return torch.from_numpy(columns(experiment.inputs, points))
