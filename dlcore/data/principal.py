"""Principal components: how much straight directions can keep of samples, to compare an autoencoder with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def explained(train: NDArray[Any], test: NDArray[Any], sizes: Sequence[int]) -> NDArray[np.float64]:
    """The share of the variance of test (M, *shape) that k principal components of train (N, *shape) account
    for, for each k of ``sizes``: (K,).  Pearson, 1901.
    """
    known = train.reshape(len(train), -1).astype(np.float64)
    asked = test.reshape(len(test), -1).astype(np.float64)
    around = known - known.mean(0)
    directions = np.linalg.eigh(around.T @ around).eigenvectors.T[::-1]  # the longest first
    centred = asked - known.mean(0)
    spread = np.square(asked - asked.mean(0)).sum()
    left = [np.square(centred - centred @ directions[:k].T @ directions[:k]).sum() for k in sizes]
    return 1 - np.array(left) / max(float(spread), 1e-300)
