"""The step to come, phase by phase, with its numbers."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dlcore.data import Task
from dlcore.engine import State
from dlcore.experiment import Experiment
from dlcore.layers import Dense
from dlcore.record import Arrays, Record
from pages.parts.state import Here
from pages.parts.transport import short

PHASES = ("Forward", "Loss", "Backward", "Update")
SHOWN = 8
"""Numbers of one layer that are shown."""


def next_step(here: Here) -> None:
    """What the next step will do; computed when somebody looks."""
    panel = st.popover("Next step", icon=":material/manage_search:", key="phases", on_change="rerun")
    if not panel.open:
        return
    with panel:
        if here.run.frame(()).state is State.PLAYING:
            st.caption("Pause the run to look at its next step.")
            return
        told = here.run.phases()
        if told is None or not told.facts:
            st.caption("The run has stopped: there is no next step.")
            return
        phase = st.segmented_control(
            "Phase", PHASES, default=PHASES[0], key="phase", required=True, label_visibility="collapsed"
        )
        st.markdown(text(here.experiment, told, str(phase)))
        st.button("Make this step", key="make-step", on_click=here.do, args=("step",))


def text(e: Experiment, told: Record, phase: str) -> str:
    """One phase as Markdown: a sentence, and a row for each layer."""
    facts, arrays = told.facts, told.arrays
    if phase == "Loss":
        n_batch, loss = facts["n_batch"], short(facts["loss"])
        return (
            f"**How wrong was it?**  Over the {n_batch} points of this batch the loss "
            f"({e.loss.heading().lower()}) is **{loss}**: the number that training makes small."
            f"\n\n$${e.loss.formula}$$"
        )
    if phase == "Forward":
        truth = short(facts["truth"]) if e.data.task is Task.REGRESSION else f"class {facts['truth']:.0f}"
        head = (
            f"**What does it answer?**  The first point of the batch, {_row(arrays['input'])}, goes through "
            f"layer by layer; right would be {truth}.\n\n| layer | what its neurons answer |\n|---|---|\n"
        )
        rows = [(place, name) for place, name in _names(e) if f"{place}.value" in arrays]
        return head + "\n".join(f"| {name} | {_row(arrays[f'{place}.value'])} |" for place, name in rows)
    learning = [(place, name) for place, name in _names(e) if f"{place}.weight" in arrays]
    if phase == "Backward":
        head = (
            "**Which weight is to blame?**  Going back from the loss, the chain rule gives each weight its "
            "gradient: how much the loss would rise if it did.\n\n"
            "| layer | length of the gradient | largest |\n|---|---|---|\n"
        )
        return head + "\n".join(
            f"| {name} | {_length(arrays[f'{place}.weight_grad'])} | {_largest(arrays, place)} |"
            for place, name in reversed(learning)
        )
    head = (
        f"**What is changed?**  {e.optimizer.heading()}, at a learning rate of "
        f"{short(facts['learning_rate'])}, moves every weight a little; the same batch then has the loss "
        f"**{short(facts['loss_after'])}** instead of {short(facts['loss'])}.\n\n"
        "| layer | length of the step | of the weights | the weight that moves most |\n|---|---|---|---|\n"
    )
    return head + "\n".join(_update(arrays, place, name) for place, name in learning)


def _names(e: Experiment) -> list[tuple[int, str]]:
    """Place and name of every layer, as the diagram counts them."""
    names, dense = [], 0
    for place, layer in enumerate(e.network):
        dense += isinstance(layer, Dense)
        names.append((place, f"layer {dense}" if isinstance(layer, Dense) else layer.heading().lower()))
    return [*names, (len(e.network), "output")]


def _row(values: np.ndarray) -> str:
    shown = ", ".join(short(float(value)) for value in values[:SHOWN])
    return f"({shown}{', …' if len(values) > SHOWN else ''})"


def _length(values: np.ndarray) -> str:
    return short(float(np.linalg.norm(values)))


def _largest(arrays: Arrays, place: int) -> str:
    gradient = arrays[f"{place}.weight_grad"]
    to, source = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
    return f"{short(float(gradient[to, source]))}, from {source + 1} to {to + 1}"


def _update(arrays: Arrays, place: int, name: str) -> str:
    before, after = arrays[f"{place}.weight"], arrays[f"{place}.weight_after"]
    moved = after - before
    to, source = np.unravel_index(np.abs(moved).argmax(), moved.shape)
    share = float(np.linalg.norm(moved) / max(float(np.linalg.norm(before)), 1e-12))
    most = f"{short(float(before[to, source]))} → {short(float(after[to, source]))}"
    where = f"from {source + 1} to {to + 1}"
    return f"| {name} | {_length(moved)} | {100 * share:.2g} % | {most}, {where} |"
