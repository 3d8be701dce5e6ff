"""What a recurrent layer remembers, and what its gates do at every step."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from dlcore.blocks import Recurrent as Block
from dlcore.experiment import Experiment
from dlcore.layers.recurrent import Recurrent
from dlcore.probes.attention import given, held
from dlcore.probes.base import Probe, add
from dlcore.probes.samples import chosen, parts, whole
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.session import Session

MOST_UNITS = 64
MOST_STEPS = 128
CELLS: tuple[type[nn.RNNBase], ...] = (nn.RNN, nn.GRU, nn.LSTM)
ROWS = (
    ("state",),
    ("reset", "keep", "candidate", "state"),
    ("write", "keep", "candidate", "read", "memory", "state"),
)
"""What is shown of each of ``CELLS``, in this order."""


def steps(cell: nn.RNNBase, x: Tensor, backwards: bool = False) -> list[tuple[Tensor, ...]]:
    """Run a cell step by step, as its formula says: x (…, T, D) → for each of T steps the rows of ``ROWS``,
    (…, H) each; the state and the memory are the very tensors that the next step goes by.

    A cell that reads backwards has its numbers where it read.
    """
    end = "_l0_reverse" if backwards else "_l0"
    w, u, b, c = (getattr(cell, name + end) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    # asked for a gradient even where the whole layer is frozen
    state = memory = x.new_zeros(*x.shape[:-2], cell.hidden_size).requires_grad_(torch.is_grad_enabled())
    aheads = nn.functional.linear(x, w, b).unbind(-2)  # T times (…, gates · H)
    made: list[tuple[Tensor, ...]] = []
    for ahead in reversed(aheads) if backwards else aheads:
        back = nn.functional.linear(state, u, c)
        if isinstance(cell, nn.LSTM):
            write, keep, candidate, read = (ahead + back).chunk(4, -1)
            write, keep, read, candidate = write.sigmoid(), keep.sigmoid(), read.sigmoid(), candidate.tanh()
            memory = keep * memory + write * candidate
            state = read * memory.tanh()
            made.append((write, keep, candidate, read, memory, state))
        elif isinstance(cell, nn.GRU):
            (reset, keep, new), (reset_back, keep_back, new_back) = ahead.chunk(3, -1), back.chunk(3, -1)
            reset, keep = (reset + reset_back).sigmoid(), (keep + keep_back).sigmoid()
            candidate = (new + reset * new_back).tanh()
            state = keep * state + (1 - keep) * candidate
            made.append((reset, keep, candidate, state))
        else:
            bend = torch.relu if getattr(cell, "nonlinearity", "tanh") == "relu" else torch.tanh
            state = bend(ahead + back)
            made.append((state,))
    return made[::-1] if backwards else made


def unrolled(cell: nn.RNNBase, x: Tensor, backwards: bool = False) -> Tensor:
    """All that a cell did with one sample: x (T, D) → (rows of ``ROWS``, T, H)."""
    return torch.stack([torch.stack(rows) for rows in steps(cell, x, backwards)], 1)


def remembering(session: Session) -> list[tuple[int, Block]]:
    """The recurrent blocks of a network with the numbers of their layers; the first of each layer."""
    found = []
    for layer in range(len(session.network.ends)):
        inside = (each for part in parts(session, layer) for each in part.modules())
        found += [(layer, each) for each in inside if isinstance(each, Block)][:1]
    return found


@add
class Recurrence(Probe):
    """The state and the gates of a recurrent layer at every step of one test sample.

    ``maps`` (M, H, T) int8 with ``scale`` (M,) float32, at most 64 units and the first 128 steps: the rows of
    ``ROWS`` for its ``cell`` (1,) int32, and where it reads both ways, the same again for the way back.
    ``unit`` (M, T) float32, the numbers of one ``channel``.  ``layer`` (1,) int32, the layer in which it is.
    """

    kind = "recurrence"
    layer: int = 0
    sample: int = 0
    channel: int = 0

    def applies(self, experiment: Experiment) -> bool:
        return any(isinstance(each, Recurrent) for layer in experiment.stack() for each in held(layer))

    def read(self, session: Session) -> Arrays:
        found = remembering(session)
        layer, block = next((each for each in found if each[0] >= self.layer), found[-1])
        cell = block.cell
        with looking(session.network.module):
            x = given(session, layer, block, chosen(session, self.sample))[0]
            ways = [unrolled(cell, x, backwards) for backwards in (False, True)[: 1 + cell.bidirectional]]
            rows = torch.cat(ways)[:, :MOST_STEPS].transpose(1, 2)  # (M, H, T)
            maps, scale = whole(rows[:, :MOST_UNITS])
            unit = rows[:, min(self.channel, cell.hidden_size - 1, MOST_UNITS - 1)]
        kind = next(i for i, each in enumerate(CELLS) if isinstance(cell, each))
        return {
            "maps": maps,
            "scale": scale,
            "unit": unit.numpy().astype(np.float32),
            "cell": np.array([kind], np.int32),
            "layer": np.array([layer], np.int32),
        }
