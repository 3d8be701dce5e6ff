"""The keeper and what can happen to it: a store away, locked, full, damaged; servers that die."""

import os
import sqlite3
import subprocess
import sys
import time

import pytest
from sqlalchemy import event

from dlcore.engine.autosave import EVERY_S, RARELY_S
from dlcore.engine.launch import environment
from dlcore.store import Query, Store, StoreError, StoreSettings
from dlcore.store import keeper as keeping
from dlcore.store.keeper import Keeper


@pytest.fixture
def embedded(tmp_path):
    made = Store(StoreSettings(database_url=f"sqlite:///{tmp_path / 'a.db'}"))
    yield made
    made.close()


@pytest.fixture
def keeper(embedded, tmp_path):
    made = Keeper(embedded, tmp_path / "running")
    yield made
    made.stop()


def put(keeper, writer, name=""):
    """Lay what a worker wrote where the keeper looks."""
    content = writer.record().to_bytes()
    (keeper.folder / f"{name or writer.file.stem}.record").write_bytes(content)


def test_what_is_new_is_filed_and_what_is_not_is_left_alone(keeper, embedded, worker):
    run = worker().learn(1)
    put(keeper, run)
    keeper.look()
    saved = embedded.of("me").get(run.id)
    keeper.look()
    assert embedded.of("me").get(run.id) == saved
    put(keeper, run.learn(1))
    keeper.look()
    assert embedded.of("me").get(run.id).epoch == 2


def test_a_thread_files_within_seconds_and_clears_away_what_is_over(keeper, embedded, worker, monkeypatch):
    monkeypatch.setattr(keeping, "SETTLED_S", 0.0)
    monkeypatch.setattr(keeping, "LOOK_EVERY_S", 0.02)
    living, over = worker(line="living").learn(1), worker(line="over").learn(1)
    put(keeper, living)
    put(keeper, over)
    keeper.start(lambda line: line == "living")
    until = time.monotonic() + 20
    while time.monotonic() < until and len(list(keeper.folder.glob("*.record"))) > 1:
        time.sleep(0.02)
    assert [file.stem for file in keeper.folder.glob("*.record")] == ["living"]
    assert embedded.of("me").count() == 2


def test_a_training_run_is_in_the_store_every_ten_seconds():
    assert EVERY_S <= RARELY_S
    assert RARELY_S + keeping.LOOK_EVERY_S <= 10


