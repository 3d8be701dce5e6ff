"""The code of an autoencoder: where samples lie in it, what is drawn over it, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from dlcore.charts import codes
from dlcore.engine import Frame, State
from dlcore.experiment import Experiment
from dlcore.layers import IMAGE, form
from dlcore.losses import Target
from pages.parts.live import live_plot
from pages.parts.state import Here, triggered
from pages.parts.tiles import Sheet, tiles
from pages.parts.views import choose
from pages.parts.views.view import View

SIDE = 12
"""Drawings along each side of the plane."""
PARTS = 1000
"""Into how many parts each side of the plane is cut to name a place."""
MANIFOLD = f"manifold?side={SIDE}"
PLANE_PX = 380


def watched(here: Here) -> tuple[str, ...]:
    """What the worker computes for the pictures of a code."""
    return ("codes", "neighbours", MANIFOLD, _decoded(here), "reconstructions")


def plane(here: Here, frame: Frame, height: int) -> None:
    """The test samples where their codes lie; a click goes there."""
    record = frame.probe("codes")
    share = float(frame.probe("neighbours").get("share", np.array([np.nan]))[0])
    named = "" if np.isnan(share) else f"; **{share:.0%}** lie among their own kind"
    st.caption(f"Test samples by their codes{named}", help="By the five nearest training samples in the code")
    if not record:
        choose.empty(choose.WAITING)
        return
    low, high = record["range"]
    place = low + np.array([here.inside.across, here.inside.up]) / PARTS * (high - low)
    data = here.experiment.data
    at = (float(place[0]), float(place[1]))
    picture = codes.plane(record, data.task, data.class_names, here.theme, at)

    def pick(said: Mapping[str, Any]) -> None:
        to = np.asarray(said.get("place", ()), float).ravel()
        if to.shape == (2,):
            _go(here, *((to - low) / np.maximum(high - low, 1e-9)))

    live_plot(
        picture, "codes", codes.plane_alt(int(record["size"][0])), height=height,
        greyed=frame.state is State.LOST, picks=True, on_pick=triggered("plot_codes", "pick", pick),
    )  # fmt: skip


def drawings(here: Here, frame: Frame, size: int) -> None:
    """What the decoder draws over the plane; a click goes there."""
    st.caption("What the decoder draws over that plane; click to go there")
    record = frame.probe(MANIFOLD)
    if not record:
        return
    n_rows, n_columns = record["map"].shape[1:]
    up, across, half = 1 - here.inside.up / PARTS, here.inside.across / PARTS, 0.5 / SIDE
    around = [up - half, across - half, up + half, across + half]
    sheet = _sheet(
        record["map"], "What the decoder draws over the plane of the codes", size=size, picks=True,
        marks=([min(max(each, 0.0), 1.0) for each in around],),
    )  # fmt: skip

    def pick(said: Mapping[str, Any]) -> None:
        row, column = (float(said.get(name, 0)) for name in ("row", "column"))
        _go(here, (column + 0.5) / n_columns, 1 - (row + 0.5) / n_rows)

    tiles(here, "manifold", [sheet], greyed=frame.state is State.LOST, on_pick=pick)


def drawn_here(here: Here, frame: Frame, size: int) -> None:
    """What the decoder draws at the place that was clicked."""
    record = frame.probe(_decoded(here))
    code = record.get("code", np.zeros(0))
    said = ", ".join(f"{each:.2f}" for each in code[:4]).replace("-", "−")
    st.caption(f"Drawn from the code ({said}{' …' if len(code) > 4 else ''})")
    if record:
        sheet = _sheet(record["map"], "What the decoder draws at the cross", size=size)
        tiles(here, "decoded", [sheet], greyed=frame.state is State.LOST)


def given_back(here: Here, frame: Frame, size: int) -> None:
    """Test samples as the network is given them, and what comes back."""
    st.caption("Above as the network is given them, below what comes back; errors of strangers in bold")
    record = frame.probe("reconstructions")
    if not record:
        return
    names = here.experiment.data.class_names
    strange = [bool(k < 0) for k in record["truth"]]
    sheets = [
        _sheet(
            record["given"], "Test samples as they are given", size=size, wide=size + 2, wrong=strange,
            names=["new" if k < 0 else names[k] for k in record["truth"]],
        ),
        _sheet(
            record["answer"], "What comes back of them", size=size, wide=size + 2, wrong=strange,
            names=[f"{each:.2f}" for each in record["error"]],
            hints=[f"mean squared error {each:.4f}" for each in record["error"]],
        ),
    ]  # fmt: skip
    tiles(here, "reconstructions", sheets, greyed=frame.state is State.LOST)


def _sheet(maps: Any, alt: str, **settings: Any) -> Sheet:
    return Sheet(maps, np.ones(len(maps), np.float32), alt, palette="ink", **settings)


def _decoded(here: Here) -> str:
    return f"decoded?across={here.inside.across}&up={here.inside.up}"


def _go(here: Here, across: float, up: float) -> None:
    """Stand at a place, in shares of the sides of the plane."""
    if np.isfinite(across) and np.isfinite(up):
        to = [round(PARTS * min(max(each, 0.0), 1.0)) for each in (across, up)]
        choose.look_at(here, across=to[0], up=to[1])


def _applies(experiment: Experiment) -> bool:
    return experiment.head().target is Target.INPUT and bool(experiment.network)


def _show(here: Here, frame: Frame) -> None:
    left, right = st.columns(2, gap="small")
    with left:
        plane(here, frame, PLANE_PX)
    if form(here.experiment.input_shape) == IMAGE:
        with right:
            drawings(here, frame, PLANE_PX - 30)
        drawn, back = st.columns([1, 4], gap="small")
        with drawn:
            drawn_here(here, frame, 120)
        with back:
            given_back(here, frame, 52)


CODE = View("Code", ":material/compress:", _applies, watched, _show)
