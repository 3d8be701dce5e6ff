"""The runs of this tab that are over, because another one was begun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dlcore.engine import Frame
from dlcore.experiment import Experiment

MOST = 30


@dataclass(frozen=True)
class Earlier:
    """What a run was and how far it came, as it was last seen."""

    number: int
    experiment: Experiment
    epochs: int
    measures: Mapping[str, float | None]


@dataclass
class EarlierRuns:
    """The newest first, ``MOST`` of them."""

    kept: list[Earlier] = field(default_factory=list)
    _counted: int = 0
    _left: tuple[str, int] = ("", 0)

    def left(self, run_id: str, experiment: Experiment, last: Frame) -> None:
        """Note the run that ``last`` shows, once, if it has learnt for an epoch."""
        moment = run_id, last.revision
        if last.epoch and moment != self._left:
            self._counted += 1
            new = Earlier(self._counted, experiment, last.epoch, last.measures)
            self.kept = [new, *self.kept][:MOST]
            self._left = moment
