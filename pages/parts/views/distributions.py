"""How weights, activations and gradients are spread, and how gradients flow back."""

from __future__ import annotations

import streamlit as st

from dlcore.charts import depth, histograms
from dlcore.engine import Frame, State
from dlcore.experiment import Experiment
from pages.parts.live import live_plot
from pages.parts.state import Here
from pages.parts.views import choose
from pages.parts.views.view import View

WHOSE = {0: "weights", 1: "activations", 2: "gradients"}
MOST_NAME = 22


def _watch(here: Here) -> str:
    layer = choose.layer_of(here, choose.layers(here.experiment))
    return f"histograms?layer={layer}&numbers={here.inside.numbers}"


def _controls(here: Here) -> None:
    with choose.row():
        choose.layer(here, choose.layers(here.experiment))
        choose.one_of(here, "numbers", "Numbers", WHOSE, "The gradients are those of the last step")


def _show(here: Here, frame: Frame) -> None:
    record, health = frame.probe(_watch(here)), frame.probe("health")
    greyed = frame.state is State.LOST
    names = choose.layers(here.experiment)
    name, whose = names[choose.layer_of(here, names)], WHOSE[here.inside.numbers]
    if histograms.counted(record):
        choose.said(
            f"How the {whose} of layer {name} are spread at each moment since this was opened (bright is "
            "many), and now."
        )
        picture = histograms.figure(record, whose, here.theme)
        live_plot(picture, "histograms", histograms.alt(whose, name), height=300, greyed=greyed)
    elif whose == "gradients" and not frame.step:
        choose.empty("There are no gradients before the first step.  Press Play, or Step.")
    else:
        choose.empty(f"This layer has no {whose}.  Choose another layer, or its activations.")
    if "gradient" not in health:
        return
    with st.container(key="depth"):
        choose.said(
            "From the first layer down to the last: how large the gradient is that arrives, how far one step "
            "moves the weights, and how many units no sample moves.  Gradients that shrink by powers of ten "
            "towards the first layer vanish; updates of about a thousandth of the weights learn well."
        )
        called = [_short(names, int(layer)) for layer in health["layer"]]
        live_plot(
            depth.figure(health, called, here.theme), "depth", depth.alt(),
            height=depth.height(len(called)), greyed=greyed,
        )  # fmt: skip


def _short(names: dict[int, str], layer: int) -> str:
    name = names.get(layer, str(layer)).partition(" · ")[0]
    return name if len(name) <= MOST_NAME else f"{name[: MOST_NAME - 1]}…"


def _applies(experiment: Experiment) -> bool:
    return True


DISTRIBUTIONS = View(
    "Weights and gradients",
    ":material/bar_chart:",
    _applies,
    lambda here: (_watch(here), "health"),
    _show,
    _controls,
)
