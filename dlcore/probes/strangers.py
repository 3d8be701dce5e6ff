"""How well an autoencoder tells what it has never seen: it gives back badly what is strange to it."""

from __future__ import annotations

import numpy as np
import torch

from dlcore.experiment import Experiment
from dlcore.probes.base import Probe, add
from dlcore.probes.codes import gives_back, strangers_of
from dlcore.probes.quality import roc
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.session import Session

MOST = 1000


@add
class Strangers(Probe):
    """The errors of samples of kinds that were learnt from and of one that was left out; twice a second.

    ``known`` (N,) and ``strange`` (M,) float32: mean squared errors of test samples, and of those left out,
    at most 1,000 each.  ``roc`` (1, 101, 2) float32: false and true positive rates where a sample counts as
    strange from some error on; ``area`` (1,) float32 under it, nan where nothing was left out.
    """

    kind = "strangers"
    every_s = 0.5

    def applies(self, experiment: Experiment) -> bool:
        return gives_back(experiment) and getattr(experiment.data, "without", "none") != "none"

    def read(self, session: Session) -> Arrays:
        known = session.tensors["test"].x[:MOST]
        x = torch.cat([known, strangers_of(session)[:MOST]])
        with looking(session.network.module):
            error = (session.network.module(x) - x.flatten(1)).square().mean(1)
        errors = torch.nan_to_num(error, nan=1e6, posinf=1e6).numpy()
        strange = np.arange(len(x)) >= len(known)
        curve, area = roc(strange, errors.astype(np.float64))
        return {
            "known": errors[~strange].astype(np.float32),
            "strange": errors[strange].astype(np.float32),
            "roc": curve[None].astype(np.float32),
            "area": np.array([area], np.float32),
        }
