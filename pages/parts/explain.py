"""What to try, and the formulas behind the pictures."""

from __future__ import annotations

import streamlit as st

from dlcore import templates
from dlcore.experiment import Experiment
from dlcore.export.formula import MOST_NUMBERS, formula
from dlcore.layers import Dense
from dlcore.presets import TRY
from dlcore.stack import rows
from pages.parts.gallery import gallery
from pages.parts.json_text import json_button
from pages.parts.runs import earlier_runs
from pages.parts.state import Here
from pages.parts.take_along import take_along
from pages.parts.teach import lessons, teach_buttons

NUMBERS_EVERY_S = 1.0


def try_these(here: Here) -> None:
    """Experiments worth a look, one press away."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if here.lesson.shows("try"):
            st.markdown("**Try**")
            for preset in TRY:
                st.button(
                    preset.name,
                    key=f"try:{preset.name}",
                    help=preset.question,
                    disabled=not here.lesson.allows("try"),
                    on_click=here.want,
                    args=(preset,),
                )
            gallery(here)
            lessons()
            earlier_runs(here)
        if here.lesson.shows("code"):
            take_along(here)
        teach_buttons(here)


def beside_the_code(here: Here) -> None:
    """What to try, the experiment as text and as code, the runs before it, and what a class needs."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if here.lesson.shows("try"):
            st.markdown("**Try**")
            for i, each in enumerate(templates.TRY):
                st.button(
                    each.preset.name,
                    key=f"try:{i}",
                    help=each.preset.question,
                    disabled=not here.lesson.allows("try"),
                    on_click=_begin,
                    args=(here, each),
                )
        json_button(here)
        if here.lesson.shows("code"):
            take_along(here)
        if here.lesson.shows("try"):
            earlier_runs(here)
        teach_buttons(here)


def _begin(here: Here, chosen: templates.Try) -> None:
    """Set the experiment of one thing to try, with the view open that shows what it is about."""
    here.tab = chosen.view
    here.want(chosen.preset)


def layer_formulas(here: Here) -> None:
    """What each layer of the stack computes, and what it learns by, with the sources."""
    if not here.lesson.shows("formulas"):
        return
    shown = st.expander(
        "The layers of this stack, and the formulas behind them", key="formulas", on_change="rerun"
    )
    if not shown.open:
        return
    e = here.described
    found = {row.layer.kind_name(): row.layer for row in rows(e) if not row.layer.off}
    with shown:
        left, right = st.columns(2)
        for i, layer in enumerate([*found.values(), Dense()] if "dense" not in found else found.values()):
            title = "Output layer: Dense" if layer.kind_name() not in found else layer.heading()
            (left, right)[i % 2].markdown(f"**{title}**  \n{_spelled(layer.reference())}")
        for name, formula, reference in _parts(e)[1]:
            right.markdown(f"**{name}**  \n{reference}")
            right.latex(formula)


def _spelled(reference: str) -> str:
    """A reference text as Markdown, in which a star is a star wherever it is not in a formula."""
    parts = reference.split("$")
    parts[::2] = [part.replace("*", r"\*") for part in parts[::2]]
    return "$".join(parts)


def formulas(here: Here) -> None:
    """The mathematics of the experiment, with its sources."""
    if not here.lesson.shows("formulas"):
        return
    shown = st.expander("What you see, and the formulas behind it", key="formulas", on_change="rerun")
    if not shown.open:
        return
    with shown:
        st.markdown(
            "Each square shows what one neuron answers at every place of the plane: blue positive, orange "
            "negative, the page's own ground zero.  A line is a weight: blue and solid positive, orange and "
            "dashed negative, the thicker the larger.  Filled points are learnt from; rings are kept for "
            "validation and test."
        )
        st.markdown("**The whole network**")
        st.fragment(lambda: _network(here), run_every=NUMBERS_EVERY_S)()
        left, right = st.columns(2)
        for column, parts in zip((left, right), _parts(here.experiment), strict=True):
            for name, formula, reference in parts:
                column.markdown(f"**{name}**  \n{reference}")
                column.latex(formula)


def _network(here: Here) -> None:
    """The network as one formula, with the numbers of the moment where they are few."""
    frame = here.run.frame(("weights",))
    st.latex(r" \\[0.5em] ".join(formula(here.experiment, frame.probe("weights"))))
    if here.experiment.n_parameters() > MOST_NUMBERS:
        st.caption(
            f"{here.experiment.n_parameters()} weights and biases: their shapes, rows × columns, stand for "
            f"them.  Up to {MOST_NUMBERS}, the numbers themselves are written."
        )


def _parts(e: Experiment) -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str]]]:
    """Name, formula and reference of what the experiment is made of, for two columns."""
    kinds = {layer.activation.heading(): layer.activation for layer in e.network if isinstance(layer, Dense)}
    layers = [("Dense layer", r"h = \varphi(W x + b)", Dense.summary())]
    layers += [(name, rf"\varphi(z) = {each.formula}", each.summary()) for name, each in kinds.items()]
    learning = [
        (f"Objective: {e.objective.heading()}", e.objective.formula, e.objective.summary()),
        (f"Loss: {e.loss.heading()}", e.loss.formula, e.loss.summary()),
        (f"Optimizer: {e.optimizer.heading()}", e.optimizer.formula, e.optimizer.summary()),
        (f"Schedule: {e.schedule.heading()}", e.schedule.formula, e.schedule.summary()),
    ]
    return layers, learning
