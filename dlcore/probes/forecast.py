"""What the network forecasts for the test share of a series."""

from __future__ import annotations

import numpy as np

from dlcore.data import Series
from dlcore.experiment import Experiment
from dlcore.probes.base import Probe, add
from dlcore.record import Arrays
from dlcore.training.look import looking
from dlcore.training.session import Session

MOST = 400
"""Windows that are looked at: more would be finer than the screen."""


@add
class Forecast(Probe):
    """``answer`` (N, H) float32: for the first 400 windows of the test share, in their order, what the
    network says of the H steps after each, on the scale it learns on."""

    kind = "forecast"
    every_s = 0.2

    def applies(self, experiment: Experiment) -> bool:
        return isinstance(experiment.data, Series) and experiment.objective.labelled

    def read(self, session: Session) -> Arrays:
        windows = session.tensors["test"].x[:MOST]
        with looking(session.network.module):
            answers = session.network.module(windows)
        return {"answer": answers.reshape(len(windows), -1).numpy().astype(np.float32)}
