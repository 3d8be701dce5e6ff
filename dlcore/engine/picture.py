"""What a page sees of a session: the facts of a frame and the arrays of the probes asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from dlcore.engine.protocol import Frame
from dlcore.probes import Probe, probes
from dlcore.record import Arrays
from dlcore.training.history import Evaluation
from dlcore.training.session import Session


def picture(
    session: Session, watch: Sequence[str], read: Callable[[Probe], Arrays] | None = None, **facts: Any
) -> Frame:
    """Compute what is looked at, and nothing else; ``facts`` are those only the worker knows.

    ``read`` may give a reading of a moment ago for a probe that changes slowly.
    """
    arrays = {
        f"{kind}.{name}": array
        for kind in watch
        if kind in probes and probes[kind].applies(session.experiment)
        for name, array in (read(probes[kind]) if read else probes[kind].read(session)).items()
    }
    return Frame(
        epoch=session.epoch,
        step=session.step,
        learning_rate=float(session.optimizer.param_groups[0]["lr"]),
        measures={
            name: value if math.isfinite(value) else None
            for name, value in zip(Evaluation._fields, session.evaluate(), strict=True)
        },
        marks=session.marks.pairs if "curves" in watch else [],
        arrays=arrays,
        **facts,
    )
