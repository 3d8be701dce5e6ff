"""The settings of an experiment that a sweep may change, found in the declarations themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BeforeValidator
from pydantic.fields import FieldInfo

from dlcore.activations import activations
from dlcore.experiment import Experiment, value_at, with_value
from dlcore.layers import IMAGE, Dense, form
from dlcore.limits import limits
from dlcore.spec import Declared, Registry
from dlcore.spec.declared import extra

Value = bool | int | float | str
"""What a setting may be: a number, a switch, or the name of one of its choices."""

FAMILIES = ("optimizer", "schedule", "regularisation", "init", "loss", "augmentation", "batch_size", "data")
"""The fields of an experiment that are looked into, besides its network.

Not the split, the inputs, the objective or the stop: other samples, or another task, would be judged.
"""
ONE_KIND = {"data"}
"""Those whose kind stays: scores on different data cannot be compared."""
CAPS = {"n_points": "max_points", "units": "max_units"}
LAYERS, UNITS, ACTIVATION = "layers", "units", "activation"
"""Settings of all the network's layers together."""
MOST_LAYERS = 16


@dataclass(frozen=True)
class Hyperparameter:
    """One setting: a number between bounds, or one of several choices."""

    path: str
    label: str
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    log: bool = False
    """Whether people feel it on a logarithmic scale."""
    choices: tuple[Value, ...] = ()
    headings: Mapping[Value, str] = field(default_factory=lambda: MappingProxyType({}), compare=False)
    """What choices are called, where that is not their own name."""

    def takes(self, value: Value) -> bool:
        """Whether it may have a value, as the declaration's own bounds say."""
        if self.choices:
            return any(value == choice and type(value) is type(choice) for choice in self.choices)
        if isinstance(value, bool | str) or (self.whole and value != int(value)):
            return False
        return self.low <= value <= self.high

    def number(self, value: float) -> Value:
        """A number as the setting has it."""
        return round(value) if self.whole else float(value)

    def said(self, value: Value) -> str:
        """A value as people read it."""
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, str):
            return self.headings.get(value, value)
        if isinstance(value, int):
            return str(value)
        return f"{value:.3g}".replace("-", "−")


@lru_cache(maxsize=64)
def hyperparameters(experiment: Experiment) -> Mapping[str, Hyperparameter]:
    """Every setting of an experiment that may be swept, by its path."""
    found = [*_of_all_layers(experiment)]
    for name in FAMILIES:
        if name != "augmentation" or form(experiment.input_shape) == IMAGE:
            found += _of_field(experiment, name, Experiment.model_fields[name], "")
    for i, layer in enumerate(experiment.network):
        for name, declared in layer.settings().items():
            found += _of_field(layer, name, declared, f"network.{i}.", f"layer {i + 1} ")
    return MappingProxyType({each.path: each for each in found})


def with_setting(experiment: Experiment, path: str, value: Value) -> Experiment:
    """An experiment with one setting changed.

    A setting that becomes of another kind begins with that kind's own defaults.  Raises ``ValueError``
    (``ValidationError`` among them) and ``LookupError`` or ``AttributeError`` where there is no such setting.
    """
    network = experiment.network
    if path == LAYERS:
        shown = network[: int(value)] or (Dense(),) * bool(value)
        return with_value(experiment, "network", (*shown, *(shown[-1:] * (int(value) - len(shown)))))
    if path in (UNITS, ACTIVATION):
        other = activations.parse(value) if path == ACTIVATION else value
        changed = (with_value(each, path, other) if path in each.settings() else each for each in network)
        return with_value(experiment, "network", tuple(changed))
    present = value_at(experiment, path)
    if isinstance(present, Declared):
        if present.kind_name() == value:
            return experiment
        holder, _, name = path.rpartition(".")
        declared = (value_at(experiment, holder) if holder else experiment).settings()[name]
        registry = registry_of(declared)
        assert registry is not None
        return with_value(experiment, path, registry.parse(value))
    return with_value(experiment, path, value)


def registry_of(declared: FieldInfo) -> Registry[Any] | None:
    """The registry whose kinds a field takes; None for one that takes none."""
    for each in declared.metadata:
        owner = getattr(each.func, "__self__", None) if isinstance(each, BeforeValidator) else None
        if isinstance(owner, Registry):
            return owner
    return None


def _of_all_layers(experiment: Experiment) -> Iterator[Hyperparameter]:
    network = experiment.network
    if all(isinstance(each, Dense) for each in network):
        yield Hyperparameter(LAYERS, "number of layers", 0, MOST_LAYERS, whole=True)
    if sum(isinstance(each, Dense) for each in network) > 1:
        widest = limits().max_units
        yield Hyperparameter(UNITS, "units of every layer", 1, widest, whole=True, log=True)
    if sum(ACTIVATION in each.settings() for each in network) > 1:
        yield _choice(ACTIVATION, "activation of all layers", activations)


def _of_field(
    holder: Declared, name: str, declared: FieldInfo, before: str, whose: str = ""
) -> Iterator[Hyperparameter]:
    """The setting that a field is, and those inside of it."""
    if extra(declared, "form") is False:
        return
    value, path = getattr(holder, name), f"{before}{name}"
    label = whose + (_lowered(declared.title) if declared.title else name.replace("_", " "))
    registry = registry_of(declared)
    if isinstance(value, Declared):
        if registry is not None and path not in ONE_KIND:
            yield _choice(path, label, registry)
        inner = whose if path in ("optimizer", "data") else f"{label} "
        for each, field_of_it in value.settings().items():
            yield from _of_field(value, each, field_of_it, f"{path}.", inner)
        return
    if get_origin(declared.annotation) is Literal:
        yield Hyperparameter(path, label, choices=get_args(declared.annotation))
    elif isinstance(value, bool):
        yield Hyperparameter(path, label, choices=(False, True))
    elif isinstance(value, int | float):
        low = [each.ge for each in declared.metadata if isinstance(each, Ge)]
        high = [each.le for each in declared.metadata if isinstance(each, Le)]
        if low and high:
            most: Any = min(high[0], getattr(limits(), CAPS[name])) if name in CAPS else high[0]
            least: Any = low[0]
            log = bool(extra(declared, "log")) or name in ("units", "batch_size")
            yield Hyperparameter(
                path, label, float(least), float(most), whole=isinstance(value, int), log=log
            )


def _lowered(title: str) -> str:
    """A title in the middle of a sentence."""
    return title[0].lower() + title[1:] if title[1:2].islower() else title


def _choice(path: str, label: str, registry: Registry[Any]) -> Hyperparameter:
    headings: dict[Value, str] = {kind: registry[kind].heading() for kind in registry.kinds()}
    return Hyperparameter(path, label, choices=tuple(headings), headings=MappingProxyType(headings))
