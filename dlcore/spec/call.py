"""A call that can be made now or printed: what keeps the live model and the exported code the same."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
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
        """Make the call, with ``first`` before the declared arguments; calls among those are made first."""
        args = [_built(each) for each in self.args]
        return self.resolve()(*first, *args, **{key: _built(value) for key, value in self.kwargs})

    def source(self, *first: str) -> str:
        """Print the call as Python; a callable of ours is printed by its bare name."""
        own = self.target.startswith("dlcore.")
        name = self.target.rpartition(".")[2] if own else self.target
        kwargs = (f"{key}={_printed(value)}" for key, value in self.kwargs)
        return f"{name}({', '.join([*first, *map(_printed, self.args), *kwargs])})"

    def all(self) -> Iterator[Call]:
        """This call and those among its arguments."""
        yield self
        for value in (*self.args, *dict(self.kwargs).values()):
            for each in value if isinstance(value, tuple | list) else (value,):
                if isinstance(each, Call):
                    yield from each.all()


def _built(value: Any) -> Any:
    if isinstance(value, Call):
        return value.build()
    return type(value)(map(_built, value)) if isinstance(value, tuple | list) else value


def _printed(value: Any) -> str:
    if isinstance(value, Call):
        return value.source()
    if isinstance(value, list):
        return f"[{', '.join(map(_printed, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_printed, value))}{',' * (len(value) == 1)})"
    return repr(value)
