"""The worst and the most confident mistakes as a gallery."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from dlcore.data import Task
from dlcore.engine import Frame, State
from dlcore.experiment import Experiment
from dlcore.record import Arrays
from pages.parts.state import Here
from pages.parts.tiles import tiles
from pages.parts.views import choose, samples
from pages.parts.views.view import View

ORDERS = {0: "worst", 1: "most confident"}
MOST_ROWS = 16


def _order(here: Here) -> int:
    return 0 if here.experiment.data.task is Task.REGRESSION else here.inside.order


def _watch(here: Here) -> str:
    return f"worst?order={_order(here)}"


def _controls(here: Here) -> None:
    if here.experiment.data.task is not Task.REGRESSION:
        with choose.row():
            choose.one_of(
                here, "order", "First", ORDERS,
                "Worst: the truth gets the least share.  Most confident: the wrong answer gets the largest",
            )  # fmt: skip


def _show(here: Here, frame: Frame) -> None:
    record = frame.probe(_watch(here))
    if "sample" not in record:
        choose.empty(choose.WAITING)
        return
    looked, wrong = (int(n) for n in record["count"])
    values = here.experiment.data.task is Task.REGRESSION
    how = "A click on one" if samples.is_image(here) else "Its number"
    follow = f"{how} lets the other views follow it through the network."
    if not len(record["sample"]):
        choose.empty(
            f"None of {looked} test samples is answered wrong.  Make the task harder, or look at the worst."
        )
        return
    if values:
        choose.said(
            f"The test samples of {looked} whose answers are furthest off, with the mean squared error."
        )
    elif _order(here) == 0:
        choose.said(
            f"{wrong} of {looked} test samples are answered wrong.  Here are those of which the network "
            f"expected the truth least; a cross marks the wrong ones.  {follow}"
        )
    else:
        choose.said(
            f"{wrong} of {looked} test samples are answered wrong.  Here are those of which the network was "
            f"most sure.  {follow}"
        )
    if samples.is_image(here):
        _gallery(here, frame, record)
    else:
        st.html(_table(here, record, values))


def _gallery(here: Here, frame: Frame, record: Arrays) -> None:
    names = [_answered(here, record, g) for g in range(len(record["sample"]))]
    hints = [
        f"test sample {at}: {samples.truth(here, int(at))}, "
        f"taken for {samples.answer_said(here, record['answer'][g])} "
        f"with {100 * record['share'][g]:.0f} %; surprise {record['surprise'][g]:.2f}"
        for g, at in enumerate(record["sample"])
    ]
    chosen = np.flatnonzero(record["sample"] == choose.sample_of(here))
    sheet = samples.images(
        here, record["sample"], "Mistakes among the test samples", size=84, wide=112, names=names,
        hints=hints,
        wrong=[bool(w) for w in (record["truth"] != record["answer"]).any(1)],
        picks=True, chosen=int(chosen[0]) if len(chosen) else -1,
    )  # fmt: skip

    def pick(said: Mapping[str, Any]) -> None:
        tile = int(said.get("tile", -1))
        if 0 <= tile < len(record["sample"]):
            choose.look_at(here, sample=int(record["sample"][tile]))

    tiles(here, "mistakes", [sheet], greyed=frame.state is State.LOST, on_pick=pick)


def _answered(here: Here, record: Arrays, g: int) -> str:
    truth, answer = (samples.answer_said(here, record[name][g]) for name in ("truth", "answer"))
    if truth == answer:
        return f"{truth} ({100 * record['share'][g]:.0f} %)"
    return f"✗ {truth} → {answer} ({100 * record['share'][g]:.0f} %)"


def _table(here: Here, record: Arrays, values: bool) -> str:
    """Samples that are no pictures, one in a row."""
    rows = []
    for g, at in enumerate(record["sample"][:MOST_ROWS]):
        truth, answer = (samples.answer_said(here, record[name][g]) for name in ("truth", "answer"))
        off = f"{record['surprise'][g]:.3g}" if values else f"{100 * record['share'][g]:.0f} %"
        is_wrong = truth != answer and not values
        wrong, cross = (" class='wrong'", "✗ ") if is_wrong else ("", "")
        cells = (
            f"<td>{int(at)}</td><td>{escape(samples.in_words(here, int(at)))}</td><td>{escape(truth)}</td>"
        )
        rows.append(f"<tr>{cells}<td{wrong}>{cross}{escape(answer)}</td><td>{off}</td></tr>")
    last = "squared error" if values else "confidence"
    return (
        "<style>.mistakes{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}"
        ".mistakes td,.mistakes th{padding:3px 12px 3px 0;text-align:left;font-weight:normal}"
        ".mistakes thead th{color:var(--glassbox-faint);border-bottom:1px solid currentColor}"
        ".mistakes .wrong{font-weight:600}</style><div style='overflow-x:auto'><table class='mistakes'>"
        f"<thead><tr><th>no.</th><th>sample</th><th>truth</th><th>answer</th><th>{last}</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _applies(experiment: Experiment) -> bool:
    return not experiment.data.planar and experiment.objective.labelled


MISTAKES = View(
    "Mistakes", ":material/error_outline:", _applies, lambda here: (_watch(here),), _show, _controls
)
