"""How the plane is looked at, and what is drawn beside the run."""

from __future__ import annotations

from dataclasses import dataclass

from dlcore.engine import Run


@dataclass(frozen=True)
class Branch:
    """A second run, beside the first."""

    run: Run
    name: str
    """What is different in it."""
    since: int
    """The epoch at which it left the first."""


@dataclass
class Look:
    """How the plane is looked at."""

    how: str = "answer"
    """Coloured by the ``answer``, the ``decision``, or how ``unsure`` the network is."""
    shares: tuple[str, ...] = ("train", "validation", "test")
    mistakes: bool = False
    layer: int = -1
    """The layer through whose eyes the plane is seen; −1 for the network's answer."""
    solid: bool = False
    """Whether it is seen in three dimensions, where the layer has as many."""
    traced: int | None = None
    """The training point that is traced through the next step; None for the first of its batch."""
    tool: str = "look"
    """What the pointer does: ``look``, ``add:CLASS``, ``move`` or ``erase``."""
