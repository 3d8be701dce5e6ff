"""What every probe declares."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar
from urllib.parse import parse_qsl

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
    """Read arrays off a session without leaving a trace in it.

    A probe may be read in several ways, of this sample or that layer: its fields, all whole numbers, say
    which; one that points past the end means the last.
    """

    kind: ClassVar[str]
    every_s: ClassVar[float] = 0.0
    """For how many seconds one reading is good enough while the run goes on."""

    def applies(self, experiment: Experiment) -> bool:
        """Whether there is anything to read for this experiment."""
        return True

    @abstractmethod
    def read(self, session: Session) -> Arrays:
        """Compute the arrays; the class's docstring states their shapes."""


class AnswerProbe(Probe):
    """A probe of what only a network has that answers to samples."""

    def applies(self, experiment: Experiment) -> bool:
        return experiment.objective.answers


class PlaneProbe(Probe):
    """A probe of what only a network on the plane has."""

    def applies(self, experiment: Experiment) -> bool:
        return on_the_plane(experiment)


def on_the_plane(experiment: Experiment) -> bool:
    """Whether what a network answers can be drawn all over the plane."""
    return (
        experiment.data.planar
        and experiment.objective.labelled
        and all(isinstance(layer, Dense | Dropout) and not layer.off for layer in experiment.network)
    )


probes: dict[str, type[Probe]] = {}


def add(cls: type[Probe]) -> type[Probe]:
    """Enter a probe under its kind; a decorator."""
    made = dataclass(frozen=True)(cls)
    probes[cls.kind] = made
    return made


@lru_cache(maxsize=256)
def opened(watch: str) -> Probe | None:
    """The probe that a page watches: ``features``, or ``features?layer=2&sample=17``; None is none."""
    kind, _, query = watch.partition("?")
    chosen = {name: max(0, int(value)) for name, value in parse_qsl(query)}
    return probes[kind](**chosen) if kind in probes else None


def plane_inputs(experiment: Experiment, side: int) -> Tensor:
    """The network's inputs on a grid over the plane: (side², F), x₁ running fastest, both coordinates rising.

    The points are the centres of side × side equal cells.
    """
    centres = ((np.arange(side) + 0.5) / side * 2 - 1) * PLANE
    x1, x2 = np.meshgrid(centres, centres)
    points = np.stack([x1.ravel(), x2.ravel()], 1).astype(np.float32)
    return torch.from_numpy(columns(experiment.inputs, points))
