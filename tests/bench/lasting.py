"""Runs that last: killed workers and killed servers, and what saving costs."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import signal
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from dlcore.bench import DEFAULT, NETS, Figure, run_speed
from dlcore.engine import LocalEngine, Run, State
from dlcore.engine.autosave import EVERY_S, Autosave
from dlcore.engine.protocol import orders
from dlcore.experiment import Experiment
from dlcore.record import Record
from dlcore.store import Query, Store, StoreSettings
from dlcore.store.keeper import Keeper
from dlcore.templates import LENET
from dlcore.training.session import Session
from pages.parts.visitor import COOKIE, owner
from tests.bench.learners import Learner
from tests.bench.server import serving

WORKER_KILLS, AT_ONCE, SERVER_KILLS = 50, 5, 10
LONGEST_S = 7.0
"""The longest a worker or a server is left alive: some die before the first autosave, some after."""
OWNER = "bench"
PATIENCE_S = 30.0
TIMES, ROUNDS, BLOCK_S = 15, 5, 6.0


def figures() -> Iterator[Figure]:
    """Kill, count and compare; then time."""
    torch.set_num_threads(1)  # as in a worker: two would add up in another order
    yield from worker_kills()
    yield from server_kills()
    yield from cost()


@contextmanager
def engine_in(folder: Path) -> Iterator[LocalEngine]:
    """An engine whose runs are filed into a database in ``folder``."""
    store = Store(StoreSettings(database_url=f"sqlite:///{folder / 'glassbox.db'}"))
    engine = LocalEngine(keeper=Keeper(store, folder / "running"))
    try:
        yield engine
    finally:
        engine.close()
        store.close()


def worker_kills() -> Iterator[Figure]:
    """Kill the workers of several runs at random moments, and go on with each."""
    rng = random.Random(1)
    nets = list(NETS.values())
    with tempfile.TemporaryDirectory() as place, engine_in(Path(place)) as engine:
        runs = [engine.start(nets[i % len(nets)], OWNER) for i in range(AT_ONCE)]
        alone = [Session(run.experiment) for run in runs]
        resumed, exact, lost_s = 0, 0, []
        for _ in range(WORKER_KILLS // AT_ONCE):
            begun = time.perf_counter()
            for run in runs:
                run.do("play")
            time.sleep(rng.uniform(0, LONGEST_S))
            before = [run.frame((), fresh=True).step for run in runs]
            for run in runs:
                os.kill(run.pid, signal.SIGKILL)
            lived_s = time.perf_counter() - begun
            for i, run in enumerate(runs):
                wait_until_lost(run)
                runs[i] = engine.revive(run)
                record = runs[i].checkpoint(patience_s=PATIENCE_S)
                step = record.facts["step"]
                resumed += step >= alone[i].step
                lost_s.append(lived_s * (before[i] - step) / max(1, before[i] - alone[i].step))
                exact += is_exact(alone[i], record)
        engine.keeper and engine.keeper.look()
        saved = engine.keeper.store.of(OWNER).count(Query(sweep=None)) if engine.keeper else 0
        yield Figure.at_most(f"runs lost in {WORKER_KILLS} kills of workers", AT_ONCE - saved, 0, "runs")
        yield Figure.at_least("killed workers: runs that go on", resumed, WORKER_KILLS)
        yield Figure.at_least(
            "killed workers: equal to the uninterrupted run to the bit", exact, WORKER_KILLS
        )
        yield Figure.at_most("killed workers: most training that was lost", max(lost_s), 10, "s")


def wait_until_lost(run: Run) -> None:
    """Wait until the page's side knows that a worker is gone."""
    while run.frame(()).state is not State.LOST:
        time.sleep(0.01)


def is_exact(alone: Session, record: Record) -> bool:
    """Whether a checkpoint is, to the last bit, that of a run that nobody interrupted."""
    missing = record.facts["step"] - alone.step
    if missing > 0:  # to advance by none would make one
        alone.advance(missing)
    expected = alone.checkpoint().arrays
    return all(record.arrays[name].tobytes() == array.tobytes() for name, array in expected.items())


