import numpy as np
import pytest
from pydantic import ValidationError

from dlcore.data import OwnSeries, Split, prepare
from dlcore.data.own_series import MAX_STEPS, read_series, season_of
from dlcore.data.series import joined
from dlcore.data.shelf import shelf
from dlcore.data.table import TableError
from dlcore.data.timeline import timeline

STEPS = np.arange(120)
SEASON = np.round(10 + np.sin(2 * np.pi * STEPS / 12) + STEPS / 50, 4)


def csv(*columns, header=""):
    rows = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
    return "\n".join([*([header] if header else []), *rows]).encode()


def months(n):
    return [f"{1990 + i // 12}-{1 + i % 12:02}-01" for i in range(n)]


def test_one_column_of_numbers_is_a_series():
    read = read_series(csv(SEASON))
    assert np.array_equal(read.values, SEASON)
    assert (read.calendar.unit, read.calendar.begins, read.season) == ("step", 0, 12)


def test_the_name_of_the_column_is_what_was_measured():
    read = read_series(csv(SEASON, header="level of the lake"))
    assert len(read.values) == 120
    assert read.calendar.measured == "level of the lake"


@pytest.mark.parametrize(
    "write",
    [
        lambda day: day,
        lambda day: ".".join(reversed(day.split("-"))),
        lambda day: day.replace("-", "/"),
        lambda day: day[:7],
    ],
)
def test_dates_are_read_as_people_write_them(write):
    read = read_series(csv([write(day) for day in months(120)], SEASON, header="month,level"))
    assert np.array_equal(read.values, SEASON)
    assert read.calendar.unit == "year"
    assert read.calendar.begins == pytest.approx(1990, abs=0.01)
    assert read.calendar.every == pytest.approx(1 / 12, rel=0.03)


def test_rows_are_put_in_the_order_of_their_dates():
    mixed = np.random.default_rng(1).permutation(120)
    days = months(120)
    read = read_series(csv([days[i] for i in mixed], SEASON[mixed], header="month,level"))
    assert np.array_equal(read.values, SEASON)
    assert any("order of their dates" in note for note in read.notes)


def test_days_are_counted_from_the_first():
    days = np.datetime64("2020-03-01") + STEPS
    read = read_series(csv(days, SEASON, header="day,level"))
    assert (read.calendar.unit, read.calendar.begins, read.calendar.every) == ("days since 2020-03-01", 0, 1)


def test_years_may_be_numbers():
    read = read_series(csv(1850 + STEPS, SEASON, header="year,level"))
    assert (read.calendar.unit, read.calendar.begins, read.calendar.every) == ("year", 1850, 1)


def test_gaps_are_filled_along_a_straight_line():
    cells = [str(value) for value in SEASON]
    cells[5] = cells[6] = ""
    read = read_series(csv(months(120), cells, header="month,level"))
    assert read.values[5] == pytest.approx(SEASON[4] + (SEASON[7] - SEASON[4]) / 3)
    assert any("2 missing numbers" in note for note in read.notes)


def test_of_a_long_series_the_last_steps_are_used():
    read = read_series(csv(np.arange(6000) % 17, header="count"))
    assert len(read.values) == MAX_STEPS
    assert read.values[-1] == 5999 % 17
    assert "6,000" in read.notes[0]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (csv(SEASON[:50]), "takes 60 numbers"),
        (csv(np.ones(100)), "the same"),
        (csv(SEASON, SEASON, SEASON), "3 columns"),
        (csv(["a", "b"] * 60, SEASON), "neither a date nor a number"),
        (csv(["1999-01-01"] * 120, SEASON, header="day,level"), "same date"),
        (b"PK\x03\x04" + bytes(100), "Excel"),
        (b"", "60 numbers|empty"),
        (b"\x00\x01\x02" * 50, "no text"),
        (csv(["nothing"] * 100), "60 numbers"),
    ],
)
def test_what_is_no_series_is_refused_in_words(data, why):
    with pytest.raises(TableError, match=why) as refusal:
        read_series(data)
    assert str(refusal.value).endswith(".")


def test_the_season_is_the_period_of_the_series():
    noise = np.random.default_rng(3).normal(0, 0.2, 400)
    assert season_of(np.sin(2 * np.pi * np.arange(400) / 31) + noise) == 31


def test_noise_has_no_season():
    assert season_of(np.random.default_rng(3).normal(size=400)) == 1


def test_a_series_on_the_shelf_is_learnt_from():
    read = read_series(csv(months(120), SEASON, header="month,level"))
    data = OwnSeries(upload=shelf().put(read.arrays(), read.about(), "visitor"), window=12, horizon=3)
    assert np.array_equal(joined(*data.draw(1)), SEASON.astype(np.float32))
    assert (data.season, data.when, data.size) == (12, read.calendar, 120 - 14)
    line = timeline(data, Split(), 1)
    parts = prepare(data, Split(), 1, 1)
    np.testing.assert_allclose(
        line.measured(parts["test"].y[:, 0]), line.values[line.answered("test")], rtol=1e-5
    )


def test_a_window_longer_than_the_series_is_refused_in_words():
    read = read_series(csv(SEASON[:60]))
    name = shelf().put(read.arrays(), read.about(), "visitor")
    assert OwnSeries(upload=name).size == 36
    with pytest.raises(ValidationError, match="too short for a window of 60"):
        OwnSeries(upload=name, window=60)


def test_another_kind_of_upload_is_refused():
    name = shelf().put({"lines": np.array(["a"])}, {"holds": "text"}, "visitor")
    with pytest.raises(ValidationError, match="another kind"):
        OwnSeries(upload=name)
