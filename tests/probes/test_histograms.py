import gc

import numpy as np
import pytest
import torch

from dlcore.probes import histograms, opened
from dlcore.probes.histograms import BINS, MOST_ROWS, spread
from dlcore.training.session import Session
from tests.probes.cases import IMAGES


def test_a_spread_is_numpys_histogram():
    values = torch.randn(5000, generator=torch.Generator().manual_seed(1))
    shares, low, high = spread([values[:2000], values[2000:]])
    expected, edges = np.histogram(values.numpy(), BINS)
    np.testing.assert_allclose(shares, expected / 5000, atol=1e-3)
    assert (low, high) == pytest.approx((edges[0], edges[-1]))


@pytest.mark.parametrize("values", [[], [float("nan")], [float("inf"), float("nan")]])
def test_nothing_is_counted_where_there_is_no_number(values):
    shares, low, _ = spread([torch.tensor(values)])
    assert not shares.any()
    assert np.isnan(low)


def test_equal_numbers_are_one_bar():
    shares, low, high = spread([torch.full((9,), 3.0)])
    assert shares.max() == pytest.approx(1)
    assert low < 3 < high


def test_weights_activations_and_gradients_are_the_sessions_own():
    session = Session(IMAGES)
    assert np.isnan(opened("histograms?layer=0&numbers=2").read(session)["low"]).all()
    session.advance(3)
    weight = session.network.module[0].weight
    for numbers, values in ((0, weight.detach()), (2, weight.grad)):
        record = opened(f"histograms?layer=0&numbers={numbers}").read(session)
        assert record["low"][-1] == pytest.approx(values.min().item())
        assert record["high"][-1] == pytest.approx(values.max().item())
        assert record["share"][-1].sum() == pytest.approx(1)
    activations = opened("histograms?layer=0&numbers=1").read(session)
    assert activations["low"][-1] == 0  # of a ReLU


def test_rows_are_one_for_each_moment_and_never_too_many():
    session = Session(IMAGES)
    probe = opened("histograms?layer=0")
    for n in range(1, 6):
        record = probe.read(session)
        assert len(probe.read(session)["epoch"]) == len(record["epoch"]) == n
        session.advance(1)
    for _ in range(150):
        session.advance(1)
        record = probe.read(session)
        assert len(record["epoch"]) <= MOST_ROWS
    epochs = record["epoch"]
    passed = session.epoch + session.seen / len(session.tensors["train"].x)
    assert epochs[0] == 0
    assert epochs[-1] == pytest.approx(passed)
    assert np.diff(epochs).max() < 4 * np.median(np.diff(epochs))


def test_a_run_that_went_back_forgets_what_came_after():
    session = Session(IMAGES)
    probe = opened("histograms?layer=0")
    probe.read(session)
    start = session.checkpoint()
    session.advance(5)
    assert len(probe.read(session)["epoch"]) == 2
    session.restore(start)
    assert probe.read(session)["epoch"].tolist() == [0]


def test_what_is_remembered_goes_with_the_network():
    session = Session(IMAGES)
    opened("histograms").read(session)
    n = len(histograms._remembered)
    del session
    gc.collect()
    assert len(histograms._remembered) < n
