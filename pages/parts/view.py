"""How the plane is looked at, and what the pointer does on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
from pydantic import ValidationError

from dlcore.charts.theme import MARKERS
from dlcore.data import Task
from dlcore.experiment import Experiment
from dlcore.layers import Dense
from dlcore.painting import PaintError, Stroke, paint
from pages.parts.state import Here, put, taken

HOW = {"answer": "answer", "decision": "decision", "unsure": "uncertainty"}
SIGNS = {"circle": "●", "square": "■", "diamond": "◆", "triangle-up": "▲", "cross": "✚", "star": "★"}
SHARES = ("train", "validation", "test")


def view_controls(here: Here) -> None:
    """What is drawn, and the tools to change the points."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.popover("View", icon=":material/visibility:"):
            _spaces(here)
            _how(here)
            _pills(here, "shares", "Points", SHARES)
            put("view:mistakes", here.look.mistakes)
            st.toggle("Mark mistakes", key="view:mistakes", on_change=_set(here, "mistakes"),
                      help="A cross on every point that the network gets wrong")  # fmt: skip
        tools = tools_for(here)
        put("tool", here.look.tool if here.look.tool in tools else "look")
        st.segmented_control(
            "Pointer", list(tools), format_func=tools.__getitem__, key="tool", required=True,
            label_visibility="collapsed", on_change=_set(here, "tool", "tool"),
        )  # fmt: skip


def tools_for(here: Here) -> dict[str, str]:
    """What the pointer can do: look, add points of a class or a value, erase, move."""
    data = here.experiment.data
    if data.task is Task.REGRESSION:
        labels = {"add:-1": "−1", "add:0": "0", "add:1": "+1"}
    else:
        n = min(data.n_classes + 1, len(MARKERS))
        labels = {f"add:{k}": f"{SIGNS[MARKERS[k]]} {k}" for k in range(n)}
    return {
        "look": ":material/pan_tool_alt:",
        **labels,
        "move": ":material/open_with:",
        "erase": ":material/ink_eraser:",
    }


def stroke(here: Here, said: Mapping[str, Any]) -> None:
    """Carry out what the pointer did on the plane."""
    if not here.lesson.allows("data"):
        here.notices.append("This lesson keeps the points as they are.")
        return
    tool, _, label = here.look.tool.partition(":")
    try:
        made = Stroke.model_validate({"tool": tool, "places": said.get("places"), "label": float(label or 0)})
        here.replace(paint(here.experiment, made))
    except PaintError as refusal:
        here.notices.append(str(refusal))
    except ValidationError:
        here.notices.append("That stroke could not be read.")
    here.stale = True


def layer_names(experiment: Experiment) -> dict[int, str]:
    """The dense layers by their place in the experiment, named as the diagram counts them."""
    layers = [i for i, layer in enumerate(experiment.network) if isinstance(layer, Dense)]
    return {i: f"layer {n + 1}" for n, i in enumerate(layers)}


def has_space(experiment: Experiment, layer: int) -> bool:
    """Whether a layer has the three neurons that a picture in space takes."""
    return experiment.shapes()[layer + 1][-1] >= 3


def _spaces(here: Here) -> None:
    names = {-1: "the network's answer"}
    names |= {i: f"{name}: the plane as it sees it" for i, name in layer_names(here.experiment).items()}
    put("view:layer", here.look.layer if here.look.layer in names else -1)
    st.selectbox(
        "Show", list(names), format_func=names.__getitem__, key="view:layer", on_change=_set(here, "layer")
    )
    if here.look.layer not in names or here.look.layer < 0:
        return
    put("view:solid", here.look.solid)
    st.toggle(
        "In three dimensions",
        key="view:solid",
        on_change=_set(here, "solid"),
        disabled=not has_space(here.experiment, here.look.layer),
        help="Three neurons as they are, more by their three principal components; drag to turn it",
    )


def _how(here: Here) -> None:
    put("view:how", here.look.how)
    st.segmented_control("Colour by", list(HOW), format_func=HOW.__getitem__, key="view:how", required=True,
                         on_change=_set(here, "how"))  # fmt: skip


def _pills(here: Here, name: str, label: str, options: tuple[str, ...]) -> None:
    put(f"view:{name}", list(getattr(here.look, name)))
    st.pills(label, options, selection_mode="multi", key=f"view:{name}",
             on_change=taken(f"view:{name}", lambda new: setattr(here.look, name, tuple(new))))  # fmt: skip


def _set(here: Here, name: str, key: str = "") -> Any:
    return taken(key or f"view:{name}", lambda new: setattr(here.look, name, new))
