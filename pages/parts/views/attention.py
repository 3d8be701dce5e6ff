"""Who looks at whom, and how one query comes by what it sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dlcore.charts import attention
from dlcore.engine import Frame, State
from dlcore.experiment import Experiment
from dlcore.layers import Layer, Nest
from dlcore.layers.attention import Attending
from dlcore.record import Arrays
from pages.parts.live import live_plot
from pages.parts.state import Here
from pages.parts.tiles import Sheet, tiles
from pages.parts.views import choose, opened_query, samples
from pages.parts.views.view import View


def _attends(layer: Layer) -> bool:
    """Whether steps look at each other in a layer, or in one that it holds."""
    if isinstance(layer, Nest):
        return any(_attends(each) for _, stack in layer.stacks() for each in stack)
    return isinstance(layer, Attending)


def _layers(experiment: Experiment) -> dict[int, str]:
    network = experiment.stack()
    return choose.layers(experiment, lambda i, _: _attends(network[i]))


def _applies(experiment: Experiment) -> bool:
    return any(_attends(layer) for layer in experiment.stack())


def _watch(here: Here) -> str:
    inside, layer = here.inside, choose.layer_of(here, _layers(here.experiment))
    return (
        f"attention?layer={layer}&sample={choose.sample_of(here)}&head={inside.head}"
        f"&query={min(inside.query, 63)}"
    )


def _controls(here: Here) -> None:
    names = _layers(here.experiment)
    layer = choose.layer_of(here, names)
    n_heads, n_steps = _sizes(here.experiment, layer)
    with choose.row():
        choose.layer(here, names)
        choose.sample(here)
        choose.number(here, "head", f"Head, 0 to {n_heads - 1}", n_heads - 1, "Ways of looking, side by side")
        choose.number(
            here,
            "query",
            f"Query, step 0 to {n_steps - 1}",
            n_steps - 1,
            "The step whose look is opened below",
        )
        _switch(here, layer, n_heads)


def _switch(here: Here, layer: int, n_heads: int) -> None:
    """Switch the head that is looked at off, or on again, where its layer is one of the stack itself."""
    network = here.experiment.network
    if layer >= len(network) or not isinstance(attending := network[layer], Attending):
        return
    head, silenced = min(here.inside.head, n_heads - 1), attending.silenced_heads
    others = tuple(each for each in silenced if each != head)
    off = head in silenced
    st.button(
        f"Switch head {head} {'on' if off else 'off'}",
        key="switch-head",
        icon=":material/visibility:" if off else ":material/visibility_off:",
        help="While the run goes on: what it sees is not handed on, or handed on again",
        on_click=here.set,
        args=(f"network.{layer}.silenced_heads", others if off else tuple(sorted((*others, head)))),
    )


def _sizes(experiment: Experiment, layer: int) -> tuple[int, int]:
    """How many heads the attention of a layer has, and how many steps are shown."""
    inside: list[Layer] = [experiment.network[layer]]
    while inside:
        each = inside.pop(0)
        if isinstance(each, Attending):
            return each.heads, min(64, experiment.shapes()[layer][0])
        if isinstance(each, Nest):
            inside = [one for _, stack in each.stacks() for one in stack] + inside
    return 1, 1


def _show(here: Here, frame: Frame) -> None:
    record = frame.probe(_watch(here))
    if "weight" not in record:
        choose.empty(choose.WAITING)
        return
    n_heads, n_steps, _ = record["weight"].shape
    head, query = min(here.inside.head, n_heads - 1), min(here.inside.query, n_steps - 1)
    tokens = samples.tokens(here, choose.sample_of(here))
    tokens += [str(step) for step in range(len(tokens), n_steps)]
    choose.said(
        "How much each step (a row) looks at each step (a column) in every head: each row adds up to 1.  "
        f"Test sample {choose.sample_of(here)}: {samples.in_words(here, choose.sample_of(here))}"
    )

    def pick(said: Mapping[str, Any]) -> None:
        choose.look_at(here, head=max(0, int(said.get("tile", 0))), query=max(0, int(said.get("row", 0))))

    greyed = frame.state is State.LOST
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=262):
            tiles(here, "heads", [_heads(here, record, head, tokens)], greyed=greyed, on_pick=pick)
        with st.container(width=400):
            picture = attention.figure(record, head, query, tokens, here.theme)
            live_plot(picture, "attention", attention.alt(head, tokens, record), height=400, greyed=greyed)
        with st.container(width=560):
            st.markdown(f"Head {head}, query “{tokens[query]}” (step {query}): how its look comes about")
            st.html(opened_query.table(record, tokens, query))


def _heads(here: Here, record: Arrays, head: int, tokens: Sequence[str]) -> Sheet:
    return Sheet(
        record["weight"], record["scale"], "Attention of every head", palette="magnitude",
        title="All heads; a click opens a query of one", size=118, picks=True, chosen=head,
        joined=" looks at ",
        names=[f"head {k}" for k in range(len(record["weight"]))], rows=tokens, columns=tokens,
        common=here.inside.common,
    )  # fmt: skip


ATTENTION = View(
    "Attention", ":material/visibility:", _applies, lambda here: (_watch(here),), _show, _controls
)
