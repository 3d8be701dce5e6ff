"""The base of every declaration: a frozen value whose fields say what a form needs to know."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo

LIVE: JsonDict = {"live": True}
"""The remark on a field that may change while a run goes on."""


class Declared(BaseModel):
    """Hold settings that cannot change once made; two with equal fields are equal.

    A field may carry, in ``json_schema_extra``:  ``live`` (may change while a run goes on),
    ``log`` (people feel it on a logarithmic scale), ``step`` (the grain of its control), ``unit``, and
    ``form=False`` (set on a picture, not in a form).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    title: ClassVar[str] = ""

    @classmethod
    def kind_name(cls) -> str:
        """The value of ``kind`` that selects this class, or "" where there is only one."""
        field = cls.model_fields.get("kind")
        return "" if field is None else str(field.default)

    @classmethod
    def heading(cls) -> str:
        """The name a person reads: the class's ``title``, else its kind in words."""
        return cls.title or cls.kind_name().replace("_", " ").capitalize()

    @classmethod
    def reference(cls) -> str:
        """The whole docstring: the reference text of this declaration."""
        return inspect.cleandoc(cls.__doc__ or "")

    @classmethod
    def summary(cls) -> str:
        """The first line of the reference text."""
        return cls.reference().partition("\n")[0]

    @classmethod
    def settings(cls) -> dict[str, FieldInfo]:
        """Name and declaration of every field that a person may set."""
        return {name: field for name, field in cls.model_fields.items() if name != "kind"}

    def compact(self) -> Any:
        """Give the least JSON that :meth:`Registry.parse` turns back into this value.

        A kind whose settings are all at their defaults becomes its bare name.
        """
        changed = {
            name: _compact(getattr(self, name))
            for name, field in self.settings().items()
            if getattr(self, name) != field.get_default(call_default_factory=True)
        }
        kind = self.kind_name()
        if not kind:
            return changed
        return {"kind": kind, **changed} if changed else kind


def extra(field: FieldInfo, name: str) -> Any:
    """Read one remark (``live``, ``log``, ``step``, ``unit``) off a field; None where it is not made."""
    return field.json_schema_extra.get(name) if isinstance(field.json_schema_extra, dict) else None


def _compact(value: Any) -> Any:
    if isinstance(value, Declared):
        return value.compact()
    if isinstance(value, tuple):
        return [_compact(item) for item in value]
    return value
