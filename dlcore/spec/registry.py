"""Registries: the classes of one family, found by their ``kind``."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from pydantic_core import PydanticCustomError

from dlcore.spec.declared import Declared

D = TypeVar("D", bound=Declared)


class Registry(Generic[D]):
    """Keep the classes of one family in the order they were added."""

    def __init__(self, family: str) -> None:
        self.family = family
        self._classes: dict[str, type[D]] = {}

    def add(self, cls: type[D]) -> type[D]:
        """Enter a class under its ``kind``; a decorator."""
        kind = cls.kind_name()
        assert kind not in {"", *self._classes}, f"{cls.__name__} needs a kind of its own, not {kind!r}"
        self._classes[kind] = cls
        return cls

    def __iter__(self) -> Iterator[type[D]]:
        return iter(self._classes.values())

    def __len__(self) -> int:
        return len(self._classes)

    def __getitem__(self, kind: str) -> type[D]:
        return self._classes[kind]

    def kinds(self) -> list[str]:
        """Every kind, in the order of declaration."""
        return list(self._classes)

    def parse(self, value: Any) -> Any:
        """Turn ``"kind"`` or ``{"kind": …, …}`` into an instance; leave instances as they are.

        Raises ``PydanticCustomError`` for an unknown kind, naming the nearest known one, and
        ``ValidationError`` for settings outside their bounds.
        """
        if isinstance(value, Declared):
            return value
        settings = {"kind": value} if isinstance(value, str) else value
        kind = settings.get("kind") if isinstance(settings, dict) else None
        if not isinstance(kind, str) or kind not in self._classes:
            near = difflib.get_close_matches(str(kind)[:40], self._classes, n=1)
            raise PydanticCustomError(
                "unknown_kind",
                "no {family} is called {kind}{hint}",
                {
                    "family": self.family,
                    "kind": repr(str(kind)[:40]),
                    "hint": f"; did you mean {near[0]!r}?" if near else "",
                },
            )
        return self._classes[kind].model_validate(settings)
