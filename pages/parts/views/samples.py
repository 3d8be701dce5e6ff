"""Samples as people see them: pictures, rows of numbers, tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlcore.data import Task
from dlcore.layers import IMAGE
from pages.parts.state import Here
from pages.parts.tiles import Sheet, picture

MOST_SHOWN = 12


def truth(here: Here, at: int) -> str:
    """What there is to learn about one test sample, in words."""
    return answer_said(here, here.points["test"].y[at])


def answer_said(here: Here, y: Any) -> str:
    """A class by its name, a value by its number, several by their row."""
    data = here.experiment.data
    if data.task is Task.REGRESSION:
        return ", ".join(f"{value:.3g}" for value in np.ravel(y)[:MOST_SHOWN]).replace("-", "−")
    names = data.class_names
    return " ".join(names[int(k)] if 0 <= int(k) < len(names) else "·" for k in np.ravel(y)[:64])


def tokens(here: Here, at: int) -> list[str]:
    """The tokens of one test sample, or the numbers of its steps where it is a sequence of numbers."""
    data, x = here.experiment.data, here.points["test"].x[at]
    if data.vocabulary:
        return [token_said(data.vocabulary[int(k)]) for k in x]
    return [str(step) for step in range(len(x))]


def token_said(token: str) -> str:
    """A token so that it can be seen."""
    return {" ": "␣", "": "∅", "\n": "⏎"}.get(token, token)


def is_image(here: Here) -> bool:
    """Whether samples are pictures."""
    return len(here.experiment.data.sample_shape) == IMAGE


def in_words(here: Here, at: int) -> str:
    """One test sample that is no picture, in a line."""
    data, x = here.experiment.data, here.points["test"].x[at]
    if data.vocabulary:
        return " ".join(tokens(here, at))
    names = getattr(data, "columns", ()) if x.ndim == 1 else ()
    numbers = [f"{value:.3g}".replace("-", "−") for value in np.ravel(x)[:MOST_SHOWN]]
    if len(names) >= len(numbers) and x.ndim == 1 and all(isinstance(name, str) for name in names):
        numbers = [f"{name} {value}" for name, value in zip(names, numbers, strict=False)]
    return ", ".join(numbers) + (" …" if x.size > MOST_SHOWN else "")


def images(here: Here, at: Sequence[int] | NDArray[np.int32], alt: str, **settings: Any) -> Sheet:
    """Test samples as tiles."""
    x = here.points["test"].x
    maps, scale, palette = picture(x[np.clip(np.asarray(at, int), 0, len(x) - 1)])
    return Sheet(maps, scale, alt, palette=palette, **settings)


def numbers(here: Here, at: int, alt: str, **settings: Any) -> Sheet:
    """One test sample that is no picture, as one tile: features down, steps across."""
    x = here.points["test"].x[at]
    value = np.nan_to_num(x.astype(np.float32))
    grid = value[None] if value.ndim == 1 else value.T
    most = max(float(np.abs(grid).max()), 1e-12)
    maps = np.round(grid / most * 127).astype(np.int8)[None, :64, :64]
    return Sheet(maps, np.array([most], np.float32), alt, **settings)
