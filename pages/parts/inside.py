"""What the views of a network's inside look at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Inside:
    """Which layer, sample, channel, head and step the views show; one that is past the end means the last."""

    layer: int = 0
    sample: int = 0
    channel: int = 0
    head: int = 0
    query: int = 0
    ahead: int = 1
    """How many steps ahead a forecast looks."""
