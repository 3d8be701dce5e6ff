"""What a schedule that watches the loss has come to in one run."""

from __future__ import annotations

import math
from typing import Any

from dlcore.schedules import Plateau, Schedule


class Cuts:
    """The cuts of the learning rate in one run, which follow from the losses at the ends of epochs alone."""

    def __init__(self, schedule: Plateau) -> None:
        self.schedule = schedule
        self.best = math.inf
        self.waited = 0
        """Epochs since the best loss, or since the last cut."""
        self.factor = 1.0

    @classmethod
    def going_on(cls, before: Cuts | None, schedule: Schedule) -> Cuts | None:
        """What a run has under this schedule: None where it does not watch the loss."""
        if not isinstance(schedule, Plateau):
            return None
        cuts = before or cls(schedule)
        cuts.schedule = schedule
        return cuts

    def at(self, epoch: float) -> float:
        """The factor on the learning rate now."""
        return self.factor

    def end_epoch(self, loss: float) -> None:
        """Note the loss at the end of an epoch."""
        self.best, self.waited, self.factor = Plateau.after(
            loss, self.best, self.waited, self.factor, **self.schedule.arguments()
        )

    def facts(self) -> dict[str, Any]:
        """What a checkpoint has to say, as JSON."""
        best = self.best if math.isfinite(self.best) else None
        return {"best": best, "waited": self.waited, "factor": self.factor}

    @classmethod
    def restored(cls, schedule: Plateau, facts: dict[str, Any]) -> Cuts:
        """Read back what :meth:`facts` wrote."""
        cuts = cls(schedule)
        cuts.best = math.inf if facts["best"] is None else facts["best"]
        cuts.waited, cuts.factor = facts["waited"], facts["factor"]
        return cuts
