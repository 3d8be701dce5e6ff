"""What every objective declares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from dlcore.data.base import Dataset, Task
from dlcore.layers import GaussianCode, Layer, Shape, built
from dlcore.layers.nested import misplaced, through
from dlcore.losses import Head, Loss
from dlcore.spec import Call, Declared, Problem, Registry

if TYPE_CHECKING:
    from dlcore.experiment import Experiment

PLAIN = Call("dlcore.steps.error")
"""The step of an objective that compares the answer with what was asked for, and does nothing besides."""


class Objective(Declared):
    """What the network is asked for, and what a step of training makes smaller."""

    formula: ClassVar[str]
    labelled: ClassVar[bool] = True
    """Whether the right answers are the data's own, so that there are mistakes to be seen."""
    learns: ClassVar[bool] = False
    """Whether the loss is itself learnt.

    Then what :meth:`criterion` names is built anew with each start from the seed of the first weights, and
    has ``learn(network, x, y)``, called with each batch before the network's own step, and ``optimizer``.
    Its parameters, buffers and optimizer belong to a checkpoint as the network's do.
    """
    inside: ClassVar[bool] = False
    """Whether the loss looks at more than the network's answer, so that it is judged by its step as well."""

    answers: ClassVar[bool] = True
    """Whether what the network is given are samples."""

    measures: ClassVar[tuple[str, str] | None] = None
    """What its loss and its score are called, where they are not a loss and an accuracy or R²."""

    def fits(self, data: Dataset) -> bool:
        """Whether it can be pursued with these data."""
        return True

    def task(self, data: Dataset) -> Task:
        """What the network's answers are."""
        return data.task

    def input_shape(self, shape: Shape) -> Shape:
        """The shape of what the network is given, where a sample of the data has ``shape``."""
        return shape

    def head(self, loss: Loss, data: Dataset, shape: Shape) -> Head:
        """The output layer that it asks for; ``shape`` is that of what the network is given."""
        return loss.head(data.task, data.n_classes, math.prod(data.answer_shape))

    def criterion(self, loss: Loss, data: Dataset, counts: Sequence[int] = ()) -> Call:
        """What compares answers with what was asked for; ``counts`` as a loss takes them."""
        return loss.call(self.task(data), counts)

    def step(self) -> Call:
        """The function of :mod:`dlcore.steps` that gives the loss of a batch, with its settings."""
        return PLAIN

    def given(self, n: int, seed: int) -> NDArray[np.float32]:
        """What the network is given in the place of n samples, where it is not the samples: (n, …)."""
        raise TypeError("an objective that gives the network something of its own says what")

    @property
    def paired(self) -> bool:
        """Whether its loss is that of the answers beside the samples, or of the samples as they are."""
        return self.step() == PLAIN

    def problems(self, experiment: Experiment) -> list[Problem]:
        """What keeps it from being pursued in an experiment, each reason with a remedy."""
        return []


objectives: Registry[Objective] = Registry("objective")


def code_place(network: tuple[Layer, ...], shape: Shape) -> int:
    """Which layer's output is the code of a sample: one that is drawn, else the first of the narrowest.

    ``shape`` is that of what the network is given; −1 where there is no layer.
    """
    network = built(network)[: misplaced(network, shape)]
    drawn = [i for i, layer in enumerate(network) if isinstance(layer, GaussianCode)]
    if drawn:
        return drawn[0]
    sizes = [math.prod(through(network[: i + 1], shape)) for i in range(len(network))]
    return sizes.index(min(sizes)) if sizes else -1
