"""Charts of a network's inside, from hand-made records."""

import numpy as np
import pytest

from dlcore.charts import attention, depth, histograms, projection, quality, recurrence
from dlcore.charts.theme import DARK, LIGHT
from dlcore.data import Task


def spreads():
    """Two moments: all numbers between 0 and 1, then between 0 and 2."""
    share = np.full((2, 8), 1 / 8, np.float32)
    return {
        "epoch": np.array([0, 3], np.float32),
        "share": share,
        "low": np.zeros(2, np.float32),
        "high": np.array([1, 2], np.float32),
    }


def test_histograms_of_different_ranges_share_their_bins():
    record = spreads()
    edges = np.array([0, 0.5, 1, 1.5, 2])
    np.testing.assert_allclose(
        histograms.rebinned(record, edges), [[0.5, 0.5, 0, 0], [0.25, 0.25, 0.25, 0.25]], atol=1e-6
    )
    edges = histograms.bounds(record)
    assert edges[0] < 0.01
    assert 1.9 < edges[-1] < 2.3
    assert histograms.rebinned(record, edges).sum(1) == pytest.approx([1, 1], abs=0.02)


def test_moments_without_numbers_are_empty_columns():
    record = spreads()
    record["low"][0] = record["high"][0] = np.nan
    record["share"][0] = 0
    assert histograms.counted(record)
    assert not histograms.rebinned(record, histograms.bounds(record))[0].any()
    record["low"][:] = np.nan
    assert not histograms.counted(record)
    assert not histograms.counted({})


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_histogram_over_time_has_titles_and_a_column_for_each_moment(theme):
    figure = histograms.figure(spreads(), "weights", theme)
    assert figure.layout.xaxis.title.text == "epoch"
    assert figure.layout.yaxis.title.text == "value of the weights"
    assert figure.data[0].z.shape[1] == 2
    one = {name: values[:1] for name, values in spreads().items()}
    assert histograms.figure(one, "weights", theme).to_json()


def test_depth_draws_a_point_for_each_layer_and_leaves_zeros_off_a_logarithmic_axis():
    record = {
        "gradient": np.array([0, 1e-5, 1e-2], np.float32),
        "update": np.array([np.nan, 1e-3, 1e-2], np.float32),
        "dead": np.array([0, 0.5, 1], np.float32),
    }
    figure = depth.figure(record, ["1 a", "2 b", "Output"], LIGHT)
    gradient, update, dead = figure.data
    assert np.isnan(gradient.x[0])
    assert np.isnan(update.x[0])
    assert dead.x.tolist() == [0, 50, 100]
    assert list(dead.y) == ["1 a", "2 b", "Output"]
    low, high = figure.layout.xaxis.range
    assert low < -5
    assert high > -2


def test_a_map_of_samples_has_a_look_for_every_class():
    looks = {projection.look_of(k, Task.CLASSES, LIGHT) for k in range(projection.MOST_CLASSES)}
    assert len(looks) == projection.MOST_CLASSES
    assert projection.look_of(1, Task.BINARY, LIGHT)[0] == LIGHT.positive
    rng = np.random.default_rng(1)
    record = {
        "place": rng.normal(size=(30, 2)).astype(np.float32),
        "truth": np.arange(30, dtype=np.float32) % 3,
        "share": np.array([0.5, 0.25], np.float32),
    }
    figure = projection.figure(record, Task.CLASSES, ("a", "b", "c"), DARK)
    assert [trace.name for trace in figure.data[:3]] == ["a", "b", "c"]
    assert sum(len(trace.x) for trace in figure.data[:3]) == 30
    assert "50%" in figure.layout.xaxis.title.text.replace(" ", "")
    record["token"] = np.arange(30, dtype=np.int32)
    words = projection.figure(record, Task.TOKENS, (), LIGHT, tokens=[f"t{k}" for k in range(30)])
    assert list(words.data[0].text)[:2] == ["t0", "t1"]


def judged(n_classes):
    counts = np.eye(n_classes, dtype=np.int32) * 3
    counts[0, 1] = 1
    return {
        "classes": np.arange(n_classes, dtype=np.int32),
        "confusion": counts,
        "elsewhere": np.zeros(n_classes, np.int32),
        "curve": np.array([0, 1], np.int32),
        "roc": np.zeros((2, 101, 2), np.float32),
        "area": np.array([0.75, np.nan], np.float32),
        "calibration": np.array([[0.05 + k / 10, 0.05 + k / 10, k] for k in range(10)], np.float32),
    }


@pytest.mark.parametrize(("n_classes", "written"), [(3, True), (30, False)])
def test_a_matrix_of_few_classes_has_numbers_and_one_of_many_is_readable(n_classes, written):
    names = [f"country {k}" for k in range(n_classes)]
    figure = quality.confusion(judged(n_classes), names, LIGHT)
    assert bool(figure.data[0].texttemplate) == written
    assert len(figure.layout.xaxis.ticktext) <= 24
    assert figure.data[0].z[0, 1] == pytest.approx(0.25)
    assert figure.data[0].customdata[0][1] == "country 0 taken for country 1: 1 of 4"
    if written:
        assert figure.layout.yaxis.ticktext[0] == "country 0 (0.75)"
        assert figure.layout.xaxis.ticktext[1] == "country 1 (0.75)"


def test_a_roc_curve_that_does_not_exist_is_left_out():
    figure = quality.roc(judged(2), ("no", "yes"), LIGHT)
    assert [trace.name for trace in figure.data] == ["chance (0.5)", "no (0.750)"]


def test_the_expected_calibration_error_weighs_bins_by_their_answers():
    record = judged(2)
    assert quality.expected_error(record) == pytest.approx(0)
    record["calibration"][9, 1] -= 0.5  # 9 of 45 answers are too sure by a half
    assert quality.expected_error(record) == pytest.approx(0.1)
    record["calibration"][0] = np.nan, np.nan, 0
    assert quality.calibration(record, DARK).to_json()


def test_an_attention_says_where_each_query_looks_most():
    weight = np.zeros((2, 3, 3), np.int8)
    weight[1] = np.fliplr(np.eye(3)) * 127
    record = {"weight": weight, "scale": np.ones(2, np.float32)}
    figure = attention.figure(record, 1, 2, ["a", "b", "c"], LIGHT)
    np.testing.assert_allclose(figure.data[0].z, np.fliplr(np.eye(3)))
    assert (figure.layout.shapes[0].y0, figure.layout.shapes[0].y1) == (1.5, 2.5)
    assert "a at c, b at b, c at a" in attention.alt(1, ["a", "b", "c"], record)


def test_every_row_of_a_cell_has_a_meaning_and_a_line():
    for names in recurrence.NAMES:
        assert set(names) <= set(recurrence.MEANINGS)
        figure = recurrence.figure(np.zeros((len(names), 5)), names, list("abcde"), LIGHT)
        assert [trace.name for trace in figure.data] == list(names)
