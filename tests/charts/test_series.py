import json

import numpy as np
import pytest

from dlcore.charts import series
from dlcore.charts.theme import DARK, DASHES, LIGHT
from dlcore.data import Split, prepare
from dlcore.data.series import Sines, Sunspots
from dlcore.data.timeline import timeline
from dlcore.experiment import Experiment
from dlcore.layers import LSTM
from dlcore.losses import MeanSquared
from dlcore.probes import opened
from dlcore.training.session import Session

SPLIT = Split(train=60, validation=20)


@pytest.fixture(scope="module")
def line():
    return timeline(Sunspots(window=22, horizon=4), SPLIT, 1)


def truth_of(line):
    """The record of a network that is always right."""
    data = line.data
    return {"answer": prepare(data, SPLIT, 1, 1)["test"].y.reshape(-1, data.horizon)}


def named(figure, name):
    return next(trace for trace in figure.data if trace.name.startswith(name))


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_shares_follow_each_other_as_kinds_of_line_in_one_hue(line, theme):
    figure = series.figure(line, theme)
    shares = [named(figure, share) for share in DASHES]
    assert [trace.line.dash for trace in shares] == list(DASHES.values())
    assert {trace.line.color for trace in shares} == {theme.accent}
    ends = [(float(trace.x[0]), float(trace.x[-1])) for trace in shares]
    assert ends[0][0] == 1700
    assert ends[-1][1] == 2008
    assert ends[0][1] == ends[1][0]
    assert ends[1][1] == ends[2][0]


def test_a_share_ends_with_its_last_answer(line):
    figure = series.figure(line, LIGHT)
    assert named(figure, "train").x[-1] == line.times[line.answered("train", 4)[-1]]


def test_no_line_is_drawn_for_a_share_that_is_empty():
    line = timeline(Sunspots(), Split(train=80, validation=0), 1)
    names = [trace.name for trace in series.figure(line, LIGHT).data]
    assert names[:2] == ["train", "test"]


def test_a_window_is_followed_by_its_answer(line):
    figure = series.figure(line, LIGHT, 7)
    seen, asked = named(figure, "what the network sees"), named(figure, "what it is asked for")
    assert seen.x.tolist() == list(range(1707, 1729))
    assert asked.x.tolist() == list(range(1729, 1733))
    assert asked.y.tolist() == line.values[29:33].tolist()


def test_a_window_past_the_end_is_the_last_of_the_training_share(line):
    figure = series.figure(line, LIGHT, 9999)
    assert named(figure, "what it is asked for").x[-1] == named(figure, "train").x[-1]


def test_a_network_that_is_always_right_lies_on_the_truth(line):
    record = truth_of(line)
    for ahead in (1, 4):
        figure = series.forecast(line, record, LIGHT, ahead)
        forecast, truth = named(figure, "forecast"), named(figure, "truth")
        np.testing.assert_allclose(forecast.y, truth.y, rtol=1e-5)
        assert forecast.x.tolist() == line.times[line.answered("test", ahead)].tolist()
        assert series.errors(line, record, ahead)[0] == pytest.approx(0, abs=1e-4)


def test_the_naive_line_is_the_truth_of_a_season_ago(line):
    naive = named(series.forecast(line, truth_of(line), LIGHT, 2), "a season ago")
    assert naive.y.tolist() == [line.values[int(year) - 1700 - 11] for year in naive.x]
    off = np.sqrt(
        np.mean([(line.values[int(x) - 1700] - y) ** 2 for x, y in zip(naive.x, naive.y, strict=True)])
    )
    assert series.errors(line, truth_of(line), 2)[1] == pytest.approx(off)
    assert f"{off:.3g}" in naive.name


def test_all_answers_of_one_window_are_drawn(line):
    fan = named(series.forecast(line, truth_of(line), LIGHT, 1, window=5), "one window")
    first = line.windows["test"][5] + 22
    assert fan.x.tolist() == line.times[first : first + 4].tolist()
    np.testing.assert_allclose(fan.y, line.values[first : first + 4], rtol=1e-5)


def test_one_step_ahead_has_no_fan():
    line = timeline(Sines(), SPLIT, 1)
    names = [trace.name for trace in series.forecast(line, truth_of(line), LIGHT).data]
    assert not any(name.startswith("one window") for name in names)


def test_axes_are_titled_and_the_pictures_are_said_in_words(line):
    for figure in (series.figure(line, LIGHT), series.forecast(line, truth_of(line), LIGHT)):
        assert figure.layout.xaxis.title.text == "year"
        assert "sunspot" in figure.layout.yaxis.title.text
        json.loads(figure.to_json())
    assert "Sunspots" in series.alt(line)
    assert "season ago" in series.forecast_alt(line, truth_of(line))


def test_the_probe_s_record_is_drawn():
    experiment = Experiment(
        data=Sunspots(window=12, horizon=3), network=(LSTM(units=4),), loss=MeanSquared(), split=SPLIT
    )
    session = Session(experiment)
    record = opened("forecast").read(session)
    line = timeline(experiment.data, SPLIT, 1)
    assert record["answer"].shape == (len(line.windows["test"]), 3)
    assert record["answer"].dtype == np.float32
    figure = series.forecast(line, record, LIGHT, 3)
    np.testing.assert_allclose(named(figure, "forecast").y, line.measured(record["answer"][:, 2]))