def server_kills() -> Iterator[Figure]:
    """Kill the whole app at random moments while somebody watches a run; they find it again each time."""
    with tempfile.TemporaryDirectory() as place:
        token = secrets.token_urlsafe(32)
        store = Store(StoreSettings(database_url=f"sqlite:///{Path(place) / 'glassbox.db'}"))
        told = asyncio.run(killed_again_and_again(place, token, store))
        found = store.of(owner({COOKIE: token})).find(Query(sweep=None))
        yield Figure.at_most(f"runs lost in {SERVER_KILLS} kills of the server", 1 - len(found), 0, "runs")
        yield Figure.at_least("killed servers: runs that go on", told["resumed"], SERVER_KILLS)
        yield Figure.at_least(
            "killed servers: equal to the uninterrupted run to the bit", told["exact"], SERVER_KILLS
        )
        yield Figure.at_most("killed servers: most training that was lost", told["lost_s"], 10, "s")
        yield Figure.at_most("killed servers: a stranger with the run's id who sees it", told["seen"], 0)
        store.close()


async def killed_again_and_again(place: str, token: str, store: Store) -> dict[str, float]:
    """Serve, watch, kill; the numbers of all."""
    rng = random.Random(2)
    alone = Session(DEFAULT)
    mine = store.of(owner({COOKIE: token}))
    told = {"resumed": 0.0, "exact": 0.0, "lost_s": 0.0, "seen": 0.0}
    run, reached, lived_s, before = "", 0, 1.0, 0
    for i in range(SERVER_KILLS + 1):
        with serving(GLASSBOX_DATA_DIR=place) as server:
            learner = Learner(server, query=f"run={run}" if run else "", cookie=f"{COOKIE}={token}")
            async with learner:
                await learner.arrive()
                if i:
                    told["resumed"] += learner.run == run and learner.step >= reached
                    told["lost_s"] = max(
                        told["lost_s"], lived_s * (before - learner.step) / max(1, before - reached)
                    )
                    saved = mine.newest_of(run)
                    record = saved and mine.checkpoint(saved.id)
                    told["exact"] += bool(record and is_exact(alone, record))
                    other = Learner(
                        server, query=f"run={run}", cookie=f"{COOKIE}={secrets.token_urlsafe(32)}"
                    )
                    async with other:
                        await other.arrive()
                        told["seen"] += other.run == run
                run, reached = learner.run, learner.step
                if i == SERVER_KILLS:
                    break
                begun = time.perf_counter()
                await learner.press_play()
                await learner.watch(rng.uniform(0.2, LONGEST_S))
                before, lived_s = learner.step, time.perf_counter() - begun
                os.kill(server.pid, signal.SIGKILL)
    return told


def cost() -> Iterator[Figure]:
    """What writing a run down takes of its training, and what filing it takes of the server."""
    for name, experiment in {"default net": DEFAULT, "LeNet": LENET.on()}.items():
        with tempfile.TemporaryDirectory() as place:
            file = Path(place) / "run.record"
            told = orders(file=str(file), line="run", owner="bench", pause_after_s=60, end_after_s=60)
            session = Session(experiment)
            autosave = Autosave(told, session, Record({}, {}))
            store = Store(StoreSettings(database_url=f"sqlite:///{Path(place) / 'a.db'}"))
            writing, filing = [], []
            for _ in range(TIMES):
                session.advance_for(0.3)
                begun = time.perf_counter()
                autosave.soon()
                autosave.save(session, State.PLAYING)
                writing.append(time.perf_counter() - begun)
                begun = time.perf_counter()
                store.file(Record.from_bytes(file.read_bytes()))
                filing.append(time.perf_counter() - begun)
            store.close()
        share = 100 * statistics.median(writing) / EVERY_S
        print(
            f"    {name}: written down in {1000 * statistics.median(writing):.1f} ms, "
            f"filed by the server in {1000 * statistics.median(filing):.1f} ms, every {EVERY_S:g} s"
        )
        yield Figure.at_most(f"time that autosave takes of training, {name}", share, 3, "%")
        yield Figure.at_least(f"speed with autosave over speed without, {name}", speeds(experiment), 0.97)


def speeds(experiment: Experiment) -> float:
    """Steps per second of a run that is saved over those of one that is not, blocks of each in turn."""
    with tempfile.TemporaryDirectory() as place, engine_in(Path(place)) as engine:
        kept, unkept = (engine.start(experiment, OWNER, kept=kept) for kept in (True, False))
        run_speed(kept, 1.0, watched=False)
        run_speed(unkept, 1.0, watched=False)
        before = run_speed(unkept, BLOCK_S, watched=False)
        ratios = []
        for _ in range(ROUNDS):
            pace = run_speed(kept, BLOCK_S, watched=False)
            after = run_speed(unkept, BLOCK_S, watched=False)
            ratios.append(pace / ((before + after) / 2))
            before = after
        return statistics.median(ratios)
