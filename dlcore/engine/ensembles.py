"""The question after an ensemble: many seeds of an experiment trained at once, a piece at a time."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray

from dlcore.data import Task
from dlcore.engine.memory import reuse
from dlcore.ensembles import SIZES
from dlcore.limits import n_judged
from dlcore.link import loads
from dlcore.probes.base import plane_inputs
from dlcore.probes.boundary import Boundary
from dlcore.record import Arrays, Record
from dlcore.training.ensemble import Ensemble
from dlcore.training.session import Session

BUDGET_S = 0.1
"""How long one piece takes.  The run that is asked does not play, so nobody waits for it meanwhile."""
MOST_EPOCHS = 2000
MOST_KEPT = 2
"""Ensembles that one run keeps between pieces: two settings are compared at most."""
LATER = 5
"""How much further back than runs that are watched an ensemble stands in the queue for the processor."""
SIDE = 64
BANDS = (5.0, 25.0, 50.0, 75.0, 95.0)
"""The percentiles of the members that are drawn over the epochs."""

_ensembles: WeakKeyDictionary[Session, dict[tuple[str, int], Ensemble]] = WeakKeyDictionary()


def _ensemble(session: Session, mail: Record) -> Record:
    """Go on with an ensemble until ``epochs``; the arrays of :func:`arrays`, with a ``picture`` its maps.

    It begins when it is first asked for.  Raises ``ValueError``, in words, where it cannot be trained.
    """
    facts = mail.facts
    n, epochs = int(facts["n"]), min(max(int(facts["epochs"]), 0), MOST_EPOCHS)
    if n not in SIZES:
        raise ValueError(f"{n} seeds cannot be trained at once, but {', '.join(map(str, SIZES))} can.")
    kept = _kept(session)
    key = str(facts["experiment"]), n
    if key in kept:
        ensemble = kept[key]
        if ensemble.epoch < epochs:
            ensemble.advance_for(BUDGET_S, epochs)
    else:
        experiment = loads(key[0])
        ensemble = kept[key] = Ensemble(experiment, n)
        # n networks that are judged by so many samples make arrays as one that learns from n times as many
        at_once = n * n_judged(max(experiment.multiply_adds(), 1))
        reuse(experiment.model_copy(update={"batch_size": at_once}))
        while len(kept) > MOST_KEPT:
            del kept[next(iter(kept))]
    found = arrays(ensemble)
    if facts.get("picture") and Boundary().applies(ensemble.experiment):
        found |= maps(ensemble, SIDE)
    passed = ensemble.epoch + ensemble.seen / max(len(ensemble.points["train"].x), 1)
    return Record({"epoch": ensemble.epoch, "passed": passed, "step": ensemble.step}, found)


def _kept(session: Session) -> dict[tuple[str, int], Ensemble]:
    """The ensembles of a run; the first makes its process stand back."""
    if session not in _ensembles:
        _ensembles[session] = {}
        if hasattr(os, "nice"):
            os.nice(LATER)
    return _ensembles[session]


def arrays(ensemble: Ensemble) -> Arrays:
    """What an ensemble of n members has come to.

    ``train_score``, ``test_score``, ``train_loss``, ``test_loss`` (n,) float32 at the end of the last whole
    epoch; ``failed`` (n,) uint8, 1 for a member that broke down.  ``epoch`` (R,) int32, and over those epochs
    ``loss_band`` and ``score_band`` (R, 5) float32: the 5th, 25th, 50th, 75th and 95th percentile of the test
    share's, among the members that have not broken down; nan where all have.
    """
    failed = ensemble.failed.numpy()
    at_end = ensemble.seen == 0 and ensemble.epochs[-1] != ensemble.epoch
    rows = [*ensemble.rows, *([ensemble.evaluate()] if at_end else [])]
    epochs = [*ensemble.epochs, *([ensemble.epoch] if at_end else [])]
    named = ("train_score", "test_score", "train_loss", "test_loss")
    return {
        **{name: np.asarray(getattr(rows[-1], name), np.float32) for name in named},
        "failed": failed.astype(np.uint8),
        "epoch": np.array(epochs, np.int32),
        "loss_band": _band(np.array([row.test_loss for row in rows]), failed),
        "score_band": _band(np.array([row.test_score for row in rows]), failed),
    }


def _band(values: NDArray[np.float64], failed: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The percentiles over the members that count: (R, n) → (R, 5)."""
    counted = values[:, ~failed]
    if not counted.shape[1]:
        return np.full((len(values), len(BANDS)), np.nan, np.float32)
    return np.percentile(counted, BANDS, axis=1).T.astype(np.float32)


def maps(ensemble: Ensemble, side: int) -> Arrays:
    """The answer of the members all over the plane, row 0 at the lowest x₂; of those that broke down, none.

    ``spread`` (S, S) float32 is their standard deviation.  Two classes and regression: ``value`` (S, S)
    float32, their mean.  More classes: ``label`` (S, S) uint8, the class of the largest mean share,
    ``strength`` (S, S) float32, by how much it is the largest, and the spread is that of this class's share.
    """
    e = ensemble.experiment
    outputs = ensemble.answers(plane_inputs(e, side))[~ensemble.failed]  # (n, S², K)
    if not len(outputs):
        outputs = torch.full((1, side * side, e.head().units), math.nan)
    shown = e.loss.confidence(outputs.flatten(0, 1), e.task).reshape(len(outputs), side * side, -1)
    mean, spread = shown.mean(0), shown.std(0, correction=0)  # (S², K)
    if e.task is not Task.CLASSES:
        return {"value": mean[:, 0].numpy().reshape(side, side), "spread": _square(spread[:, :1], side)}
    best = mean.topk(2, dim=1)
    label = best.indices[:, :1]
    return {
        "label": label.numpy().astype(np.uint8).reshape(side, side),
        "strength": (best.values[:, 0] - best.values[:, 1]).numpy().reshape(side, side),
        "spread": _square(spread.gather(1, label), side),
    }


def _square(column: torch.Tensor, side: int) -> NDArray[np.float32]:
    found: NDArray[np.float32] = column.numpy().astype(np.float32).reshape(side, side)
    return found


QUESTIONS: dict[str, Callable[[Session, Record], Record]] = {"ensemble": _ensemble}
