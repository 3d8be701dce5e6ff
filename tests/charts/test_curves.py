import json

import numpy as np
import pytest

from dlcore.charts import curves
from dlcore.charts.curves import Curve, View
from dlcore.charts.theme import DASHES, LIGHT
from dlcore.data import Task

EPOCHS = np.arange(50, dtype=np.int32)
NAMES = [f"{share}_{measure}" for share in DASHES for measure in ("loss", "score")]


def curve(**settings):
    record = {name: (1 / (1 + EPOCHS)).astype(np.float32) for name in NAMES}
    now = dict.fromkeys(NAMES, 0.5)
    return Curve({"epoch": EPOCHS, **record}, 50, now, **settings)


def drawn(*, view=None, beside=None, **settings):
    return curves.figure(curve(**settings), view or View(), Task.BINARY, LIGHT, beside)


def test_a_mark_is_a_line_from_bottom_to_top_that_says_on_hover_what_changed():
    figure = drawn(marks=[(3.5, "batch size 10 → 3"), (3.5, "L2 0 → 0.1"), (20, "dropout 0 → 0.5")])
    marks = figure.data[0]
    first = marks.x == 3.5
    assert np.nanmin(marks.y[first]) == 0
    assert np.nanmax(marks.y[first]) == 1
    assert {text for text, here in zip(marks.text, first, strict=True) if here} == {
        "epoch 3.5<br>batch size 10 → 3<br>L2 0 → 0.1"
    }
    assert set(marks.x) == {3.5, 20}
    assert len(marks.x) == len(marks.y) == len(marks.text)
    assert figure.layout.yaxis2.range == (0, 1)
    assert not figure.layout.yaxis2.visible
    assert np.isnan(marks.y[len(marks.y) // 2 - 1]), "lines of two marks are not joined"


def test_no_marks_are_no_line():
    assert [trace.name for trace in drawn().data] == list(DASHES)


def test_the_epochs_can_be_drawn_on_a_logarithmic_axis_and_then_begin_at_one():
    figure = drawn(view=View(log_epochs=True), marks=[(0, "layers 1 and 2 keep their weights")])
    assert figure.layout.xaxis.type == "log"
    assert all(np.min(trace.x) >= 1 for trace in figure.data)


def test_before_the_second_epoch_there_is_nothing_for_a_logarithmic_axis_to_show():
    at_start = Curve({name: values[:1] for name, values in curve().record.items()}, 0, curve().now)
    figure = curves.figure(at_start, View(log_epochs=True), Task.BINARY, LIGHT)
    assert figure.layout.xaxis.type == "linear"
    assert all(len(trace.x) == 2 for trace in figure.data)


def test_smoothing_is_the_exponential_average_corrected_for_its_start():
    values, weight = np.array([1.0, 3.0, 2.0]), 0.5
    by_hand = [1.0, (0.25 * 1 + 0.5 * 3) / 0.75, (0.125 * 1 + 0.25 * 3 + 0.5 * 2) / 0.875]
    np.testing.assert_allclose(curves.smoothed(values, weight), by_hand)
    np.testing.assert_array_equal(curves.smoothed(values, 0), values)


@pytest.mark.parametrize("weight", [0.1, 0.9, 0.99])
def test_smoothing_leaves_a_constant_and_what_is_no_number_as_they_are(weight):
    values = np.array([2.0, np.nan, 2.0, np.inf, 2.0])
    np.testing.assert_allclose(curves.smoothed(values, weight), values)


def test_a_second_run_has_its_own_colour_its_name_and_begins_where_it_branched_off():
    beside = curve(name="learning rate 0.003 → 0.01", since=30)
    figure = drawn(beside=beside)
    ours, theirs = figure.data[:3], figure.data[3:]
    assert {trace.line.color for trace in ours} == {LIGHT.accent}
    assert {trace.line.color for trace in theirs} == {LIGHT.second}
    assert [trace.line.dash for trace in theirs] == list(DASHES.values())
    assert all(trace.x[0] == 30 for trace in theirs)
    assert [trace.showlegend for trace in theirs] == [True, False, False]
    assert theirs[0].name == "learning rate 0.003 → 0.01"
    assert json.loads(figure.to_json(), parse_constant=pytest.fail)["data"]
