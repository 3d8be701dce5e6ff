import os
import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from dlcore.store import Query, Store, StoreError, StoreSettings
from dlcore.store.database import Database
from dlcore.store.tables import Base


def test_the_migrations_make_the_tables_that_are_declared(store):
    store.of("me").find()
    with store.database._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_database_is_made_once_and_found_again(address, worker):
    first = Store(StoreSettings(database_url=address))
    first.file(worker().learn(1).record())
    first.close()
    second = Store(StoreSettings(database_url=address))
    assert second.of("me").count() == 1
    second.close()


def test_a_database_of_a_newer_glassbox_is_left_as_it_is_and_says_so(store, address, worker):
    store.file(worker().learn(1).record())
    with store.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    newer = Store(StoreSettings(database_url=address))
    with pytest.raises(StoreError, match="newer Glassbox"):
        newer.of("me").find()
    with pytest.raises(StoreError, match="newer Glassbox"):
        newer.file(worker().learn(1).record())
    engine = newer.database._connected()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    assert newer.of("me").count() == 1, "once it is known again, everything is there"
    newer.close()


def test_a_transaction_that_fails_leaves_nothing(store):
    class Stop(Exception):
        pass

    def half():
        with store.database.writing() as session:
            session.execute(text("INSERT INTO sweeps (id, owner, begun, plan) VALUES ('a', 'b', 0, '{}')"))
            raise Stop

    with pytest.raises(Stop):
        half()
    assert store.everybodys().sweeps() == []


@pytest.mark.parametrize("url", ["nonsense", "oracle://x", "sqlite:////proc/nowhere/a.db"])
def test_an_address_that_leads_nowhere_is_told_in_words(url):
    with pytest.raises(StoreError, match=r"^(GLASSBOX_DATABASE_URL names no|The )"):
        Store(StoreSettings(database_url=url)).of("me").find()


def test_a_locked_file_is_told_in_words_and_works_again_afterwards(tmp_path, worker, monkeypatch):
    monkeypatch.setattr("dlcore.store.database.BUSY_MS", 50)
    store = Store(StoreSettings(database_url=f"sqlite:///{tmp_path / 'a.db'}"))
    store.of("me").find()
    with sqlite3.connect(tmp_path / "a.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked by another program"):
            store.file(worker().learn(1).record())
        assert store.of("me").find() == [], "reading goes on"
        other.execute("ROLLBACK")
        store.file(worker().learn(1).record())
    assert store.of("me").count() == 1
    store.close()


def test_a_folder_of_its_own_is_nobody_elses_to_read(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'new' / 'a.db'}")
    with database.reading():
        pass
    assert os.stat(tmp_path / "new").st_mode & 0o077 == 0
    database.close()


def test_postgresql_that_goes_away_is_told_in_words_and_found_again(postgres, worker):
    store = Store(StoreSettings(database_url=postgres.new("away")))
    store.file(worker(line="before").learn(1).record())
    postgres.stop()
    try:
        with pytest.raises(StoreError, match="does not answer"):
            store.of("me").find(Query())
        with pytest.raises(StoreError, match="does not answer"):
            store.file(worker(line="meanwhile").learn(1).record())
    finally:
        postgres.start()
    store.file(worker(line="after").learn(1).record())
    assert [saved.line for saved in store.of("me").find()] == ["after", "before"]
    store.close()
