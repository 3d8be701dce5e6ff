"""The two pictures on the right: the plane, and how learning went."""

from __future__ import annotations

import plotly.graph_objects as go

from dlcore.charts import boundary, confusion, curves, spaces
from dlcore.data import prepare
from dlcore.engine import Frame, State
from dlcore.experiment import Experiment
from dlcore.layers import Dense
from pages.parts.chrome import sized
from pages.parts.live import curve_of, live_plot, still_json
from pages.parts.network import map_row
from pages.parts.phases import trace_nearest, traced_place
from pages.parts.state import Here, triggered
from pages.parts.view import has_space, layer_names, stroke

ALWAYS = ("boundary", "neurons", "weights", "curves", "past", "health")


def watched(here: Here) -> tuple[str, ...]:
    """The probes that the pictures need as they are looked at now."""
    extra = ["mistakes"] if here.look.mistakes or here.view.measure == "mistakes" else []
    if (layer := _layer(here)) is not None:
        extra.append("solids" if _solid(here, layer) else "spaces")
    return (*ALWAYS, *extra)


def _layer(here: Here) -> int | None:
    """The layer through whose eyes the plane is seen; None for the network's answer."""
    network = here.experiment.network
    layer = here.look.layer
    return layer if 0 <= layer < len(network) and isinstance(network[layer], Dense) else None


def _solid(here: Here, layer: int) -> bool:
    return here.look.solid and has_space(here.experiment, layer)


def plane(here: Here, frame: Frame) -> None:
    """The plane: the network's answer, that of one neuron, or the plane as a layer sees it."""
    greyed = frame.state is State.LOST
    layer, learnt = _layer(here), here.points["train"]
    dims = 2 if layer is None or not _solid(here, layer) else 3
    record = frame.probe("spaces" if dims == 2 else "solids")
    if layer is not None and len(record.get(f"{layer}.points", ())) == len(learnt):
        truth, task = learnt.y.astype("float32"), here.experiment.data.task
        draw = spaces.figure if dims == 2 else spaces.solid
        picture = draw(record, layer, truth, task, here.theme)
        said = spaces.alt(layer_names(here.experiment)[layer], dims)
        live_plot(picture, "space" if dims == 2 else "solid", said, greyed=greyed)
        return
    picture, alt = _answer(here, frame)
    mistaken = frame.probe("mistakes")
    if here.look.mistakes and mistaken:
        task = here.experiment.data.task
        picture.add_trace(boundary.mistakes(mistaken, task, here.look.shares, here.theme))
    place = traced_place(here, frame)
    live_plot(
        sized(here, picture),
        "boundary",
        alt,
        still=_still(here, "boundary", here.experiment, place),
        greyed=greyed,
        tool=here.look.tool,
        on_stroke=triggered("plot_boundary", "stroke", lambda said: stroke(here, said)),
        on_pick=triggered("plot_boundary", "pick", lambda said: trace_nearest(here, said)),
        picks=place is not None,
        strength=boundary.MAP_STRENGTH,
    )


def small_plane(here: Here, frame: Frame, key: str, e: Experiment) -> None:
    """The boundary of a run of experiment ``e``, without its axes' titles and its scale.

    The main run's, under the key ``boundary``, shows the diagram's neurons.
    """
    picture = boundary.figure(frame.probe("boundary"), e.data.task, e.data.n_classes, here.theme)
    picture.update_traces(showscale=False)
    picture.update_layout(margin={"l": 20, "r": 2, "t": 2, "b": 20}, xaxis_title=None, yaxis_title=None)
    alt = boundary.alt(e.data.task, e.data.n_classes)
    strength = boundary.MAP_STRENGTH if key == "boundary" else 0.0
    greyed, still = frame.state is State.LOST, _still(here, key, e)
    live_plot(picture, key, alt, still=still, greyed=greyed, strength=strength)


def _answer(here: Here, frame: Frame) -> tuple[go.Figure, str]:
    e, theme = here.experiment, here.theme
    row = None if here.shown is None else map_row(e, *here.shown)
    if here.shown is not None and row is not None:
        alt = f"Map of what neuron {here.shown[1] + 1} of its layer answers all over the plane"
        return boundary.neuron_figure(frame.probe("neurons"), row, "answer", theme), alt
    task, n_classes = e.data.task, e.data.n_classes
    picture = boundary.figure(frame.probe("boundary"), task, n_classes, theme, how=here.look.how)
    return picture, boundary.alt(task, n_classes)


def _still(here: Here, key: str, e: Experiment, traced: tuple[float, float] | None = None) -> str:
    theme, shares = here.theme, here.look.shares

    def points() -> str:
        own = e == here.experiment
        parts = here.points if own else prepare(e.data, e.split, e.seeds.data, e.seeds.split)
        shown = {share: part for share, part in parts.items() if share in shares}
        drawn = boundary.points(shown, e.data.task, e.data.n_classes, theme)
        return still_json(drawn if traced is None else [*drawn, boundary.traced(traced, theme)])

    still: str = here.keep(f"still:{key}", (e.data, e.split, e.seeds, theme, shares, traced), points)
    return still


def learning(here: Here, frame: Frame, beside: Frame | None) -> None:
    """How learning went: loss, score, or what is taken for what; a branch's curves beside."""
    data, theme, greyed = here.experiment.data, here.theme, frame.state is State.LOST
    mistaken, view = frame.probe("mistakes"), here.view
    if view.measure == "mistakes":
        if mistaken:
            picture = confusion.figure(mistaken, data.task, data.class_names, theme)
            live_plot(picture, "mistakes", confusion.alt(data.task), height=185, greyed=greyed)
        return
    curve = curve_of(here.newest, looked_at=None if here.at is None else frame.epoch)
    other = None
    if beside is not None and here.branch is not None:
        other = curve_of(beside, here.branch.name, here.branch.since)
    picture = curves.figure(curve, view, data.task, theme, other)
    alt = curves.alt(view.measure, data.task)
    height = 300 if beside is not None else 240 if here.present else 185
    live_plot(sized(here, picture), "loss", alt, height=height, greyed=greyed)
