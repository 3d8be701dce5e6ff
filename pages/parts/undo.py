"""What undo and redo go back and forth through."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
DEEPEST = 100


@dataclass
class Undo(Generic[T]):
    """The values before and after the present one, the nearest last: experiments, or a lab's settings."""

    before: list[T] = field(default_factory=list)
    after: list[T] = field(default_factory=list)

    def edited(self, left: T) -> None:
        """Note which value an edit has left behind; what was undone is gone."""
        self.before = [*self.before, left][-DEEPEST:]
        self.after = []

    def back(self, present: T) -> T:
        """Undo: the value before ``present``, or ``present`` where there is none."""
        return self._move(self.before, self.after, present)

    def forth(self, present: T) -> T:
        """Redo: the value after ``present``, or ``present`` where there is none."""
        return self._move(self.after, self.before, present)

    @staticmethod
    def _move(source: list[T], target: list[T], present: T) -> T:
        if not source:
            return present
        target.append(present)
        return source.pop()
