"""Getting ready before the first run: what is done once here is not paid for by every run."""

from __future__ import annotations

import ctypes
import gc
import socket
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from dlcore.engine.memory import M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, OWN_PAGES_FROM
from dlcore.engine.protocol import orders
from dlcore.engine.worker import Worker
from dlcore.experiment import Experiment
from dlcore.link import dumps
from dlcore.probes import probes
from dlcore.record import Record

STEPS = 200
FRAMES = 20

SMALL_BLOCKS = range(48, 513, 16)
HEAP_BLOCKS = (*range(24_000, 1024, -1024), *range(1024, 16, -16))
MISSES = 8
"""So many blocks in a row from the top of the heap: there are no holes of this size any more."""


def warm_up(rounds: int = 1) -> None:
    """Run a few runs in this very process, each as a worker would, over a connection to nobody.

    The first optimizer step imports half of torch; and Python rewrites a function's code in its first hundred
    calls, which in a forked worker would copy the page it lies on.
    """
    torch.set_num_threads(1)  # before any operation: one worker, one core
    ours, theirs = socket.socketpair()
    page, mine = Connection(ours.detach()), Connection(theirs.detach())
    with tempfile.TemporaryDirectory() as folder, page, mine:
        told = orders(file=str(Path(folder) / "warm.record"), pause_after_s=60, end_after_s=60)
        for _ in range(rounds):
            worker = Worker(mine, Record({"experiment": dumps(Experiment()), **told}))
            tell(page, worker, {"verb": "do", "name": "play"})
            for _ in range(FRAMES):
                worker.session.advance(STEPS // FRAMES)
                tell(page, worker, {"verb": "frame", "watch": list(probes), "id": 1})
                page.recv_bytes()
            tell(page, worker, {"verb": "do", "name": "pause"})


def tell(page: Connection, worker: Worker, facts: dict[str, object]) -> None:
    """Send a worker of this process a message, and let it answer."""
    page.send_bytes(Record(facts).to_bytes())
    worker.hear(0.0)


def settle() -> list[object]:
    """Make memory ready to be shared by forked workers; keep what is returned as long as workers are forked.

    Holes in the heap are filled, because a worker that used one would copy the page around it; what exists is
    taken from the garbage collector's sight, because its marks would do the same.
    """
    gc.collect()
    header = sys.getsizeof(b"")
    kept: list[object] = [[bytes(size - header) for _ in range(250_000 // size)] for size in SMALL_BLOCKS]
    kept.append([float(i) for i in range(20_000)])
    if sys.platform == "linux":
        _fill_holes(ctypes.CDLL(None))
    gc.freeze()
    return kept


def _fill_holes(libc: ctypes.CDLL) -> None:
    """Fill the holes that glibc would give to tensors, and have large arrays get pages of their own."""
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    libc.mallopt(M_MMAP_THRESHOLD, OWN_PAGES_FROM)
    libc.mallopt(M_TRIM_THRESHOLD, 2 * OWN_PAGES_FROM)
    top = max(libc.malloc(OWN_PAGES_FROM - 1024) for _ in range(64))
    for size in HEAP_BLOCKS:
        misses = 0
        while misses < MISSES:
            misses = misses + 1 if libc.malloc(size) > top else 0
