"""The few controls of the lab of gradient descent."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dlcore.charts import descent as charts
from dlcore.engine import State
from dlcore.formula import FormulaError, read
from dlcore.guides.gradient_descent import NETWORK, RULES, SURFACE, GradientDescentSettings, rated
from dlcore.optimizers import SGD, Optimizer
from dlcore.surfaces import SURFACES, Surface
from pages.parts import state
from pages.parts.forms import field
from pages.parts.labs.descents import Late, hessian_top
from pages.parts.labs.gradient_descent import NUMBERS
from pages.parts.labs.playback import Playback
from pages.parts.state import Lab, put, taken
from pages.parts.transport import short

NOISES = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
BATCHES = (1, 3, 10, 30, 100, 500)
OVER_ON_A_SURFACE, OVER_IN_A_NETWORK = 1.05, 2.0
"""How far over 2/λ the learning rate is set: only just over it, a network soon falls back below its edge."""
MOST_RATE, LEAST_RATE = 10.0, 1e-6
LOOKED = {SURFACE: "Momentum", NETWORK: "Gradient descent"}
"""Which rule is opened first."""


def controls(lab: Lab, playback: Playback) -> None:
    """What is descended, by which rules, and how."""
    settings: GradientDescentSettings = lab.settings
    put("descent-tab", settings.tab)
    st.segmented_control(
        "What is descended",
        (SURFACE, NETWORK),
        key="descent-tab",
        required=True,
        label_visibility="collapsed",
        width="stretch",
        on_change=taken("descent-tab", lambda tab: _turn_to(lab, playback, tab)),
    )
    if settings.on_surface:
        _surface(lab, playback)
    else:
        _network(lab, playback)
    _rules(lab, playback)
    if settings.on_surface:
        one, other = st.columns(2)
        with one:
            _choice(lab, "noise", NOISES)
        with other:
            _choice(lab, "batch", BATCHES)
    else:
        _choice(lab, "network_batch", BATCHES)


def _turn_to(lab: Lab, playback: Playback, tab: str) -> None:
    playback.do("reset")
    lab.change(lab.settings.model_copy(update={"tab": tab, "looked": LOOKED[tab]}))


def _choice(lab: Lab, name: str, places: tuple[float, ...]) -> None:
    """A setting with a few places that are worth a look, and the one it has."""
    declared, value, key = type(lab.settings).model_fields[name], getattr(lab.settings, name), f"set:{name}"
    put(key, value)
    st.select_slider(
        declared.title or name,
        sorted({*places, value}),
        key=key,
        format_func=lambda place: "all" if name == "network_batch" and place == 500 else f"{place:g}",
        help=declared.description,
        on_change=taken(key, lambda new: lab.set(name, new)),
    )


def _surface(lab: Lab, playback: Playback) -> None:
    settings: GradientDescentSettings = lab.settings

    def choose(name: str) -> None:
        playback.do("reset")
        lab.change(lab.settings.on(name))

    put("descent-surface", settings.surface)
    st.selectbox(
        "Surface", tuple(SURFACES), key="descent-surface", on_change=taken("descent-surface", choose),
        help=settings.shown().words,
    )  # fmt: skip
    if settings.surface == Surface.OWN:
        _own(lab, playback)
    else:
        st.latex(f"f(x, y) = {settings.shown().read().latex()}")
    one, other = st.columns(2)
    for column, name in ((one, "x"), (other, "y")):
        with column:
            declared, key = type(settings).model_fields[name], f"set:{name}"
            put(key, getattr(settings, name))
            st.number_input(
                declared.title or name, -1000.0, 1000.0, key=key, step=0.1, format="%.3f",
                help="Or click the surface", on_change=taken(key, partial(_start, lab, playback, name)),
            )  # fmt: skip


def _start(lab: Lab, playback: Playback, name: str, value: float) -> None:
    playback.do("reset")
    lab.set(name, value)


def _own(lab: Lab, playback: Playback) -> None:
    """The field for a formula; what cannot be read is refused beside it, and the last surface stays."""

    def take(text: str) -> None:
        lab.kept["typed"] = text
        try:
            read(text)
        except FormulaError as refusal:
            lab.kept["refused"] = str(refusal)
            return
        lab.kept.pop("refused", None)
        playback.do("reset")
        lab.set("formula", text)

    put(
        "descent-formula",
        lab.kept.get("typed", lab.settings.formula) if "refused" in lab.kept else lab.settings.formula,
    )
    st.text_input(
        "f(x, y) =", key="descent-formula", max_chars=160, on_change=taken("descent-formula", take),
        help="With + − * / ^, brackets, pi, e, sin, cos, tan, tanh, exp, log, sqrt and abs",
    )  # fmt: skip
    if "refused" in lab.kept:
        st.error(lab.kept["refused"], icon=":material/edit:")


def _network(lab: Lab, playback: Playback) -> None:
    """Whose loss it is, where the descents begin, and along which plane it is cut."""
    theirs = state.played()
    if theirs is not None:
        with st.container(horizontal=True, gap="small", key="descent-whose"):
            if st.button("Take my network", key="descent-take", icon=":material/download:", width="stretch",
                         help="The playground's network, with the weights it has now"):  # fmt: skip
                take_over(lab, playback)
                st.rerun()
            if st.button("Back to it", key="descent-back", icon=":material/arrow_back:"):
                st.switch_page("pages/playground.py")
    for name in ("begin", "directions"):
        field(lab, name, type(lab.settings).model_fields[name])


def take_over(lab: Lab, playback: Playback) -> None:
    """Look at the loss of the tab's own network, as it is now."""
    theirs = state.played()
    if theirs is None:
        return
    try:
        record = theirs.run.checkpoint()
    except ConnectionError as failure:
        lab.notices.append(f"Your network could not be fetched: {failure}.  Try again.")
        return
    playback.do("reset")
    # the settings first: they would bring the lab's run to its own beginning
    update = {
        "tab": NETWORK,
        "begin": "weights now",
        "experiment": theirs.run.experiment,
        "looked": "Gradient descent",
    }
    lab.change(lab.settings.model_copy(update=update))
    playback.go_back(record)
    playback.scene = None


