import numpy as np
import pytest

from dlcore.charts import curves, through_time
from dlcore.charts.curves import Curve
from dlcore.charts.theme import THEMES, layout
from dlcore.data import Task

RECORDS = {
    "RNN": {"state": np.array([0.0, 1e-3, 0.1], np.float32), "known": np.array([0.1, 0.2, 0.3], np.float32)},
    "LSTM": {
        "state": np.array([0.5, 0.5, 0.2], np.float32),
        "memory": np.array([0.4, 0.6, 0.8], np.float32),
        "known": np.array([1.0, 0.9, 1.0], np.float32),
    },
}


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_every_line_stands_out_from_the_ground(theme):
    for colour in through_time.colours(("RNN", "LSTM", "GRU")).values():
        light, dark = sorted((luminance(colour), luminance(theme.ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3


def test_the_gradient_is_that_of_what_a_cell_hands_on_and_nothing_falls_off_the_log_axis():
    figure = through_time.gradient(RECORDS, ["a", "b", "c"], THEMES["light"])
    rnn, lstm = figure.data
    assert rnn.y.tolist() == pytest.approx([through_time.FAINTEST, 1e-3, 0.1])
    assert lstm.y.tolist() == pytest.approx([0.4, 0.6, 0.8])
    low, high = figure.layout.yaxis.range
    assert 10**low <= rnn.y.min() * 1.01
    assert lstm.y.max() <= 10**high


def test_how_far_a_gradient_reaches_is_what_is_left_of_it_at_the_first_step():
    assert through_time.reaches(RECORDS["LSTM"]) == pytest.approx(0.5)
    assert through_time.reaches(RECORDS["RNN"]) == 0


def test_what_is_known_is_drawn_beside_what_a_guess_gets():
    figure = through_time.known(RECORDS, ["a", "b", "c"], 4, THEMES["dark"])
    assert [line.name for line in figure.data] == ["RNN", "LSTM"]
    assert figure.layout.shapes[0].y0 == 0.25


def test_the_ladder_draws_what_is_measured_and_says_where_each_fails():
    scores = {
        "RNN": np.array([1.0, 0.4, np.nan], np.float32),
        "LSTM": np.array([1.0, 0.97, 0.99], np.float32),
    }
    figure = through_time.ladder((5, 10, 25), scores, 10, 0.95, THEMES["light"])
    assert figure.data[0].x.tolist() == [5, 10]
    assert figure.data[1].x.tolist() == [5, 10, 25]
    assert through_time.fails_at((5, 10, 25), scores["RNN"], 0.95) == 10
    assert through_time.fails_at((5, 10, 25), scores["LSTM"], 0.95) is None


def test_runs_beside_each_other_are_drawn_by_their_test_share_alone():
    names = ("train_score", "validation_score", "test_score")
    record = {"epoch": np.array([0, 1], np.int32)} | {
        name: np.array([0.1, 0.5], np.float32) for name in names
    }
    of = [(Curve(record, 2, {name: 0.75 for name in names}, name=kind), "#123456") for kind in ("RNN", "GRU")]
    figure = curves.together(of, "score", Task.CLASSES, THEMES["light"])
    assert [line.name for line in figure.data] == ["RNN", "GRU"]
    assert figure.data[0].y.tolist() == pytest.approx([0.1, 0.5, 0.75])
    assert figure.layout.yaxis.range == (0, 1.04)
    assert layout(THEMES["light"]).yaxis.range is None
