"""What only the lab of attention has: its controls, the maps of all heads, and one look opened."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dlcore.charts import attention, curves
from dlcore.data import typed
from dlcore.data.text import PAD
from dlcore.data.tokens import NOT_ASKED
from dlcore.engine import Frame, State
from dlcore.experiment import with_value
from dlcore.guides.attention import FIRST_BLOCK, MOST_TYPED, AttentionSettings, head_name
from dlcore.record import Arrays
from pages.parts import forms
from pages.parts.lab import Lab
from pages.parts.live import UNHURRIED_S, curve_of, live_plot
from pages.parts.state import put, taken, triggered
from pages.parts.tiles import Sheet, tiles
from pages.parts.views import choose, opened_query, samples
from pages.parts.views.opened_query import STAGES

PACES = {"copy": 5.0, "reverse": 25.0, "sort": 100.0, "addition": 0.0, "names": 0.0}
"""Steps per second with which a task can be watched."""
MAP_PX, CURVE_PX = 330, 150
AFRESH: Mapping[str, Any] = {
    "task": {"silenced": (), "text": ""},
    "network": {"silenced": ()},
    "positions": {},
}
"""The settings with which the run starts over, and what goes back to its default with them."""


def pace(lab: Lab) -> None:
    """Play a task as slowly as it can be watched, until its visitor chooses another speed."""
    if lab.kept.get("paced") != lab.settings.task:
        lab.kept["paced"] = lab.settings.task
        lab.set_pace(PACES[lab.settings.task])


def controls(lab: Lab) -> None:
    """The few controls: the task first, then how the network is made, then what it reads."""
    settings: AttentionSettings = lab.settings
    with st.container(key="attention-controls", horizontal=True, vertical_alignment="bottom", gap="medium"):
        _afresh(lab, "task")
        if settings.task != "names":
            _afresh(lab, "network")
        _afresh(lab, "positions")
        _string(lab)
        if settings.task == "names":
            for name in ("temperature", "top_k"):
                with st.container(width=170):
                    forms.setting(lab, name)


def _afresh(lab: Lab, name: str) -> None:
    """The control of a setting with which everything is learnt anew."""
    key, field = f"afresh:{name}", lab.settings.settings()[name]
    put(key, getattr(lab.settings, name))
    label = field.title or name.capitalize()

    def begin(value: Any) -> None:
        settings = lab.settings.model_copy(update=AFRESH[name])
        lab.begin(with_value(settings, name, value))
        if name == "task":
            # of a name the last letter looks farthest back
            last = lab.experiment.data.sample_shape[0] - 1 if value == "names" else 0
            choose.look_at(lab.here, layer=0, head=0, query=last, sample=0)

    how = {"key": key, "help": field.description, "on_change": taken(key, begin)}
    if isinstance(getattr(lab.settings, name), bool):
        st.toggle(label, **how)
    else:
        st.segmented_control(label, list(field.annotation.__args__), required=True, **how)


def _string(lab: Lab) -> None:
    """What the network reads: typed by the student, or a string that it has not learnt from."""
    key = "attention:text"
    put(key, lab.settings.text)

    def another() -> None:
        lab.set("text", "")
        choose.look_at(lab.here, sample=(lab.here.inside.sample + 1) % len(lab.here.points["test"]))

    st.text_input(
        "Beginning" if lab.settings.task == "names" else "Your own string",
        key=key, max_chars=MOST_TYPED, width=190, placeholder=_example(lab), live=True,
        help="What the network reads; while it is empty, a string that it has not learnt from",
        on_change=taken(key, lambda text: lab.set("text", str(text)[:MOST_TYPED])),
    )  # fmt: skip
    st.button(
        "", key="attention:another", icon=":material/shuffle:", help="Another test string", on_click=another
    )


def _example(lab: Lab) -> str:
    data, x = lab.experiment.data, lab.here.points["test"].x
    return typed.example(data, x[choose.sample_of(lab.here)])


def read(lab: Lab) -> tuple[NDArray[np.int64], str]:
    """The row of tokens (T,) that is looked at, and why it is not what was typed; "" where it is."""
    data, row = lab.experiment.data, lab.here.points["test"].x[choose.sample_of(lab.here)]
    if not lab.settings.text:
        return row, ""
    found = typed.read(data, lab.settings.text)
    return (row, found.problem) if found.x is None else (found.x, "")


def n_read(lab: Lab) -> int:
    """How many of its tokens are there to be read: all but what fills a name up."""
    row, vocabulary = read(lab)[0], lab.experiment.data.vocabulary
    return int(np.flatnonzero(row != vocabulary.index(PAD)).max()) + 1 if PAD in vocabulary else len(row)


def watched(lab: Lab) -> tuple[str, ...]:
    """What the worker is asked for."""
    inside, number = lab.here.inside, typed.numbered(lab.experiment.data, read(lab)[0])
    layer = max(inside.layer, FIRST_BLOCK)
    opened = f"attention?layer={layer}&head={inside.head}&query={inside.query}&typed={number}"
    names = ()
    if lab.settings.task == "names":
        temperature = round(100 * lab.settings.temperature)
        begun = typed.read(lab.experiment.data, lab.settings.text).x
        begins = typed.numbered(lab.experiment.data, begun) if begun is not None else 0
        names = (f"next_token?typed={begins}&temperature={temperature}&top_k={lab.settings.top_k}",)
    return (f"heads?typed={number}", opened, "ablation", "past", "curves", *names)


def tile_of(lab: Lab) -> int:
    """The head that is looked at, counted through all blocks."""
    blocks, heads = lab.settings.sizes
    block = min(max(lab.here.inside.layer - FIRST_BLOCK, 0), blocks - 1)
    return block * heads + min(lab.here.inside.head, heads - 1)


def tokens_of(lab: Lab) -> list[str]:
    """The tokens that are looked at, one for each step."""
    vocabulary = lab.experiment.data.vocabulary
    return [samples.token_said(vocabulary[int(k)]) for k in read(lab)[0][: n_read(lab)]]


def show_heads(lab: Lab, frame: Frame) -> None:
    """The map of every head, and how much each is missed; a click opens one look of one head."""
    heads, told = frame.probe(watched(lab)[0]), frame.probe("ablation")
    if "weight" not in heads:
        choose.empty(choose.WAITING)
        return
    tokens, chosen, n = tokens_of(lab), tile_of(lab), n_read(lab)

    def pick(said: Mapping[str, Any]) -> None:
        tile, (_, n_heads) = max(0, int(said.get("tile", 0))), lab.settings.sizes
        row = max(0, min(int(said.get("row", 0)), len(tokens) - 1))
        choose.look_at(lab.here, layer=FIRST_BLOCK + tile // n_heads, head=tile % n_heads, query=row)

    off = heads["silenced"].astype(bool)
    names = [f"head {head_name(lab.settings, k)}{' · off' if off[k] else ''}" for k in range(len(off))]
    sheet = Sheet(
        heads["weight"][:, :n, :n], heads["scale"], "Attention of every head", palette="magnitude",
        size=124, picks=True, chosen=chosen, joined=" looks at ", names=names, rows=tokens, columns=tokens,
    )  # fmt: skip
    tiles(lab.here, "heads", [sheet], greyed=frame.state is State.LOST, on_pick=pick)
    if "without" in told and len(told["without"]) == len(names):
        st.html(_missed(told, names, chosen, lab.experiment.data.class_names))


def _missed(told: Arrays, names: list[str], chosen: int, classes: tuple[str, ...]) -> str:
    """The share of right answers with all heads, as it is, and with one head more switched off, as bars."""
    rows = [("all heads on", float(told["whole"][0]), "")]
    if told["now"][0] != told["whole"][0] or any("off" in name for name in names):
        rows.append(("as it is", float(told["now"][0]), ""))
    rows += [
        (f"without {name.removeprefix('head ')}", float(part), "chosen" if k == chosen else "")
        for k, (name, part) in enumerate(zip(names, told["without"], strict=True))
        if "off" not in name
    ]
    cells = "".join(
        f"<tr class='{kind}'><th scope='row'>{escape(name)}</th>"
        f"<td><i style='width:{100 * part:.0f}%'></i><b>{percent(part)}</b></td></tr>"
        for name, part, kind in rows
    )
    return f"<table class='missed'><caption>Right answers on test strings</caption>{cells}</table>"


def show_map(lab: Lab, frame: Frame) -> None:
    """The chosen head large, what is read and what is answered, and the switch of the head."""
    record, chosen, tokens = frame.probe(watched(lab)[1]), tile_of(lab), tokens_of(lab)
    if "weight" not in record:
        return
    _, heads = lab.settings.sizes
    query = query_of(lab, record)

    def pick(said: Mapping[str, Any]) -> None:
        place = said.get("place")
        if isinstance(place, list | tuple) and len(place) == 2:
            choose.look_at(lab.here, query=max(0, min(round(float(place[1])), len(tokens) - 1)))

    st.html(_answer(lab, frame))
    record = {**record, "weight": record["weight"][:, : len(tokens), : len(tokens)]}
    picture = attention.figure(record, chosen % heads, query, tokens, lab.here.theme)
    alt = attention.alt(chosen % heads, tokens, record)
    live_plot(
        picture, "attention", alt, height=MAP_PX, greyed=frame.state is State.LOST, picks=True,
        on_pick=triggered("plot_attention", "pick", pick),
    )  # fmt: skip


def query_of(lab: Lab, record: Arrays) -> int:
    """The step whose look is opened."""
    return min(lab.here.inside.query, n_read(lab) - 1, len(record["share"]) - 1)


def _answer(lab: Lab, frame: Frame) -> str:
    """What the network reads and what it answers, step under step, wrong answers marked."""
    data, heads, (row, problem) = lab.experiment.data, frame.probe(watched(lab)[0]), read(lab)
    if problem:
        return f"<p class='attention-problem'>{escape(problem)}</p>"
    right, best = typed.right(data, row), heads.get("best", np.zeros(0, int))
    if right is None or len(best) != len(row):
        return f"<p class='attention-answer'>{escape(''.join(tokens_of(lab)))}</p>"
    asked = [int(t) for t in np.flatnonzero(right != NOT_ASKED)]
    said = "".join(
        f"<span class='{'' if best[t] == right[t] else 'wrong'}'>{escape(data.class_names[best[t]])}</span>"
        for t in asked
    )
    n_right = sum(int(best[t] == right[t]) for t in asked)
    return (
        f"<p class='attention-answer'>{escape(''.join(tokens_of(lab)))} <small>→</small> {said} "
        f"<small>{n_right} of {len(asked)} right</small></p>"
    )


def head_switch(lab: Lab) -> None:
    """Switch the chosen head off, or on again, while the run goes on."""
    chosen, silenced = tile_of(lab), lab.settings.silenced
    off, name = chosen in silenced, head_name(lab.settings, tile_of(lab))
    others = tuple(head for head in silenced if head != chosen)
    st.button(
        f"Switch head {name} {'on' if off else 'off'}",
        key="attention:switch",
        icon=":material/visibility:" if off else ":material/visibility_off:",
        help="Nothing is learnt anew: its output is put to 0, or let through again",
        on_click=lab.set,
        args=("silenced", others if off else tuple(sorted((*others, chosen)))),
    )


def stages(lab: Lab) -> None:
    """Walk through the stages of one look."""
    stage = stage_of(lab)

    def to(new: int) -> None:
        lab.kept["stage"] = max(0, min(new, len(STAGES) - 1))

    with st.container(key="attention-stages", horizontal=True, vertical_alignment="center", gap="small"):
        if lab.settings.task == "names":
            put("attention:opened", bool(lab.kept.get("opened")))
            st.toggle(
                "One look opened", key="attention:opened",
                help="How one letter looks at those before it, in place of what comes next",
                on_change=taken("attention:opened", lambda on: lab.kept.update(opened=bool(on))),
            )  # fmt: skip
            if foretells(lab):
                return
        st.button("", key="attention:before", icon=":material/arrow_back:", help="The stage before",
                  disabled=stage == 0, on_click=to, args=(stage - 1,))  # fmt: skip
        put("attention:stage", stage)
        st.segmented_control(
            "Stage", range(len(STAGES)), key="attention:stage", format_func=STAGES.__getitem__, required=True,
            label_visibility="collapsed", on_change=taken("attention:stage", to),
        )  # fmt: skip
        st.button("", key="attention:after", icon=":material/arrow_forward:", help="The next stage",
                  disabled=stage == len(STAGES) - 1, on_click=to, args=(stage + 1,))  # fmt: skip


def foretells(lab: Lab) -> bool:
    """Whether what comes next is shown in place of an opened look: for names, unless their visitor asks."""
    return lab.settings.task == "names" and not lab.kept.get("opened")


def stage_of(lab: Lab) -> int:
    """The stage of the look that is told of: at first the shares."""
    return int(lab.kept.get("stage", STAGES.index("softmax")))


def show_query(lab: Lab, frame: Frame) -> None:
    """One look opened to its numbers."""
    record, tokens = frame.probe(watched(lab)[1]), tokens_of(lab)
    if "share" not in record:
        return
    n, query, stage = n_read(lab), query_of(lab, record), stage_of(lab)
    # what fills a name up is not shown: its mask hides it from all that is
    record |= {name: record[name][:n] for name in ("k", "v", "product", "scaled", "share")}
    st.markdown(opened_query.sentence(record, tokens, query, stage))
    st.html(opened_query.table(record, tokens, query, stage))


def show_curve(lab: Lab, frame: Frame) -> None:
    """How the share of right answers has grown; a line stands at the moment looked back at."""
    here = lab.here
    if not here.newest.probe("curves"):
        return
    curve = curve_of(here.newest, looked_at=None if here.at is None else frame.epoch)
    task = lab.experiment.data.task
    picture = curves.figure(curve, curves.View(measure="score"), task, here.theme)
    live_plot(
        picture,
        "attention-curve",
        curves.alt("score", task),
        height=CURVE_PX,
        greyed=frame.state is State.LOST,
        rest_s=UNHURRIED_S,
    )


def percent(part: float) -> str:
    """A share of right answers in whole percent."""
    return f"{100 * part:.0f} %"
