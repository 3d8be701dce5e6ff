"""What the GAN lab shows, and what it lets its visitor choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st
from pydantic import ValidationError

from dlcore.charts import rivals
from dlcore.data.points import Clouds
from dlcore.engine import Frame, State
from dlcore.guides.gan import choice
from dlcore.painting import PaintError, Stroke, paint
from dlcore.record import Arrays
from pages.parts import forms
from pages.parts.labs import gan_steps
from pages.parts.live import live_plot, still_json
from pages.parts.state import Lab, put, taken, triggered
from pages.parts.tiles import Sheet, picture, tiles
from pages.parts.transport import short, thin_spaces

PLANE_PX, CURVE_PX = 500, 205
TOOLS = {"look": ":material/pan_tool_alt:", "add": ":material/edit:", "erase": ":material/ink_eraser:"}
PATIENCE = 5000
"""Rounds after which it may be said that no more clouds will be found."""
LEGEND = (
    '<p class="gan-legend"><b class="real">■</b> real &nbsp; <b class="fake">◆</b> fake &nbsp; → where the '
    "generator’s loss drives it &nbsp; # the noise, bent &nbsp; ground: what the discriminator expects</p>"
)
SHOWN = 40
"""Digits, real or fake, that are shown."""


def watched(lab: Lab) -> tuple[str, ...]:
    """What the worker computes for the page."""
    return ("rivals", "rivalry", "curves", *((gan_steps.PROBE,) if gan_steps.opened(lab) else ()))


def controls(lab: Lab) -> None:
    """The truth, the rates, the cure, and who learns; behind a button the two stacks."""
    for name in ("truth", "rates", "cure", "who", "slow"):
        forms.setting(lab, name)
    with st.popover("The two players", icon=":material/tune:"):
        forms.setting(lab, "steps")
        forms.setting(lab, "noise")
        for player in ("generator", "discriminator"):
            st.markdown(f"**{player.capitalize()}**  {_stack(lab, player)}")
            for what in ("layers", "units"):
                forms.setting(lab, f"{player}_{what}")
    if lab.settings.truth == "drawn":
        put("gan:tool", _tool(lab))
        st.segmented_control(
            "Drawing", list(TOOLS), key="gan:tool", format_func=TOOLS.__getitem__, required=True,
            help="Look, put real samples down, or take them away",
            on_change=taken("gan:tool", lambda tool: lab.kept.update(tool=tool)),
        )  # fmt: skip


def below(lab: Lab) -> None:
    """The phases of a step, where it is opened."""
    if gan_steps.opened(lab):
        gan_steps.walk(lab)


def _tool(lab: Lab) -> str:
    drawn = lab.settings.truth == "drawn"
    return str(lab.kept.get("tool", "add")) if drawn else "look"


def _stack(lab: Lab, player: str) -> str:
    """A player's layers in a row: 2 → 32 → 32 → 1."""
    settings, n_features = lab.settings, 2 if lab.experiment.data.planar else 64
    n, units = (getattr(settings, f"{player}_{what}") for what in ("layers", "units"))
    ends = (settings.noise, n_features) if player == "generator" else (n_features, 1)
    return " → ".join(map(str, (ends[0], *[units] * n, ends[1])))


def show(lab: Lab, frame: Frame) -> None:
    """The plane, or the digits, and beside it how the game goes."""
    record = frame.probe("rivals")
    with st.container(key="gan-stage"):
        with st.container(key="gan-plane"):
            # a picture may still be of the run before
            plane = lab.experiment.data.planar
            if plane and "score" in record:
                _plane(lab, frame, record)
            elif not plane and "fake" in record and "score" not in record:
                _digits(lab, frame, record)
        with st.container(key="gan-side"):
            _side(lab, frame, record)


