"""The step to come, phase by phase on the diagram: its numbers, and a sentence for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from dlcore.data import Task
from dlcore.engine import Frame, State
from dlcore.experiment import Experiment
from dlcore.record import Arrays, Record
from pages.parts.state import Here
from pages.parts.transport import short

PHASES = ("Forward", "Loss", "Backward", "Update")
TERMS = 3
"""Products of one neuron's sum that are written out."""


def phases_button(here: Here, frame: Frame) -> None:
    """Into the step to come, or out of it."""
    st.button(
        "Leave the phases" if here.walking else "Phase by phase",
        key="phases",
        icon=":material/manage_search:",
        on_click=enter,
        args=(here, not here.walking),
        disabled=frame.state in {State.FINISHED, State.FAILED, State.LOST},
        help="Go through the next step on the diagram: forward, loss, backward, update.  Pauses the run",
    )


def enter(here: Here, on: bool) -> None:
    """Show the step to come on the diagram, of the run as it stands now; or leave it."""
    here.walking, here.stale, here.look.traced = on, True, None
    if on:
        here.look_at(-1)
        here.do("pause")


def walk(
    here: Here, frame: Frame, columns: Sequence[Mapping[str, Any]], drawn: int
) -> tuple[dict[str, Any] | None, Arrays]:
    """What the diagram needs for it: the stages, and the numbers cut to ``drawn`` neurons a layer."""
    told, e = _answer(here, frame), here.experiment
    if told is None:
        return None, {}
    cut = {f"phase.{name}": array[(slice(drawn),) * array.ndim] for name, array in told.arrays.items()}
    facts = {name: told.facts[name] for name in ("step", "point", "n_points")}
    may_step = here.lesson.shows("step") and here.lesson.allows("step")
    chosen = here.look.traced is not None
    return {**facts, "chosen": chosen, "stages": stages(e, told, columns), "may_step": may_step}, cut


def _answer(here: Here, frame: Frame) -> Record | None:
    """The numbers of the step to come; None while there are none, or none asked for."""
    if not here.walking or frame.state is State.PLAYING:
        return None
    weights = [array.tobytes() for name, array in frame.arrays.items() if name.startswith("weights.")]
    point = here.look.traced
    moment = here.run.id, frame.revision, frame.step, point, tuple(weights)
    told: Record | None = here.keep("phases", moment, lambda: here.run.phases(point))
    if told is None or not told.facts:
        here.keep("phases", None, lambda: None)  # no answer in time: ask again with the next picture
        return None
    e = here.experiment
    if len(told.arrays["input"]) != len(e.inputs) or f"{len(e.network)}.value" not in told.arrays:
        return None  # the answer is about the network before the last edit
    return told


def traced_place(here: Here, frame: Frame) -> tuple[float, float] | None:
    """Where on the plane the point lies that is traced; None where none is."""
    told, learnt = _answer(here, frame), here.points["train"].x
    if told is None or told.facts["point"] >= len(learnt):
        return None
    x1, x2 = learnt[told.facts["point"]]
    return float(x1), float(x2)


def trace(here: Here, point: Any) -> None:
    """Trace another training point, by its number from 1 on; None is the first of the batch again."""
    if point is None:
        here.look.traced = None
    elif type(point) is int and 1 <= point <= len(here.points["train"].x):
        here.look.traced = point - 1
    here.stale = True


def trace_nearest(here: Here, said: Mapping[str, Any]) -> None:
    """Trace the training point nearest to where the plane was pressed."""
    try:
        away = here.points["train"].x - np.array(said.get("place"), float).reshape(2)
    except (TypeError, ValueError):
        return  # no place: it comes from a browser
    if here.walking and len(away) and np.isfinite(away).all():
        trace(here, int((away**2).sum(1).argmin()) + 1)


