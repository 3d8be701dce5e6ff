from datetime import datetime, timedelta, timezone

import pytest

from dlcore.experiment import Experiment
from dlcore.export.report_words import (
    count,
    duration,
    figure,
    moment,
    result,
    settings,
)
from tests.export.entries import entry, renamed


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.9125, "0.912"), (-0.25, "−0.25"), (0, "0"), (1e-7, "1.0e−07"), (None, "–"), (float("nan"), "–")],
)
def test_a_figure_has_three_digits_and_a_minus_sign(value, shown):
    assert figure(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.123, "0.12 s"),
        (9.94, "9.9 s"),
        (12.4, "12 s"),
        (59.6, "1 min 00 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 05 min"),
    ],
)
def test_seconds_are_said_as_people_say_them(seconds, shown):
    assert duration(seconds) == shown


def test_a_moment_is_told_in_utc_whatever_its_own_zone():
    berlin = timezone(timedelta(hours=1))
    assert moment(datetime(2027, 1, 1, 0, 5, tzinfo=berlin)) == "31 December 2026, 23:05 UTC"


def test_thousands_are_parted_by_thin_spaces():
    assert count(1234567) == "1\u2009234\u2009567"


def test_only_what_is_not_at_its_default_is_told_besides_data_loss_and_optimizer():
    e = Experiment(batch_size=30, split={"train": 60}, optimizer={"kind": "sgd", "learning_rate": 0.1})
    told = {name: (value, default) for name, value, default in settings(e)}
    assert list(told) == ["Data", "Split: train", "Loss", "Optimizer", "Batch size"]
    assert told["Split: train"][0] == "60 %"
    assert told["Batch size"] == ("30", "10")
    assert told["Optimizer"][0] == "SGD, learning rate 0.1"
    assert told["Data"][0] == told["Data"][1]


def test_a_run_that_still_learns_says_so():
    assert result(renamed(entry(), state="playing")).endswith("It was still learning when it was saved.")
    assert result(renamed(entry(), state="finished", message="400 epochs are done.")).endswith(
        "400 epochs are done."
    )
