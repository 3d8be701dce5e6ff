"""The pictures of a code say what was measured."""

import numpy as np
import pytest

from dlcore.charts import codes
from dlcore.charts.theme import DARK, LIGHT
from dlcore.data import Task

RNG = np.random.default_rng(2)
RECORD = {
    "place": RNG.normal(size=(40, 2)).astype(np.float32),
    "stranger": RNG.normal(size=(7, 2)).astype(np.float32),
    "truth": np.arange(40, dtype=np.float32) % 4,
    "range": np.array([[-2, -3], [2, 4]], np.float32),
    "size": np.array([2], np.int32),
}
ERRORS = {
    "known": RNG.uniform(0, 0.1, 50).astype(np.float32),
    "strange": RNG.uniform(0.05, 0.3, 20).astype(np.float32),
}


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_the_plane_reaches_from_where_to_where_the_probe_says_and_shows_every_sample(theme):
    made = codes.plane(RECORD, Task.CLASSES, tuple("0123"), theme, (0.5, 1.5))
    assert list(made.layout.xaxis.range) == [-2, 2]
    assert list(made.layout.yaxis.range) == [-3, 4]
    assert sum(len(trace.x) for trace in made.data if trace.name in tuple("0123")) == 40
    assert next(len(trace.x) for trace in made.data if trace.name == "left out") == 7
    assert (made.data[-1].x[0], made.data[-1].y[0]) == (0.5, 1.5)


def test_every_sample_is_counted_once_in_the_histograms_of_errors():
    made = codes.errors(ERRORS, "strangers", LIGHT)
    for trace in made.data:
        assert sum(trace.y) == pytest.approx(100)


def test_the_sizes_are_drawn_in_their_order_beside_the_components():
    made = codes.sizes({8: 0.7, 1: 0.2}, np.array([0.1, 0.3, 0.5]), (1, 2, 8), LIGHT)
    straight, bent = made.data
    np.testing.assert_allclose(straight.y, [10, 30, 50])
    np.testing.assert_allclose(bent.x, [1, 8])
    np.testing.assert_allclose(bent.y, [20, 70])


def test_the_two_losses_have_an_axis_each():
    made = codes.terms([(1, 0.5, 2.0), (2, 0.4, 3.0)], LIGHT)
    error, divergence = made.data
    np.testing.assert_allclose(error.y, [0.5, 0.4])
    np.testing.assert_allclose(divergence.y, [2, 3])
    assert divergence.yaxis == "y2"
    assert len(codes.terms([], LIGHT).data[0].x) == 0
