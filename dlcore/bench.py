"""The figures that need no page: speed against a bare loop, memory, starts, equality to the last bit."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from rich.table import Table

from dlcore.activations import Tanh
from dlcore.data.points import Circle
from dlcore.engine import Frame, LocalEngine, Run, State
from dlcore.engine.launch import environment
from dlcore.experiment import Experiment, Stop
from dlcore.layers import Dense
from dlcore.link import decode, encode
from dlcore.optimizers import SGD
from dlcore.record import Record

WATCH = ("boundary", "neurons", "weights", "curves", "health")
ASKED_EVERY_S = 0.1
BLOCK_S = 2.0
ROUNDS = 7
STARTS = 20
RUNS_CLOSED = 200
ACCURATE_WITHIN_S = 10.0
MB = 1e6

SMALL = Experiment(
    data=Circle(),
    network=(Dense(units=4, activation=Tanh()), Dense(units=2, activation=Tanh())),
    optimizer=SGD(learning_rate=0.03),
)
"""TensorFlow Playground's first net, 2-4-2-1, on 250 training points in batches of 10."""
DEFAULT = Experiment()
"""The preset the page opens with: 2-8-8-8-1 on the spiral."""
NETS = {"2-4-2-1 tanh SGD": SMALL, "default 8-8-8": DEFAULT}


class Figure(NamedTuple):
    """One measured figure beside what was wanted."""

    name: str
    value: float
    wanted: str
    unit: str
    holds: bool

    @property
    def shown(self) -> str:
        """The value as it is printed, with its unit."""
        return (f"{self.value:.3f}" if self.value % 1 else f"{self.value:.0f}") + f" {self.unit}".rstrip()

    @classmethod
    def at_least(cls, name: str, value: float, bound: float, unit: str = "") -> Figure:
        """A figure that must not be below ``bound``."""
        return cls(name, value, f"≥ {bound:g}", unit, value >= bound)

    @classmethod
    def at_most(cls, name: str, value: float, bound: float, unit: str = "") -> Figure:
        """A figure that must not be above ``bound``."""
        return cls(name, value, f"≤ {bound:g}", unit, value <= bound)


def figures() -> Iterator[Figure]:
    """Measure one after the other, about four minutes in all."""
    with local_engine() as engine:
        for name, experiment in NETS.items():
            yield from speed(engine, name, experiment)
        yield memory(engine)
        yield start_time(engine)
        yield from equality(engine)
        yield accuracy(engine)
    yield from page_side()


def table(measured: Iterable[Figure], title: str) -> Table:
    """Lay figures out for a terminal, shortfalls first."""
    laid = Table("figure", "measured", "wanted", "holds", title=title)
    for figure in sorted(measured, key=lambda each: each.holds):
        holds = "[green]yes[/]" if figure.holds else "[red]no[/]"
        laid.add_row(figure.name, figure.shown, figure.wanted, holds)
    return laid


@contextmanager
def local_engine() -> Iterator[LocalEngine]:
    """An engine that is warm: its fork server has handed out a worker."""
    engine = LocalEngine()
    try:
        engine.end(engine.start(DEFAULT, "warm up"))
        yield engine
    finally:
        engine.close()


def speed(engine: LocalEngine, name: str, experiment: Experiment) -> Iterator[Figure]:
    """Steps per second of a run, watched and unwatched, over those of a bare loop.

    Each block of a run lies between two blocks of the bare loop and is divided by their mean, so that a
    machine that slows down for a while slows both; what is reported is the median of the rounds.
    """
    ratios: dict[str, list[float]] = {"watched": [], "unwatched": []}
    runs = {how: engine.start(experiment, how) for how in ratios}
    before = bare_speed(experiment, BLOCK_S)
    for _ in range(ROUNDS):
        for how, run in runs.items():
            pace = run_speed(run, BLOCK_S, watched=how == "watched")
            after = bare_speed(experiment, BLOCK_S)
            ratios[how].append(pace / ((before + after) / 2))
            before = after
    for run in runs.values():
        engine.end(run)
    for how, bound in (("watched", 0.90), ("unwatched", 0.97)):
        yield Figure.at_least(f"{how} speed over a bare loop, {name}", statistics.median(ratios[how]), bound)


