"""What a run's own numbers are evidence of: the ground on which rules judge, and what they find."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlcore.data import Task
from dlcore.experiment import Experiment
from dlcore.layers import Dense, Dropout
from dlcore.record import Arrays

RECENT = 20
"""Rows of the history that count as the present."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong; ``remedy`` holds the experiment fields that would mend it, if any would."""

    rule: str
    severity: str
    seen: str
    why: str
    what_to_do: str
    remedy: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Evidence:
    """A run's own numbers: what the probes ``curves`` and ``health`` read, and why it failed, if it did."""

    experiment: Experiment
    curves: Arrays
    health: Arrays
    failure: str = ""

    def fits(self) -> bool:
        """Whether the numbers are there and of this experiment: those of the one before may come late."""
        if not self.health or not len(self.curves.get("epoch", ())):
            return False
        stack = zip(self.experiment.stack(), self.experiment.shapes(), strict=False)
        learning = [i for i, (layer, shape) in enumerate(stack) if layer.n_parameters(shape)]
        return [int(layer) for layer in self.health["layer"]] == learning

    @property
    def epoch(self) -> int:
        """Epochs done when the health was taken."""
        return int(self.health["at"][0])

    @property
    def train_score(self) -> float:
        """The best of the recent scores in training: one bad epoch is no verdict."""
        return float(np.nanmax(self.curves["train_score"][-5:], initial=-math.inf))

    def recent(self, name: str) -> NDArray[np.float64]:
        """The last rows of one column of the history."""
        return self.curves[name][-RECENT:].astype(float)

    def hidden(self) -> list[tuple[int, int, Dense]]:
        """Every dense layer: its row in the health, its number in the experiment, its declaration."""
        rows = [int(layer) for layer in self.health["layer"]]
        network = self.experiment.stack()
        return [(row, i, layer) for row, i in enumerate(rows[:-1]) if isinstance(layer := network[i], Dense)]

    def name(self, layer: int) -> str:
        """A layer as the diagram counts it, or as the stack does where there are others than dense ones."""
        network = self.experiment.network
        if layer >= len(network):
            return "the output layer"
        if all(isinstance(each, Dense | Dropout) for each in network):
            return f"layer {sum(isinstance(each, Dense) for each in network[: layer + 1])}"
        return f"layer {layer + 1} ({network[layer].heading()})"

    def with_activation(self, activation: Any, layers: list[int]) -> tuple[Any, ...]:
        """The network with another activation in these layers."""
        return tuple(
            layer.model_copy(update={"activation": activation})
            if i in layers and isinstance(layer, Dense)
            else layer
            for i, layer in enumerate(self.experiment.network)
        )

    def with_rate(self, factor: float) -> dict[str, Any]:
        """The optimizer with its learning rate times ``factor``, rounded to one digit."""
        rate = min(max(self.experiment.optimizer.learning_rate * factor, 1e-6), 10.0)
        rounded = round(rate, -math.floor(math.log10(rate)))
        return {"optimizer": self.experiment.optimizer.model_copy(update={"learning_rate": rounded})}

    def flat(self) -> bool:
        """Whether the loss in training has stopped falling: less than 3 % between two recent halves."""
        loss = self.recent("train_loss")
        if len(loss) < RECENT or not np.isfinite(loss).all():
            return False
        half = len(loss) // 2
        return bool(loss[half:].mean() > 0.97 * loss[:half].mean())

    def score_said(self) -> str:
        """The score in training in words."""
        name = "R²" if self.experiment.task is Task.REGRESSION else "Accuracy"
        return f"{name} {self.train_score:.2f}".replace("-", "−")


def number(value: float) -> str:
    """Two significant digits; powers of ten as people write them."""
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}"
    mantissa, exponent = f"{value:.1e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa} × 10{raised}"