def stages(e: Experiment, told: Record, columns: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Every stage in its order: its phase, the column of the diagram that it is about, and what it says."""
    layers = list(enumerate(columns))[1:]
    return [
        {"phase": "Forward", "column": 0, "say": _point(e, told)},
        *({"phase": "Forward", "column": c, "say": _forward(e, told, column, c)} for c, column in layers),
        {
            "phase": "Loss",
            "column": len(columns) - 1,
            "say": _loss(e, told),
            "notes": [f"right: {_truth(e, told)}", f"loss {short(told.facts['loss'])}"],
        },
        *(
            {"phase": "Backward", "column": c, "say": _backward(e, told, columns, c)}
            for c, _ in reversed(layers)
        ),
        {"phase": "Update", "column": -1, "say": _update(e, told, columns)},
    ]


def _point(e: Experiment, told: Record) -> str:
    point = ", ".join(
        f"{each.label} = {short(float(value))}"
        for each, value in zip(e.inputs, told.arrays["input"], strict=True)
    )
    row, n_batch = told.facts["row"], told.facts["n_batch"]
    who = f"Training point {told.facts['point'] + 1}"
    if row < 0:
        return (
            f"{who} goes in: {point}. Right would be {_truth(e, told)}. It is not in the next batch: its "
            "numbers are what the network answers now; the phases after this one are the batch's."
        )
    return (
        f"{who}, number {row + 1} of the {n_batch} points of this batch, goes in: {point}. "
        f"Right would be {_truth(e, told)}."
    )


def _truth(e: Experiment, told: Record) -> str:
    truth = told.facts["truth"]
    return short(truth) if e.data.task is Task.REGRESSION else f"class {truth:.0f}"


def _forward(e: Experiment, told: Record, column: Mapping[str, Any], c: int) -> str:
    layer, arrays = column["layer"], told.arrays
    value = arrays[f"{layer}.value"]
    before = arrays["input"] if layer == 0 else arrays[f"{layer - 1}.value"]
    silenced = {each.unit for each in e.silenced if each.layer == layer}
    unit = next((unit for unit in range(len(value)) if unit not in silenced), 0)
    weight, bias = arrays[f"{layer}.weight"][unit], float(arrays[f"{layer}.bias"][unit])
    terms = list(_terms(weight, before))
    total = float(weight @ before) + bias
    shown = " + ".join([*terms[:TERMS], *(["…"] if len(terms) > TERMS else []), _bracketed(bias)])
    sum_ = f"{shown} = {short(total)}"
    if column["kind"] == "output":
        return (
            f"The output adds up its inputs times their weights, and its bias: {sum_}. {_meaning(e, value)}"
        )
    name = e.network[layer].activation.heading()
    said = (
        f"Each neuron of layer {c} adds up its inputs times their weights, and its bias, and puts {name} "
        f"over it. Neuron {c}.{unit + 1}: {sum_}, {name}({short(total)}) = {short(float(value[unit]))}."
    )
    after = arrays.get(f"{layer + 1}.value")
    if after is not None and column["dropout"] and told.facts["row"] < 0:
        said += " Dropout silences none of them, as in every answer outside of training."
    elif after is not None and column["dropout"]:
        n_off = int(((after == 0) & (value != 0)).sum())
        said += f" Dropout then silences {n_off} of the {len(value)} for this step."
    return said


def _terms(weights: np.ndarray, values: np.ndarray) -> Iterator[str]:
    for weight, value in zip(weights, values, strict=True):
        yield f"{_bracketed(float(weight))}·{_bracketed(float(value))}"


def _bracketed(value: float) -> str:
    return f"({short(value)})" if value < 0 else short(value)


def _meaning(e: Experiment, outputs: np.ndarray) -> str:
    task, output = e.data.task, float(outputs[0])
    if task is Task.REGRESSION:
        return f"That is the answer: {short(output)}."
    if task is Task.CLASSES:
        return f"The largest of the {len(outputs)} is that of class {int(outputs.argmax())}: the answer."
    return f"An output over 0 means class 1, so the answer is class {int(output > 0)}."


def _loss(e: Experiment, told: Record) -> str:
    outputs = told.arrays[f"{len(e.network)}.value"]
    answer = ", ".join(short(float(output)) for output in outputs)
    mine = " It is not in the batch." if told.facts["row"] < 0 else ""
    return (
        f"For this point the output is {answer}, and right would be {_truth(e, told)}.{mine} Over all "
        f"{told.facts['n_batch']} points of the batch the loss ({e.loss.heading().lower()}) is "
        f"{short(told.facts['loss'])}: the number that training makes small."
    )


def _backward(e: Experiment, told: Record, columns: Sequence[Mapping[str, Any]], c: int) -> str:
    layer = columns[c]["layer"]
    gradient = told.arrays[f"{layer}.weight_grad"]
    name = "the output" if columns[c]["kind"] == "output" else f"layer {c}"
    if not gradient.any():
        return f"No gradient reaches the weights into {name}: they are frozen, or what they feed is silent."
    to, source = _most(gradient)
    head = "The chain rule gives each weight its gradient: how much the loss would rise if the weight did. "
    head = head if c == len(columns) - 1 else "The chain rule goes on back. "
    whose = "this point" if told.facts["row"] >= 0 else "the first point of the batch"
    return (
        f"{head}Of the weights into {name} the steepest is {_edge(e, columns, c, to, source)}: "
        f"{short(float(gradient[to, source]))}. The numbers at the neurons say how much the loss would rise "
        f"if their answer to {whose} did."
    )


def _update(e: Experiment, told: Record, columns: Sequence[Mapping[str, Any]]) -> str:
    facts, arrays = told.facts, told.arrays
    rate, name = facts["learning_rate"], e.optimizer.heading()
    moved = {
        c: arrays[f"{column['layer']}.weight_after"] - arrays[f"{column['layer']}.weight"]
        for c, column in enumerate(columns)
        if c
    }
    c = max(moved, key=lambda c: float(np.abs(moved[c]).max()))
    to, source = _most(moved[c])
    layer, change = columns[c]["layer"], float(moved[c][to, source])
    before, after, gradient = (
        float(arrays[f"{layer}.{part}"][to, source]) for part in ("weight", "weight_after", "weight_grad")
    )
    way = -change / rate if rate else 0.0
    from_gradient = (
        "" if np.isclose(way, gradient, rtol=1e-2) else f" (made of the gradient {short(gradient)})"
    )
    step = f"{short(before)} − {short(rate)}·{_bracketed(way)}{from_gradient} = {short(after)}"
    return (
        f"{name} moves every weight by −η times its direction, with the learning rate η = {short(rate)}. "
        f"Most moves {_edge(e, columns, c, to, source)}: {step}. The same batch then has the loss "
        f"{short(facts['loss_after'])} instead of {short(facts['loss'])}."
    )


def _most(values: np.ndarray) -> tuple[int, int]:
    to, source = np.unravel_index(np.abs(np.nan_to_num(values)).argmax(), values.shape)
    return int(to), int(source)


def _edge(e: Experiment, columns: Sequence[Mapping[str, Any]], c: int, to: int, source: int) -> str:
    origin = e.inputs[source].label if c == 1 else f"neuron {c - 1}.{source + 1}"
    names = columns[c]["names"]
    target = f"neuron {c}.{to + 1}" if columns[c]["kind"] == "dense" else names[to]
    return f"{origin} → {target}"
