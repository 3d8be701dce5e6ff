"""What an autoencoder gives back."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from dlcore.experiment import Experiment
from dlcore.probes.base import Probe, add
from dlcore.probes.codes import brightness, gives_back, of_images, pictures, strangers_of
from dlcore.record import Arrays
from dlcore.steps import damaged, divergence
from dlcore.training.look import looking
from dlcore.training.session import SHARES, Session

STRANGE = 3
"""Samples of a kind that was left out, at the end of the row."""
MOST_SHOWN = 16
MOST_JUDGED = 2000


@add
class Reconstructions(Probe):
    """Test samples and what is given back of them: the first of each class, then some that were left out.

    The network is given them as it is while it trains, damaged where it is to mend them.  ``given`` and
    ``answer`` (N, H, W) int8, 127 being 1; ``truth`` (N,) int32, −1 for those left out; ``error`` (N,)
    float32, the mean squared error against the whole sample.
    """

    kind = "reconstructions"

    def applies(self, experiment: Experiment) -> bool:
        return of_images(experiment)

    def read(self, session: Session) -> Arrays:
        test = session.points["test"]
        first = [int(np.argmax(test.y == k)) for k in np.unique(test.y)][: MOST_SHOWN - STRANGE]
        strange = strangers_of(session)[:STRANGE]
        x = torch.cat([session.tensors["test"].x[first], strange])
        given = _as_given(session, x)
        with looking(session.network.module):
            answers = session.network.module(given)
        error = (answers - x.flatten(1)).square().mean(1)
        return {
            "given": brightness(pictures(session, given.flatten(1))),
            "answer": brightness(pictures(session, answers)),
            "truth": np.append(test.y[first], [-1] * len(strange)).astype(np.int32),
            "error": torch.nan_to_num(error).numpy().astype(np.float32),
        }


@add
class Terms(Probe):
    """The two terms of a variational loss on each share: ``error`` (3,) float32, as the loss measures it, and
    ``divergence`` (3,) float32, in nats a sample; nan where a share is empty.
    """

    kind = "terms"
    every_s = 0.2

    def applies(self, experiment: Experiment) -> bool:
        return gives_back(experiment) and experiment.objective.inside

    def read(self, session: Session) -> Arrays:
        found = np.full((3, 2), np.nan, np.float32)
        with looking(session.network.module):
            for row, share in zip(found, SHARES, strict=True):
                part = session.tensors[share].first(MOST_JUDGED)
                if len(part.x):
                    row[0] = session.criterion(session.network.module(part.x), part.y).item()
                    row[1] = divergence(session.network.module).item()
        return {"error": found[:, 0].copy(), "divergence": found[:, 1].copy()}


def _as_given(session: Session, x: Tensor) -> Tensor:
    """Samples as the network is given them while it trains, damaged the same way each time."""
    settings = dict(session.experiment.objective.step().kwargs)
    if "mask" not in settings:
        return x
    outside = torch.get_rng_state()
    try:
        torch.default_generator.manual_seed(0)
        return damaged(x, **settings)
    finally:
        torch.set_rng_state(outside)
