"""How often a worker reads what takes long."""

import socket
import time
from multiprocessing.connection import Connection

import numpy as np
import pytest

from dlcore.engine import worker as engine
from dlcore.engine.protocol import orders
from dlcore.experiment import Experiment
from dlcore.link import dumps
from dlcore.probes import opened
from dlcore.record import Record


@pytest.fixture
def worker(tmp_path):
    ours, theirs = socket.socketpair()
    with Connection(ours.detach()), Connection(theirs.detach()) as mine:
        told = orders(file=str(tmp_path / "run.record"), pause_after_s=60, end_after_s=60)
        made = engine.Worker(mine, Record({"experiment": dumps(Experiment()), **told}))
        made.playing = True
        yield made


class Slow:
    """A probe that takes its time, told by a clock of its own."""

    every_s = 0.0

    def __init__(self, lasts_s):
        self.lasts_s, self.n_reads = lasts_s, 0

    def read(self, session):
        self.n_reads += 1
        until = time.thread_time() + self.lasts_s
        while time.thread_time() < until:
            pass
        return {"x": np.zeros(1, np.float32)}


def test_what_takes_long_is_read_the_less_often(worker):
    probe = Slow(0.05)
    worker._read(probe)
    worker._read(probe)
    assert probe.n_reads == 1
    then, *rest = worker.readings[probe]
    worker.readings[probe] = (then - 0.05 / engine.LOOKING - 1, *rest)
    worker._read(probe)
    assert probe.n_reads == 2


def test_a_paused_run_is_read_each_time(worker):
    worker.playing = False
    probe = Slow(0.01)
    for _ in range(3):
        worker._read(probe)
    assert probe.n_reads == 3


def test_readings_of_long_ago_are_forgotten(worker):
    for sample in range(3 * engine.MOST_READINGS):
        worker._read(opened(f"trace?sample={sample}"))
    assert len(worker.readings) == engine.MOST_READINGS
