from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dlcore.experiment import Experiment, with_value
from dlcore.store import Saved
from pages.parts.saved import words

BEGUN = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
RUN = Saved(
    id="a", line="l", name="", notes="", tags=(), experiment=Experiment(), begun=BEGUN, saved=BEGUN,
    state="paused", message="", epoch=1234, step=30850, seconds=75.0,
    measures={"train_loss": 0.021, "test_loss": 0.0345, "train_score": 0.99, "test_score": 0.975},
    n_parameters=177, parent="", parent_step=0, sweep="",
)  # fmt: skip


def test_a_run_is_called_by_its_name_and_else_by_what_it_is():
    assert words.called(RUN) == "Spiral · 8-8-8 ELU · Adam 0.003"
    assert words.called(replace(RUN, name="mine")) == "mine"


def test_runs_that_would_be_called_the_same_are_numbered():
    runs = [replace(RUN, id=run) for run in "ab"]
    other = replace(RUN, id="c", experiment=with_value(Experiment(), "optimizer.learning_rate", 0.01))
    assert list(words.apart([*runs, other]).values()) == [
        "Spiral · 8-8-8 ELU · Adam 0.003 (1)",
        "Spiral · 8-8-8 ELU · Adam 0.003 (2)",
        "Spiral · 8-8-8 ELU · Adam 0.01",
    ]


def test_its_numbers_are_told_with_what_they_are():
    assert words.reached(RUN) == "accuracy 0.975"
    assert words.losses(RUN) == "loss 0.021 / 0.0345"
    assert words.length(RUN) == "1\u2009234 epochs in 1.2 min"
    untested = replace(RUN, measures={"train_loss": 0.5, "train_score": 0.75}, epoch=1, seconds=0.5)
    assert words.reached(untested) == "accuracy 0.75 (training)"
    assert words.losses(untested) == "loss 0.5 / –"
    assert words.length(untested) == "1 epoch in 0.5 s"
    assert words.reached(replace(RUN, measures={})) == ""


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(minutes=5), "today 00:30"),
        (timedelta(hours=24), "yesterday 00:30"),
        (timedelta(days=30), "21 Nov 00:30"),
        (timedelta(days=90), "21 Nov 2026"),
    ],
)
def test_a_moment_is_told_on_the_visitors_clock(ago, said):
    assert words.when(BEGUN, BEGUN + ago, ZoneInfo("Europe/Zurich")) == said


def test_a_run_that_another_tab_has_is_said_to_be_there():
    assert words.state(RUN, False) == "paused"
    assert words.state(RUN, True) == "open in another tab"
    assert words.state(replace(RUN, state="playing"), True) == "learning in another tab"


def test_a_name_is_text_and_not_markup():
    assert words.plain("a*b* [c](d) $e$ :red[f]") == r"a\*b\* \[c\]\(d\) \$e\$ \:red\[f\]"
