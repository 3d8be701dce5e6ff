"""When a run is over: an adapter around the ends of epochs, asked only where the experiment asks for it."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from dlcore.experiment import Stop
from dlcore.record import Arrays
from dlcore.training.history import Evaluation


class Stops:
    """Watch the epochs of one run for the rules of its ``Stop``.

    What it decides follows from the losses at the ends of epochs alone, so a run stops at the same epoch
    however it was watched, interrupted or resumed.
    """

    def __init__(self, stop: Stop) -> None:
        self.stop = stop
        self.latest = math.nan
        """The target's measure at the last end of an epoch."""
        self._forget()

    def _forget(self) -> None:
        self.best = math.inf
        self.best_epoch = 0
        self.kept: list[Tensor] = []
        self.back = False
        """Whether the network has the best weights back."""

    @property
    def watching(self) -> bool:
        """Whether the ends of epochs have to be evaluated."""
        return self.stop.measure != "no target" or self.stop.patience > 0

    def take(self, stop: Stop) -> None:
        """Go on with other rules."""
        if stop.measure != self.stop.measure:
            self.latest = math.nan
        if not stop.patience:
            self._forget()
        self.stop = stop

    def end_epoch(self, epoch: int, evaluation: Evaluation, module: nn.Module) -> None:
        """Note how good the network is after ``epoch`` epochs."""
        if self.stop.measure != "no target":
            self.latest = getattr(evaluation, self.stop.measure.replace(" ", "_"))
        if self.stop.patience:
            self.back = False
            if evaluation.validation_loss < self.best:
                self.best, self.best_epoch = evaluation.validation_loss, epoch
                self.kept = [tensor.detach().clone() for tensor in _state(module)]

    def settle(self, epoch: int, module: nn.Module) -> bool:
        """Put the best weights back where the run has stopped on a plateau; whether it did."""
        if self._reached() or not self._stalled(epoch) or self.back or not self.stop.restore_best:
            return False
        with torch.no_grad():
            for tensor, best in zip(_state(module), self.kept, strict=True):
                tensor.copy_(best)
        self.back = True
        return True

    def why(self, epoch: int) -> str:
        """Say why the run is over after ``epoch`` epochs; "" when it is not."""
        stop = self.stop
        if self._reached():
            return (
                f"Stopped at epoch {epoch}: the {stop.measure} is {_short(self.latest)}, "
                f"and {_short(stop.target)} was the target."
            )
        if self._stalled(epoch):
            back = f"; the weights of epoch {self.best_epoch} are back" if self.back else ""
            return (
                f"Stopped at epoch {epoch}: the validation loss has not improved for "
                f"{epoch - self.best_epoch} epochs{back}."
            )
        return f"Stopped after {epoch} epochs, as asked." if 0 < stop.epochs <= epoch else ""

    def _reached(self) -> bool:
        if self.stop.measure == "no target":
            return False
        at_least = self.stop.measure.endswith("score")
        return self.latest >= self.stop.target if at_least else self.latest <= self.stop.target

    def _stalled(self, epoch: int) -> bool:
        return bool(self.kept) and 0 < self.stop.patience <= epoch - self.best_epoch

    def facts(self) -> dict[str, Any]:
        """What a checkpoint has to say besides :meth:`arrays`, as JSON."""
        latest = self.latest if math.isfinite(self.latest) else None
        best = self.best if self.kept else None
        return {"latest": latest, "best": best, "best_epoch": self.best_epoch, "back": self.back}

    def arrays(self) -> Arrays:
        """The best weights so far, ``best.0`` and on."""
        return {f"best.{i}": tensor.numpy().copy() for i, tensor in enumerate(self.kept)}

    @classmethod
    def restored(cls, stop: Stop, facts: dict[str, Any], arrays: Arrays) -> Stops:
        """Read back what :meth:`facts` and :meth:`arrays` wrote."""
        stops = cls(stop)
        stops.latest = math.nan if facts["latest"] is None else facts["latest"]
        stops.best = math.inf if facts["best"] is None else facts["best"]
        stops.best_epoch, stops.back = facts["best_epoch"], facts["back"]
        count = sum(name.startswith("best.") for name in arrays)
        stops.kept = [torch.from_numpy(arrays[f"best.{i}"].copy()) for i in range(count)]
        return stops


def _state(module: nn.Module) -> list[Tensor]:
    """All that decides what a network answers: its weights, and what batch norm has counted."""
    return [*module.parameters(), *module.buffers()]


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
