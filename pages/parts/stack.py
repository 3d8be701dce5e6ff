"""The stack of layers as cards: what each makes of the sample's shape, what it costs, and its settings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo

from dlcore.activations import Activation, activations
from dlcore.cards import WRAPPERS
from dlcore.experiment import Experiment
from dlcore.layers import Layer, Shape, Tokens, count, layers, shown
from dlcore.layers import palette as families
from dlcore.layers.nested import MOST_BRANCHES, MOST_IN_STACK
from dlcore.limits import limits
from dlcore.spec.declared import extra
from dlcore.stack import Row, fitting, repair, rows
from dlcore.templates import offered
from pages.parts.components import component
from pages.parts.forms import bounds
from pages.parts.state import Here, triggered
from pages.parts.transport import thin_spaces

KEY = "stack"
THOUSANDS = ("", " k", " M", " G", " T")


def stack_editor(here: Here) -> None:
    """Show the stack; its edits change the experiment, or the draft of one.

    A fragment of its own: the new shapes are there before anything else is drawn anew.  The rest is asked for
    by the browser once it has them; Streamlit would throw away what a rerun at once had left behind.
    """

    def draw() -> None:
        component("stack")(
            key=KEY,
            data={**facts(here), "stale": here.stale},
            on_edits_change=triggered(KEY, "edits", lambda said: take(here, said)),
            on_shown_change=lambda: setattr(here, "shown_stack", True),
        )
        shown, here.shown_stack = here.shown_stack, False
        if shown and here.stale:
            st.rerun()

    st.fragment(draw)()


def take(here: Here, said: Mapping[str, Any]) -> None:
    """Carry out the edits that wait in the browser, each once and in their order."""
    source, edits = str(said.get("from")), said.get("edits")
    last = here.taken[1] if here.taken[0] == source else 0
    for edit in edits if isinstance(edits, list) else ():
        number = edit.get("id") if isinstance(edit, dict) else None
        if type(number) is int and number > last:
            here.taken = source, number
            last = number
            edit_stack(here, edit)


def edit_stack(here: Here, edit: Mapping[str, Any]) -> None:
    """Carry out one edit; one that makes no sense changes nothing."""
    e = here.described
    if not here.lesson.allows("diagram"):
        here.notices.append("This lesson keeps the network as it is.")
    elif edit.get("op") == "repair":
        problem = repair(e)
        if problem is not None:
            here.replace(e.model_copy(update=dict(problem.remedy)))
    elif edit.get("op") == "discard":
        here.replace(here.experiment)
    elif edit.get("op") == "template":
        _take_template(here, str(edit.get("name")))
    else:
        here.cards.show(e.network)
        try:
            here.cards.apply(edit, shape_at(here, edit) if edit.get("op") == "add" else None)
            # each layer is read anew: moving cards about may have left a block with more than it may hold
            network = tuple(layers.parse(layer.compact()) for layer in here.cards.network)
            if count(network) > limits().max_layers:
                raise ValueError(f"{limits().max_layers} layers are the most that this server builds")
            # validated whole, as it comes from a browser
            here.replace(Experiment.model_validate({**_fields(e), "network": network}))
        except (ValueError, TypeError):
            here.cards.show(e.network)
            here.notices.append("That change does not fit this stack, so it stays as it was.")
    here.stale = True


def _take_template(here: Here, name: str) -> None:
    """Lay a named network out for the data at hand; its seeds and its split stay those of the page."""
    e = here.described
    for template in offered(e.data):
        if template.name == name:
            kept = {"split": e.split, "seeds": e.seeds, "stop": e.stop}
            here.replace(template.on(e.data).model_copy(update=kept))


def shape_at(here: Here, edit: Mapping[str, Any]) -> Shape | None:
    """What a layer would be given that an edit adds; None where that cannot be known."""
    e = here.described
    numbers = here.cards.places()
    table = {row.place: row for row in rows(e)}
    number, _, slot = str(edit.get("into") or "").partition(".")
    holder = next((place for place, each in numbers.items() if str(each) == number), "")
    within = f"{holder}.{slot}." if holder else ""
    inside = [place for place in table if place.startswith(within) and place[len(within) :].isdecimal()]
    following = next((place for place in inside if numbers[place] == edit.get("before")), None)
    if following is not None:
        return table[following].before
    if inside:
        return table[inside[-1]].after
    return table[holder].before if holder else e.input_shape


def _fields(e: Experiment) -> dict[str, Any]:
    return {name: getattr(e, name) for name in type(e).model_fields}


def facts(here: Here) -> dict[str, Any]:
    """All that the component shows."""
    e = here.described
    here.cards.show(e.network)
    numbers = here.cards.places()
    table = rows(e)
    broken = repair(e)
    cards = {row.place: _card(row, numbers[row.place]) for row in table}
    wrong = next((row.place for row in reversed(table) if row.needed), None)
    end = table_end(e, table)
    problem = None if broken is None else {"what": broken.what, "next": broken.next}
    if problem and wrong:
        cards[wrong]["problem"] = problem
    return {
        "cards": list(cards.values()),
        "input": {"name": e.data.heading(), "shape": shown(e.input_shape), "fits": _kind_of(e.input_shape)},
        "output": {**_output(e, end), "problem": None if wrong else problem},
        "forms": forms(),
        "palette": palette(),
        "fits": {_kind_of(shape): fitting(shape) for shape in _shapes(e, table)},
        "wrappers": [[kind, layers[kind].heading()] for kind in WRAPPERS if kind in layers.kinds()],
        "most": {"inside": MOST_IN_STACK, "branches": MOST_BRANCHES},
        "templates": [{"name": each.name, "hint": each.hint} for each in offered(e.data)],
        "wanted": not e.network or (here.drafted is not None and e.data != here.experiment.data),
        "drafted": here.drafted is not None,
        "full": count(e.network) >= limits().max_layers,
        "totals": totals(e) if broken is None else "",
        "locked": not here.lesson.allows("diagram"),
        "taken": {"from": here.taken[0], "last": here.taken[1]},
    }


def totals(e: Experiment) -> str:
    """What the network costs, output layer included."""
    return (
        f"{thin_spaces(e.n_parameters())} parameters, {short_count(2 * e.multiply_adds())} FLOPs per sample"
    )


def table_end(e: Experiment, table: list[Row]) -> Shape | None:
    """What the output layer is given; None where it cannot be known."""
    top = [row for row in table if "." not in row.place]
    return top[-1].after if top else e.input_shape


def _card(row: Row, number: int) -> dict[str, Any]:
    layer = row.layer
    return {
        "number": number,
        "place": row.place,
        "kind": layer.kind_name(),
        "title": layer.heading(),
        "brief": brief(layer),
        "off": layer.off,
        "before": "" if row.before is None else _kind_of(row.before),
        "after": "" if row.after is None else _kind_of(row.after),
        "shape": "" if row.after is None else shown(row.after),
        "cost": _cost(row.n_parameters, row.multiply_adds) if row.after is not None else "",
        "exact": _exact(row) if row.after is not None else "",
        "values": values(layer),
        "slots": [name for name, _ in layer.stacks()],
        "problem": None,
    }


def _output(e: Experiment, before: Shape | None) -> dict[str, Any]:
    head, last = e.head(), e.stack()[-1]
    fits = before is not None and not last.needs(before)
    given = before if before is not None and fits else None
    return {
        "title": "Output",
        "brief": f"{head.units} unit{'s' * (head.units != 1)}, {e.loss.heading().lower()}",
        "before": "" if before is None else _kind_of(before),
        "shape": "" if given is None else shown(last.output_shape(given)),
        "cost": "" if given is None else _cost(last.n_parameters(given), last.multiply_adds(given)),
    }


def _cost(n_parameters: int, multiply_adds: int) -> str:
    if not n_parameters and not multiply_adds:
        return ""
    return f"{short_count(n_parameters)} par · {short_count(2 * multiply_adds)} FLOPs"


def _exact(row: Row) -> str:
    assert row.before is not None
    assert row.after is not None
    return (
        f"{shown(row.before)} → {shown(row.after)}: {thin_spaces(row.n_parameters)} parameters, "
        f"{thin_spaces(2 * row.multiply_adds)} FLOPs per sample"
    )


def short_count(value: float) -> str:
    """A count to three digits: ``61.7 k``."""
    power = 0 if value < 1000 else min(int(math.log10(value) // 3), len(THOUSANDS) - 1)
    return f"{value / 1000**power:.3g}{THOUSANDS[power]}"


def brief(layer: Layer) -> str:
    """A layer's settings in few words: its first two numbers, and what it bends with."""
    said = []
    for name, declared in layer.settings().items():
        value = getattr(layer, name)
        if extra(declared, "form") is False or isinstance(value, bool):
            continue
        if isinstance(value, Activation):
            said.append(value.heading())
        elif isinstance(value, int | float) and len(said) < 2:
            said.append(f"{name.replace('_', ' ')} {value:g}")
        elif isinstance(value, str) and len(said) < 2:
            said.append(value)
    return ", ".join(said)


