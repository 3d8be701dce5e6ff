"""The losses of two players over the rounds of their game, in a fixed number of rows."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dlcore.record import Arrays

ROWS = 256
"""An even number.  When all are full, each two become one, of twice as many rounds."""


class Diary(nn.Module):
    """Means over so many rounds at a time; all of it in buffers, so that a checkpoint has it."""

    rows: Tensor
    sums: Tensor
    counts: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("rows", torch.zeros(ROWS, 2), persistent=False)
        self.register_buffer("sums", torch.zeros(2, dtype=torch.float64), persistent=False)
        # rows that are full, rounds to a row, rounds in the row that is being filled
        self.register_buffer("counts", torch.tensor([0, 1, 0]), persistent=False)

    @torch.no_grad()
    def add(self, discriminator_loss: float, generator_loss: float) -> None:
        """Write down a round."""
        n_rows, each, begun = self.counts.tolist()
        self.sums += torch.tensor([discriminator_loss, generator_loss], dtype=torch.float64)
        begun += 1
        if begun == each:
            self.rows[n_rows] = self.sums / each
            self.sums.zero_()
            n_rows, begun = n_rows + 1, 0
            if n_rows == ROWS:
                self.rows[: ROWS // 2] = self.rows.view(ROWS // 2, 2, 2).mean(1)
                n_rows, each = ROWS // 2, 2 * each
        self.counts.copy_(torch.tensor([n_rows, each, begun]))

    def arrays(self) -> Arrays:
        """``round`` (R,) int32, the last of each row, ``discriminator`` and ``generator`` (R,) float32."""
        n_rows, each, _ = self.counts.tolist()
        rows = self.rows[:n_rows].clone()
        return {
            "round": (torch.arange(1, n_rows + 1, dtype=torch.int32) * each).numpy(),
            "discriminator": rows[:, 0].numpy().copy(),
            "generator": rows[:, 1].numpy().copy(),
        }
