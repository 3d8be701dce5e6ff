import numpy as np
import pandas as pd
import pytest
from statsmodels import datasets as measured

from dlcore.data import Split, datasets, prepare
from dlcore.data.series import CarbonDioxide, ElNino, Series, Sines, Sunspots, joined, seasonal_naive
from dlcore.data.timeline import timeline

KINDS = [cls for cls in datasets if issubclass(cls, Series)]
every_series = pytest.mark.parametrize("cls", KINDS, ids=lambda cls: cls.kind_name())
SPLITS = [
    Split(),
    Split(train=70, validation=0),
    Split(train=5, validation=90),
    Split(train=90, validation=5),
]


def series_of(data, seed=1):
    return joined(*data.draw(seed))


def test_the_answers_are_the_steps_after_the_window():
    x, y = Sunspots(window=11, horizon=3).draw(1)
    values = measured.sunspots.load_pandas().data["SUNACTIVITY"].to_numpy(np.float32)
    for i in (0, 100, len(x) - 1):
        assert np.array_equal(x[i, :, 0], values[i : i + 11])
        assert np.array_equal(y[i], values[i + 11 : i + 14])
    assert len(x) == len(values) - 13


def test_one_step_ahead_is_one_value():
    x, y = Sunspots(window=11, horizon=1).draw(1)
    assert y.shape == (len(x),)
    assert np.array_equal(y[:-1], x[1:, -1, 0])


@every_series
@pytest.mark.parametrize("horizon", [1, 5])
def test_windows_put_together_again_are_the_series(cls, horizon):
    data = cls(window=10, horizon=horizon)
    assert series_of(data).shape == (data.n_steps_in_all,)
    assert np.array_equal(series_of(data), series_of(cls(window=30, horizon=1)))


def test_carbon_dioxide_is_the_mean_of_each_month_and_gaps_are_filled():
    weekly = measured.co2.load_pandas().data["co2"]
    values = series_of(CarbonDioxide())
    months = pd.date_range(weekly.index[0], weekly.index[-1] + pd.offsets.MonthEnd(), freq="ME")
    assert len(values) == len(months)
    assert values[0] == pytest.approx(weekly["1958-03"].mean())
    assert values[-1] == pytest.approx(weekly["2001-12"].mean())
    assert np.isfinite(values).all()


def test_months_of_the_pacific_follow_each_other():
    table = measured.elnino.load_pandas().data
    values = series_of(ElNino())
    assert values[12] == pytest.approx(table["JAN"][1])
    assert values[-1] == pytest.approx(table["DEC"].iloc[-1])


@pytest.mark.parametrize(("cls", "first", "last"), [(Sunspots, 1700, 2008), (ElNino, 1950, 2010)])
def test_the_calendar_tells_when_a_step_was(cls, first, last):
    line = timeline(cls(), Split(), 1)
    assert (int(line.times[0]), int(line.times[-1])) == (first, last)


def test_sines_without_noise_repeat_themselves():
    values = series_of(Sines(waves=1, noise=0, period=30))
    np.testing.assert_allclose(values[30:], values[:-30], atol=1e-5)
    assert values.max() == pytest.approx(1, abs=0.01)


def test_noise_is_as_large_as_asked():
    values = series_of(Sines(waves=1, noise=0.5, period=30, n_steps=4000))
    assert np.std(values[30:] - values[:-30]) == pytest.approx(0.5 * 2**0.5, rel=0.05)


@every_series
@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("horizon", [1, 6, 24])
def test_no_share_answers_what_another_answers_or_comes_before_it(cls, split, horizon):
    data = cls(window=64, horizon=horizon)
    line = timeline(data, split, 1)
    steps = {
        share: {int(step) for k in range(1, horizon + 1) for step in line.answered(share, k)}
        for share in line.windows
    }
    assert max(steps["train"]) < min(steps["test"])
    assert max(steps["train"]) < min(steps["validation"], default=10**6)
    assert max(steps["validation"], default=-1) < min(steps["test"])
    assert len(line.windows["train"]) > 0
    assert len(line.windows["test"]) > 0


@every_series
def test_the_shares_are_those_windows(cls):
    data = cls(horizon=4, scaling="none")
    x, y = data.draw(1)
    parts, line = prepare(data, Split(), 1, 7), timeline(data, Split(), 1)
    for share, part in parts.items():
        assert np.array_equal(part.x, x[line.windows[share]])
        assert np.array_equal(part.y, y[line.windows[share]])
        assert np.array_equal(part.y[:, 1], line.values[line.answered(share, 2)])


@every_series
@pytest.mark.parametrize("scaling", ["standard", "min-max", "robust"])
def test_the_scale_comes_from_the_training_share_alone(cls, scaling):
    data, split = cls(scaling=scaling), Split(train=60, validation=20)
    raw, _ = cls(scaling="none").draw(1)
    train = timeline(data, split, 1).windows["train"]
    seen = raw[train].astype(np.float64)
    expected = {
        "standard": (seen.mean(), seen.std()),
        "min-max": (seen.min(), seen.max() - seen.min()),
        "robust": (np.median(seen), np.subtract(*np.quantile(seen, [0.75, 0.25]))),
    }[scaling]
    line = timeline(data, split, 1)
    assert (line.offset, line.width) == pytest.approx(expected)
    spoilt = type("Spoilt", (cls,), {"draw": lambda self, seed: _spoilt(cls.draw(self, seed), train[-1])})
    assert np.array_equal(
        prepare(spoilt(scaling=scaling), split, 1, 1)["train"].x, prepare(data, split, 1, 1)["train"].x
    )


def _spoilt(drawn, last):
    """The same, with what comes after the training windows a thousand times as large."""
    x, y = drawn
    x, y = x.copy(), y.copy()
    x[last + 1 :] *= 1000
    y[last + 1 :] *= 1000
    return x, y


@every_series
def test_what_was_scaled_can_be_measured_again(cls):
    data = cls(horizon=3)
    parts, line = prepare(data, Split(), 1, 1), timeline(data, Split(), 1)
    np.testing.assert_allclose(
        line.measured(parts["test"].y[:, 2]), line.values[line.answered("test", 3)], rtol=1e-4, atol=1e-4
    )


def test_the_seasonal_naive_forecast_is_what_was_a_season_ago():
    values = np.arange(100.0)
    assert seasonal_naive(values, 50, 3, 1, 11).tolist() == [39, 40, 41]
    assert seasonal_naive(values, 50, 3, 11, 11).tolist() == [39, 40, 41]
    assert seasonal_naive(values, 50, 3, 12, 11).tolist() == [28, 29, 30]
    assert np.isnan(seasonal_naive(values, 5, 2, 1, 11)).all()


def test_a_naive_forecast_of_a_pure_season_is_right():
    line = timeline(Sines(waves=1, noise=0, horizon=24), Split(), 1)
    np.testing.assert_allclose(line.naive("test", 24), line.values[line.answered("test", 24)], atol=1e-5)
