"""Samples as a layer sees them, in two dimensions."""

from __future__ import annotations

from importlib.util import find_spec

from dlcore.charts import projection
from dlcore.engine import Frame, State
from dlcore.experiment import Experiment
from pages.parts.live import live_plot
from pages.parts.state import Here
from pages.parts.views import choose, samples
from pages.parts.views.view import View

UMAP = 2
HOW = {0: "PCA", 1: "t-SNE"} | ({UMAP: "UMAP"} if find_spec("umap") else {})
COMPILES = "UMAP compiles itself before its first picture: that takes about half a minute, once for each run."


def _watch(here: Here) -> str:
    layer = choose.layer_of(here, choose.layers(here.experiment))
    return f"projection?layer={layer}&flat={here.inside.flat if here.inside.flat in HOW else 0}"


def _controls(here: Here) -> None:
    with choose.row():
        choose.layer(here, choose.layers(here.experiment))
        choose.one_of(
            here, "flat", "Method", HOW,
            "PCA keeps distances as well as two straight directions can; t-SNE keeps neighbours together",
        )  # fmt: skip


def _show(here: Here, frame: Frame) -> None:
    record = frame.probe(_watch(here))
    if "place" not in record:
        choose.empty(COMPILES if here.inside.flat == UMAP else choose.WAITING)
        return
    data, names = here.experiment.data, choose.layers(here.experiment)
    name = names[choose.layer_of(here, names)]
    what = "The tokens of the vocabulary" if "token" in record else f"{len(record['place'])} test samples"
    choose.said(
        f"{what} as layer {name} sees them: those that it takes for alike lie close together.  "
        "The turn of the picture means nothing, and is kept from one to the next."
    )
    flat = here.inside.flat if here.inside.flat in HOW else 0
    picture = projection.figure(
        record, data.task, data.class_names, here.theme, flat=flat,
        tokens=[samples.token_said(token) for token in data.vocabulary],
    )  # fmt: skip
    live_plot(picture, "projection", projection.alt(name), height=520, greyed=frame.state is State.LOST)


def _applies(experiment: Experiment) -> bool:
    return True


PROJECTION = View(
    "Samples in space", ":material/scatter_plot:", _applies, lambda here: (_watch(here),), _show, _controls
)
