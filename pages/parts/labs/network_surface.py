"""The loss of a network as a surface, in the lab of gradient descent."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dlcore.charts import descent as charts
from dlcore.engine import Frame, State
from dlcore.optimizers import SGD
from pages.parts.labs.descents import Scene
from pages.parts.labs.gradient_descent import NUMBERS, solid
from pages.parts.labs.playback import Playback
from pages.parts.live import live_plot
from pages.parts.state import Lab
from pages.parts.transport import short

NAMES = {True: ("first direction of the paths", "second direction"), False: ("random direction", "another")}

RISEN = 1.02
"""A loss that is so many times the first has risen."""


def show_network(lab: Lab, playback: Playback, frame: Frame) -> None:
    """The loss around the weights from above and in space, each rule's loss, and the sharpness on the way."""
    scene, theme, greyed = playback.scene, lab.here.theme, frame.state is State.LOST
    if scene is None:
        return
    ground = _ground(lab, scene)
    paths = _shadows(playback, scene)
    with st.container(key="descent-plane"):
        alt = charts.plane_alt(
            "The loss of the network over a plane through its weights,", tuple(playback.rules)
        )
        live_plot(charts.plane(ground, paths, (), theme), "descent", alt, greyed=greyed)
    with st.container(key="descent-side"):
        solid(lab, playback, frame, ground, paths, "The loss of the network", height=230)
        n = playback.step + 1
        ways = [
            charts.Path(name, NUMBERS[name], np.empty((0, 2)), each.arrays["loss"][:n])
            for name, each in scene.descents.items()
            if each.n_steps
        ]
        curves = charts.losses(ways, None, theme, playback.last, "training loss")
        live_plot(curves, "descent-losses", charts.LOSSES_ALT, height=150, greyed=greyed)
        _sharpness(lab, playback, scene, greyed)
    with st.container(key="descent-step"):
        st.html(f"<p class='arrows'>{_shares(playback, scene)}</p>")


def _ground(lab: Lab, scene: Scene) -> charts.Ground:
    left, right, low, high = scene.window

    def make() -> charts.Ground:
        return charts.Ground(scene.drawn(), (left, right), (low, high), NAMES[scene.through_paths], "loss")

    made: charts.Ground = lab.here.keep(
        "ground:network", (id(scene.heights), scene.n_heights, scene.window), make
    )
    return made


def _shadows(playback: Playback, scene: Scene) -> list[charts.Path]:
    n = playback.step + 1
    return [
        charts.Path(name, NUMBERS[name], at[:n], scene.descents[name].arrays["loss"][:n])
        for name, (at, _) in scene.shadows.items()
        if name in scene.descents
    ]


def _sharpness(lab: Lab, playback: Playback, scene: Scene, greyed: bool) -> None:
    looked = scene.looked
    rule = playback.rules[looked]
    steps = sorted(scene.sharp)
    record = charts.Sharpness(steps, [scene.sharp[step][0] for step in steps], rule.learning_rate)
    plain = isinstance(rule, SGD) and not rule.momentum
    picture = charts.sharpness(record, looked, lab.here.theme, edge=plain)
    live_plot(picture, "descent-sharpness", charts.SHARPNESS_ALT, height=150, greyed=greyed)


def _shares(playback: Playback, scene: Scene) -> str:
    """How much of each way lies in the plane: what the picture cannot show is told."""
    told = []
    for name, (_, share) in scene.shadows.items():
        step = min(playback.step or len(share) - 1, len(share) - 1)
        told.append(f"{name} {share[step]:.0%}")
    if not told:
        return ""
    when = (
        f"after {playback.step} steps" if playback.step else f"at their ends, {playback.last} steps from here"
    )
    return f"<b>Share of each way that lies in this plane</b> {when}: {', '.join(told)}."


def outcome(lab: Lab, playback: Playback) -> str:
    """What happened so far, with the numbers of these descents."""
    scene, step = playback.scene, playback.step
    if scene is None or not step:
        return ""
    losses = {name: each.arrays["loss"] for name, each in scene.descents.items() if each.n_steps}
    if not losses:
        return ""
    now = {name: float(loss[min(step, len(loss) - 1)]) for name, loss in losses.items()}
    start = float(next(iter(losses.values()))[0])
    finite = {name: value for name, value in now.items() if np.isfinite(value)}
    said = ""
    if finite:
        best = min(finite, key=finite.__getitem__)
        said = (
            f"From a loss of {short(start)}, {best} is lowest after {step} steps, at {short(finite[best])}."
        )
    if scene.looked == "Gradient descent" and scene.looked in losses and 0 in scene.sharp:
        said += f"  {_edge(playback, scene, losses[scene.looked][: step + 1])}"
    return said


def _edge(playback: Playback, scene: Scene, losses: NDArray[np.float32]) -> str:
    """What became of gradient descent, which began above or below its edge."""
    first, start = scene.sharp[0][0], float(losses[0])
    edge = 2 / playback.rules["Gradient descent"].learning_rate
    stood = f"λ = {short(first)} {'above' if first > edge else 'below'} 2/η = {short(edge)}"
    if first <= edge:
        return f"Gradient descent began with {stood}: it is stable there."
    if not np.isfinite(losses).all():
        gone = int(np.flatnonzero(~np.isfinite(losses))[0])
        return f"Gradient descent began with {stood}: its steps grew, and after {gone} its loss is no number."
    high = int(np.argmax(losses))
    if losses[high] < RISEN * start:
        return f"Gradient descent began with {stood}: the steps are growing."
    later = [scene.sharp[each][0] for each in sorted(scene.sharp) if each >= high]
    thrown = f", and threw it to where λ is {short(later[0])}" if later and later[0] < first else ""
    rose = f"its loss rose from {short(start)} to {short(float(losses[high]))} at step {high}"
    return f"Gradient descent began with {stood}: {rose}{thrown}."
