"""One visitor's saved runs: found, read, named, deleted."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from dlcore.link import nearest
from dlcore.record import Arrays, Record, RecordError
from dlcore.store.database import Database
from dlcore.store.filing import CLOCK, whole
from dlcore.store.packed import unpack
from dlcore.store.saved import MEASURES, Moment, Query, Saved, SavedSweep
from dlcore.store.tables import (
    LONGEST_NAME,
    LONGEST_NOTES,
    LONGEST_TAG,
    MOST_TAGS,
    CheckpointRow,
    HistoryRow,
    RunRow,
    SweepRow,
    TagRow,
)

MOST_WORDS = 8
MOST_LISTED = 5000
SORTS: Mapping[str, InstrumentedAttribute[Any]] = {
    "saved": RunRow.saved,
    "begun": RunRow.begun,
    "name": RunRow.name,
    "test_score": RunRow.test_score,
    "test_loss": RunRow.test_loss,
    "parameters": RunRow.n_parameters,
    "seconds": RunRow.seconds,
}


class Runs:
    """The saved runs of one owner.  Every method raises ``StoreError`` where the store cannot be asked."""

    def __init__(self, database: Database, owner: str | None) -> None:
        self._database = database
        self._owner = owner

    def find(self, query: Query | None = None) -> list[Saved]:
        """The saved runs that a query asks for, in its order."""
        query = query or Query()
        column = SORTS[query.sort]
        order = (column.is_(None), column.desc() if query.descending else column, RunRow.id)
        chosen = self._found(select(RunRow), query).order_by(*order)
        with self._database.reading() as session:
            limit = max(0, min(query.limit, MOST_LISTED))
            rows = list(session.scalars(chosen.limit(limit).offset(max(0, query.offset))))
            tags = _tags(session, [row.id for row in rows])
            return [_saved(row, tags.get(row.id, ())) for row in rows]

    def count(self, query: Query | None = None) -> int:
        """How many a query finds, wherever it begins and ends."""
        with self._database.reading() as session:
            counted = self._found(select(func.count()).select_from(RunRow), query or Query())
            return int(session.scalar(counted) or 0)

    def get(self, run: str) -> Saved | None:
        """One saved run, deleted or not; None where its owner has none of that id."""
        with self._database.reading() as session:
            row = session.scalar(select(RunRow).where(RunRow.id == run, *self._mine()))
            if row is None:
                return None
            content = session.scalar(select(HistoryRow.content).where(HistoryRow.run == run))
            marks = _read(content).facts.get("marks", ()) if content else ()
            told = tuple((float(epoch), str(label)) for epoch, label in marks)
            return _saved(row, _tags(session, [run]).get(run, ()), told)

    def newest_of(self, line: str) -> Saved | None:
        """The saved run that a run of the engine has written last; None where its owner has none."""
        with self._database.reading() as session:
            newest = select(RunRow).where(RunRow.line == line, *self._mine()).order_by(RunRow.begun.desc())
            row = session.scalar(newest.limit(1))
            return None if row is None else _saved(row, ())

    def tags(self) -> list[str]:
        """Every tag that some run has, in order."""
        with self._database.reading() as session:
            used = select(TagRow.tag).join(RunRow, RunRow.id == TagRow.run).where(*self._mine())
            return list(session.scalars(used.where(RunRow.deleted.is_(None)).distinct().order_by(TagRow.tag)))

    def data(self) -> list[str]:
        """Every kind of data set that some run has, in order."""
        with self._database.reading() as session:
            used = select(RunRow.data).where(RunRow.deleted.is_(None), *self._mine())
            return list(session.scalars(used.distinct().order_by(RunRow.data)))

    def histories(self, runs: Iterable[str]) -> dict[str, Arrays]:
        """What each learnt when: ``epoch`` (R,) int64, ``rows`` (R, 6) float64 as of ``MEASURES``,
        ``step`` and ``seconds`` (R,) float64, the latter of training."""
        with self._database.reading() as session:
            wanted = select(HistoryRow.run, HistoryRow.content).join(RunRow, RunRow.id == HistoryRow.run)
            found = session.execute(wanted.where(HistoryRow.run.in_(list(runs)), *self._mine())).all()
        return {run: _timed(_read(content).arrays) for run, content in found}

    def moments(self, run: str) -> list[Moment]:
        """The checkpoints that are kept of a run, oldest first."""
        row = CheckpointRow
        with self._database.reading() as session:
            wanted = select(row.step, row.epoch, row.seconds, row.n_bytes).join(RunRow, RunRow.id == row.run)
            found = session.execute(wanted.where(row.run == run, *self._mine()).order_by(row.step))
            return [Moment(*each) for each in found]

    def pictures(self, runs: Iterable[str]) -> dict[str, Arrays]:
        """The newest small picture of each (:func:`dlcore.probes.miniature.miniature`)."""
        row = CheckpointRow
        with self._database.reading() as session:
            last = select(row.run, func.max(row.step).label("step")).where(row.run.in_(list(runs)))
            newest = last.group_by(row.run).subquery()
            wanted = select(row.run, row.picture).join(
                newest, (newest.c.run == row.run) & (newest.c.step == row.step)
            )
            found = session.execute(wanted.join(RunRow, RunRow.id == row.run).where(*self._mine())).all()
        return {run: _read(picture).arrays for run, picture in found}

    def pictures_of(self, run: str) -> dict[int, Arrays]:
        """The small picture of every moment of a run, by step."""
        row = CheckpointRow
        with self._database.reading() as session:
            wanted = select(row.step, row.picture).join(RunRow, RunRow.id == row.run)
            found = session.execute(wanted.where(row.run == run, *self._mine()).order_by(row.step)).all()
        return {step: _read(picture).arrays for step, picture in found}

    def checkpoint(self, run: str, step: int | None = None) -> Record | None:
        """A checkpoint with its history: the newest, or the one nearest to ``step``; None for none.

        Raises ``RecordError`` where it is damaged.
        """
        row = CheckpointRow
        order = row.step.desc() if step is None else func.abs(row.step - step)
        with self._database.reading() as session:
            mine = select(row.content, row.n_rows, HistoryRow.content).join(RunRow, RunRow.id == row.run)
            wanted = mine.join(HistoryRow, HistoryRow.run == row.run).where(row.run == run, *self._mine())
            found = session.execute(wanted.order_by(order).limit(1)).first()
        if found is None:
            return None
        content, n_rows, history = found
        return whole(unpack(content), unpack(history), n_rows)

    def rename(self, run: str, name: str) -> None:
        """Give a run a name; "" takes it away."""
        self._set(run, name=" ".join(name.split())[:LONGEST_NAME])

    def annotate(self, run: str, notes: str) -> None:
        """Write notes on a run."""
        self._set(run, notes=notes[:LONGEST_NOTES])

    def tag(self, run: str, tags: Sequence[str]) -> None:
        """Give a run these tags, and no others."""
        clean = dict.fromkeys(" ".join(tag.split())[:LONGEST_TAG].strip() for tag in tags)
        with self._database.writing() as session:
            if session.scalar(select(RunRow.id).where(RunRow.id == run, *self._mine())) is None:
                return
            session.execute(delete(TagRow).where(TagRow.run == run))
            session.add_all(TagRow(run=run, tag=tag) for tag in [each for each in clean if each][:MOST_TAGS])

    def delete(self, runs: Iterable[str]) -> None:
        """Delete runs; within the hour :meth:`restore` brings them back."""
        self._mark(runs, time.time())

    def restore(self, runs: Iterable[str]) -> None:
        """Take deleting back."""
        self._mark(runs, None)

    def keep_sweep(self, sweep: str, plan: Mapping[str, Any]) -> None:
        """Write a sweep down, or write it anew."""
        if self._owner is None:
            raise ValueError("a sweep belongs to one owner")
        with self._database.writing() as session:
            row = session.get(SweepRow, sweep)
            if row is None:
                session.add(SweepRow(id=sweep, owner=self._owner, begun=time.time(), plan=json.dumps(plan)))
            elif row.owner == self._owner and row.deleted is None:
                row.plan = json.dumps(plan)

    def sweeps(self) -> list[SavedSweep]:
        """The sweeps that were begun, newest first."""
        mine = [] if self._owner is None else [SweepRow.owner == self._owner]
        with self._database.reading() as session:
            kept = select(SweepRow).where(SweepRow.deleted.is_(None), *mine)
            rows = session.scalars(kept.order_by(SweepRow.begun.desc()).limit(200))
            return [SavedSweep(row.id, _time(row.begun), json.loads(row.plan)) for row in rows]

    def forget_sweep(self, sweep: str) -> None:
        """Delete a sweep and its runs."""
        mine = [] if self._owner is None else [SweepRow.owner == self._owner]
        with self._database.writing() as session:
            session.execute(update(SweepRow).where(SweepRow.id == sweep, *mine).values(deleted=time.time()))
            session.execute(delete(RunRow).where(RunRow.sweep == sweep, *self._mine()))

    def _mine(self) -> Sequence[ColumnElement[bool]]:
        return [] if self._owner is None else [RunRow.owner == self._owner]

    def _found(self, statement: Select[Any], query: Query) -> Select[Any]:
        there = RunRow.deleted.is_not(None) if query.deleted else RunRow.deleted.is_(None)
        conditions = [there, *self._mine()]
        if query.sweep is not None:
            conditions.append(RunRow.sweep == query.sweep)
        if query.data:
            conditions.append(RunRow.data == query.data)
        tagged: Callable[[ColumnElement[bool]], ColumnElement[bool]] = lambda condition: (  # noqa: E731
            select(TagRow.run).where(TagRow.run == RunRow.id, condition).exists()
        )
        conditions += [tagged(TagRow.tag == tag) for tag in query.tags]
        for word in query.words.split()[:MOST_WORDS]:
            columns = (RunRow.name, RunRow.notes, RunRow.about)
            said = [column.icontains(word, autoescape=True) for column in columns]
            conditions.append(or_(*said, tagged(TagRow.tag.icontains(word, autoescape=True))))
        return statement.where(*conditions)

    def _set(self, run: str, **values: str) -> None:
        with self._database.writing() as session:
            session.execute(update(RunRow).where(RunRow.id == run, *self._mine()).values(**values))

    def _mark(self, runs: Iterable[str], deleted: float | None) -> None:
        with self._database.writing() as session:
            chosen = update(RunRow).where(RunRow.id.in_(list(runs)), *self._mine())
            session.execute(chosen.values(deleted=deleted))


def _tags(session: Session, runs: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    rows = session.execute(select(TagRow.run, TagRow.tag).where(TagRow.run.in_(runs)).order_by(TagRow.tag))
    for run, tag in rows:
        found[run] = (*found.get(run, ()), tag)
    return found


def _saved(row: RunRow, tags: tuple[str, ...], marks: tuple[tuple[float, str], ...] = ()) -> Saved:
    raw = json.loads(row.experiment)
    raw.pop("glassbox", None)
    return Saved(
        id=row.id,
        line=row.line,
        name=row.name,
        notes=row.notes,
        tags=tags,
        experiment=nearest(raw).experiment,
        begun=_time(row.begun),
        saved=_time(row.saved),
        state=row.state,
        message=row.message,
        epoch=row.epoch,
        step=row.step,
        seconds=row.seconds,
        measures={name: getattr(row, name) for name in MEASURES},
        n_parameters=row.n_parameters,
        parent=row.parent,
        parent_step=row.parent_step,
        sweep=row.sweep,
        marks=marks,
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _read(content: bytes) -> Record:
    """A damaged picture or history is an empty one: the list of runs goes on."""
    try:
        return unpack(content)
    except RecordError:
        return Record({}, {})


def _timed(arrays: Arrays) -> Arrays:
    """A history with the steps and the seconds at which its rows were written, from the run's own clock."""
    epoch = arrays.get("epoch", np.zeros(0, np.int64))
    rows = arrays.get("rows", np.zeros((0, len(MEASURES))))
    clock = arrays.get(CLOCK, np.zeros((0, 3)))
    if not len(clock):
        unknown = np.full(len(epoch), np.nan)
        return {"epoch": epoch, "rows": rows, "step": unknown, "seconds": unknown.copy()}
    at = clock[:, 0]
    return {
        "epoch": epoch,
        "rows": rows,
        "step": np.interp(epoch, at, clock[:, 1]),
        "seconds": np.interp(epoch, at, clock[:, 2]),
    }
