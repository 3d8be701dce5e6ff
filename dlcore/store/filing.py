"""Filing: what a worker has written down becomes a row, a history and a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import ValidationError
from sqlalchemy import case, delete, func, select, update
from sqlalchemy.orm import Session

from dlcore.changes import summary
from dlcore.link import loads
from dlcore.record import Record, RecordError
from dlcore.store.packed import pack
from dlcore.store.saved import MEASURES
from dlcore.store.settings import StoreSettings
from dlcore.store.tables import CheckpointRow, HistoryRow, RunRow, SweepRow, TagRow
from dlcore.thinning import least_missed

HISTORY, PICTURE, CLOCK = "history.", "picture.", "clock"
SAVED = "saved"


def file(session: Session, record: Record, settings: StoreSettings) -> bool:
    """Enter what a worker wrote (:mod:`dlcore.engine.autosave`); a second time changes nothing.

    Returns False where a worker that was started later trains the run, so that this one's word is too old.
    Raises ``RecordError`` for a record that is none of a run.
    """
    try:
        said = record.facts[SAVED]
        experiment = loads(record.facts["experiment"])
        facts = {
            "owner": str(said["owner"]),
            "line": str(said["line"]),
            "life": int(said["life"]),
            "about": summary(experiment),
            "data": experiment.data.kind_name(),
            "experiment": str(record.facts["experiment"]),
            "begun": float(said["begun"]),
            "saved": float(said["saved"]),
            "state": str(said["state"]),
            "message": str(said["message"]),
            "epoch": int(record.facts["epoch"]),
            "step": int(record.facts["step"]),
            "seconds": float(said["seconds"]),
            "n_parameters": experiment.n_parameters(),
            "parent": str(said["parent"]),
            "parent_step": int(said["parent_step"]),
            "sweep": str(said["sweep"]),
            **{name: said["measures"][name] for name in MEASURES},
        }
        turns = [int(step) for step in said["turns"]]
        run, step = str(said["id"]), int(record.facts["step"])
        history = pack(_history(record))
        checkpoint = pack(_checkpoint(record))
        picture = pack(_picture(record))
        n_rows = len(record.arrays[f"{HISTORY}epoch"])
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise RecordError("this is no record of a run") from error
    if said["forgotten"] and _forget(session, run):
        return True
    # a run that learns on has been brought back
    learns_on = RunRow.deleted.is_not(None) & (RunRow.step < step)
    back = case((learns_on, None), else_=RunRow.deleted)
    mine = RunRow.id == run, RunRow.life <= facts["life"]
    known = update(RunRow).where(*mine).values(**facts, deleted=back)
    if not session.execute(known).rowcount:  # type: ignore[attr-defined]  # an update has one
        if session.get(RunRow, run) is not None:
            return False
        if facts["sweep"] and _is_deleted(session, facts["sweep"]):
            return True  # the last word of a worker whose sweep is not wanted any more
        session.add(RunRow(id=run, name="", notes="", n_bytes=0, **facts))
        session.flush()
    _forget_the_future(session, run, step, turns)
    n_bytes = len(checkpoint) + len(picture)
    session.add(
        CheckpointRow(
            run=run,
            step=step,
            turn=len(turns),
            epoch=facts["epoch"],
            seconds=facts["seconds"],
            n_rows=n_rows,
            n_bytes=n_bytes,
            picture=picture,
            content=checkpoint,
        )
    )
    session.execute(delete(HistoryRow).where(HistoryRow.run == run))
    session.add(HistoryRow(run=run, content=history))
    session.flush()
    _thin(session, run, settings)
    weighs = select(func.coalesce(func.sum(CheckpointRow.n_bytes), 0)).where(CheckpointRow.run == run)
    total = int(session.scalar(weighs) or 0) + len(history)
    session.execute(update(RunRow).where(RunRow.id == run).values(n_bytes=total))
    return True


def _is_deleted(session: Session, sweep: str) -> bool:
    row = session.get(SweepRow, sweep)
    return row is not None and row.deleted is not None


def _forget(session: Session, run: str) -> bool:
    """Let go of a run that was left as soon as it was begun, unless its owner has made something of it."""
    row = session.get(RunRow, run)
    tagged = session.scalar(select(func.count()).select_from(TagRow).where(TagRow.run == run))
    if row is not None and (row.name or row.notes or tagged):
        return False
    session.execute(delete(RunRow).where(RunRow.id == run))
    return True


def _forget_the_future(session: Session, run: str, step: int, turns: Sequence[int]) -> None:
    """Delete the checkpoints that are no past of this moment: somebody has gone back, and on another way.

    ``turns`` are the steps that the run was put back to; a checkpoint knows after how many of them it was.
    """
    row = CheckpointRow
    session.execute(delete(row).where(row.run == run, row.step >= step))
    for turn in range(len(turns)):
        session.execute(delete(row).where(row.run == run, row.turn == turn, row.step > min(turns[turn:])))


def _thin(session: Session, run: str, settings: StoreSettings) -> None:
    """Keep as many checkpoints as one run may have; the first and the last always."""
    found = session.execute(
        select(CheckpointRow.step, CheckpointRow.n_bytes)
        .where(CheckpointRow.run == run)
        .order_by(CheckpointRow.step)
    )
    kept = [(int(step), int(n_bytes)) for step, n_bytes in found]
    gone: list[int] = []
    while len(kept) > 2 and (
        len(kept) > settings.keep_checkpoints
        or sum(each for _, each in kept) > settings.keep_run_mb * 1_000_000
    ):
        gone.append(kept.pop(least_missed([step for step, _ in kept]))[0])
    if gone:
        session.execute(delete(CheckpointRow).where(CheckpointRow.run == run, CheckpointRow.step.in_(gone)))


def _history(record: Record) -> Record:
    arrays = {
        name.removeprefix(HISTORY): array for name, array in record.arrays.items() if name.startswith(HISTORY)
    }
    clock = record.arrays.get(CLOCK, np.zeros((0, 3)))
    return Record({"marks": record.facts.get("marks", [])}, {**arrays, CLOCK: clock})


def _picture(record: Record) -> Record:
    return Record(
        {},
        {
            name.removeprefix(PICTURE): array
            for name, array in record.arrays.items()
            if name.startswith(PICTURE)
        },
    )


def _checkpoint(record: Record) -> Record:
    """The checkpoint proper: what :meth:`Session.restore` reads, but for its history."""
    beside = (HISTORY, PICTURE)
    arrays = {
        name: array for name, array in record.arrays.items() if not name.startswith(beside) and name != CLOCK
    }
    return Record(record.facts, arrays)


def whole(checkpoint: Record, history: Record, n_rows: int) -> Record:
    """A checkpoint and the run's history up to then, as :meth:`Session.checkpoint` gave them."""
    past: dict[str, Any] = {
        f"{HISTORY}{name}": array[:n_rows] for name, array in history.arrays.items() if name != CLOCK
    }
    clock = history.arrays[CLOCK]
    step = int(checkpoint.facts["step"])
    return Record(checkpoint.facts, {**past, **checkpoint.arrays, CLOCK: clock[clock[:, 1] <= step]})
