"""What is wrong with a description, in words a person can act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Problem:
    """Say where, what, and what next; ``remedy`` holds the experiment fields that would mend it."""

    where: str
    what: str
    next: str
    remedy: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        return f"{self.where}: {self.what}  {self.next}"


class SpecError(ValueError):
    """Refuse a description, with every problem it has."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
