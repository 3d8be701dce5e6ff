"""What a page sees of a session: the facts of a frame and the arrays of the probes asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from dlcore.engine.protocol import Frame, State
from dlcore.probes import Probe, opened
from dlcore.record import Arrays
from dlcore.training.history import Evaluation
from dlcore.training.session import Session


def picture(
    session: Session, watch: Sequence[str], read: Callable[[Probe], Arrays] | None = None, **facts: Any
) -> Frame:
    """Compute what is looked at, and nothing else; ``facts`` are those only the worker knows.

    ``read`` may give a reading of a moment ago for a probe that changes slowly.
    """
    with session.judged():
        return _picture(session, watch, read, **facts)


def _picture(
    session: Session, watch: Sequence[str], read: Callable[[Probe], Arrays] | None, **facts: Any
) -> Frame:
    asked = [(name, opened(name)) for name in watch]
    arrays = {
        f"{name}.{array}": values
        for name, probe in asked
        if probe is not None and probe.applies(session.experiment)
        for array, values in (read(probe) if read else probe.read(session)).items()
    }
    playing = facts.get("state") is State.PLAYING
    evaluation = session.latest() if playing else session.evaluate()
    return Frame(
        epoch=session.epoch,
        step=session.step,
        learning_rate=float(session.optimizer.param_groups[0]["lr"]),
        measures={
            name: value if math.isfinite(value) else None
            for name, value in zip(Evaluation._fields, evaluation, strict=True)
        },
        marks=session.marks.pairs if "curves" in watch else [],
        arrays=arrays,
        watched=list(watch),
        **facts,
    )
