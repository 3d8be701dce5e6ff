"""How good the answers are: confusion, ROC curves, calibration; for values, answers over the truth."""

from __future__ import annotations

from dlcore.charts import quality
from dlcore.data import Task
from dlcore.engine import Frame, State
from dlcore.experiment import Experiment
from dlcore.record import Arrays
from pages.parts.live import live_plot
from pages.parts.state import Here
from pages.parts.views import choose
from pages.parts.views.view import View

HOW = {0: "confusion", 1: "ROC", 2: "calibration"}


def _controls(here: Here) -> None:
    if here.experiment.data.task is not Task.REGRESSION:
        with choose.row():
            choose.one_of(here, "quality", "Judged by", HOW)


def _show(here: Here, frame: Frame) -> None:
    record = frame.probe("quality")
    if "count" not in record:
        choose.empty(choose.WAITING)
        return
    names, greyed = here.experiment.data.class_names, frame.state is State.LOST
    n = int(record["count"][0])
    if "truth" in record:
        choose.said(
            f"Answers over the truth for {n} test samples: on the dotted line they are right.  "
            f"{_scores(record)}"
        )
        live_plot(
            quality.values(record, here.theme), "values", quality.alt("values"), height=460, greyed=greyed
        )
    elif here.inside.quality == 1:
        choose.said(
            f"{n} answers to test samples.  As the threshold falls, more of a class are found (up) and "
            "more of the others are taken for it (right); in brackets the area under the curve, 1 at best."
        )
        live_plot(
            quality.roc(record, names, here.theme), "roc", quality.alt("roc"), height=460, greyed=greyed
        )
    elif here.inside.quality == 2:
        choose.said(
            f"{n} answers to test samples: on the dotted line the network is as sure as it is right, below "
            f"it too sure.  They are {100 * quality.expected_error(record):.1f} percentage points apart on "
            "average; rings stand for fewer than ten answers."
        )
        alt = quality.alt("calibration")
        live_plot(quality.calibration(record, here.theme), "calibration", alt, height=460, greyed=greyed)
    else:
        choose.said(
            f"What {n} answers to test samples took for what: truth in rows, answers in columns, right ones "
            "on the diagonal; in brackets precision and recall." + _left(record, len(names))
        )
        height = max(360, min(760, 120 + 34 * len(record["classes"])))
        alt = quality.alt("confusion")
        live_plot(
            quality.confusion(record, names, here.theme), "confusion", alt, height=height, greyed=greyed
        )


def _left(record: Arrays, n_classes: int) -> str:
    shown = len(record["classes"])
    return f"  The {shown} commonest of {n_classes} classes." if shown < n_classes else ""


def _scores(record: Arrays) -> str:
    found = [f"{value:.3f}".replace("-", "−") for value in record["determination"][:12]]
    return f"R² {', '.join(found)}."


def _applies(experiment: Experiment) -> bool:
    return experiment.objective.labelled


QUALITY = View("Answers", ":material/fact_check:", _applies, lambda here: ("quality",), _show, _controls)
