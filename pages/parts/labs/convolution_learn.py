"""The network while it learns: its first windows, and what they make of a digit, from noise to edges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from dlcore.charts import curves
from dlcore.engine import Frame, State
from dlcore.guides.convolution import ConvolutionSettings
from dlcore.record import Arrays
from dlcore.sliding import agreement
from pages.parts import forms
from pages.parts.labs.convolution_picture import digits, strip
from pages.parts.live import curve_of, live_plot
from pages.parts.past import timeline
from pages.parts.state import Lab
from pages.parts.tiles import Sheet, tiles

MOMENTS = (0.0, 0.25, 1.0, 4.0)
"""The epochs that stay beside now, where the run has come so far."""
NEAR = 0.5
"""How far from it, as a share, the kept moment may lie that stands for one of them."""
SMOOTH, NOISY = 0.4, 0.2
"""How much neighbouring weights agree, on average, from where on they are edges, and up to where noise."""
NOISE, EDGES = 0, 1
START = "The start"
WINDOW_PX, MAP_PX, CURVE_PX = 44, 56, 165


def filters(lab: Lab) -> str:
    """The probe of the first layer's windows and maps, of the digit that is looked at."""
    settings: ConvolutionSettings = lab.settings
    sample = digits(lab)[settings.sample]
    return f"features?layer=0&sample={sample}&channel={settings.channel}"


def watched(lab: Lab) -> tuple[str, ...]:
    """The windows and their maps, the curves, and the moments there are to look back at."""
    return filters(lab), "curves"


def controls(lab: Lab) -> None:
    """Which network learns."""
    for name in ("filters", "width", "pull"):
        forms.setting(lab, name)


def show(lab: Lab, frame: Frame) -> None:
    """A row for each moment, and how the learning went."""
    here, greyed = lab.here, frame.state is State.LOST
    with st.container(key="convolution-film"):
        film, beside = st.columns([3, 1], gap="medium")
    with film:
        sheets = [sheet for name, found in moments(lab, frame) for sheet in _row(lab, name, found)]
        tiles(here, "film", sheets, greyed=greyed)
        timeline(here, frame)
    with beside:
        strip(lab, frame, ("digit",), "digits")
        looked_at = None if here.at is None else frame.epoch
        curve, task = curve_of(here.newest, looked_at=looked_at), here.experiment.data.task
        for measure in ("loss", "score"):
            figure = curves.figure(curve, replace(here.view, measure=measure), task, here.theme)
            live_plot(figure, measure, curves.alt(measure, task), height=CURVE_PX, greyed=greyed)


def moments(lab: Lab, frame: Frame) -> list[tuple[str, Arrays]]:
    """What is shown of the first layer at some moments of the run, the one that is looked at last."""
    here, watch = lab.here, filters(lab)
    past, kept = frame.probe("past"), lab.kept.setdefault("film", {})
    run = here.run.id, here.newest.revision, watch
    if lab.kept.get("film-of") != run or here.newest.step < lab.kept.get("film-step", 0):
        kept.clear()
    lab.kept["film-of"], lab.kept["film-step"] = run, here.newest.step
    steps = np.asarray(past.get("step", ()))
    per_epoch = _steps(lab)
    for epoch in MOMENTS:
        target = epoch * per_epoch
        if epoch in kept or not len(steps) or here.newest.step <= target:
            continue
        at = int(steps[np.argmin(np.abs(steps - target))])
        if abs(at - target) <= NEAR * target:
            then = here.run.look(at, (watch,))
            found = then.probe(watch) if then else {}
            if "filters" in found:
                kept[epoch] = at / per_epoch, found
    rows = [(_named(epoch), found) for _, (epoch, found) in sorted(kept.items(), key=lambda each: each[0])]
    now = frame.probe(watch)
    if "filters" in now:
        name = "Now" if here.at is None else f"{_named(frame.step / per_epoch)}, looking back"
        rows.append((name if frame.step else START, now))
    return rows


def _steps(lab: Lab) -> int:
    """How many steps make an epoch."""
    return -(-len(lab.here.points["train"]) // lab.here.experiment.batch_size)


def _named(epoch: float) -> str:
    return f"After {_epochs(epoch)}" if epoch else START


def _epochs(passed: float) -> str:
    said = f"{passed:.2g}" if passed < 10 else f"{passed:.0f}"
    return f"{said} epoch" if said == "1" else f"{said} epochs"


def _row(lab: Lab, name: str, found: Arrays) -> list[Sheet]:
    windows, scale = found["filters"][:, 0], found["filter_scale"]
    alike = f"{agreement(kernels(found)):.2f}".replace("-", "−")
    room = (WINDOW_PX + 6) * min(len(windows), 8) + 4
    digit = lab.settings.sample
    return [
        Sheet(windows, scale, f"{name}: windows", size=WINDOW_PX, room=room,
              title=f"{name} · neighbours agree {alike}",
              hints=[f"window {k}" for k in range(len(windows))]),
        Sheet(found["maps"], found["scale"], f"{name}: maps", palette="magnitude",
              size=MAP_PX, beside=room + 24,
              title=f"what they make of a {digit}, dark is 0",
              hints=[f"channel {k}, up to {top:.2g}" for k, top in enumerate(found["scale"])]),
    ]  # fmt: skip


def kernels(found: Arrays) -> np.ndarray:
    """The windows of the first layer as the probe tells them: (C, k, k)."""
    scale = found["filter_scale"][:, None, None] / np.float32(127)
    return found["filters"][:, 0].astype(np.float32) * scale


def found(lab: Lab, frame: Frame) -> tuple[str, int | None]:
    """What became of the first windows, with this run's numbers, and which prediction it bears out."""
    now = frame.probe(filters(lab))
    if "filters" not in now:
        return "", None
    alike = agreement(kernels(now))
    score = frame.measures.get("test_score")
    accuracy = "" if score is None else f", and {100 * score:.0f} % of unseen digits are read"
    start = dict(moments(lab, frame)).get(START)
    began = f"at the start by {agreement(kernels(start)):.2f}, " if start and frame.step else ""
    said = (
        f"Neighbouring weights of a window agree {began}after {_epochs(frame.step / _steps(lab))} "
        f"by {alike:.2f} (noise: about 0, smooth: towards 1){accuracy}."
    ).replace("by -", "by −")
    return said, EDGES if alike >= SMOOTH else NOISE if alike < NOISY else None
