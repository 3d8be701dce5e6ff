"""The time of a step."""

import torch

from dlcore.experiment import Experiment
from dlcore.layers import Dense, Dropout
from dlcore.training.session import Session
from dlcore.training.timing import timing

WITH_DROPOUT = Experiment(network=(Dense(units=8), Dropout(), Dense(units=8)))


def test_timing_leaves_no_trace():
    timed, untouched = Session(WITH_DROPOUT), Session(WITH_DROPOUT)
    for session in (timed, untouched):
        session.advance(7)
    outside = torch.get_rng_state()
    timing(timed, 0.01)
    assert torch.equal(torch.get_rng_state(), outside)
    for session in (timed, untouched):
        session.advance(30)
    assert timed.checkpoint().to_bytes() == untouched.checkpoint().to_bytes()


def test_an_epoch_has_as_many_steps_as_batches():
    told = timing(Session(WITH_DROPOUT.model_copy(update={"batch_size": 240})), 0.01)
    assert round(told["epoch_s"] / told["step_s"], 6) == 2  # 250 points
