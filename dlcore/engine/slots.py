"""The cores that trainings nobody watches may use, shared fairly among their owners."""

from __future__ import annotations

import itertools
import os
import threading
from collections import Counter
from collections.abc import Callable

LOOK_EVERY_S = 0.5


def spare_cores() -> int:
    """All cores but one, which is left to the pages and to the runs that are watched; one at least."""
    return max(1, (os.cpu_count() or 1) - 1)


class Slots:
    """So many trainings at once; a free place goes to who has the fewest, then to who waited longest."""

    def __init__(self, n: int) -> None:
        self.n = n
        self._held: Counter[str] = Counter()
        self._served: dict[str, int] = {}
        self._waiting: list[tuple[int, str]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()

    def take(self, owner: str, wanted: Callable[[], bool]) -> bool:
        """Wait for a place for as long as it is ``wanted``; whether one was had."""
        with self._changed:
            ticket = next(self._numbers), owner
            self._waiting.append(ticket)
            try:
                while wanted():
                    if self._held.total() < self.n and min(self._waiting, key=self._rank) == ticket:
                        self._held[owner] += 1
                        self._served[owner] = next(self._numbers)
                        return True
                    self._changed.wait(LOOK_EVERY_S)
                return False
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def give(self, owner: str) -> None:
        """Give a place back."""
        with self._changed:
            self._held[owner] -= 1
            self._changed.notify_all()

    def _rank(self, ticket: tuple[int, str]) -> tuple[int, int, int]:
        number, owner = ticket
        return self._held[owner], self._served.get(owner, -1), number