def values(layer: Layer) -> dict[str, Any]:
    """The settings as the component's controls hold them."""
    held = {each["name"]: getattr(layer, each["name"]) for each in forms()[layer.kind_name()]}
    return {
        name: value.kind_name() if isinstance(value, Activation) else value for name, value in held.items()
    }


@cache
def forms() -> dict[str, list[dict[str, Any]]]:
    """The controls of each kind of layer, from its declaration."""
    return {
        cls.kind_name(): sorted(
            [
                control
                for name, declared in cls.settings().items()
                if extra(declared, "form") is not False and (control := _control(cls, name, declared))
            ],
            key=lambda control: control["type"] == "flag",
        )
        for cls in layers
    }


def _control(cls: type[Layer], name: str, declared: FieldInfo) -> dict[str, Any] | None:
    value = getattr(cls(), name)
    facts: dict[str, Any] = {
        "name": name,
        "label": declared.title or name.replace("_", " ").capitalize(),
        "help": declared.description,
    }
    if isinstance(value, bool):
        return {**facts, "type": "flag"}
    if isinstance(value, Activation):
        return {
            **facts,
            "type": "choice",
            "options": [[each.kind_name(), each.heading()] for each in activations],
        }
    if get_origin(declared.annotation) is Literal:
        return {
            **facts,
            "type": "choice",
            "options": [[each, str(each)] for each in get_args(declared.annotation)],
        }
    if isinstance(value, int | float):
        low, high = bounds(declared, name)
        whole = isinstance(value, int)
        step = extra(declared, "step") or (1 if whole else 0.01)
        return {**facts, "type": "number" if whole else "slider", "low": low, "high": high, "step": step}
    return None  # a stack of other layers, which has cards of its own


@cache
def palette() -> list[dict[str, Any]]:
    """Every layer there is, with what it does."""
    return [
        {
            "kind": cls.kind_name(),
            "title": cls.heading(),
            "summary": cls.summary(),
            "family": family,
        }
        for family, members in families().items()
        for cls in members
    ]


def _shapes(e: Experiment, table: list[Row]) -> dict[Shape, None]:
    found = [e.input_shape, *(row.before for row in table), *(row.after for row in table)]
    return dict.fromkeys(shape for shape in found if shape is not None)


def _kind_of(shape: Shape) -> str:
    return shown(shape) if isinstance(shape, Tokens) else "×".join(map(str, shape))
