"""Runs that last: through kills of workers and servers, to the last bit."""

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from dlcore.engine import LocalEngine, State
from dlcore.engine.autosave import Clock
from dlcore.engine.launch import environment
from dlcore.engine.local import EngineSettings
from dlcore.experiment import with_value
from dlcore.limits import Limits
from dlcore.store import Query, Store, StoreSettings
from dlcore.store.keeper import Keeper
from dlcore.training.session import Session
from tests.engine.conftest import experiment, until


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """An engine whose runs are filed."""
    folder = tmp_path_factory.mktemp("kept")
    made = engine_in(folder)
    yield made
    made.close()
    made.keeper.store.close()


def engine_in(folder, workers="fork"):
    store = Store(StoreSettings(database_url=f"sqlite:///{folder / 'a.db'}"))
    return LocalEngine(
        EngineSettings(workers=workers, pause_after_s=600),
        Limits(max_runs_per_visitor=99),
        Keeper(store, folder / "running"),
    )


def mine(engine, owner="me"):
    engine.keeper.look()
    return engine.keeper.store.of(owner)


def bits(record):
    """What decides how a run goes on, and what it has come to."""
    beside = ("clock", "picture")
    return {name: array.tobytes() for name, array in record.arrays.items() if not name.startswith(beside)}


def alone(step):
    session = Session(experiment())
    session.advance(step)
    return bits(session.checkpoint())


def play_to(run, step):
    run.do("play")
    until(lambda: run.frame(()).step >= step)


def test_a_run_is_saved_as_it_begins_to_play_and_as_it_pauses(kept):
    run = kept.start(experiment(), "begins")
    assert mine(kept, "begins").find() == [], "what was never played is nobody's loss"
    run.do("play")
    until(lambda: mine(kept, "begins").count() == 1)
    play_to(run, 30)
    run.do("pause")
    step = run.frame((), fresh=True).step
    (saved,) = mine(kept, "begins").find()
    assert (saved.state, saved.step, saved.id) == ("paused", step, run.frame((), fresh=True).saved_as)
    assert bits(mine(kept, "begins").checkpoint(saved.id)) == alone(step)
    kept.end(run)


def test_a_run_that_starts_over_is_another_and_the_one_before_stays(kept):
    run = kept.start(experiment(stop={"epochs": 4}), "again")
    run.do("play")
    until(lambda: run.frame(()).state is State.FINISHED)
    first = run.frame((), fresh=True).saved_as
    run.do("reset")
    run.do("play")
    until(lambda: (now := run.frame(())).saved_as != first and now.state is State.FINISHED)
    second = run.saved_as
    found = mine(kept, "again").find(Query(sort="begun", descending=False))
    assert [saved.id for saved in found] == [first, second]
    assert [saved.state for saved in found] == ["finished", "finished"]
    assert [saved.epoch for saved in found] == [4, 4]
    kept.end(run)


def test_a_run_that_was_left_at_once_makes_room_for_the_next(kept):
    run = kept.start(experiment(), "hasty")
    for _ in range(3):
        run.do("step")
        run.do("reset")
    run.do("epoch")
    until(lambda: run.frame((), fresh=True).epoch == 1)
    assert [saved.epoch for saved in mine(kept, "hasty").find()] == [1]
    kept.end(run)


def test_a_live_change_is_saved_and_the_run_stays_the_same_one(kept):
    run = kept.start(experiment(), "live")
    play_to(run, 30)
    before = run.frame((), fresh=True).saved_as
    run.change(with_value(experiment(), "batch_size", 20))
    run.do("pause")
    assert run.frame((), fresh=True).saved_as == before
    until(lambda: mine(kept, "live").get(before).experiment.batch_size == 20)
    kept.end(run)


def test_a_run_that_is_ended_is_written_down_first(kept):
    run = kept.start(experiment(), "ended")
    play_to(run, 100)
    step = run.frame((), fresh=True).step
    kept.end(run)
    until(lambda: mine(kept, "ended").find()[0].step >= step)
    (saved,) = mine(kept, "ended").find()
    assert saved.state == "paused"
    assert bits(mine(kept, "ended").checkpoint(saved.id)) == alone(saved.step)


def test_what_is_nobodys_run_is_not_saved(kept):
    run = kept.start(experiment(), "nobody", kept=False)
    play_to(run, 30)
    run.do("pause")
    run.frame((), fresh=True)
    assert mine(kept, "nobody").find() == []
    kept.end(run)


def test_a_branch_tells_its_parent_and_a_saved_run_is_opened_where_it_was(kept):
    run = kept.start(experiment(), "branches")
    play_to(run, 50)
    run.do("pause")
    parent = run.frame((), fresh=True)
    record = mine(kept, "branches").checkpoint(parent.saved_as)
    branch = kept.start(experiment(), "branches", record, parent=(parent.saved_as, parent.step))
    branch.do("step")
    branch.do("pause")
    child = branch.frame((), fresh=True)
    assert child.step == parent.step + 1
    saved = mine(kept, "branches").get(child.saved_as)
    assert (saved.parent, saved.parent_step) == (parent.saved_as, parent.step)
    assert kept.open(parent.saved_as, "branches") is run, "it is open still"
    assert kept.open(parent.saved_as, "somebody else") is None
    kept.end(run)
    kept.end(branch)
    opened = kept.open(parent.saved_as, "branches")
    assert opened.id != run.id
    assert opened.frame((), fresh=True).step == parent.step
    opened.do("step")
    opened.do("pause")
    assert opened.frame((), fresh=True).saved_as == parent.saved_as, "it goes on as the same saved run"
    assert mine(kept, "branches").get(parent.saved_as).step == parent.step + 1
    kept.end(opened)


