"""What a person does to a network on its diagram: each edit gives a new experiment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcore.data import features
from dlcore.experiment import Experiment, with_value
from dlcore.interventions import Held, Silenced
from dlcore.layers import Dense, Dropout

MOST_LAYERS = 16
"""More than these have no room in the diagram."""


def drawable(experiment: Experiment) -> bool:
    """Whether the diagram can show an experiment: points of the plane, dense layers and dropout."""
    fits = all(isinstance(each, Dense | Dropout) and not each.off for each in experiment.network)
    asked = experiment.data.planar and experiment.objective.labelled
    return asked and fits and len(experiment.network) <= MOST_LAYERS


def apply(experiment: Experiment, edit: Mapping[str, Any]) -> Experiment:
    """Carry out one edit: ``{"op", "layer", "value"}``.

    Ops: ``units``, ``activation`` and ``dropout`` of a layer, ``activations`` of all of them, ``grow`` one by
    ``value`` neurons, ``add`` and ``remove`` a layer, ``input`` on or off. Raises ``ValueError``
    (``ValidationError`` among them) for an edit that makes no sense: it comes from a browser.
    """
    op, value = edit.get("op"), edit.get("value")
    if op == "add":
        dense = [layer for layer in experiment.network if isinstance(layer, Dense)]
        new = dense[-1] if dense else Dense()
        return with_value(experiment, "network", (*experiment.network, new))
    if op == "input":
        return _toggle_input(experiment, str(value))
    if op == "activations":
        for i, each in enumerate(experiment.network):
            if isinstance(each, Dense):
                experiment = with_value(experiment, f"network.{i}.activation", value)
        return experiment
    if op in {"hold", "release", "silence"}:
        return _intervene(experiment, edit)
    layer = edit.get("layer")
    if type(layer) is not int or not 0 <= layer < len(experiment.network):
        raise ValueError(f"there is no layer {layer!r}")
    if op == "remove":
        return with_value(experiment, "network", _without(experiment, layer))
    if op == "dropout":
        return with_value(experiment, "network", _with_dropout(experiment, layer, float(str(value))))
    spec = experiment.network[layer]
    if op == "grow" and isinstance(spec, Dense) and type(value) is int:
        return with_value(experiment, f"network.{layer}.units", spec.units + value)
    if op in {"units", "activation", "frozen"} and isinstance(spec, Dense):
        return with_value(experiment, f"network.{layer}.{op}", value)
    raise ValueError(f"no edit is called {op!r}")


def weight_at(experiment: Experiment, edit: Mapping[str, Any]) -> Held:
    """Read which weight an edit means, and its value.  Raises ``ValueError`` for one that is not there."""
    held = Held.model_validate(
        {name: edit.get(name) for name in ("layer", "unit", "source", "value")}, strict=True
    )
    if any(
        "held" in problem.remedy for problem in experiment.model_copy(update={"held": (held,)}).problems()
    ):
        raise ValueError(f"there is no such weight: {held}")
    return held


def neuron_at(experiment: Experiment, edit: Mapping[str, Any]) -> tuple[int, int] | None:
    """Read which neuron an edit means, (layer, unit); None for none.  Raises ``ValueError``."""
    if edit.get("layer") is None:
        return None
    place = Silenced.model_validate({"layer": edit["layer"], "unit": edit.get("unit")}, strict=True)
    if place.layer > len(experiment.network) or place.unit >= experiment.shapes()[place.layer + 1][-1]:
        raise ValueError(f"there is no such neuron: {place}")
    return place.layer, place.unit


def dropout_after(experiment: Experiment, layer: int) -> float:
    """The dropout that follows a layer at once; 0 for none."""
    following = experiment.network[layer + 1 : layer + 2]
    return following[0].p if following and isinstance(following[0], Dropout) else 0.0


def _intervene(experiment: Experiment, edit: Mapping[str, Any]) -> Experiment:
    """Hold a weight at ``value``, release it, or switch a neuron off and on again."""
    layer, unit, source = (edit.get(name) for name in ("layer", "unit", "source"))
    if edit["op"] == "silence":
        named = Silenced.model_validate({"layer": layer, "unit": unit}, strict=True)
        others = tuple(each for each in experiment.silenced if each != named)
        mine = () if named in experiment.silenced else (named,)
        return with_value(experiment, "silenced", others + mine)
    held = Held.model_validate(
        {"layer": layer, "unit": unit, "source": source, "value": edit.get("value", 0.0)}
    )
    place = (held.layer, held.unit, held.source)
    rest = tuple(each for each in experiment.held if (each.layer, each.unit, each.source) != place)
    return with_value(experiment, "held", (*rest, held) if edit["op"] == "hold" else rest)


def _toggle_input(experiment: Experiment, kind: str) -> Experiment:
    if kind not in features.kinds():
        raise ValueError(f"no input is called {kind!r}")
    chosen = {each.kind_name() for each in experiment.inputs} ^ {kind}
    return with_value(experiment, "inputs", tuple(cls() for cls in features if cls.kind_name() in chosen))


def _without(experiment: Experiment, layer: int) -> tuple[Any, ...]:
    last = layer + 1 + isinstance(next(iter(experiment.network[layer + 1 : layer + 2]), None), Dropout)
    return experiment.network[:layer] + experiment.network[last:]


def _with_dropout(experiment: Experiment, layer: int, p: float) -> tuple[Any, ...]:
    has_one = isinstance(next(iter(experiment.network[layer + 1 : layer + 2]), None), Dropout)
    new = (Dropout(p=p),) if p else ()
    return (*experiment.network[: layer + 1], *new, *experiment.network[layer + 1 + has_one :])
