"""What a view declares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dlcore.engine import Frame
from dlcore.experiment import Experiment
from pages.parts.state import Here


def _nothing(here: Here) -> None:
    """No controls."""


@dataclass(frozen=True)
class View:
    """One tab of the stage: what it is called, when it applies, what it watches, and how it is drawn."""

    name: str
    icon: str
    applies: Callable[[Experiment], bool]
    watched: Callable[[Here], tuple[str, ...]]
    """The probes it needs, with their settings: ``features?layer=2&sample=17``."""
    show: Callable[[Here, Frame], None]
    """Draw it; called with each new picture, inside the live fragment."""
    controls: Callable[[Here], None] = _nothing
    """The widgets that choose what is looked at, drawn above it and outside the live fragment."""
