"""Runs that a visitor of a test has saved: real checkpoints of real sessions, filed as a worker's are."""

import time

import numpy as np

from dlcore.data.points import Moons
from dlcore.experiment import Experiment, Seeds
from dlcore.layers import Dense
from dlcore.owner import hashed
from dlcore.probes.miniature import miniature
from dlcore.record import Record
from dlcore.store import MEASURES, store
from dlcore.training.session import Session

SMALL = Experiment(data=Moons(n_points=60), network=(Dense(units=3),))


def keep(owner, run, experiment=SMALL, epochs=2, state="paused"):
    """Save a run with a checkpoint after each of its epochs, as if it took a second for each."""
    session, clock, begun = Session(experiment), [(0, 0, 0)], time.time() - 60
    for epoch in range(1, epochs + 1):
        session.advance_epoch()
        clock.append((epoch, session.step, epoch))
        record = session.checkpoint()
        saved = {
            "id": run,
            "owner": hashed(owner),
            "line": f"line-{run}"[:32],
            "life": 1,
            "begun": begun,
            "saved": begun + epoch,
            "state": state,
            "message": "",
            "seconds": float(epoch),
            "parent": "",
            "parent_step": 0,
            "sweep": "",
            "turns": [],
            "forgotten": False,
            "measures": dict(zip(MEASURES, map(float, session.evaluate()), strict=True)),
        }
        pictures = {f"picture.{name}": array for name, array in miniature(session).items()}
        arrays = {**record.arrays, **pictures, "clock": np.array(clock, np.float64)}
        assert store().file(Record({**record.facts, "saved": saved}, arrays))


def lucky(seed):
    """The same experiment with other first weights."""
    return SMALL.model_copy(update={"seeds": Seeds(init=seed)})
