"""What every lab declares: its question, its few settings, its experiments, what to try, its formulas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from dlcore.experiment import Experiment
from dlcore.spec import Declared

S = TypeVar("S", bound=Declared)


@dataclass(frozen=True)
class Try(Generic[S]):
    """Settings worth a look, and what to look for."""

    name: str
    hint: str
    settings: S


@dataclass(frozen=True)
class Formula:
    """A formula of the lab in LaTeX, what it says in words, and where it is from."""

    name: str
    latex: str
    words: str
    source: str


@dataclass(frozen=True)
class Guide(Generic[S]):
    """A lab: one idea, asked as a question that is answered by predicting first and then by a run."""

    name: str
    """Its file and its address: ``gradient_descent``."""
    title: str
    icon: str
    """A Material Symbol: ``:material/landscape:``."""
    hint: str
    """What one sees here, in a line."""
    question: str
    choices: tuple[str, ...]
    """What a student may predict."""
    settings: S
    """What it opens with."""
    experiments: Callable[[S], dict[str, Experiment]]
    """The runs behind the lab by name, the one that leads first."""
    tries: tuple[Try[S], ...]
    formulas: tuple[Formula, ...]
    going_on: frozenset[str] | None = None
    """Settings with which runs go on; with any other they begin anew, for what was learnt before would hide
    the difference.  None: runs go on as far as they can take a change."""
