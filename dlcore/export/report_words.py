"""What a report says: settings, differences and results, in words and in figures."""

from __future__ import annotations

import math
from calendar import month_name
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from dlcore.data import Feature, Task
from dlcore.experiment import Experiment
from dlcore.export.entry import Entry
from dlcore.layers import Layer
from dlcore.spec import Declared
from dlcore.spec.declared import extra

WHERE = {"train": "training", "validation": "validation", "test": "test"}
"""The shares of the data as people call them."""
LONGEST_TEXT = 60
MOST_ITEMS = 8
ALWAYS = ("data", "loss", "optimizer")
"""Settings that a report names even where they are the defaults."""
APART = ("network",)
"""Settings that have a table of their own."""


def figure(value: float | None) -> str:
    """Three significant digits; a dash for what is not a number."""
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{value:.3g}" if 1e-3 <= abs(value) < 1e5 or value == 0 else f"{value:.1e}"
    return text.replace("-", "−")


def count(value: float) -> str:
    """A whole number with thin spaces between thousands."""
    return f"{value:,.0f}".replace(",", "\u2009").replace("-", "−")


def duration(seconds: float) -> str:
    """Seconds as people say them: ``0.52 s``, ``12 s``, ``3 min 20 s``, ``2 h 05 min``."""
    if not math.isfinite(seconds):
        return "–"
    if seconds < 59.5:
        return f"{seconds:.2g} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def moment(when: datetime) -> str:
    """A day and a time of day: ``20 November 2026, 17:45 UTC``."""
    utc = when.astimezone(UTC)
    return f"{utc.day} {month_name[utc.month]} {utc.year}, {utc:%H:%M} UTC"


def common(names: Iterable[str], otherwise: str) -> str:
    """What several runs call the same thing; the plain word where they do not agree."""
    found = set(names)
    return found.pop() if len(found) == 1 else otherwise


def loss_name(experiment: Experiment) -> str:
    """What the run's loss is called."""
    named = experiment.objective.measures
    return named[0] if named else "loss"


def score_name(experiment: Experiment) -> str:
    """What the run's score is called: accuracy, R², or as the objective names it."""
    named = experiment.objective.measures
    if named:
        return named[1]
    return "R²" if experiment.task is Task.REGRESSION else "accuracy"


def result(entry: Entry) -> str:
    """How far a run came and how it ended, in a sentence or two."""
    saved, e = entry.saved, entry.saved.experiment
    epochs = f"{count(saved.epoch)} epoch{'s' * (saved.epoch != 1)}"
    network = f"the network of {count(saved.n_parameters)} parameters"
    if saved.state == "failed":
        return f"After {epochs} {network} broke down.  {saved.message}".strip()
    share = "test" if saved.measures.get("test_loss") is not None else "train"
    where = "test" if share == "test" else "training"
    score, loss = saved.measures.get(f"{share}_score"), saved.measures.get(f"{share}_loss")
    reached = [f"{score_name(e)} {figure(score)}"] if score is not None else []
    reached += [f"{loss_name(e)} {figure(loss)}"] if loss is not None else []
    came = f"came to {' and '.join(reached)} on the {where} data" if reached else "was measured by nothing"
    told = f"After {epochs} and {duration(saved.seconds)} of training, {network} {came}."
    ended = {"playing": "It was still learning when it was saved."}.get(saved.state, saved.message)
    return f"{told}  {ended}".strip()


def described(value: Any) -> str:
    """A setting as a person reads it, what it holds included: ``SGD, learning rate 0.1, momentum 0.9``."""
    if isinstance(value, Feature):
        return value.label
    if isinstance(value, Declared):
        inner = [
            f"{_named(type(value), name)} {described(getattr(value, name))}"
            for name, field in value.settings().items()
            if (_is_number(getattr(value, name)) and getattr(value, name))
            or getattr(value, name) != field.get_default(call_default_factory=True)
        ]
        heading = value.heading() if value.kind_name() else ""
        return ", ".join(each for each in (heading, *inner) if each) or "as it is"
    if isinstance(value, tuple):
        shown = "; ".join(described(each) for each in value[:MOST_ITEMS])
        more = f"; and {len(value) - MOST_ITEMS} more" if len(value) > MOST_ITEMS else ""
        return f"{shown}{more}" or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return repr(value).replace("-", "−")
    text = str(value)
    return text if len(text) <= LONGEST_TEXT else f"{text[:20]}… ({len(text)} characters)"


def layer_settings(layer: Layer) -> str:
    """What a layer is set to besides the layers that it holds: ``units 8, activation ELU``."""
    held = {name.partition(".")[0] for name, _ in layer.stacks()}
    return ", ".join(
        f"{_named(type(layer), name)} {described(getattr(layer, name))}"
        for name, field in layer.settings().items()
        if name not in {*held, "off"}
        and (
            getattr(layer, name) != field.get_default(call_default_factory=True)
            or name in {"units", "activation"}
        )
    ) + (", off" if layer.off else "")


def settings(experiment: Experiment) -> list[tuple[str, str, str]]:
    """Name, value and default of what is not at its default, and of ``ALWAYS``."""
    usual = Experiment()
    told: list[tuple[str, str, str]] = []
    for name in experiment.settings():
        value, default = getattr(experiment, name), getattr(usual, name)
        if name in APART or (value == default and name not in ALWAYS):
            continue
        if isinstance(value, Declared) and not value.kind_name():
            told += [
                (f"{_capital(name)}: {_named(type(value), each)}", *_pair(value, default, each))
                for each in value.settings()
                if getattr(value, each) != getattr(default, each)
            ]
        else:
            told.append((_capital(name), *_pair(experiment, usual, name)))
    return told


def not_default(experiment: Experiment) -> list[tuple[str, str]]:
    """Name and value of what is not at its default, the layers among it."""
    network = described(experiment.network)
    told = [(name, value) for name, value, default in settings(experiment) if value != default]
    return [*told, ("Network", network)] if network != described(Experiment().network) else told


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _capital(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _pair(holder: Declared, usual: Declared, name: str) -> tuple[str, str]:
    unit = extra(type(holder).model_fields[name], "unit")
    return tuple(  # type: ignore[return-value]  # two of them
        f"{described(getattr(each, name))}{f' {unit}' if unit else ''}" for each in (holder, usual)
    )


def _named(holder: type[Declared], name: str) -> str:
    title = holder.model_fields[name].title
    return (
        title[:1].lower() + title[1:]
        if title and not title[:2].isupper()
        else title or name.replace("_", " ")
    )
