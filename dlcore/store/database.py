"""The database behind the store: opened when first needed, brought up to date; its faults in words."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from dlcore.store.claim import Claim
from dlcore.store.saved import StoreError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MS = 2000
"""How long a locked database is waited for."""
CONNECT_S = 3
ANSWER_S = 10
KEPT_ON = "Training goes on, and runs are saved again as soon as it can be."

log = logging.getLogger(__name__)
_migrating = threading.Lock()
"""Alembic's context is the process's: of two databases brought up to date at once, one waits."""


class Database:
    """Sessions of one database; SQLite in a file, or whatever else the URL names.  Safe for threads."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._sessions: sessionmaker[Session] | None = None

    @property
    def file(self) -> Path | None:
        """The file of an embedded database; None where it is a server's."""
        url = make_url(self.url)
        return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one moment of the database.  Raises ``StoreError``, in words."""
        with self._session(WRITING=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose work is done whole or not at all.  Raises ``StoreError``, in words."""
        with self._session(WRITING=True) as session:
            yield session

    @contextmanager
    def _session(self, **options: bool) -> Iterator[Session]:
        try:
            with self._opened().begin() as session:
                session.connection(execution_options=options)
                yield session
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(self._sentence(error)) from error

    def close(self) -> None:
        """Let go of every connection; the next transaction opens it again."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
            self._engine = self._sessions = None

    def shrink(self) -> None:
        """Give the room of what was deleted back to the disk; of an embedded database.  ``StoreError``."""
        with self.reading() as session:
            # it frees a page a step, and only a script is stepped to its end
            session.connection().connection.cursor().executescript("PRAGMA incremental_vacuum")

    def set_aside(self) -> Path | None:
        """Move a damaged file out of the way, under a name that tells when.

        None where it is not damaged any more: another server, or another thread, has been here before.
        """
        self.close()
        file = self.file
        claim = None if file is None else Claim.take(file.with_name(f"{file.name}.lock"))
        if file is None or claim is None:
            return None
        try:
            return None if _is_whole(file) else self._moved(file)
        finally:
            claim.release()

    def _moved(self, file: Path) -> Path:
        place = file.with_name(f"{file.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
        file.replace(place)
        for companion in ("-wal", "-shm"):
            beside = file.with_name(file.name + companion)
            if beside.exists():
                beside.replace(place.with_name(place.name + companion))
        return place

    def _opened(self) -> sessionmaker[Session]:
        with self._lock:
            if self._sessions is None:
                engine = self._connected()
                try:
                    migrate(engine)
                except BaseException:
                    engine.dispose()
                    raise
                self._engine, self._sessions = engine, sessionmaker(engine, expire_on_commit=False)
            return self._sessions

    def _connected(self) -> Engine:
        try:
            if self.file is None:
                return create_engine(
                    self.url, pool_pre_ping=True, pool_timeout=CONNECT_S, connect_args=self._patience()
                )
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            engine = create_engine(self.url, connect_args={"timeout": BUSY_MS / 1000})
            event.listen(engine, "connect", _set_up)
            event.listen(engine, "begin", _begin)
            return engine
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise StoreError(
                "GLASSBOX_DATABASE_URL names no database that is known here; "
                "write sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME."
            ) from error

    def _patience(self) -> dict[str, Any]:
        """How long a server of PostgreSQL may take: to be found, to answer, to unlock, and to be missed."""
        if not make_url(self.url).drivername.startswith("postgresql"):
            return {}
        return {
            "connect_timeout": CONNECT_S,
            "tcp_user_timeout": 1000 * ANSWER_S,
            "options": f"-c lock_timeout={BUSY_MS} -c statement_timeout={1000 * ANSWER_S}",
        }

    def _sentence(self, error: Exception) -> str:
        """What is wrong, and what happens meanwhile."""
        said = str(getattr(error, "orig", None) or error).lower()
        log.info("the store cannot be asked: %s", said)
        if "locked" in said or "busy" in said:
            return f"The file of saved runs is locked by another program.  {KEPT_ON}"
        if "lock timeout" in said:
            return f"The database of saved runs is locked by another program.  {KEPT_ON}"
        if "full" in said or "no space" in said or "disk i/o" in said:
            return f"The disk is full, so runs are not saved just now.  Make room on it.  {KEPT_ON}"
        if "readonly" in said or "read-only" in said or "permission" in said or "unable to open" in said:
            return f"The folder of saved runs cannot be written.  {KEPT_ON}"
        return f"The database of saved runs does not answer.  {KEPT_ON}"


def _set_up(connection: sqlite3.Connection, _: Any) -> None:
    """A connection to an embedded database: readers do not wait for who writes, what goes leaves room."""
    connection.isolation_level = None  # transactions begin where we say, and hold changes of tables, too
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    """Who is going to write waits for the lock at once: between reading and writing nobody else writes."""
    writing = connection.get_execution_options().get("WRITING", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _is_whole(file: Path) -> bool:
    """Whether an embedded database that nobody has open here is as it should be."""
    try:
        with closing(sqlite3.connect(file, timeout=BUSY_MS / 1000)) as connection:
            return bool(connection.execute("PRAGMA quick_check").fetchone() == ("ok",))
    except sqlite3.OperationalError:  # it is locked or away, which is no damage
        return True
    except sqlite3.DatabaseError:
        return False


def damaged(error: BaseException | None) -> bool:
    """Whether an embedded database has turned out to be damaged."""
    if isinstance(error, StoreError):
        return damaged(error.__cause__)
    if not isinstance(error, DatabaseError):
        return False
    said = str(error.orig).lower()
    return "malformed" in said or "not a database" in said


def _script() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def migrate(engine: Engine) -> None:
    """Bring the tables up to date.  Raises ``StoreError`` where they are of a newer Glassbox."""
    config = _script()
    known = ScriptDirectory.from_config(config)
    with engine.begin() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
        if present == known.get_current_head():
            return
        if present is not None and present not in {each.revision for each in known.walk_revisions()}:
            raise StoreError(
                "The saved runs were written by a newer Glassbox and are left as they are.  Update this one "
                "to see them.  Training goes on, and what it comes to is kept in files until then."
            )
        if engine.dialect.name == "postgresql":  # of two servers that start at once one waits for the other
            connection.execute(text("SELECT pg_advisory_xact_lock(6710886)"))
        with _migrating:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