def test_a_locked_store_loses_nothing_and_is_filed_once_it_is_free(
    keeper, embedded, worker, monkeypatch, tmp_path
):
    monkeypatch.setattr("dlcore.store.database.BUSY_MS", 50)
    embedded.of("me").find()
    run = worker().learn(1)
    put(keeper, run)
    with sqlite3.connect(tmp_path / "a.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        keeper.look()
        assert "locked by another program" in keeper.trouble
        assert "Training goes on" in keeper.trouble
        put(keeper, run.learn(2))
        keeper.look()
        other.execute("ROLLBACK")
    keeper.look()
    assert keeper.trouble == ""
    assert embedded.of("me").get(run.id).epoch == 3


def test_a_full_disk_loses_nothing_and_is_filed_once_there_is_room(keeper, embedded, worker):
    embedded.of("me").find()
    engine = embedded.database._engine

    def full(connection, *_):
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    def roomy(connection, *_):
        connection.execute("PRAGMA max_page_count = 1000000")

    event.listen(engine, "checkout", full)
    runs = [worker(line=f"line{i}").learn(1) for i in range(4)]
    for run in runs:
        put(keeper, run)
    keeper.look()
    assert "disk is full" in keeper.trouble
    event.remove(engine, "checkout", full)
    event.listen(engine, "checkout", roomy)
    keeper.look()
    assert keeper.trouble == ""
    assert embedded.of("me").count() == 4
    assert embedded.of("me").checkpoint(runs[-1].id).facts["epoch"] == 1


def test_a_damaged_store_is_kept_aside_and_what_runs_is_in_a_new_one(
    keeper, embedded, worker, tmp_path, monkeypatch
):
    monkeypatch.setattr(keeping, "TELL_S", 0.5)
    run = worker().learn(1)
    put(keeper, run)
    keeper.look()
    embedded.close()
    content = bytearray((tmp_path / "a.db").read_bytes())
    content[:4096] = b"no database " * 341 + b"...."
    (tmp_path / "a.db").write_bytes(content)
    put(keeper, run.learn(1))
    keeper.look()
    assert "damaged" in keeper.trouble
    kept = [file for file in tmp_path.iterdir() if ".damaged-" in file.name]
    assert [file.read_bytes() for file in kept if not file.name.endswith(("-wal", "-shm"))] == [
        bytes(content)
    ]
    keeper.look()
    assert embedded.of("me").get(run.id).epoch == 2
    assert "damaged" in keeper.trouble, "it is told for a while"
    time.sleep(0.6)
    keeper.look()
    assert keeper.trouble == ""


def test_two_servers_set_a_damaged_store_aside_once(embedded, worker, tmp_path):
    first, second = (Store(StoreSettings(database_url=f"sqlite:///{tmp_path / 'a.db'}")) for _ in range(2))
    for store in (first, second):
        store.of("me").find()
        store.close()
    (tmp_path / "a.db").write_bytes(b"no database at all" * 999)
    assert first.database.set_aside() is not None
    first.file(worker().learn(1).record())
    assert second.database.set_aside() is None, "what is there now is whole"
    assert second.of("me").count() == 1
    first.close()
    second.close()


def test_pages_damaged_inside_never_pass_for_a_run(keeper, embedded, worker, tmp_path):
    for i in range(30):
        put(keeper, worker(line=f"line{i}").learn(1))
    keeper.look()
    embedded.close()
    content = bytearray((tmp_path / "a.db").read_bytes())
    for page in range(2, len(content) // 4096):
        content[4096 * page : 4096 * page + 200] = os.urandom(200)
    (tmp_path / "a.db").write_bytes(content)
    run = worker(line="new").learn(1)
    put(keeper, run)
    keeper.look()
    keeper.look()
    assert embedded.of("me").get(run.id).epoch == 1


def test_a_damaged_file_is_laid_by_and_the_others_are_filed(keeper, embedded, worker, tmp_path):
    run = worker(line="whole").learn(1)
    put(keeper, run)
    (keeper.folder / "half.record").write_bytes(run.record().to_bytes()[:500])
    keeper.look()
    assert embedded.of("me").count() == 1
    assert (tmp_path / "running" / "half.damaged").exists()
    assert keeper.trouble == ""


def test_a_damaged_checkpoint_leads_to_the_one_before(keeper, embedded, worker):
    run = worker().learn(1)
    put(keeper, run)
    keeper.look()
    first = run.session.step
    put(keeper, run.learn(1))
    keeper.look()
    from sqlalchemy import update

    from dlcore.store.tables import CheckpointRow

    (keeper.folder / "line.record").unlink()
    with embedded.database.writing() as session:
        newest = update(CheckpointRow).where(CheckpointRow.step > first)
        session.execute(newest.values(content=b"spoilt"))
    assert keeper.saved(run.id, "me").facts["step"] == first
    assert keeper.saved(run.id, "you") is None
    assert keeper.last_of("line", "me").facts["step"] == first


def test_a_server_that_was_killed_leaves_its_runs_to_the_next(embedded, worker, tmp_path):
    run = worker().learn(3)
    (tmp_path / "left.record").write_bytes(run.record().to_bytes())
    # a whole server would do the same: lock a folder, have a worker write into it, and die
    program = (
        "import sys, os, shutil, signal; from pathlib import Path; from dlcore.store import Store;"
        "from dlcore.store.keeper import Keeper; here = Path(sys.argv[1]);"
        "keeper = Keeper(Store(), here / 'running'); shutil.copy(here / 'left.record', keeper.folder);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], env=environment(), check=False)
    (left,) = (tmp_path / "running").iterdir()
    next_one = Keeper(embedded, tmp_path / "running")
    next_one.start(lambda line: False)
    next_one.stop()
    assert not left.exists()
    assert embedded.of("me").get(run.id).epoch == 3


def test_the_folder_of_a_server_that_lives_is_its_own(keeper, embedded, worker, tmp_path):
    put(keeper, worker().learn(1))
    other = Keeper(embedded, tmp_path / "running")
    other.start(lambda line: False)
    other.stop()
    assert embedded.of("me").count() == 0
    assert len(list(keeper.folder.glob("*.record"))) == 1


def test_what_the_store_does_not_take_at_the_end_stays_for_the_next_server(
    embedded, worker, tmp_path, monkeypatch
):
    monkeypatch.setattr("dlcore.store.database.BUSY_MS", 50)
    embedded.of("me").find()
    first = Keeper(embedded, tmp_path / "running")
    run = worker().learn(1)
    put(first, run)
    with sqlite3.connect(tmp_path / "a.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        first.stop()
        other.execute("ROLLBACK")
    assert embedded.of("me").count() == 0
    second = Keeper(embedded, tmp_path / "running")
    second.start(lambda line: False)
    second.stop()
    assert embedded.of("me").find(Query())[0].id == run.id
    assert list((tmp_path / "running").iterdir()) == []


def test_a_fault_of_our_own_is_told_and_does_not_end_the_filing(
    keeper, embedded, worker, monkeypatch, caplog
):
    monkeypatch.setattr(keeping, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(keeping, "RETRY_EVERY_S", (0.02,))
    run = worker().learn(1)
    put(keeper, run)
    with monkeypatch.context() as patch:
        patch.setattr(embedded, "file", lambda record: 1 / 0)
        keeper.start(lambda line: True)
        wait_until(lambda: "not being saved" in keeper.trouble)
    wait_until(lambda: keeper.trouble == "")
    assert embedded.of("me").count() == 1
    assert "ZeroDivisionError" in caplog.text


def wait_until(true):
    until = time.monotonic() + 20
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_one_file_that_cannot_be_filed_keeps_no_other_from_it(keeper, embedded, worker, monkeypatch):
    put(keeper, worker(line="a").learn(1))
    put(keeper, worker(line="b").learn(1))
    file = embedded.file
    monkeypatch.setattr(embedded, "file", lambda r: 1 / 0 if r.facts["saved"]["line"] == "a" else file(r))
    keeper.look()
    assert [saved.line for saved in embedded.of("me").find()] == ["b"]
    assert "not being saved" in keeper.trouble
    monkeypatch.undo()
    keeper.look()
    assert embedded.of("me").count() == 2
    assert keeper.trouble == ""


def test_what_is_not_filed_yet_is_what_a_run_goes_on_from(keeper, embedded, worker, monkeypatch, tmp_path):
    monkeypatch.setattr("dlcore.store.database.BUSY_MS", 50)
    run = worker().learn(1)
    put(keeper, run)
    keeper.look()
    put(keeper, run.learn(2))
    with sqlite3.connect(tmp_path / "a.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert keeper.last_of("line", "me").facts["epoch"] == 3
        assert keeper.last_of("line", "you") is None
        with pytest.raises(StoreError, match="locked"):
            keeper.saved(run.id, "me")
        other.execute("ROLLBACK")
    assert keeper.saved(run.id, "me").facts["epoch"] == 3


def test_a_run_that_goes_on_elsewhere_is_told(keeper, embedded, worker):
    here = worker(life=1).learn(1)
    put(keeper, here)
    keeper.look()
    there = worker(life=2, given=embedded.of("me").checkpoint(here.id), continues=True).learn(1)
    embedded.file(there.record())
    put(keeper, here.learn(5))
    keeper.look()
    assert keeper.elsewhere == {here.id}
    assert embedded.of("me").get(here.id).epoch == 2
