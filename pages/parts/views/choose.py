"""The widgets that say what is looked at, and the names of what there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from dlcore.experiment import Experiment
from dlcore.layers import Shape, shown
from pages.parts.state import Here, put, taken

MOST_SAMPLES = 10_000


def look_at(here: Here, **what: Any) -> None:
    """Look at something else from the next picture on."""
    here.inside = replace(here.inside, **what)
    here.stale = True


def layers(experiment: Experiment, fits: Callable[[int, Shape], bool] = lambda i, s: True) -> dict[int, str]:
    """The layers whose number and output shape fit, named as the stack counts them."""
    stack, shapes = experiment.network, experiment.shapes()[1:]
    names = [f"{i + 1} {layer.heading()}" for i, layer in enumerate(stack)] + ["Output"]
    named = zip(names, shapes, strict=True)
    return {i: f"{name} · {shown(shape)}" for i, (name, shape) in enumerate(named) if fits(i, shape)}


def layer_of(here: Here, names: Mapping[int, str]) -> int:
    """The layer that is looked at, or where it is not among those named the first of them after it."""
    return min(names, key=lambda i: (i < here.inside.layer, abs(i - here.inside.layer)), default=0)


def layer(here: Here, names: Mapping[int, str], label: str = "Layer") -> None:
    """Choose a layer from a list."""
    put("inside:layer", layer_of(here, names))
    st.selectbox(
        label, list(names), format_func=lambda i: names[i], key="inside:layer", width=230,
        on_change=taken("inside:layer", lambda new: look_at(here, layer=new, channel=0)),
    )  # fmt: skip


def sample_of(here: Here) -> int:
    """The test sample that is looked at."""
    return max(0, min(here.inside.sample, len(here.points["test"]) - 1))


def sample(here: Here) -> None:
    """Choose one of the test samples by its number."""
    most = max(0, min(len(here.points["test"]), MOST_SAMPLES) - 1)
    number(here, "sample", f"Test sample, 0 to {most}", most, "The network has not learnt from these")


def number(here: Here, name: str, label: str, most: int, hint: str = "") -> None:
    """Choose a whole number from 0 to ``most``."""
    put(f"inside:{name}", max(0, min(getattr(here.inside, name), most)))
    st.number_input(
        label, 0, max(most, 1), key=f"inside:{name}", help=hint or None, width=180, disabled=most < 1,
        on_change=taken(f"inside:{name}", lambda new: look_at(here, **{name: int(new)})),
    )  # fmt: skip


def one_of(here: Here, name: str, label: str, words: Mapping[int, str], hint: str = "") -> None:
    """Choose one of a few."""
    now = getattr(here.inside, name)
    put(f"inside:{name}", now if now in words else next(iter(words)))
    st.segmented_control(
        label, list(words), format_func=lambda k: words[k], key=f"inside:{name}", help=hint or None,
        required=True, on_change=taken(f"inside:{name}", lambda new: look_at(here, **{name: new})),
    )  # fmt: skip


def whether(here: Here, name: str, label: str, hint: str = "") -> None:
    """Switch something on or off."""
    put(f"inside:{name}", getattr(here.inside, name))
    st.toggle(
        label, key=f"inside:{name}", help=hint or None,
        on_change=taken(f"inside:{name}", lambda new: look_at(here, **{name: bool(new)})),
    )  # fmt: skip


def row() -> Any:
    """Widgets side by side."""
    return st.container(horizontal=True, vertical_alignment="bottom", gap="small")


def said(sentence: str) -> None:
    """Say what is seen."""
    st.caption(sentence)


def empty(sentence: str) -> None:
    """Say why there is nothing to see yet, and what to do."""
    st.info(sentence, icon=":material/hourglass_empty:")


WAITING = "The first picture is on its way.  If none comes, press Reset."