def _plane(lab: Lab, frame: Frame, record: Arrays) -> None:
    data, theme = lab.experiment.data, lab.here.theme
    opened = frame.probe(gan_steps.PROBE) if gan_steps.opened(lab) else {}
    n_clouds = len(data.centres) if isinstance(data, Clouds) else 0
    made = (
        gan_steps.figure(lab, opened, theme)
        if opened
        else rivals.plane(
            record["score"], record["fake"], theme, pushes=record["push"], lines=record["lines"]
        )
    )
    real = lab.here.points["train"].x
    still = lab.here.keep("gan:real", (lab.experiment.data, lab.experiment.seeds, theme),
                          lambda: still_json(rivals.reals(real, theme)))  # fmt: skip
    live_plot(
        made,
        "gan",
        rivals.plane_alt(_n_covered(record), n_clouds),
        still=still,
        height=PLANE_PX,
        greyed=frame.state is State.LOST,
        tool=_tool(lab),
        on_stroke=triggered("plot_gan", "stroke", lambda said: draw_truth(lab, said)),
    )


def draw_truth(lab: Lab, said: Mapping[str, Any]) -> None:
    """Carry out a stroke on the real samples: they become a drawing."""
    if lab.settings.truth != "drawn":
        return
    try:
        stroke = Stroke.model_validate({"tool": _tool(lab), "places": said.get("places")})
        made = paint(lab.experiment, stroke).data
        lab.change(lab.settings.model_copy(update={"points": made.model_dump()["points"]}))
    except PaintError as refusal:
        lab.notices.append(str(refusal))
    except ValidationError:
        lab.notices.append("That stroke could not be read.")
    lab.stale = True


def _digits(lab: Lab, frame: Frame, record: Arrays) -> None:
    """Fakes beside real digits."""
    real = lab.here.points["train"].x[:SHOWN]
    sheets = []
    for title, x in (("Fakes", record["fake"][:SHOWN].reshape(-1, 1, 8, 8)), ("Real", real)):
        maps, scale, palette = picture(np.clip(x, 0, 1))
        sheets.append(Sheet(maps, scale, f"{title}: {len(x)} digits", palette=palette, title=title, size=44))
    tiles(lab.here, "gan", sheets, greyed=frame.state is State.LOST)


def _side(lab: Lab, frame: Frame, record: Arrays) -> None:
    theme, greyed = lab.here.theme, frame.state is State.LOST
    st.html(f'<p class="gan-found" role="status">{_found(record)}</p>{LEGEND if "score" in record else ""}')
    if "round" in (history := frame.probe("rivalry")):
        said = "Losses of discriminator and generator over the rounds"
        live_plot(rivals.losses(history, theme), "gan-losses", said, height=CURVE_PX, greyed=greyed)
    if "epoch" in (curves := frame.probe("curves")):
        now = frame.measures.get("test_loss")
        made = rivals.distance(curves, frame.epoch, now, theme)
        said = "Distance of the fakes to the real samples over the epochs"
        live_plot(made, "gan-distance", said, height=CURVE_PX, greyed=greyed)


def _found(record: Arrays) -> str:
    """How many clouds are covered, a dot for each; or how far the fakes are."""
    if "covered" not in record:
        return f"distance to the truth <b>{short(float(record['distance']))}</b>" if record else ""
    n, of = _n_covered(record), len(record["covered"])
    dots = "".join(f"<i class='{'on' if each else 'off'}'></i>" for each in record["covered"])
    return f"<b>{n} of {of}</b> clouds covered <span aria-hidden='true'>{dots}</span>"


def _n_covered(record: Arrays) -> int | None:
    return int(record["covered"].sum()) if "covered" in record else None


def said(lab: Lab, frame: Frame) -> tuple[str, int | None]:
    """What happened, and which of the choices came true."""
    record = frame.probe("rivals")
    if not frame.step or "distance" not in record:
        return "", None
    far = short(float(record["distance"]))
    rounds = "1 round" if frame.step == 1 else f"{thin_spaces(frame.step)} rounds"
    n = _n_covered(record)
    if n is None:
        return f"After {rounds} the fakes are {far} from the real samples.", None
    strays = 1 - float(record["count"].sum()) / 1000
    text = (
        f"After {rounds} {n} of {len(record['covered'])} clouds are covered, {strays:.0%} of the "
        f"fakes lie between them, and the distance to the truth is {far}."
    )
    settled = len(record["covered"]) == 8 and (n == 8 or frame.step >= PATIENCE)
    return text, choice(n) if settled else None
