"""The stage of the autoencoder lab: the plane of the codes, what is drawn there, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dlcore.charts import codes, curves, quality
from dlcore.data.principal import explained
from dlcore.engine import Frame, State
from dlcore.experiment import Experiment
from dlcore.guides.autoencoder import SIZES
from pages.parts import forms
from pages.parts.lab import Lab
from pages.parts.live import UNHURRIED_S, curve_of, live_plot
from pages.parts.views import code

PLANE_PX, DRAWINGS_PX, DRAWN_PX, CHART_PX = 330, 318, 118, 176
MOST_TOLD = 2000
SOON, LATE = 20, 200
"""Epochs from which on islands count as found, and after which it is said that there are none."""
ISLANDS = 0.7
"""The share of test digits that lie among their own kind from which on the plane counts as sorted."""


@dataclass
class Terms:
    """The two losses of a variational run as this tab has seen them: rows of epoch, error and divergence."""

    whose: Experiment | None = None
    rows: list[tuple[float, float, float]] = field(default_factory=list)

    def take(self, frame: Frame, experiment: Experiment) -> None:
        """Take those of a picture in; with another run they begin anew."""
        record = frame.probe("terms")
        if self.whose != experiment or (self.rows and frame.epoch < self.rows[-1][0]):
            self.whose, self.rows = experiment, []
        if record and (not self.rows or frame.epoch > self.rows[-1][0]):
            self.rows.append((frame.epoch, float(record["error"][2]), float(record["divergence"][2])))
            if len(self.rows) > MOST_TOLD:
                self.rows = self.rows[::2]


def watched(lab: Lab) -> tuple[str, ...]:
    """What the worker computes for the stage."""
    return (*code.watched(lab.here), "strangers", "terms", "curves")


def controls(lab: Lab) -> None:
    """The five settings; of noise and β the one that the kind of autoencoder has."""
    further = {"denoising": ["noise"], "variational": ["beta"]}.get(lab.settings.how, [])
    for name in ("how", "size", *further, "stranger", "compare"):
        forms.setting(lab, name)


def stage(lab: Lab, frame: Frame) -> None:
    """Draw one picture of the run."""
    here, greyed = lab.here, frame.state is State.LOST
    with st.container(key="auto-stage"):
        with st.container(key="auto-plane"):
            code.plane(here, frame, PLANE_PX)
        with st.container(key="auto-drawings"):
            code.drawings(here, frame, DRAWINGS_PX)
        with st.container(key="auto-side"):
            code.drawn_here(here, frame, DRAWN_PX)
            _progress(lab, frame, greyed)
        with st.container(key="auto-back"):
            code.given_back(here, frame, 32)
        with st.container(key="auto-errors"):
            _errors(lab, frame, greyed)
        with st.container(key="auto-roc"):
            _roc(lab, frame, greyed)


def _progress(lab: Lab, frame: Frame, greyed: bool) -> None:
    """How it goes: the sizes that are compared, the two losses, or the loss."""
    theme = lab.here.theme
    terms: Terms = lab.kept.setdefault("terms", Terms())
    terms.take(frame, lab.experiment)
    if lab.settings.compare:
        straight = lab.here.keep("straight", lab.experiment.data, lambda: _straight(lab))
        picture, alt = codes.sizes(_reached(lab), straight, SIZES, theme), codes.sizes_alt()
    elif lab.settings.how == "variational":
        picture, alt = codes.terms(terms.rows, theme), codes.terms_alt()
    else:
        task, view = lab.experiment.task, replace(lab.here.view, measure="loss")
        picture, alt = curves.figure(curve_of(frame), view, task, theme), curves.alt("loss", task)
    live_plot(picture, "auto-progress", alt, height=CHART_PX, greyed=greyed, rest_s=UNHURRIED_S)


def _straight(lab: Lab) -> NDArray[np.float64]:
    parts = lab.here.points
    return explained(parts["train"].x, parts["test"].x, SIZES)


def _reached(lab: Lab) -> dict[int, float]:
    """The share of the test variance that each size of the code keeps so far."""
    found = {}
    for name, each in lab.frames(()).items():
        size = lab.settings.size if name == "code" else int(name.removeprefix("size "))
        score = each.measures.get("test_score")
        if score is not None:
            found[size] = max(score, 0.0)
    return found


def _stranger(lab: Lab) -> str:
    return f"strangers ({lab.settings.stranger})"


def _errors(lab: Lab, frame: Frame, greyed: bool) -> None:
    record = frame.probe("strangers")
    if not record:
        st.caption("No digit is left out: choose a stranger to see whether the network notices it.")
        return
    st.caption("How badly single digits come back")
    whose, theme = _stranger(lab), lab.here.theme
    told = whose, theme, record["strange"].tobytes()
    picture = lab.here.keep("auto errors", told, lambda: codes.errors(record, whose, theme))
    live_plot(
        picture,
        "auto-errors",
        codes.errors_alt(_stranger(lab)),
        height=CHART_PX,
        greyed=greyed,
        rest_s=UNHURRIED_S,
    )


def _roc(lab: Lab, frame: Frame, greyed: bool) -> None:
    record = frame.probe("strangers")
    if not record:
        return
    st.caption(f"Strangers found by their error: area under the curve **{record['area'][0]:.3f}**")
    whose, theme = _stranger(lab), lab.here.theme
    shown = {**record, "curve": np.zeros(1, np.int32)}
    told = whose, theme, record["strange"].tobytes()
    picture = lab.here.keep("auto roc", told, lambda: quality.roc(shown, [whose], theme))
    alt = f"ROC curve of telling {_stranger(lab)} by the error, with the area under it"
    live_plot(picture, "auto-roc", alt, height=CHART_PX, greyed=greyed, rest_s=UNHURRIED_S)


def outcome(lab: Lab, frame: Frame) -> tuple[str, int | None]:
    """What happened, with the numbers of this run, and which prediction came true."""
    share = float(frame.probe("neighbours").get("share", np.array([np.nan]))[0])
    kept = frame.measures.get("test_score")
    if np.isnan(share) or kept is None or frame.epoch < 1:
        return "", None
    size = lab.settings.size
    said = (
        f"After {frame.epoch} epoch{'s' * (frame.epoch > 1)} {size} number{'s' * (size > 1)} keep"
        f"{'s' * (size == 1)} {max(kept, 0.0):.0%} of what the 64 pixels vary by, and {share:.0%} of the "
        "test digits lie among their own kind, though no label was ever told."
    )
    strange = frame.probe("strangers")
    if strange:
        times = float(strange["strange"].mean() / max(strange["known"].mean(), 1e-9))
        said += (
            f"  A {lab.settings.stranger}, never seen, comes back {times:.1f} times as wrong as the others: "
            f"by that it is told from one of them {strange['area'][0]:.0%} of the time."
        )
    found = 0 if share >= ISLANDS and frame.epoch >= SOON else 1 if frame.epoch >= LATE else None
    return said, found
