"""Which of many moments to let go, so that those that stay lie the further apart the older they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def least_missed(steps: Sequence[int]) -> int:
    """The index of the moment that is missed least; never the first, never the last.

    Of at least 3 steps, rising: the one whose neighbours lie closest together, measured by how long ago it
    was.
    """
    at = np.array(steps, np.float64)
    gaps = at[2:] - at[:-2]
    ages = at[-1] - at[1:-1]
    return 1 + int(np.argmin(gaps / ages))
