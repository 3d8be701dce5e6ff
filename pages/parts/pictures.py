"""The two pictures on the right: the plane, and how learning went."""

from __future__ import annotations

import plotly.graph_objects as go

from dlcore.charts import boundary, confusion, curves, spaces
from dlcore.engine import Frame, State
from dlcore.layers import Dense
from pages.parts.live import live_plot, still_json
from pages.parts.network import map_row
from pages.parts.state import Here, triggered
from pages.parts.view import stroke

ALWAYS = ("boundary", "neurons", "weights", "curves")


def watched(here: Here) -> tuple[str, ...]:
    """The probes that the pictures need as they are looked at now."""
    extra = ["mistakes"] if here.view.mistakes or here.measure == "mistakes" else []
    if _layer(here) is not None:
        extra.append("spaces")
    return (*ALWAYS, *extra)


def _layer(here: Here) -> int | None:
    """The layer through whose eyes the plane is seen; None for the network's answer."""
    network = here.experiment.network
    layer = here.view.layer
    return layer if 0 <= layer < len(network) and isinstance(network[layer], Dense) else None


def plane(here: Here, frame: Frame) -> None:
    """The plane: the network's answer, that of one neuron, or the plane as a layer sees it."""
    greyed = frame.state is State.LOST
    layer = _layer(here)
    record = frame.probe("spaces")
    if (
        layer is not None
        and f"{layer}.grid" in record
        and len(record[f"{layer}.points"]) == len(here.points["train"])
    ):
        truth = here.points["train"].y.astype("float32")
        picture = spaces.figure(record, layer, truth, here.experiment.data.task, here.theme)
        live_plot(picture, "space", spaces.alt(f"layer {layer + 1}"), greyed=greyed)
        return
    picture, alt = _answer(here, frame)
    mistaken = frame.probe("mistakes")
    if here.view.mistakes and mistaken:
        task = here.experiment.data.task
        picture.add_trace(boundary.mistakes(mistaken, task, here.view.shares, here.theme))
    live_plot(
        picture, "boundary", alt, still=_still(here), greyed=greyed,
        tool=here.view.tool, on_stroke=triggered("plot_boundary", "stroke", lambda said: stroke(here, said)),
    )  # fmt: skip


def _answer(here: Here, frame: Frame) -> tuple[go.Figure, str]:
    e, theme = here.experiment, here.theme
    row = None if here.shown is None else map_row(e, *here.shown)
    if here.shown is not None and row is not None:
        alt = (
            f"Map of what neuron {here.shown[1] + 1} of its layer answers all over the plane, with the points"
        )
        return boundary.neuron_figure(frame.probe("neurons"), row, "answer", theme), alt
    task, n_classes = e.data.task, e.data.n_classes
    picture = boundary.figure(frame.probe("boundary"), task, n_classes, theme, how=here.view.how)
    return picture, boundary.alt(task, n_classes)


def _still(here: Here) -> str:
    e, theme, shares = here.experiment, here.theme, here.view.shares
    parts = {share: part for share, part in here.points.items() if share in shares}
    still: str = here.keep(
        "still",
        (e.data, e.split, e.seeds, theme, shares),
        lambda: still_json(boundary.points(parts, e.data.task, e.data.n_classes, theme)),
    )
    return still


def learning(here: Here, frame: Frame) -> None:
    """How learning went: loss, score, or what is taken for what."""
    data, theme, greyed = here.experiment.data, here.theme, frame.state is State.LOST
    mistaken = frame.probe("mistakes")
    if here.measure == "mistakes" and mistaken:
        picture = confusion.figure(mistaken, data.task, data.n_classes, theme)
        live_plot(picture, "mistakes", confusion.alt(data.task), height=185, greyed=greyed)
        return
    measure = "loss" if here.measure == "mistakes" else here.measure
    picture = curves.figure(
        frame.probe("curves"), frame.epoch, frame.measures, measure, data.task, theme, log=here.log
    )
    live_plot(picture, "loss", curves.alt(measure, data.task), height=185, greyed=greyed)
