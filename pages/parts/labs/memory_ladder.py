"""How far each of the three gets: trained at one distance after another, each for a few epochs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dlcore.charts import through_time
from dlcore.engine.trials import Trials
from dlcore.guides import memory
from dlcore.guides.memory import ENOUGH, KINDS, RUNG_EPOCHS, RUNGS, SYMBOLS
from pages.parts.lab import Lab
from pages.parts.live import live_plot
from pages.parts.state import engine

LOOK_EVERY_S = 0.5
HEIGHT = 260


@dataclass
class Panel:
    """The ladder this tab has started last, and the settings it was started with."""

    trials: Trials[tuple[int, str]] | None = None
    of: memory.MemorySettings | None = None

    def start(self, lab: Lab) -> None:
        """Begin anew with the settings as they are; the three runs above rest meanwhile."""
        self.stop()
        lab.rest()
        self.of = lab.settings
        self.trials = Trials(engine(), memory.ladder(lab.settings), lab.here.owner)
        self.trials.start()

    def stop(self) -> None:
        """Leave the one that is going on where it is."""
        if self.trials is not None and self.trials.running:
            self.trials.stop()

    @property
    def running(self) -> bool:
        """Whether one is going on."""
        return self.trials is not None and self.trials.running

    def scores(self) -> dict[str, NDArray[np.float32]]:
        """The accuracy of each of the three at every distance, nan where it is not measured."""
        made = {kind: np.full(len(RUNGS), np.nan, np.float32) for kind in KINDS}
        for (steps, kind), frame in self.trials.frames().items() if self.trials else ():
            made[kind][RUNGS.index(steps)] = frame.measures["test_score"] or 0.0
        return made


def ladder(lab: Lab) -> None:
    """Start the ladder, watch it, stop it."""
    panel: Panel = lab.kept.setdefault("ladder", Panel())
    running = panel.running
    with st.container(key="memory-ladder"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown("**At which n does each fail?**")
            if running:
                st.button("Stop", icon=":material/stop:", key="ladder:stop", on_click=panel.stop)
            else:
                st.button(
                    "Measure", icon=":material/stairs:", key="ladder:start",
                    on_click=panel.start, args=(lab,), help=f"Train all three at n = {_listed(RUNGS)}",
                )  # fmt: skip
        st.fragment(_watch, run_every=LOOK_EVERY_S if running else None)(lab, panel, running)


def _watch(lab: Lab, panel: Panel, running: bool) -> None:
    """How far it is, and what is measured so far."""
    if panel.trials is None:
        st.caption(
            f"All three are trained anew at n = {_listed(RUNGS)}, for up to {RUNG_EPOCHS} epochs each, and "
            "asked about unseen strings.  It takes about a minute; the runs above rest meanwhile."
        )
        return
    now = panel.trials.progress()
    if running and not now.running:
        st.rerun()
    if now.running and now.now:
        steps, kind = now.now
        st.progress(now.done / now.n, f"{kind} at n = {steps}, epoch {now.epoch} of {RUNG_EPOCHS}")
    if now.message:
        st.info(now.message)
    scores = panel.scores()
    told = [
        f"the {kind} at n = {n}" if n else f"the {kind} at none of those measured"
        for kind, score in scores.items()
        if np.isfinite(score).any()
        for n in [through_time.fails_at(RUNGS, score, ENOUGH)]
    ]
    if told:
        st.caption(
            f"Below {ENOUGH:.0%} within {RUNG_EPOCHS} epochs: {', '.join(told)}."
            + ("" if panel.of == lab.settings else "  The settings have changed since.")
        )
    live_plot(
        through_time.ladder(RUNGS, scores, SYMBOLS, ENOUGH, lab.here.theme),
        "memory-ladder",
        "Accuracy on unseen strings of the RNN, the LSTM and the GRU at every distance n",
        height=HEIGHT,
    )


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))