def run_speed(run: Run, seconds: float, *, watched: bool) -> float:
    """Play for so long; steps per second, with everything the worker does besides."""
    first, begun = run.frame((), fresh=True).step, time.perf_counter()
    run.do("play")
    if watched:
        watch(run, seconds)
    else:
        time.sleep(seconds)
    last = run.frame((), fresh=True).step
    passed_s = time.perf_counter() - begun
    run.do("pause")
    return (last - first) / passed_s


def watch(run: Run, seconds: float, enough: Callable[[Frame], bool] = lambda frame: False) -> Frame:
    """Ask for the pictures a page shows ten times a second, for so long or until it is enough."""
    begun = due = time.perf_counter()
    while True:
        frame = run.frame(WATCH)
        if enough(frame) or time.perf_counter() - begun >= seconds:
            return frame
        due += ASKED_EVERY_S
        time.sleep(max(0.0, due - time.perf_counter()))


def bare_speed(experiment: Experiment, seconds: float) -> float:
    """Steps per second of the bare loop in a process of its own, a new one each time."""
    return float(program("bare_program", encode(experiment), str(seconds)))


def program(name: str, *arguments: str) -> str:
    """Run one of the programs below by itself; what it prints."""
    command = [sys.executable, "-c", f"from dlcore import bench; bench.{name}()", *arguments]
    return subprocess.run(command, env=environment(), check=True, stdout=subprocess.PIPE, text=True).stdout


def bare_program() -> None:
    """The textbook loop and nothing around it, for the experiment and the seconds told; print steps/s."""
    import torch

    from dlcore.data import prepare
    from dlcore.model import build
    from dlcore.training.loop import epoch_order
    from dlcore.training.metrics import tensors

    os.nice(10)  # as the workers are
    torch.set_num_threads(1)
    e = decode(sys.argv[1]).experiment
    train = tensors(e, prepare(e.data, e.split, e.seeds.data, e.seeds.split)["train"])
    x, y = train.x, train.y
    network = build(e).module
    criterion = e.objective.criterion(e.loss, e.data).build()
    optimizer = e.optimizer.call().build(network.parameters())
    for seconds in (0.3, float(sys.argv[2])):  # the first step of a process imports half of torch
        epoch, n_steps, begun = 0, 0, time.perf_counter()
        while time.perf_counter() < begun + seconds:
            order = epoch_order(e.seeds.batches, epoch, len(x))
            xs, ys = torch.split(x[order], e.batch_size), torch.split(y[order], e.batch_size)
            for batch_x, batch_y in zip(xs, ys, strict=True):
                loss = criterion(network(batch_x), batch_y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                loss.item()
                n_steps += 1
            epoch += 1
        speed = n_steps / (time.perf_counter() - begun)
    print(speed)


def memory(engine: LocalEngine) -> Figure:
    """What a run that was trained and watched for two seconds does not share with others."""
    run = engine.start(DEFAULT, "memory")
    run.do("play")
    watch(run, 2.0)
    private_mb = held_mb(f"{run.pid}/smaps_rollup", "Private_Clean:", "Private_Dirty:")
    engine.end(run)
    return Figure.at_most("private memory of a default run", private_mb, 10, "MB")


def held_mb(file: str, *names: str) -> float:
    """Add up the named lines of one of Linux's reports on a process's memory."""
    lines = Path("/proc", file).read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(names)) * 1024 / MB


def start_time(engine: LocalEngine) -> Figure:
    """Median time until a default run is there."""
    times_ms = []
    for _ in range(STARTS):
        begun = time.perf_counter()
        run = engine.start(DEFAULT, "starts")
        times_ms.append((time.perf_counter() - begun) * 1000)
        engine.end(run)
    return Figure.at_most(f"time to start a run, median of {STARTS}", statistics.median(times_ms), 50, "ms")


