import sys

import pytest

from dlcore.data import datasets
from dlcore.engine import memory
from dlcore.experiment import Experiment
from dlcore.layers import layers


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's memory")
def test_only_a_worker_with_large_arrays_keeps_them_for_the_next_step(monkeypatch):
    asked = []

    class Libc:
        def mallopt(self, name, value):
            asked.append((name, value))

    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: Libc())
    memory.reuse(Experiment())
    assert asked == []
    memory.reuse(
        Experiment(
            data=datasets["mnist"](),
            network=(layers["conv2d"](channels=6), layers["flatten"]()),
            batch_size=64,
        )
    )
    assert asked == [
        (memory.M_MMAP_THRESHOLD, memory.LARGEST),
        (memory.M_TRIM_THRESHOLD, memory.KEPT),
    ]
