"""One sample on its way through every layer."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from dlcore.data import Task
from dlcore.probes.base import AnswerProbe, add
from dlcore.probes.samples import as_maps, chosen, coarse, whole
from dlcore.record import Arrays
from dlcore.training.answering import shares_of
from dlcore.training.look import looking
from dlcore.training.session import Session

MOST_CHANNELS = 12
MOST_PLACES = 32
MOST_ANSWERS = 5


@add
class Trace(AnswerProbe):
    """What every layer makes of one test sample, the output layer last.

    For layer i: ``i.shape`` (…) int32; ``i.maps`` (C, H, W) int8 with ``i.scale`` (C,) float32, laid out as
    the probe ``features`` does, at most 12 channels of 32 × 32 places; ``i.numbers`` (5,) float32: least,
    mean, largest, standard deviation, and the share of zeros.  ``best`` (A,) int32 and ``share`` (A,)
    float32: the classes that get most, none for values; of tokens, those of the last step.
    """

    kind = "trace"
    sample: int = 0

    def read(self, session: Session) -> Arrays:
        return trace(session, chosen(session, self.sample))


def trace(session: Session, x: Tensor) -> Arrays:
    """What :class:`Trace` reads, of any one sample x (1, *input_shape)."""
    arrays: Arrays = {}
    with looking(session.network.module):
        outputs = session.network.layer_outputs(x)
        for i, made in enumerate(outputs):
            values = made[0].float()
            maps = as_maps(values)[:MOST_CHANNELS]
            arrays[f"{i}.maps"], arrays[f"{i}.scale"] = whole(coarse(maps, MOST_PLACES))
            arrays[f"{i}.shape"] = np.array(values.shape, np.int32)
            numbers = [values.min(), values.mean(), values.max(), values.std(correction=0)]
            zeros = (values == 0).float().mean()
            arrays[f"{i}.numbers"] = torch.stack([*numbers, zeros]).numpy().astype(np.float32)
        if session.experiment.task is not Task.REGRESSION:
            shares = shares_of(session, outputs[-1])[0].reshape(-1, session.experiment.data.n_classes)
            best = shares[-1].topk(min(MOST_ANSWERS, shares.shape[1]))
            arrays["best"] = best.indices.numpy().astype(np.int32)
            arrays["share"] = best.values.numpy().astype(np.float32)
    return arrays
