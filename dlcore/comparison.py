"""Experiments side by side: what differs between them, which differ in chance alone, what they came to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from dlcore.changes import name, packed, shown
from dlcore.experiment import Experiment, Seeds, value_at
from dlcore.spec import Declared

MISSING = "–"
"""What stands where an experiment has no such setting."""
By = Literal["share", "epoch", "step", "seconds"]
RULERS: tuple[By, ...] = get_args(By)
MOST_STATIONS = 200


@dataclass(frozen=True)
class Difference:
    """A setting that is not the same everywhere, with its value in each experiment, in words."""

    path: str
    label: str
    values: tuple[str, ...]


class Spread(NamedTuple):
    """The mean of ``n`` numbers and their sample standard deviation, which one number alone has not."""

    mean: float
    deviation: float | None
    n: int


def differences(experiments: Sequence[Experiment]) -> list[Difference]:
    """The settings in which n experiments differ, in the order of their declaration, and only those.

    Where they are of different kinds (Adam, SGD), the settings that all of these have are compared as well.
    """
    return [_difference(path, experiments) for path in _differing(experiments, "")]


def _differing(values: Sequence[Any], path: str) -> Iterator[str]:
    first = values[0]
    if all(each == first for each in values):
        return
    kinds = {type(each) for each in values}
    if issubclass(type(first), Declared) and len(kinds) == 1:
        yield from _inside(values, path, list(first.settings()))
    elif kinds == {tuple} and len({len(each) for each in values}) == 1:
        for i in range(len(first)):
            yield from _differing([each[i] for each in values], f"{path}.{i}")
    else:
        yield path
        if all(issubclass(kind, Declared) for kind in kinds):
            yield from _inside(values, path, [n for n in first.settings() if _everywhere(values, n)])


def _inside(values: Sequence[Any], path: str, names: Iterable[str]) -> Iterator[str]:
    for inner in names:
        where = f"{path}.{inner}" if path else inner
        yield from _differing([getattr(each, inner) for each in values], where)


def _everywhere(values: Sequence[Declared], setting: str) -> bool:
    return all(setting in each.settings() for each in values)


def _difference(path: str, experiments: Sequence[Experiment]) -> Difference:
    values = [value_at(each, path) for each in experiments]
    if any(packed(value) for value in values):
        seen = list(dict.fromkeys(values))
        words = tuple(f"version {seen.index(value) + 1}" for value in values)
    else:
        words = tuple(_words(path, value) or MISSING for value in values)
    return Difference(path, name(experiments[0], path), words)


def _words(path: str, value: Any) -> str:
    """A value beside others: all layers of a network, however many there are."""
    if path == "network":
        return ", ".join(map(shown, value)) or "no hidden layer"
    return shown(value)


def alike(experiments: Sequence[Experiment]) -> list[tuple[int, ...]]:
    """The places of experiments that differ in their seeds alone, together; in order of the first of each."""
    together: dict[Experiment, list[int]] = {}
    for i, each in enumerate(experiments):
        together.setdefault(each.model_copy(update={"seeds": Seeds()}), []).append(i)
    return [tuple(places) for places in together.values()]


def spread(values: Iterable[float | None]) -> Spread | None:
    """The mean and spread of what are numbers among the values; None where none is."""
    numbers = np.array([value for value in values if value is not None and np.isfinite(value)], np.float64)
    if not len(numbers):
        return None
    deviation = float(numbers.std(ddof=1)) if len(numbers) > 1 else None
    return Spread(float(numbers.mean()), deviation, len(numbers))


def places(moments: Mapping[str, NDArray[Any]], by: By, last_step: int) -> NDArray[np.float64]:
    """Where the moments of a run lie on a ruler: of ``step``, ``epoch`` and ``seconds``, all (M,) → (M,).

    By ``share``, from 0 to 1, of the steps that the run has made, ``last_step``.
    """
    if by == "share":
        return moments["step"] / max(1.0, float(last_step))
    return moments[by].astype(np.float64)


def stations(runs: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Where one scrubber over several runs may stand: wherever a run has a moment, from (M,) each → (S,).

    At most ``MOST_STATIONS``, evenly chosen, with both ends.
    """
    there = np.unique(np.concatenate([np.zeros(0), *runs]))
    if len(there) <= MOST_STATIONS:
        return there
    return there[np.linspace(0, len(there) - 1, MOST_STATIONS).round().astype(np.int64)]


def nearest(run: NDArray[np.float64], at: float) -> int:
    """Which moment of a run, places (M,), is shown where the scrubber stands: the nearest, M ≥ 1."""
    return int(np.argmin(np.abs(run - at)))
