"""What undo and redo go back and forth through."""

from __future__ import annotations

from dataclasses import dataclass, field

from dlcore.experiment import Experiment

DEEPEST = 100


@dataclass
class Undo:
    """The experiments before and after the present one, the nearest last."""

    before: list[Experiment] = field(default_factory=list)
    after: list[Experiment] = field(default_factory=list)

    def edited(self, left: Experiment) -> None:
        """Note which experiment an edit has left behind; what was undone is gone."""
        self.before = [*self.before, left][-DEEPEST:]
        self.after = []

    def back(self, present: Experiment) -> Experiment:
        """Undo: the experiment before ``present``, or ``present`` where there is none."""
        return self._move(self.before, self.after, present)

    def forth(self, present: Experiment) -> Experiment:
        """Redo: the experiment after ``present``, or ``present`` where there is none."""
        return self._move(self.after, self.before, present)

    @staticmethod
    def _move(source: list[Experiment], target: list[Experiment], present: Experiment) -> Experiment:
        if not source:
            return present
        target.append(present)
        return source.pop()
