"""The network as a diagram that can be edited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcore.activations import activations
from dlcore.charts.theme import LIGHT, Theme
from dlcore.data import Task, features
from dlcore.edits import MOST_LAYERS, apply, dropout_after, neuron_at, weight_at
from dlcore.engine import Frame
from dlcore.experiment import Experiment
from dlcore.layers import Dense, Shape
from dlcore.limits import limits
from dlcore.record import Record
from pages.parts import phases
from pages.parts.components import component
from pages.parts.state import Here, triggered
from pages.parts.transport import thin_spaces

DRAWN = 16
KEY = "diagram"
PROBES = ("neurons", "weights")


def diagram(here: Here, frame: Frame, height: int, *, greyed: bool = False) -> None:
    """Show the network with what each neuron answers; its controls change the experiment."""
    e, theme = here.experiment, here.theme
    facts = here.keep("description", (e, theme), lambda: description(e, theme)) | {
        "locked": not here.lesson.allows("diagram"),
        "taken": {"from": here.taken[0], "last": here.taken[1]},
    }
    shown = "" if here.shown is None else f"{here.shown[0]}.{here.shown[1]}"
    arrays = {name: array for name, array in frame.arrays.items() if name.split(".")[0] in PROBES}
    walked, numbers = phases.walk(here, frame, facts["columns"], DRAWN)
    facts |= {"shown": shown, "height": height, "greyed": greyed, "walk": walked}
    component("network")(
        key=KEY,
        data=Record(facts, arrays | numbers).to_bytes(),
        on_edits_change=triggered(KEY, "edits", lambda said: take(here, said)),
    )


def take(here: Here, said: Mapping[str, Any]) -> None:
    """Carry out the edits that wait in the browser, each once and in their order.

    They are told again until the diagram sees from ``taken`` that they have arrived.
    """
    source, edits = str(said.get("from")), said.get("edits")
    _, last = here.taken if here.taken[0] == source else ("", 0)
    for edit in edits if isinstance(edits, list) else ():
        number = edit.get("id") if isinstance(edit, dict) else None
        if type(number) is int and number > last:
            here.taken = source, number
            last = number
            _edit(here, edit)


def _edit(here: Here, edit: Mapping[str, Any]) -> None:
    if edit.get("op") == "leave":
        phases.enter(here, False)
        return
    if edit.get("op") == "trace":
        phases.trace(here, edit.get("value"))
        return
    if edit.get("op") == "step":
        if here.walking and here.lesson.allows("step"):
            here.do("step")
        return
    if not here.lesson.allows("diagram"):
        here.notices.append("This lesson keeps the network as it is.")
        return
    try:
        if edit.get("op") == "weight":
            place = weight_at(here.experiment, edit)
            here.do("weight", **place.model_dump())
        elif edit.get("op") == "show":
            here.shown = neuron_at(here.experiment, edit)
        else:
            here.replace(apply(here.experiment, edit))
    except (ValueError, TypeError):
        here.notices.append("That change does not fit this network, so it stays as it was.")


def description(experiment: Experiment, theme: Theme) -> dict[str, Any]:
    """What the diagram needs to know besides the numbers of the moment."""
    columns, facts = [_inputs(experiment)], _facts(experiment)
    links = []
    # maps come input by input, then layer by layer as the experiment counts them, dropout included
    first = len(experiment.inputs)
    for layer, (spec, shape) in enumerate(zip(experiment.network, experiment.shapes()[1:], strict=False)):
        if isinstance(spec, Dense):
            column = _dense(experiment, spec, layer, len(columns), first)
            columns.append(column | {"facts": facts[layer]})
            links.append({"to": len(columns) - 1, "layer": layer})
        first += min(shape[-1], DRAWN)
    columns.append(_output(experiment, first) | {"facts": facts[-1]})
    links.append({"to": len(columns) - 1, "layer": len(experiment.network)})
    return {
        "columns": columns,
        "links": links,
        "activations": [[each.kind_name(), each.heading()] for each in activations],
        "limits": {
            "units": limits().max_units,
            "more_layers": len(experiment.network) < min(limits().max_layers, MOST_LAYERS),
        },
        "held": {f"{each.layer}.{each.unit}.{each.source}": each.value for each in experiment.held},
        "silenced": [f"{each.layer}.{each.unit}" for each in experiment.silenced],
        "same": _same(experiment),
        "totals": f"{_cost(experiment.n_parameters(), experiment.multiply_adds())} per point",
        "theme": theme.tokens(),
        "alt": alt(experiment),
    }


def _same(experiment: Experiment) -> str | None:
    """The activation that all layers have; "" where they differ, None where there are no two of them."""
    kinds = [each.activation.kind_name() for each in experiment.network if isinstance(each, Dense)]
    if len(kinds) < 2:
        return None
    return kinds[0] if len(set(kinds)) == 1 else ""


def _facts(experiment: Experiment) -> list[str]:
    """Shapes of one sample around each layer, the output last, and what the layer costs."""
    shapes = experiment.shapes()
    return [
        f"{_shape(before)} → {_shape(after)}, {_cost(each.n_parameters(before), each.multiply_adds(before))}"
        for each, before, after in zip(experiment.stack(), shapes, shapes[1:], strict=False)
    ]


def _shape(shape: Shape) -> str:
    return f"({', '.join(str(side) for side in shape)})"


def _cost(n_parameters: int, multiply_adds: int) -> str:
    parameters = f"{thin_spaces(n_parameters)} parameter{'s' * (n_parameters != 1)}"
    return f"{parameters}, {thin_spaces(multiply_adds)} multiply-add{'s' * (multiply_adds != 1)}"


def map_row(experiment: Experiment, layer: int, unit: int) -> int | None:
    """Which map of the neurons probe is that of a neuron; None for one that is not drawn."""
    for column in description(experiment, LIGHT)["columns"]:
        if column["layer"] == layer and unit < column["drawn"]:
            return int(column["first"]) + unit
    return None


def alt(experiment: Experiment) -> str:
    """What the diagram shows, for those who cannot see it."""
    inputs = ", ".join(each.label for each in experiment.inputs)
    hidden = [
        f"{layer.units} {layer.activation.heading()}"
        for layer in experiment.network
        if isinstance(layer, Dense)
    ]
    return (
        f"Network with inputs {inputs}; hidden layers: {'; '.join(hidden) or 'none'}; "
        f"output units: {experiment.head().units}; {experiment.n_parameters()} parameters"
    )


def _inputs(experiment: Experiment) -> dict[str, Any]:
    kinds = features.kinds()
    return {
        "kind": "input",
        "title": "inputs",
        "facts": f"{_shape(experiment.shapes()[0])}, the inputs of one point",
        "layer": None,
        "first": 0,
        "units": len(experiment.inputs),
        "drawn": len(experiment.inputs),
        "rows": len(kinds),
        "kinds": kinds,
        "slots": [kinds.index(each.kind_name()) for each in experiment.inputs],
        "names": [each.label for each in features],
        "hints": [each.summary() for each in features],
    }


def _dense(experiment: Experiment, spec: Dense, layer: int, column: int, first: int) -> dict[str, Any]:
    drawn = min(spec.units, DRAWN)
    return {
        "kind": "dense",
        "title": f"layer {column}",
        "layer": layer,
        "first": first,
        "units": spec.units,
        "drawn": drawn,
        "rows": drawn,
        "names": [f"neuron {column}.{unit + 1}" for unit in range(drawn)],
        "activation": spec.activation.kind_name(),
        "dropout": dropout_after(experiment, layer),
        "frozen": spec.frozen,
    }


def _output(experiment: Experiment, first: int) -> dict[str, Any]:
    head = experiment.head()
    named = ["output"] if head.units == 1 else [f"class {k}" for k in range(head.units)]
    follows = "softmax in loss" if experiment.data.task is Task.CLASSES else head.activation
    return {
        "kind": "output",
        "title": "output",
        "layer": len(experiment.network),
        "first": first,
        "units": head.units,
        "drawn": head.units,
        "rows": head.units,
        "names": named,
        "activation": follows,
    }
