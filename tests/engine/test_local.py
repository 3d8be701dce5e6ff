import json
import os
import signal
import subprocess
import sys
import threading
import time
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client

import psutil
import pytest

from dlcore.engine import EngineFull, LocalEngine, State
from dlcore.engine.launch import environment
from dlcore.engine.local import EngineSettings
from dlcore.limits import Limits
from dlcore.training.session import Session
from tests.engine.conftest import EACH_WAY, experiment, until

WATCH = ("boundary", "neurons", "weights", "curves")


def played(run, steps=30):
    run.do("play")
    until(lambda: run.frame(()).step >= steps)
    run.do("pause")
    return run.frame((), fresh=True)


def bits(record):
    return {name: array.tobytes() for name, array in record.arrays.items()}


@EACH_WAY
def test_a_new_run_is_idle_and_has_its_picture(run):
    frame = run.frame(WATCH, fresh=True)
    assert frame.state is State.IDLE
    assert frame.step == 0
    assert frame.probe("boundary")["value"].shape == (96, 96)
    assert frame.probe("neurons")["maps"].shape == (2 + 4 + 1, 24, 24)
    assert 0 < frame.measures["train_loss"] < 10


def test_only_what_is_watched_is_computed(engine):
    run = engine.start(experiment(), "me")
    frame = run.frame(("curves",), fresh=True)
    assert {name.split(".")[0] for name in frame.arrays} == {"curves"}
    engine.end(run)


@EACH_WAY
def test_play_learns_and_pause_stops(run):
    first = run.frame((), fresh=True).measures["train_loss"]
    frame = played(run, steps=1000)
    assert frame.state is State.PAUSED
    assert frame.measures["train_loss"] < first
    assert all(run.frame((), fresh=True).step == frame.step for _ in range(20))


def test_step_is_one_batch_and_epoch_ends_with_the_epoch(run):
    run.do("step")
    assert run.frame((), fresh=True).step == 1
    run.do("epoch")
    until(lambda: run.frame(()).epoch == 1)
    frame = run.frame((), fresh=True)
    assert frame.state is State.PAUSED
    assert (frame.epoch, frame.step) == (1, 25)


@EACH_WAY
def test_reset_goes_back_to_the_same_start(run):
    start = run.frame(WATCH, fresh=True)
    played(run)
    run.do("reset")
    again = run.frame(WATCH, fresh=True)
    assert again.state is State.IDLE
    assert {name: array.tobytes() for name, array in again.arrays.items() if "grad" not in name} == {
        name: array.tobytes() for name, array in start.arrays.items() if "grad" not in name
    }


@EACH_WAY
def test_a_watched_run_equals_an_unwatched_session_to_the_last_bit(run):
    run.do("play")
    until(lambda: run.frame(WATCH).step > 50)
    run.do("pause")
    record = run.checkpoint()
    alone = Session(experiment())
    alone.advance(record.facts["step"])
    assert record.facts["step"] > 0
    assert bits(record) == bits(alone.checkpoint())


def test_a_live_change_goes_on_and_another_starts_over(run):
    frame = played(run)
    run.change(experiment(optimizer={"kind": "sgd", "learning_rate": 0.5}))
    changed = run.frame((), fresh=True)
    assert changed.step == frame.step
    assert changed.learning_rate == 0.5
    assert changed.revision > frame.revision
    run.change(experiment(network=()))
    assert run.frame((), fresh=True).step == 0


def test_a_pace_slows_the_run_down(run):
    run.do("pace", steps_per_s=1.0)
    run.do("play")
    until(lambda: run.frame(()).step >= 2)
    assert run.frame((), fresh=True).step < 10


@EACH_WAY
def test_a_page_never_waits_for_a_worker_that_does_not_answer(run):
    last = run.frame(WATCH, fresh=True)
    os.kill(run.pid, signal.SIGSTOP)
    try:
        frames = [run.frame(WATCH) for _ in range(5)]
    finally:
        os.kill(run.pid, signal.SIGCONT)
    assert all(frame.step == last.step and frame.arrays.keys() == last.arrays.keys() for frame in frames)
    run.do("step")
    assert run.frame((), fresh=True).step == 1


@EACH_WAY
def test_a_killed_worker_is_a_clear_message_and_goes_on_from_its_checkpoint_to_the_last_bit(engine):
    run = engine.start(experiment(), "me")
    frame = played(run)
    os.kill(run.pid, signal.SIGKILL)
    until(lambda: run.frame(()).state is State.LOST)
    lost = run.frame(())
    assert lost.step == frame.step, "the last picture stays"
    assert "ended unexpectedly" in lost.message
    run.do("play")  # nobody is there: no error either
    revived = engine.revive(run)
    assert revived.id == run.id
    assert revived.frame((), fresh=True).step == frame.step
    assert engine.revive(run) is revived, "a second tab joins the first"
    revived.do("step")
    alone = Session(experiment())
    alone.advance(frame.step + 1)
    assert bits(revived.checkpoint()) == bits(alone.checkpoint())
    engine.end(revived)


def test_a_lost_run_without_a_checkpoint_starts_over(engine):
    run = engine.start(experiment(), "me")
    os.kill(run.pid, signal.SIGKILL)
    until(lambda: run.frame(()).state is State.LOST)
    revived = engine.revive(run)
    assert revived.frame((), fresh=True).state is State.IDLE
    engine.end(revived)


def test_a_run_is_found_again_by_its_owner_and_by_nobody_else(engine, run):
    assert engine.attach(run.id, "me") is run
    assert engine.attach(run.id, "you") is None
    assert engine.attach("no such run", "me") is None


