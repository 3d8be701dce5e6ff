"""What may come next: what the network thinks, and what is drawn from."""

from __future__ import annotations

import numpy as np

from dlcore.data import NextToken
from dlcore.data.text import PAD, START
from dlcore.data.typed import numbered
from dlcore.experiment import Experiment
from dlcore.probes.base import Probe, add
from dlcore.probes.samples import chosen
from dlcore.record import Arrays
from dlcore.training.generate import HOTTEST, askable, chances
from dlcore.training.look import looking
from dlcore.training.session import Session

MOST = 12


@add
class Next(Probe):
    """The token after a beginning, before and after temperature and top-k have had their say.

    The 12 likeliest, the likeliest first: ``best`` (M,) int32, ``share`` (M,) float32, their chances at
    temperature 1, and ``drawn`` (M,) float32, those with which strings are drawn; ``step`` (1,) int32, at
    which step it stands.  ``temperature`` is in hundredths.
    """

    kind = "next_token"
    typed: int = 0
    temperature: int = 100
    top_k: int = 0

    def applies(self, experiment: Experiment) -> bool:
        return isinstance(experiment.data, NextToken)

    def read(self, session: Session) -> Arrays:
        data = session.experiment.data
        assert isinstance(data, NextToken)
        number = {token: i for i, token in enumerate(data.vocabulary)}
        empty = np.full(data.sample_shape, number[PAD])
        empty[0] = number[START]
        x = chosen(session, 0, self.typed or numbered(data, empty))  # (1, T)
        step = max(0, int((x != number[PAD]).sum()) - 1)
        with looking(session.network.module):
            logits = askable(data, session.network.module(x)[:, step])
            share = chances(logits)[0]
            drawn = chances(logits, min(self.temperature / 100, HOTTEST), self.top_k)[0]
        best = share.topk(min(MOST, len(share))).indices
        return {
            "best": best.numpy().astype(np.int32),
            "share": share[best].numpy().astype(np.float32),
            "drawn": drawn[best].numpy().astype(np.float32),
            "step": np.array([step], np.int32),
        }