def equality(engine: LocalEngine) -> Iterator[Figure]:
    """How many parts of a checkpoint differ from that of the same experiment unwatched and uninterrupted."""
    for name, net in NETS.items():
        experiment = net.model_copy(update={"stop": Stop(epochs=60)})
        first = finished(engine, experiment)
        again = finished(engine, experiment)
        watched = finished(engine, experiment, watched=True)
        resumed = finished(engine, experiment, inside_an_epoch(engine, experiment))
        for how, other in {"run twice": again, "watched": watched, "resumed in mid-epoch": resumed}.items():
            yield Figure.at_most(f"differences when {how}, {name}", differences(first, other), 0, "parts")


def inside_an_epoch(engine: LocalEngine, experiment: Experiment) -> Record:
    """A checkpoint after an epoch and seven steps."""
    run = engine.start(experiment, "interrupted")
    run.do("epoch")
    while run.frame((), fresh=True).state is State.PLAYING:
        pass
    for _ in range(7):
        run.do("step")
    midway = run.checkpoint()
    assert midway.facts["seen"] > 0, "the checkpoint must lie inside an epoch"
    engine.end(run)
    return midway


def finished(
    engine: LocalEngine, experiment: Experiment, checkpoint: Record | None = None, *, watched: bool = False
) -> Record:
    """Run an experiment to its end; the checkpoint there."""
    run = engine.start(experiment, "equality", checkpoint)
    run.do("play")
    while run.frame((), fresh=True).state is not State.FINISHED:
        run.frame(WATCH if watched else ())
    last = run.checkpoint()
    engine.end(run)
    return last


def differences(a: Record, b: Record) -> int:
    """How many facts and arrays of two checkpoints are not the same to the last bit."""
    facts = [name for name in ("epoch", "seen", "step", "optimizer") if a.facts[name] != b.facts[name]]
    both, either = a.arrays.keys() & b.arrays.keys(), a.arrays.keys() | b.arrays.keys()
    arrays = [name for name in both if a.arrays[name].tobytes() != b.arrays[name].tobytes()]
    return len(facts) + len(arrays) + len(either) - len(both)


def accuracy(engine: LocalEngine) -> Figure:
    """How long the default preset takes, watched, to do well on its test points."""
    run = engine.start(DEFAULT, "accuracy")
    begun = time.perf_counter()
    run.do("play")
    watch(run, ACCURATE_WITHIN_S, lambda frame: (frame.measures["test_score"] or 0.0) >= 0.95)
    taken_s = time.perf_counter() - begun
    engine.end(run)
    return Figure.at_most("default preset: to a test accuracy of 0.95", taken_s, ACCURATE_WITHIN_S, "s")


def page_side() -> Iterator[Figure]:
    """What 200 runs leave behind in a process that holds only the page's side of an engine."""
    told = json.loads(program("page_side_program"))
    yield Figure.at_most("torch modules in the page's process", told["torch"], 0)
    yield Figure.at_most(f"growth of memory after {RUNS_CLOSED} runs", told["growth_mb"], 20, "MB")


def page_side_program() -> None:
    """Start, watch and close runs; print the growth of memory and how much of torch was imported."""
    with local_engine() as engine:
        for i in range(RUNS_CLOSED + 1):
            if i == 1:
                before_mb = held_mb("self/status", "VmRSS:")
            run = engine.start(DEFAULT, "page side")
            run.do("play")
            watch(run, 2 * ASKED_EVERY_S)
            engine.end(run)
        growth_mb = held_mb("self/status", "VmRSS:") - before_mb
    torch = sum(name.partition(".")[0] == "torch" for name in sys.modules)
    print(json.dumps({"growth_mb": growth_mb, "torch": torch}))
