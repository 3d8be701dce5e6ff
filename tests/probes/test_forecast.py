import numpy as np
import pytest
import torch

from dlcore.data import OwnSeries, Split
from dlcore.data.series import Sines, Sunspots
from dlcore.experiment import Experiment
from dlcore.layers import LSTM, Dropout, Flatten
from dlcore.losses import MeanSquared
from dlcore.probes import opened
from dlcore.training.session import Session

FORECASTER = Experiment(
    data=Sunspots(window=11, horizon=2),
    split=Split(train=60, validation=20),
    network=(LSTM(units=6), Dropout(p=0.5)),
    loss=MeanSquared(),
)


def test_the_answers_are_those_of_the_network_without_dropout():
    session = Session(FORECASTER)
    session.advance(5)
    answer = opened("forecast").read(session)["answer"]
    with torch.no_grad():
        expected = session.network.module.eval()(session.tensors["test"].x)
    assert np.array_equal(answer, expected.numpy())


def test_one_step_ahead_is_one_column():
    session = Session(FORECASTER.model_copy(update={"data": Sunspots()}))
    assert opened("forecast").read(session)["answer"].shape == (len(session.tensors["test"].x), 1)


def test_of_a_long_series_the_first_windows_are_looked_at():
    long = Sines(n_steps=4000)
    session = Session(FORECASTER.model_copy(update={"data": long, "network": (Flatten(),)}))
    assert opened("forecast").read(session)["answer"].shape == (400, 1)


def test_looking_leaves_no_trace():
    session = Session(FORECASTER)
    session.advance(3)
    before, random, training = session.checkpoint().to_bytes(), torch.get_rng_state(), True
    session.network.module.train(training)
    opened("forecast").read(session)
    assert session.checkpoint().to_bytes() == before
    assert torch.equal(torch.get_rng_state(), random)
    assert session.network.module.training is training


def test_it_trains_the_same_watched_or_not():
    watched, alone = Session(FORECASTER), Session(FORECASTER)
    for _ in range(4):
        watched.advance(3)
        opened("forecast").read(watched)
    alone.advance(12)
    assert watched.checkpoint().to_bytes() == alone.checkpoint().to_bytes()


@pytest.mark.parametrize(
    ("data", "applies"), [(Sunspots(), True), (OwnSeries(), True), ("spiral", False), ("surnames", False)]
)
def test_it_is_of_series_only(data, applies):
    assert opened("forecast").applies(Experiment(data=data)) is applies
