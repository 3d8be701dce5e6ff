"""The two pictures on the right: the plane, and how learning went."""

from __future__ import annotations

from dlcore.charts import boundary, curves
from dlcore.engine import Frame, State
from pages.parts.live import live_plot, still_json
from pages.parts.network import map_row
from pages.parts.state import Here


def plane(here: Here, frame: Frame) -> None:
    """What the network, or one neuron of it, answers all over the plane, with the points."""
    e, theme, greyed = here.experiment, here.theme, frame.state is State.LOST
    task, n_classes = e.data.task, e.data.n_classes
    still = here.keep(
        "still",
        (e.data, e.split, e.seeds, theme),
        lambda: still_json(boundary.points(here.points, task, n_classes, theme)),
    )
    row = None if here.shown is None else map_row(e, *here.shown)
    if row is None:
        picture = boundary.figure(frame.probe("boundary"), task, n_classes, theme)
        alt = boundary.alt(task, n_classes)
    else:
        name = f"neuron {here.shown[1] + 1} of its layer" if here.shown else ""
        picture = boundary.neuron_figure(frame.probe("neurons"), row, "answer", theme)
        alt = f"Map of what {name} answers at every place of the plane, with the data points"
    live_plot(picture, "boundary", alt, still=still, greyed=greyed)


def learning(here: Here, frame: Frame) -> None:
    """The curves of loss or score."""
    task = here.experiment.data.task
    picture = curves.figure(
        frame.probe("curves"), frame.epoch, frame.measures, here.measure, task, here.theme, log=here.log
    )
    live_plot(picture, "loss", curves.alt(here.measure, task), height=185, greyed=frame.state is State.LOST)
