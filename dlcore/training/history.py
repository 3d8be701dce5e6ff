"""What is remembered of a run: its losses and scores at chosen epochs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dlcore.record import Arrays

DENSE_EPOCHS = 50


class Evaluation(NamedTuple):
    """Losses (without penalties) and scores on each share of the points; nan where a share is empty."""

    train_loss: float
    validation_loss: float
    test_loss: float
    train_score: float
    validation_score: float
    test_score: float


def is_due(epoch: int) -> bool:
    """Whether the history keeps this epoch: each at first, every second from 100 on, every fourth from 200…

    It depends on the epoch alone, so that a watched, an unwatched and a resumed run keep the same rows; and
    it keeps cost and size small: 1,000 epochs make about 265 rows, a million about 760.
    """
    return epoch % (1 << max(0, (epoch // DENSE_EPOCHS).bit_length() - 1)) == 0


class History:
    """Rows of (epoch, evaluation), oldest first."""

    def __init__(self) -> None:
        self.epochs: list[int] = []
        self.rows: list[Evaluation] = []

    def add(self, epoch: int, evaluation: Evaluation) -> None:
        """Keep one row."""
        self.epochs.append(epoch)
        self.rows.append(evaluation)

    def arrays(self) -> Arrays:
        """One array per column: ``epoch`` (R,) int32, the losses and scores (R,) float32."""
        table = np.array(self.rows, np.float32).reshape(-1, len(Evaluation._fields))
        columns = {name: table[:, i] for i, name in enumerate(Evaluation._fields)}
        return {"epoch": np.array(self.epochs, np.int32), **columns}

    def exact(self, n_rows: int | None = None) -> Arrays:
        """The first rows, or all, to the last bit: ``epoch`` (R,) int64 and ``rows`` (R, 6) float64."""
        table = np.array(self.rows[:n_rows], np.float64).reshape(-1, len(Evaluation._fields))
        return {"epoch": np.array(self.epochs[:n_rows], np.int64), "rows": table}

    @classmethod
    def from_exact(cls, arrays: Arrays) -> History:
        """Read back what :meth:`exact` wrote."""
        history = cls()
        history.epochs = [int(epoch) for epoch in arrays["epoch"]]
        history.rows = [Evaluation(*map(float, row)) for row in arrays["rows"]]
        return history
