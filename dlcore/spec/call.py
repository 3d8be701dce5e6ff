"""A call that can be made now or printed: what keeps the live model and the exported code the same."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, init=False)
class Call:
    """Name a callable with its arguments, without importing it.

    ``Call("torch.nn.Linear", 2, 4)`` builds a layer with :meth:`build` and prints as
    ``torch.nn.Linear(2, 4)`` with :meth:`source`.
    """

    target: str
    args: tuple[Any, ...]
    kwargs: tuple[tuple[str, Any], ...]

    def __init__(self, target: str, *args: Any, **kwargs: Any) -> None:
        object.__setattr__(self, "target", target)
        object.__setattr__(self, "args", args)
        object.__setattr__(self, "kwargs", tuple(kwargs.items()))

    def resolve(self) -> Any:
        """Import the callable itself."""
        module, _, name = self.target.rpartition(".")
        return getattr(importlib.import_module(module), name)

    def build(self, *first: Any) -> Any:
        """Make the call, with ``first`` before the declared arguments."""
        return self.resolve()(*first, *self.args, **dict(self.kwargs))

    def source(self, *first: str) -> str:
        """Print the call as Python; a callable of ours is printed by its bare name."""
        own = self.target.startswith("dlcore.")
        name = self.target.rpartition(".")[2] if own else self.target
        parts = [*first, *map(repr, self.args), *(f"{key}={value!r}" for key, value in self.kwargs)]
        return f"{name}({', '.join(parts)})"
