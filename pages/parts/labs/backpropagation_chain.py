"""The opened network of the backpropagation lab: its drawing, its equations, and what is done to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from dlcore.chain import Chain, columns, places
from dlcore.engine import Frame, State
from dlcore.experiment import Experiment
from dlcore.losses import Target
from dlcore.record import Record
from pages.parts.components import component
from pages.parts.labs.backpropagation_quiz import asked
from pages.parts.state import Lab, triggered

KEY = "opened"
PROBE = "chain"
FIRST = "w.0.0.0"
HEAVIEST = 10.0
SYMBOLS = {"sigmoid": "σ", "tanh": "tanh", "relu": "ReLU"}
ALL_THE_WAY = "The chain rule, all the way from the loss.  Choose any other number, or walk through it."
NOTES = {
    **dict.fromkeys("wbx", ALL_THE_WAY),
    "y": "What would be right: change it, and see every gradient turn.",
}


def opened(lab: Lab, frame: Frame) -> None:
    """Draw the network with every number of the moment."""
    reading, e = frame.probe(PROBE), lab.experiment
    if reading and len(reading["values"]) == len(places(e)):
        lab.kept["drawn"] = e, reading
    if "drawn" not in lab.kept:
        return
    e, shown = lab.kept["drawn"]  # of a network that has just become another, as it was
    chosen = lab.kept.get("chosen", FIRST)
    if chosen not in places(e):
        chosen = lab.kept["chosen"] = FIRST
    facts = lab.here.keep("opened", (e, chosen), lambda: description(e, chosen)) | {
        "quiz": asked(lab, frame),
        "taken": lab.kept.get("taken", {"from": "", "last": 0}),
        "may_step": lab.guess is not None and frame.state is not State.LOST,
        "greyed": frame.state is State.LOST,
        "theme": lab.here.theme.tokens(),
    }
    component("chain", isolated=False)(
        key=KEY,
        data=Record(facts, {name: shown[name] for name in ("values", "gradients", "checks")}).to_bytes(),
        on_edits_change=triggered(KEY, "edits", lambda said: take(lab, said)),
    )


def description(e: Experiment, chosen: str) -> dict[str, Any]:
    """What the drawing needs to know besides the numbers of the moment."""
    chain = Chain(e)
    signs = e.head().target is Target.SIGN
    weight = (-HEAVIEST, HEAVIEST, 0.1)
    return {
        "places": places(e),
        "symbols": {place: chain.symbol(place) for place in places(e)},
        "columns": [asdict(column) for column in columns(e)],
        "inputs": [each.label for each in e.inputs],
        "bends": SYMBOLS,
        "steps": [asdict(step) for step in chain.steps(chosen)],
        "chosen": chosen,
        "chosen_row": None if chosen == "y" else asdict(chain.paths(chosen)),
        "notes": NOTES,
        "bounds": {"w": weight, "b": weight, "x": (-6, 6, 0.1), "y": (-1, 1, 2) if signs else (0, 1, 1)},
        "rate": e.optimizer.learning_rate,
        "alt": alt(e),
    }


def alt(e: Experiment) -> str:
    """What the drawing shows, for those who cannot see it."""
    sizes = ", ".join(str(len(column.names)) for column in columns(e)[:-1]) or "no"
    return (
        f"A network with {e.input_shape[0]} inputs, {sizes} hidden neurons and one output; every number with "
        "its gradient"
    )


def take(lab: Lab, said: Mapping[str, Any]) -> None:
    """Carry out what was done in the drawing, each once and in its order."""
    source, edits = str(said.get("from")), said.get("edits")
    taken = lab.kept.get("taken", {})
    last = taken["last"] if taken.get("from") == source else 0
    for edit in edits if isinstance(edits, list) else ():
        number = edit.get("id") if isinstance(edit, dict) else None
        if type(number) is int and number > last:
            last = number
            _edit(lab, edit)
    lab.kept["taken"] = {"from": source, "last": last}


def _edit(lab: Lab, edit: Mapping[str, Any]) -> None:
    place, value = str(edit.get("place")), edit.get("value")
    if edit.get("op") == "step" and lab.guess is not None:
        lab.do("step")
    elif edit.get("op") == "choose" and changeable(lab.experiment, place):
        lab.kept["chosen"] = place
    elif edit.get("op") == "put" and changeable(lab.experiment, place) and _finite(value):
        put_number(lab, place, float(value))


def _finite(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def changeable(e: Experiment, place: str) -> bool:
    """Whether a place is one that a hand may change: a weight, a bias, an input, or what would be right."""
    return place[:1] in "wbxy" and place in places(e)


def put_number(lab: Lab, place: str, value: float) -> None:
    """Put a weight, a bias, an input or what would be right where a person wants it, within its bounds."""
    kind, *at = place.split(".")
    if kind == "y":
        lab.set("answer", int(value > 0))
    elif kind == "x":
        lab.set(f"x{int(at[0]) + 1}", max(-6.0, min(6.0, value)))
    else:
        layer, unit, source = int(at[0]), int(at[1]), int(at[2]) if kind == "w" else -1
        value = max(-HEAVIEST, min(HEAVIEST, value))
        lab.here.do("weight", layer=layer, unit=unit, source=source, value=value)
