"""The store: every visitor's saved runs in one database."""

from __future__ import annotations

import time
from functools import cache

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from dlcore.folders import data_folder
from dlcore.owner import hashed
from dlcore.record import Record
from dlcore.store.database import Database
from dlcore.store.filing import file
from dlcore.store.runs import Runs
from dlcore.store.settings import StoreSettings
from dlcore.store.tables import CheckpointRow, RunRow, SweepRow, TagRow

DAY_S = 86_400.0
MB = 1_000_000
MOST_AT_ONCE = 500


class Store:
    """Saved runs, each seen by its owner alone.  Safe to use from several threads and processes."""

    def __init__(self, settings: StoreSettings | None = None) -> None:
        self.settings = settings or StoreSettings()
        self.database = Database(self.settings.database_url or f"sqlite:///{data_folder() / 'glassbox.db'}")

    def of(self, owner: str) -> Runs:
        """The saved runs of one visitor; nobody else's are found there."""
        return Runs(self.database, hashed(owner))

    def everybodys(self) -> Runs:
        """All saved runs, for who has the machine: the command line."""
        return Runs(self.database, None)

    def file(self, record: Record) -> bool:
        """Enter what a worker wrote; False where it is too old (:func:`dlcore.store.filing.file`).

        Raises ``StoreError`` where it cannot be entered now, ``RecordError`` where it never can.
        """
        with self.database.writing() as session:
            return file(session, record, self.settings)

    def tidy(self, now: float | None = None) -> int:
        """Let go of what is kept no longer: how many runs went.  Raises ``StoreError``.

        Those that were deleted a while ago and those that are too old go; then the oldest of a visitor who
        has too many or too large ones, those with a tag or a name last.
        """
        now = time.time() if now is None else now
        keep = self.settings
        with self.database.writing() as session:
            last_deleted = now - keep.keep_deleted_hours * 3600
            gone = list(
                session.scalars(
                    select(RunRow.id).where(
                        # one that still learns somewhere would be entered anew
                        ((RunRow.deleted < last_deleted) & (RunRow.saved < last_deleted))
                        | (RunRow.saved < now - keep.keep_days * DAY_S)
                    )
                )
            )
            session.execute(delete(SweepRow).where(SweepRow.deleted < now - DAY_S))
            for first in range(0, len(gone), MOST_AT_ONCE):
                session.execute(delete(RunRow).where(RunRow.id.in_(gone[first : first + MOST_AT_ONCE])))
            for owner, n, n_bytes in session.execute(
                select(RunRow.owner, func.count(), func.sum(RunRow.n_bytes)).group_by(RunRow.owner)
            ).all():
                if n > keep.keep_runs or n_bytes > keep.keep_visitor_mb * MB:
                    gone += self._too_many(session, owner, n, int(n_bytes))
        if gone and self.database.file is not None:
            self.database.shrink()
        return len(gone)

    def _too_many(self, session: Session, owner: str, n: int, n_bytes: int) -> list[str]:
        """Delete the oldest runs of a visitor who has too many; those that were deleted go first, those with
        a name or a tag last."""
        keep, gone = self.settings, []
        tagged = select(TagRow.run).where(TagRow.run == RunRow.id).exists()
        oldest = session.execute(
            select(RunRow.id, RunRow.n_bytes)
            .where(RunRow.owner == owner)
            .order_by(RunRow.deleted.is_(None), tagged | (RunRow.name != ""), RunRow.saved)
        )
        for run, weight in oldest.all():
            if n <= keep.keep_runs and n_bytes <= keep.keep_visitor_mb * MB:
                break
            gone.append(run)
            n, n_bytes = n - 1, n_bytes - weight
        for first in range(0, len(gone), MOST_AT_ONCE):
            session.execute(delete(RunRow).where(RunRow.id.in_(gone[first : first + MOST_AT_ONCE])))
        return gone

    def n_checkpoints(self) -> int:
        """How many checkpoints are kept of all runs.  Raises ``StoreError``."""
        with self.database.reading() as session:
            return int(session.scalar(select(func.count()).select_from(CheckpointRow)) or 0)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


@cache
def store() -> Store:
    """The store of this process, its settings read once."""
    return Store()
