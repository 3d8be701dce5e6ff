"""Saved runs to be written about, trained for a moment."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from dlcore.engine.autosave import Autosave
from dlcore.engine.protocol import State
from dlcore.experiment import Experiment
from dlcore.export.entry import MEASURES, Entry
from dlcore.owner import hashed
from dlcore.record import Record
from dlcore.store import Saved
from dlcore.training.session import Session

BEGUN = datetime(2026, 11, 20, 17, 45, 30, tzinfo=UTC)
SAVED = datetime(2026, 11, 20, 18, 5, tzinfo=UTC)
HOSTILE = "</title></style>\"'><script>alert(1)</script><img src=x onerror=alert(2)>&amp;\x00\x1b\ud800"


@cache
def entry(experiment=None, epochs=4, **said):
    """A run with a picture of each epoch."""
    e = experiment or Experiment(data="circle")
    session = Session(e)
    pictures, steps = {}, [0]
    for epoch in range(1, epochs + 1):
        session.advance_epoch()
        steps.append(session.step)
        if e.data.planar:
            shade = np.linspace(0, 255, 48).astype(np.uint8)
            pictures[session.step] = {"map": np.tile(shade // epoch, (48, 1))}
    history = session.history.exact()
    step = np.array(steps, np.float64)[: len(history["epoch"])]
    told = dict(zip(MEASURES, session.evaluate(), strict=True))
    saved = Saved(
        id="kA3-x_9",
        line="line",
        name="First",
        notes="",
        tags=(),
        experiment=e,
        begun=BEGUN,
        saved=SAVED,
        state="paused",
        message="",
        epoch=session.epoch,
        step=session.step,
        seconds=2.5,
        measures={name: value if np.isfinite(value) else None for name, value in told.items()},
        n_parameters=e.n_parameters(),
        parent="",
        parent_step=0,
        sweep="",
    )
    epochs_of = {step: i + 1 for i, step in enumerate(pictures)}
    written = {**history, "step": step, "seconds": step / 100}
    return Entry(replace(saved, **said), written, pictures, epochs_of)


def renamed(entry, **said):
    """The same run with other words."""
    return replace(entry, saved=replace(entry.saved, **said))


def filed(store, experiment=None, steps=60, owner="somebody", **said):
    """A run in a store, as a worker would have had it filed: its id."""
    session = Session(experiment or Experiment(data="circle"))
    with TemporaryDirectory() as folder:
        orders = {
            "file": f"{folder}/line.record",
            "line": "line",
            "owner": hashed(owner),
            "life": time.time_ns(),
            "continues": False,
            "sweep": "",
            "parent": "",
            "parent_step": 0,
        }
        autosave = Autosave(orders, session, Record({}))
        for _ in range(3):
            session.advance(steps // 3)
            autosave.clock.add(0.2, session)
            autosave.save(session, State.PAUSED)
            assert store.file(Record.from_bytes(Path(orders["file"]).read_bytes()))
    mine = store.of(owner)
    mine.rename(autosave.id, said.get("name", ""))
    mine.annotate(autosave.id, said.get("notes", ""))
    mine.tag(autosave.id, said.get("tags", ()))
    return autosave.id
