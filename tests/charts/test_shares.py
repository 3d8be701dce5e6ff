import json

import numpy as np
import pytest

from dlcore.charts import series, shares
from dlcore.charts.theme import DARK, LIGHT
from dlcore.data import Split
from dlcore.data.series import Sunspots
from dlcore.data.timeline import timeline

NAMES = ("setosa", "versicolor", "virginica")
SHARE = np.array([0.021, 0.004, 0.975], np.float32)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_bars_are_the_shares_in_percent_and_the_largest_stands_out(theme):
    (bars,) = shares.figure(SHARE, NAMES, theme).data
    np.testing.assert_allclose(bars.x, 100 * SHARE, rtol=1e-6)
    assert list(bars.marker.color).count(theme.accent) == 1
    assert bars.marker.color[2] == theme.accent


def test_two_classes_have_their_own_colours():
    (bars,) = shares.figure(np.array([0.3, 0.7]), ("no", "yes"), LIGHT).data
    assert list(bars.marker.color) == [LIGHT.negative, LIGHT.positive]


def test_the_truth_is_marked_by_more_than_colour():
    figure = shares.figure(SHARE, NAMES, LIGHT, truth=1)
    assert list(figure.layout.yaxis.ticktext) == ["setosa", "<b>versicolor ✓</b>", "virginica"]


def test_of_many_classes_the_likeliest_are_drawn_first():
    share = np.linspace(0, 1, 40) / 20
    (bars,) = shares.figure(share, [f"class {k}" for k in range(40)], LIGHT).data
    assert list(bars.customdata) == [f"class {k}" for k in range(39, 27, -1)]


def test_the_answer_is_one_sentence_and_nothing_is_certain():
    assert shares.sentence(SHARE, NAMES) == "virginica, with 98 %"
    assert shares.sentence(np.array([0.0, 1.0]), ("a", "b")) == "b, with > 99 %"
    assert [shares.said(x) for x in (0.0, 0.01, 0.5)] == ["< 0.5 %", "1 %", "50 %"]
    assert shares.alt(SHARE, NAMES).endswith("virginica 98 %, setosa 2 %, versicolor < 0.5 %")


def test_a_value_is_drawn_among_those_learnt_from():
    known = np.random.default_rng(0).normal(10, 2, 500)
    figure = shares.value(25.0, known, LIGHT, "price", truth=11.0)
    bars, answer, truth = figure.data
    assert bars.y.sum() == 500
    assert list(answer.x) == [25.0, 25.0]
    assert (answer.line.dash, truth.line.dash) == ("solid", "dot")
    assert figure.layout.xaxis.range[1] == 25.0
    assert json.loads(figure.to_json())
    assert shares.value_alt(-2.5) == "The answer −2.5 among the values that were learnt from"


def named(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def test_a_series_goes_on_from_its_last_known_number():
    line = timeline(Sunspots(window=11), Split(), 1)
    values = np.array([5.0, 6.0, 7.0], np.float32)
    figure = series.extension(line, 309, values, LIGHT)
    on = named(figure, "how the network goes on")
    np.testing.assert_array_equal(on.x, [2008, 2009, 2010, 2011])
    np.testing.assert_allclose(on.y, [line.values[-1], 5, 6, 7])
    assert all(trace.name != "what came" for trace in figure.data)
    assert "off by" not in series.extension_alt(line, 309, values)


def test_what_came_is_drawn_beside_how_the_network_went_on():
    line = timeline(Sunspots(window=11), Split(), 1)
    values = line.values[100:104] + 2
    figure = series.extension(line, 100, values, LIGHT)
    np.testing.assert_allclose(named(figure, "what came").y, line.values[99:104])
    np.testing.assert_array_equal(named(figure, "what the network sees").x, np.arange(1789, 1800))
    assert series.extension_alt(line, 100, values).endswith("off by 2")