def test_a_folder_that_cannot_be_written_does_not_stop_the_training(kept):
    run = kept.start(experiment(), "full")
    draft = kept.keeper.folder / f"{run.id}.draft"
    draft.symlink_to("/dev/full")  # every write to it fails: no space left on device
    play_to(run, 200)
    frame = run.frame((), fresh=True)
    assert "could not be written down (No space left on device)" in frame.unsaved
    assert frame.state is State.PLAYING
    draft.unlink()
    run.do("pause")
    frame = run.frame((), fresh=True)
    assert frame.unsaved == ""
    assert mine(kept, "full").find()[0].step == frame.step
    kept.end(run)


@pytest.mark.parametrize("workers", ["fork", "fresh"])
def test_a_server_that_stops_loses_nothing_and_the_next_goes_on_to_the_last_bit(tmp_path, workers):
    first = engine_in(tmp_path, workers)
    run = first.start(experiment(), "me")
    play_to(run, 100)
    step = run.frame((), fresh=True).step
    first.close()
    assert list((tmp_path / "running").iterdir()) == []
    second = engine_in(tmp_path)
    assert second.attach(run.id, "you") is None
    again = second.attach(run.id, "me")
    assert again.frame((), fresh=True).step >= step
    again.do("step")
    assert bits(again.checkpoint()) == alone(again.frame((), fresh=True).step)
    assert second.attach(run.id, "me") is again
    second.close()


def killed_and_revived(engine, run):
    os.kill(run.pid, signal.SIGKILL)
    until(lambda: run.frame(()).state is State.LOST)
    return engine.revive(run)


def test_killing_workers_at_random_moments_loses_no_run_and_no_bit(kept):
    rng = random.Random(1)
    run = kept.start(experiment(), "killed")
    run.do("play")
    for _ in range(4):
        time.sleep(rng.uniform(0.0, 0.4))
        run = killed_and_revived(kept, run)
        run.do("play")
    play_to(run, 50)
    run.do("pause")
    frame = run.frame((), fresh=True)
    assert bits(run.checkpoint()) == alone(frame.step)
    assert mine(kept, "killed").count() == 1
    kept.end(run)


def test_two_tabs_that_come_back_at_once_share_one_worker(tmp_path):
    first = engine_in(tmp_path)
    run = first.start(experiment(), "me")
    play_to(run, 30)
    first.close()
    second = engine_in(tmp_path)
    with ThreadPoolExecutor(4) as tabs:
        found = list(tabs.map(lambda _: second.attach(run.id, "me"), range(4)))
    assert len({each.pid for each in found}) == 1
    second.close()


def test_a_run_whose_place_was_needed_goes_on_where_it_was(kept, monkeypatch):
    monkeypatch.setattr("dlcore.store.keeper.SETTLED_S", 0.0)
    run = kept.start(experiment(), "evicted")
    play_to(run, 100)
    step = run.frame((), fresh=True).step
    kept.end(run)
    until(lambda: not (kept.keeper.folder / f"{run.id}.record").exists())
    revived = kept.revive(run)
    assert revived.frame((), fresh=True).step >= step
    kept.end(revived)


SERVER = """
import sys, time
from pathlib import Path
from tests.engine.conftest import experiment
from tests.engine.test_autosave import engine_in
engine = engine_in(Path(sys.argv[1]))
run = engine.attach(sys.argv[2], "me") if sys.argv[2] else engine.start(experiment(), "me")
run.do("play")
print(run.id, run.frame((), fresh=True).step, flush=True)
time.sleep(600)
"""


def test_killing_servers_at_random_moments_loses_no_run_and_no_bit(tmp_path):
    rng = random.Random(2)
    line, reached = "", 0
    for _ in range(2):
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(tmp_path), line],
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        line, step = server.stdout.readline().split()
        assert int(step) >= reached
        time.sleep(rng.uniform(0.0, 1.0))
        server.kill()
        server.wait()
        server.stdout.close()
        reached = int(step)
    last = engine_in(tmp_path)
    (saved,) = mine(last).find()
    assert saved.line == line
    assert saved.step >= reached
    assert bits(mine(last).checkpoint(saved.id)) == alone(saved.step)
    last.close()


def test_a_clock_stays_small_and_true():
    class At:
        epoch, seen, step = 0, 0, 0
        tensors = {"train": type("Share", (), {"x": [0]})}  # noqa: RUF012

    at, clock = At(), Clock()
    for step in range(1, 20_001):
        at.step, at.epoch = step, step
        clock.add(0.05, at)
    rows = clock.array()
    assert 100 <= len(rows) <= 256
    assert clock.seconds == pytest.approx(1000.0)
    assert rows[:, 2] == pytest.approx(0.05 * rows[:, 1])
