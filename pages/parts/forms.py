"""A declaration's fields as widgets: every setting shows up here without further work."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from annotated_types import Ge, Le
from pydantic.fields import FieldInfo

from dlcore.experiment import value_at
from dlcore.limits import limits
from dlcore.spec import Declared, Registry
from dlcore.spec.declared import extra
from pages.parts.state import Here, Lab, echo, put, taken

CAPS = {"n_points": "max_points", "units": "max_units"}


def fields(here: Here | Lab, path: str, *, only: Iterable[str] | None = None) -> None:
    """Draw a widget for each setting of the declaration at ``path``."""
    holder: Declared = value_at(here.described, path)
    for name, declared in holder.settings().items():
        if extra(declared, "form") is not False and (only is None or name in only):
            field(here, f"{path}.{name}", declared)


def setting(here: Here | Lab, path: str) -> None:
    """Draw the widget of the setting at a path."""
    holder, _, name = path.rpartition(".")
    declared = (value_at(here.described, holder) if holder else here.described).settings()[name]
    field(here, path, declared)


def field(here: Here | Lab, path: str, declared: FieldInfo) -> None:
    """Draw the widget of one setting; its bounds are the declaration's own."""
    value = value_at(here.described, path)
    key = f"set:{path}"
    put(key, value)
    label = declared.title or path.rpartition(".")[2].replace("_", " ").capitalize()
    unit = extra(declared, "unit")
    label = f"{label} ({unit})" if unit else label
    change = taken(key, lambda new: here.set(path, new))
    locked = not here.allows_setting(path)
    choices = _choices(declared)
    if isinstance(value, bool):
        st.toggle(label, key=key, on_change=change, help=declared.description, disabled=locked)
    elif choices:
        st.segmented_control(
            label,
            choices,
            key=key,
            on_change=change,
            help=declared.description,
            required=True,
            disabled=locked,
        )
    elif extra(declared, "log"):
        _logarithmic(here, path, label, declared, value)
    else:
        low, high = (type(value)(bound) for bound in bounds(declared, path))
        step = extra(declared, "step") or (1 if isinstance(value, int) else 0.01)
        st.slider(
            label, low, high, key=key, step=step, on_change=change, help=declared.description, disabled=locked
        )


def kind(
    here: Here | Lab, path: str, registry: Registry[Any], *, fitting: Sequence[str] | None = None, label: str
) -> None:
    """Choose which declaration of a registry stands at ``path``; what would be refused is not offered."""
    kinds = [each for each in registry.kinds() if fitting is None or each in fitting]
    key = f"kind:{path}"
    put(key, value_at(here.described, path).kind_name())
    st.selectbox(
        label,
        kinds,
        key=key,
        format_func=lambda each: registry[each].heading(),
        label_visibility="collapsed",
        on_change=taken(key, lambda new: here.set(path, registry[new]())),
        disabled=not here.allows_setting(path),
    )
    st.caption(registry[value_at(here.described, path).kind_name()].summary())


def bounds(declared: FieldInfo, path: str = "") -> tuple[Any, Any]:
    """The least and the greatest value a setting may have on this server."""
    low = next(each.ge for each in declared.metadata if isinstance(each, Ge))
    high = next(each.le for each in declared.metadata if isinstance(each, Le))
    cap = CAPS.get(path.rpartition(".")[2])
    return low, min(high, getattr(limits(), cap)) if cap else high


def _choices(declared: FieldInfo) -> list[Any]:
    return list(get_args(declared.annotation)) if get_origin(declared.annotation) is Literal else []


def decades(low: float, high: float, *values: float) -> list[Any]:
    """Places of a logarithmic slider: 1 and 3 of every decade in bounds, the bounds, and the values."""
    whole = isinstance(low, int)
    least = low if low > 0 else 1e-6
    exponents = range(math.floor(math.log10(least)), math.ceil(math.log10(high)) + 1)
    places = {float(f"{digit}e{exponent}") for exponent in exponents for digit in (1, 3)}
    kept = {place for place in places if least <= place <= high} | {low, high, *values}
    return sorted({int(place) for place in kept} if whole else kept)


def _logarithmic(here: Here | Lab, path: str, label: str, declared: FieldInfo, value: float) -> None:
    locked = not here.allows_setting(path)
    low, high = (type(value)(bound) for bound in bounds(declared, path))
    key, typed = f"set:{path}", f"typed:{path}"
    put(typed, value)
    slider, box = st.columns([3, 2], vertical_alignment="bottom", gap="small")
    slider.select_slider(
        label,
        # a place that is gone would be taken for the first one if the browser still reports it
        decades(low, high, value, *([] if echo(key) is None else [echo(key)])),
        key=key,
        format_func=lambda place: f"{place:g}",
        help=declared.description,
        disabled=locked,
        on_change=taken(key, lambda new: here.set(path, new)),
    )
    box.number_input(
        f"{label}, typed",
        low,
        high,
        key=typed,
        format="%d" if isinstance(value, int) else "%g",
        step=1 if isinstance(value, int) else 1e-6,
        label_visibility="collapsed",
        disabled=locked,
        on_change=taken(typed, lambda new: here.set(path, new)),
    )
