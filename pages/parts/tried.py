"""What a visitor gives the network themselves: a drawing, a row of numbers, a string, a place of a series."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlcore.record import Arrays
from pages.parts.state import Here


@dataclass
class Tried:
    """What is tried on one data set.  Plain numbers and short texts, bounded where they come in."""

    begun: str = field(default_factory=lambda: secrets.token_hex(4))
    """Changes with each fresh start; part of the widgets' names, which begin anew with it."""
    sample: int = -1
    """The test sample that was begun from; −1 for none."""
    row: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    """(F,): numbers as they are measured, nan for a missing one."""
    ink: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, 0, 1), np.uint8))
    """(H·f, W·f, C): the drawing."""
    drawn: float = 0.0
    """The number of the last stroke that arrived; 0 before the first."""
    centred: bool = True
    text: str = ""
    temperature: float = 1.0
    top_k: int = 0
    n_strings: int = 8
    seed: int = 0
    steps: int = 24
    """How far a series is gone on with."""
    place: int = -1
    """The step of the series after which it is gone on with; −1 for its end."""
    told: Arrays | None = None
    """The network's last answer, shown until the next is there."""
    strings: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Have every widget start again from what is kept here."""
        self.begun = secrets.token_hex(4)
        self.drawn = 0.0


def tried(here: Here) -> Tried:
    """What is tried on the present data set; another one starts afresh."""
    found: Tried = here.keep("tried", _data(here), Tried)
    return found


def kept(here: Here, name: str, make: Any) -> Any:
    """What ``make`` made of the present data set, made once."""
    return here.keep(f"tried-{name}", _data(here), make)


def _data(here: Here) -> Any:
    e = here.experiment
    return e.data, e.split, e.seeds.data, e.seeds.split
