import json

import numpy as np
import pytest

from dlcore.charts import comparison
from dlcore.charts.comparison import COLUMNS, MOST_RUNS, Learnt, figure
from dlcore.charts.curves import DRAWN, View
from dlcore.charts.theme import DASHES, THEMES, run_colours
from dlcore.data import Task
from dlcore.training.history import Evaluation
from tests.charts.test_charts import contrast

every_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
LIGHT = THEMES["light"]


def learnt(name="a", n_rows=5, seed=1):
    epoch = np.arange(n_rows)
    rows = np.random.default_rng(seed).random((n_rows, 6))
    rows[:, [1, 4]] = np.nan  # no validation share
    return Learnt(name, {"epoch": epoch, "rows": rows, "step": 25.0 * epoch, "seconds": 0.1 * epoch})


def drawn(runs, over="epoch", **view):
    return figure(runs, over, View(**view), "loss", LIGHT)


def test_the_columns_of_a_history_are_those_of_an_evaluation():
    assert tuple(COLUMNS) == Evaluation._fields


@pytest.mark.parametrize("over", ["epoch", "step", "seconds"])
def test_every_run_is_drawn_over_what_is_asked_for_training_solid_and_test_dotted(over):
    runs = [learnt("a", 5), learnt("b", 9, seed=2)]
    traces = drawn(runs, over).data
    assert [trace.name for trace in traces] == ["a", "a", "b", "b"]
    assert [trace.line.dash for trace in traces] == [DASHES["train"], DASHES["test"]] * 2
    for trace, run, column in zip(traces, np.repeat(runs, 2), [0, 2] * 2, strict=True):
        np.testing.assert_allclose(trace.x, run.history[over])
        np.testing.assert_allclose(trace.y, run.history["rows"][:, column], rtol=1e-6)


def test_runs_differ_in_colour_and_in_marker_and_a_run_is_named_once():
    traces = drawn([learnt(str(k)) for k in range(MOST_RUNS)]).data
    assert MOST_RUNS == 8
    assert len({trace.line.color for trace in traces}) == len({trace.marker.symbol for trace in traces}) == 8
    assert [trace.showlegend for trace in traces] == [True, False] * 8
    assert not any(trace.showlegend for trace in drawn([learnt()]).data), "alone it needs no name"
    assert all(len({t.line.color for t in traces[2 * k : 2 * k + 2]}) == 1 for k in range(8))


@every_theme
def test_every_line_stands_out_from_the_ground(theme):
    assert all(contrast(colour, theme.ground) >= 3 for colour in run_colours(theme))


def test_a_logarithmic_axis_leaves_the_start_out_and_smoothing_is_that_of_the_other_curves():
    run = learnt(n_rows=4)
    made = drawn([run], "step", log_epochs=True, log=True, smoothing=0.5)
    assert (made.layout.xaxis.type, made.layout.yaxis.type) == ("log", "log")
    np.testing.assert_array_equal(made.data[0].x, [25, 50, 75])
    first, second = run.history["rows"][1:3, 0]
    np.testing.assert_allclose(made.data[0].y[:2], [first, (first + 2 * second) / 3], rtol=1e-6)


def test_a_long_history_is_thinned_and_can_be_written_for_the_browser():
    made = drawn([learnt(n_rows=5000)])
    assert all(len(trace.x) == DRAWN for trace in made.data)
    assert json.loads(made.to_json(), parse_constant=pytest.fail)["data"]


def test_a_run_that_has_no_numbers_is_no_line():
    run = learnt()
    run.history["rows"][:] = np.nan
    assert drawn([run, learnt("b", 0)]).data == ()


def test_the_score_is_named_by_what_the_runs_have_in_common():
    assert comparison.measure_name("score", [Task.BINARY, Task.CLASSES]) == "accuracy"
    assert comparison.measure_name("score", [Task.REGRESSION] * 2) == "R²"
    assert comparison.measure_name("score", [Task.BINARY, Task.REGRESSION]) == "score"


def test_who_cannot_see_the_curves_is_told_where_they_end():
    run = learnt("spiral")
    run.history["rows"][-1, [0, 2]] = 0.25, -0.5
    said = comparison.alt([run, learnt("none", 0)], "seconds", View(), "loss")
    assert said == (
        "Loss over the training time (s), training solid, test dotted.  "
        "spiral ends at 0.25 in train and −0.5 in test; none ends at no number"
    )