def _rules(lab: Lab, playback: Playback) -> None:
    """Which rules descend, which one is opened, and its learning rate."""
    settings: GradientDescentSettings = lab.settings
    rules, looked = settings.rules(), settings.opened()

    def choose(names: list[str]) -> None:
        if names:
            surface = SURFACES[settings.surface] if settings.on_surface else None
            kept = tuple(rules.get(name) or rated(name, surface) for name in RULES if name in names)
            lab.change(lab.settings.with_rules(kept))

    put("descent-rules", list(rules))
    st.pills(
        "Rules",
        tuple(RULES),
        key="descent-rules",
        selection_mode="multi",
        on_change=taken("descent-rules", choose),
    )
    put("descent-looked", looked)
    st.selectbox(
        "Look into", tuple(rules), key="descent-looked", help="The rule whose steps are opened",
        on_change=taken("descent-looked", lambda name: lab.set("looked", name)),
    )  # fmt: skip
    place = f"{'racers' if settings.on_surface else 'trainers'}.{list(rules).index(looked)}"
    field(lab, f"{place}.learning_rate", type(rules[looked]).model_fields["learning_rate"])
    st.button(
        "Set η over the edge", key="descent-edge", icon=":material/bolt:", on_click=over_the_edge,
        args=(lab, playback), width="stretch",
        help="Gradient descent with a learning rate above 2/λ, where λ is the sharpness at the start",
    )  # fmt: skip


def over_the_edge(lab: Lab, playback: Playback) -> None:
    """Have gradient descent descend with a learning rate above 2/λ, from the start."""
    settings: GradientDescentSettings = lab.settings
    try:
        top = sharpness_at_start(lab, playback)
    except (Late, ValueError) as failure:
        lab.notices.append(str(failure) or "The sharpness is not known yet.  Press again in a moment.")
        return
    if not top > 0:
        lab.notices.append(
            "The surface does not curve upwards at the start, so there is no edge.  Start elsewhere."
        )
        return
    over = OVER_ON_A_SURFACE if settings.on_surface else OVER_IN_A_NETWORK
    rate = min(max(over * 2 / top, LEAST_RATE), MOST_RATE)
    plain: Optimizer = SGD(learning_rate=float(f"{rate:.4g}"))
    others = tuple(rule for name, rule in settings.rules().items() if name != "Gradient descent")
    playback.do("reset")
    lab.change(settings.with_rules((plain, *others)).model_copy(update={"looked": "Gradient descent"}))
    lab.notices.append(
        f"λ at the start is {short(top)}, so the edge is 2/λ = {short(2 / top)}; η is now {short(rate)}."
    )
    if lab.guess is not None:
        playback.do("play")


def sharpness_at_start(lab: Lab, playback: Playback) -> float:
    """The largest eigenvalue of the Hessian where the descents begin; 0 where it is not known."""
    settings: GradientDescentSettings = lab.settings
    if settings.on_surface:
        surface = settings.shown()
        return hessian_top(surface.read(), settings.x, settings.y, surface.x[1] - surface.x[0])
    scene = playback.scene
    return scene.top(0) if scene is not None else 0.0


def progress(lab: Lab, playback: Playback) -> None:
    """How far the surface of the network has been worked out, and a way to stop."""
    scene = playback.scene
    with st.container(key="descent-progress", horizontal=True, vertical_alignment="center"):
        if lab.settings.on_surface or scene is None or (scene.done and not scene.said):
            return
        if scene.said:
            st.warning(scene.said, icon=":material/landscape:")
            return
        st.progress(min(scene.share, 1.0), f"{scene.stage}{' – stopped' if scene.stopped else ''}")
        st.button(
            "Go on" if scene.stopped else "Stop", key="descent-stop",
            icon=":material/play_arrow:" if scene.stopped else ":material/close:",
            on_click=lambda: setattr(scene, "stopped", not scene.stopped),
        )  # fmt: skip


def legend(lab: Lab) -> None:
    """The rules with their colours."""
    theme = lab.here.theme
    marks = "".join(
        f"<li><span style='background:{charts.colour(NUMBERS[name], theme)}'></span>{name}</li>"
        for name in lab.settings.rules()
    )
    st.html(f"<ul class='legend'>{marks}</ul>")


def clock(lab: Lab, playback: Playback) -> None:
    """Ask for the next picture soon while something is still being worked out."""
    if playback.working and playback.newest.state is not State.LOST:
        lab.every_s = 0.05
