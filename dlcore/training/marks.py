"""What was changed in a run and when, in few words."""

from __future__ import annotations

from collections.abc import Sequence

MOST = 40
LONGEST = 80


class Marks:
    """Pairs of (epoch, label), oldest first; only the newest ``MOST`` are kept."""

    def __init__(self, pairs: Sequence[tuple[float, str]] = ()) -> None:
        self.pairs = [(float(epoch), str(label)) for epoch, label in pairs][-MOST:]

    def add(self, epoch: float, label: str) -> None:
        """Mark an epoch, which may be a fraction; without a label, nothing."""
        if label:
            self.pairs = [*self.pairs, (round(float(epoch), 3), label[:LONGEST])][-MOST:]
