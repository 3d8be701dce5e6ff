"""How a worker keeps its memory, according to how large the arrays of a step are."""

from __future__ import annotations

import ctypes
import math
import sys

from dlcore.experiment import Experiment

M_MMAP_THRESHOLD, M_TRIM_THRESHOLD = -3, -1
OWN_PAGES_FROM = 32_768
"""Bytes from which an array of a small network gets pages of its own, away from those that workers share."""
LARGEST, KEPT = 32 * 2**20, 256 * 2**20
"""The largest threshold that glibc takes; and how many free bytes are kept for the next step."""


def reuse(experiment: Experiment) -> None:
    """Let a worker whose steps make large arrays use the same memory again for each.

    Arrays with pages of their own go back to the system when they are freed, and each step of a convolution
    would ask for hundreds of pages and have them filled with zeros: a third of its time.
    """
    largest = max(map(math.prod, experiment.shapes()), default=0)
    if sys.platform == "linux" and 4 * experiment.batch_size * largest > OWN_PAGES_FROM:
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallopt"):  # musl has none
            libc.mallopt(M_MMAP_THRESHOLD, LARGEST)
            libc.mallopt(M_TRIM_THRESHOLD, KEPT)
