"""Names that the network makes up: what may come next, before and after temperature and top-k."""

from __future__ import annotations

from html import escape

import streamlit as st

from dlcore.charts import shares
from dlcore.engine import Frame, State
from pages.parts.lab import Lab
from pages.parts.labs.attention import watched
from pages.parts.live import live_plot
from pages.parts.views import choose, samples

N_NAMES = 10
END_AT, ENDED = 2, "end"
NEXT_PX = 210


def show_next(lab: Lab, frame: Frame) -> None:
    """The chances of the next letter as bars, and names drawn with them."""
    told = frame.probe(watched(lab)[-1])
    if "drawn" not in told:
        choose.empty(choose.WAITING)
        return
    names = [
        ENDED if k == END_AT else samples.token_said(lab.experiment.data.class_names[k]) for k in told["best"]
    ]
    begun = lab.settings.text.lower()
    st.markdown(f"After “{begun}”, what comes next?" if begun else "Which letter comes first?")
    picture = shares.drawn(told["share"], told["drawn"], names, lab.here.theme)
    alt = shares.drawn_alt(told["drawn"], names)
    live_plot(picture, "attention-next", alt, height=NEXT_PX, greyed=frame.state is State.LOST)


def show_names(lab: Lab) -> None:
    """Names made up by the network as it stands now, whatever moment is looked at."""
    settings = lab.settings
    try:
        made = lab.run.generate(N_NAMES, settings.temperature, settings.top_k, 0, settings.text)
    except ValueError as refusal:
        choose.empty(str(refusal))
        return
    lab.kept["names"] = made or lab.kept.get("names", [])
    items = "".join(f"<li>{escape(name) or '∅'}</li>" for name in lab.kept["names"])
    st.html(f"<ol class='attention-names' aria-label='Names made up'>{items}</ol>")