def test_two_threads_may_watch_one_run(run):
    run.do("play")
    faults = []

    def watch():
        try:
            steps = [run.frame(WATCH).step for _ in range(40)]
            assert steps == sorted(steps)
        except AssertionError as fault:
            faults.append(fault)

    threads = [threading.Thread(target=watch) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


@EACH_WAY
def test_workers_run_at_lower_priority_than_the_page(run):
    assert psutil.Process(run.pid).nice() == psutil.Process().nice() + 10


@EACH_WAY
def test_closing_a_run_ends_its_process(engine):
    run = engine.start(experiment(), "me")
    run.do("play")
    engine.end(run)
    until(lambda: not _alive(run.pid))


@EACH_WAY
def test_an_unwatched_run_pauses_then_is_saved_and_ends_and_is_found_again(engine, monkeypatch):
    soon = EngineSettings(workers=engine.settings.workers, pause_after_s=0.3, end_after_s=1.2)
    with monkeypatch.context() as patch:
        patch.setattr(engine, "settings", soon)
        run = engine.start(experiment(), "me")
    run.do("play")
    until(lambda: run.frame(()).step > 30)
    until(lambda: not _alive(run.pid))
    found = engine.attach(run.id, "me")
    frame = found.frame((), fresh=True)
    assert found.pid != run.pid
    assert frame.state is State.PAUSED
    assert frame.step > 30
    alone = Session(experiment())
    alone.advance(frame.step)
    assert bits(found.checkpoint()) == bits(alone.checkpoint())
    engine.end(found)


@pytest.mark.parametrize("workers", ["fork", "fresh"])
def test_closing_the_engine_ends_every_process(workers):
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    engine = LocalEngine(EngineSettings(workers=workers))
    runs = [engine.start(experiment(), "me") for _ in range(2)]
    started = {child.pid for child in psutil.Process().children(recursive=True)} - before
    assert started >= {run.pid for run in runs}
    engine.close()
    until(lambda: not any(_alive(pid) for pid in started))


@pytest.fixture(scope="module", params=["fork", "fresh"])
def app(request):
    """The page's side in a process of its own, with a run that plays; it prints what it knows of that."""
    program = (
        "import json, sys, time; from dlcore.engine import LocalEngine\n"
        "from dlcore.engine.local import EngineSettings\nfrom dlcore.experiment import Experiment\n"
        f"engine = LocalEngine(EngineSettings(workers={request.param!r}))\n"
        "run = engine.start(Experiment(), 'me'); run.do('play')\n"
        "frame = run.frame(('boundary',), fresh=True)\n"
        "told = {'pid': run.pid, 'arrays': list(frame.arrays), 'torch': 'torch' in sys.modules}\n"
        "print(json.dumps(told), flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment(), text=True
    ) as process:
        yield process, json.loads(process.stdout.readline())
        process.kill()


def test_the_pages_side_imports_no_torch(app):
    _, told = app
    assert "boundary.value" in told["arrays"]
    assert not told["torch"]


def test_an_app_that_is_killed_leaves_nothing_behind(app):
    process, told = app
    family = [told["pid"], *(child.pid for child in psutil.Process(process.pid).children(recursive=True))]
    assert all(map(_alive, family))
    process.kill()
    process.wait()
    until(lambda: not any(_alive(each) for each in family))


def test_a_fork_server_that_dies_is_started_again():
    engine = LocalEngine(EngineSettings(workers="fork"))
    run = engine.start(experiment(), "me")
    server = engine._launcher._server
    os.kill(server.pid, signal.SIGKILL)
    until(lambda: run.frame(()).state is State.LOST)
    assert engine.revive(run).frame((), fresh=True).state is State.IDLE
    engine.close()


def test_a_stranger_without_the_key_gets_no_connection(engines):
    engine = engines("fresh")
    address = engine._launcher._listener.address
    with pytest.raises(AuthenticationError):
        Client(address, authkey=b"guessed")
    run = engine.start(experiment(), "me")
    assert run.frame((), fresh=True).state is State.IDLE
    engine.end(run)


def test_a_visitor_gets_room_by_ending_their_least_watched_run_but_not_one_that_is_watched(
    engine, monkeypatch
):
    monkeypatch.setattr(engine, "bounds", Limits(max_runs_per_visitor=2, max_runs=engine.n_runs + 3))
    for run in engine._runs.values():
        run.asked = time.monotonic()
    first, second = (engine.start(experiment(), "ann") for _ in range(2))
    with pytest.raises(EngineFull, match="as many as one visitor may"):
        engine.start(experiment(), "ann")
    other = engine.start(experiment(), "you")
    with pytest.raises(EngineFull, match="as many as it may"):
        engine.start(experiment(), "she")
    first.asked -= 1000
    third = engine.start(experiment(), "ann")
    assert engine.attach(first.id, "ann") is None
    assert engine.attach(second.id, "ann") is second
    assert engine.attach(other.id, "you") is other
    assert third.frame((), fresh=True).state is State.IDLE
    for run in (second, third, other):
        engine.end(run)


def test_a_run_that_diverges_says_so(engine):
    run = engine.start(
        experiment(data="plane", loss="mean_squared", optimizer={"kind": "sgd", "learning_rate": 10.0}), "me"
    )
    run.do("play")
    until(lambda: run.frame(()).state is State.FAILED)
    frame = run.frame((), fresh=True)
    assert "The loss became" in frame.message
    assert frame.measures["train_loss"] is None or frame.measures["train_loss"] > 1
    engine.end(run)


def test_a_run_with_a_stop_finishes(engine):
    run = engine.start(experiment(stop={"epochs": 3}), "me")
    run.do("play")
    until(lambda: run.frame(()).state is State.FINISHED)
    assert run.frame((), fresh=True).epoch == 3
    engine.end(run)


def _alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
