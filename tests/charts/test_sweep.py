"""The pictures of a sweep, from outcomes made by hand."""

import numpy as np
import pytest

from dlcore.charts import sweep as chart
from dlcore.charts.theme import DARK, LIGHT
from dlcore.outcomes import Outcomes
from dlcore.sweeps import Axis, Sweep
from tests.test_outcomes import trial

RATE, WIDTH = Axis(values=(0.01, 0.1)), Axis(path="units", values=(2, 4, 8))
GRID = Sweep(axes=(RATE, WIDTH))
TRIALS = (
    trial(0, (0.01, 2), 0.5, 0.7),
    trial(1, (0.1, 8), 0.9, 0.8, size=90),
    trial(2, (0.01, 4), 0.4, end="pruned"),
    trial(3, (0.1, 2), 0.3, end="failed"),
    trial(4, (0.1, 4), 0.6),
)


def drawn(sweep=GRID, trials=TRIALS, chosen=None, theme=LIGHT):
    figure = chart.settings(Outcomes(sweep, trials), chosen, theme)
    return figure, {trace.name: trace for trace in figure.data}


def test_a_grid_is_a_map_with_the_second_axis_upwards():
    figure, traces = drawn()
    heat = figure.data[0]
    assert np.asarray(heat.z).shape == (3, 2)
    assert heat.z[0][0] == pytest.approx(0.6)
    assert heat.z[2][1] == pytest.approx(0.85)
    assert np.isnan(heat.z[1][0])
    assert list(figure.layout.xaxis.ticktext) == ["0.01", "0.1"]
    assert list(figure.layout.yaxis.ticktext) == ["2", "4", "8"]
    assert heat.customdata[2][1] == 1
    assert len(traces["to come"].x) == 2  # one that is not begun, and one whose second start is missing


def test_the_best_is_told_by_shape_and_word_and_so_is_what_has_no_score():
    _, traces = drawn()
    assert (traces["best"].marker.symbol, traces["best"].text[0]) == ("star", "best")
    assert tuple(traces["best"].customdata) == (1,)
    assert (traces["stopped early"].marker.symbol, tuple(traces["stopped early"].customdata)) == (
        "triangle-down-open", (2,),
    )  # fmt: skip
    assert (traces["broke down"].marker.symbol, tuple(traces["broke down"].customdata)) == ("x-open", (3,))


def test_what_is_chosen_has_a_ring_and_what_is_not_there_none():
    assert "chosen" in drawn(chosen=2)[1]
    assert "chosen" not in drawn(chosen=99)[1]


def test_every_value_is_told_on_hover():
    heat = drawn()[0].data[0]
    assert heat.hovertext[2][1] == (
        "learning rate 0.1, units of every layer 8<br>validation accuracy 0.85 ± 0.0707 over 2 seeds<br>"
        "90 weights and biases, 1 s of training each"
    )
    assert "stopped early at epoch 10, seed 1" in heat.hovertext[1][0]


def test_one_axis_is_a_line_with_error_bars_over_each_seed():
    sweep = Sweep(axes=(WIDTH,))
    _, traces = drawn(sweep, (trial(0, (8,), 0.9, 0.8), trial(1, (2,), 0.5, 0.7)))
    means = traces["mean, with its spread"]
    assert list(means.x) == [2, 8]
    assert list(means.y) == pytest.approx([0.6, 0.85])
    assert list(means.error_y.array) == pytest.approx([0.02**0.5, 0.005**0.5])
    assert list(traces["one seed"].x) == [8, 8, 2, 2]


def test_settings_drawn_by_chance_are_points_where_they_lie():
    _, traces = drawn(Sweep(axes=(RATE, WIDTH), how="random"))
    assert list(zip(traces["settings"].x, traces["settings"].y, strict=True)) == [(0.01, 2), (0.1, 8)]
    assert list(traces["settings"].marker.color) == pytest.approx([0.6, 0.85])


def test_choices_are_categories_in_the_order_listed():
    kinds = Axis(path="optimizer", values=("lion", "sgd"))
    trials = (trial(0, ("sgd",), 0.5, 0.7), trial(1, ("lion",), 0.9, 0.9))
    figure, _ = drawn(Sweep(axes=(kinds,)), trials)
    assert list(figure.layout.xaxis.categoryarray) == ["Lion", "SGD"]


@pytest.mark.parametrize("what", chart.PRICES)
def test_the_front_is_a_line_over_the_settings(what):
    outcomes = Outcomes(GRID, TRIALS)
    settings, front = chart.price(outcomes, what, LIGHT).data
    assert len(settings.x) == 2
    assert list(front.customdata) == [each.trial.number for each in outcomes.front(what)]
    assert chart.price_alt(outcomes, what).count("learning rate") == len(front.customdata)


def test_the_best_so_far_is_drawn_in_the_order_of_trying():
    trials = (trial(0, (0.01, 2), 0.5, 0.5), trial(1, (0.1, 2), 0.4, 0.4), trial(2, (0.1, 4), 0.9, 0.9))
    tried, best = chart.history(Outcomes(GRID, trials), LIGHT).data
    assert list(tried.x) == [1, 2, 3]
    assert list(best.y) == [0.5, 0.5, 0.9]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("axes", [(RATE,), (RATE, WIDTH)])
@pytest.mark.parametrize("how", ["grid", "random"])
def test_before_anything_is_trained_there_is_a_picture_too(how, axes, theme):
    outcomes = Outcomes(Sweep(axes=axes, how=how), ())
    assert chart.settings(outcomes, None, theme).layout.xaxis.title.text == "learning rate"
    assert "0 of" in chart.settings_alt(outcomes)
