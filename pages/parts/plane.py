"""The plane: what the network answers all over it, with the points."""

from __future__ import annotations

from dlcore.charts import boundary
from dlcore.data import prepare
from dlcore.engine import Frame, State
from dlcore.experiment import Experiment
from pages.parts.live import live_plot, still_json
from pages.parts.state import Here


def plane(here: Here, frame: Frame, key: str, e: Experiment, *, small: bool = False) -> None:
    """Draw the boundary of a run of experiment ``e``; a small one without its axes' titles and its scale."""
    theme, task, n_classes = here.theme, e.data.task, e.data.n_classes

    def points() -> str:
        own = e == here.experiment
        parts = here.points if own else prepare(e.data, e.split, e.seeds.data, e.seeds.split)
        return still_json(boundary.points(parts, task, n_classes, theme))

    still = here.keep(f"still:{key}", (e.data, e.split, e.seeds, theme), points)
    picture = boundary.figure(frame.probe("boundary"), task, n_classes, theme)
    if small:
        picture.update_traces(showscale=False)
        picture.update_layout(margin={"l": 20, "r": 2, "t": 2, "b": 20}, xaxis_title=None, yaxis_title=None)
    greyed = frame.state is State.LOST
    live_plot(picture, key, boundary.alt(task, n_classes), still=still, greyed=greyed)
