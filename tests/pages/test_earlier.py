import pytest

from dlcore.engine import Frame, State
from dlcore.experiment import Experiment, with_value
from dlcore.presets import TRY
from pages.parts.earlier import MOST, EarlierRuns
from pages.parts.runs import _open, difference, result
from tests.engine.conftest import newest, until
from tests.pages.test_playground import close_runs, here, opened  # noqa: F401  # the fixture tidies up


def seen(epoch, revision=1):
    measures = {"train_loss": 0.25, "test_loss": 0.5, "test_score": 0.875}
    return Frame(State.PAUSED, epoch=epoch, revision=revision, measures=measures)


def learnt(at, n_epochs=1):
    """Let the run of a page learn, and the page see it."""
    for _ in range(n_epochs):
        before = here(at).run.frame((), fresh=True).epoch
        at.button(key="epoch").click().run()
        until(lambda before=before: here(at).run.frame((), fresh=True).epoch > before)
    return at.run()


def test_a_run_that_has_learnt_nothing_is_not_kept():
    runs = EarlierRuns()
    runs.left("a", Experiment(), seen(0))
    assert runs.kept == []


def test_the_newest_comes_first_and_only_so_many_are_kept():
    runs = EarlierRuns()
    for n in range(1, MOST + 11):
        runs.left("a", Experiment(), seen(n, revision=n))
    assert [each.epochs for each in runs.kept] == list(range(MOST + 10, 10, -1))
    assert runs.kept[0].number == MOST + 10


def test_a_run_is_kept_once_however_often_it_is_left():
    runs = EarlierRuns()
    runs.left("a", Experiment(), seen(5))
    runs.left("a", Experiment(batch_size=3), seen(5))
    runs.left("b", Experiment(), seen(5))
    assert [each.experiment for each in runs.kept] == [Experiment(), Experiment()]


def test_a_line_says_what_opening_would_change_and_how_far_the_run_came():
    runs = EarlierRuns()
    runs.left("a", with_value(Experiment(), "batch_size", 3), seen(1234))
    (run,) = runs.kept
    assert difference(Experiment(), run) == "batch size 10 → 3"
    assert difference(run.experiment, run) == "the experiment as it is now"
    assert difference(with_value(run.experiment, "stop.epochs", 7), run) == "another stop"
    assert result(run) == ":small[1\u2009234 epochs, loss 0.25 / 0.5, accuracy 0.875]"


@pytest.mark.parametrize(
    "start_over",
    [
        lambda here: here.do("reset"),
        lambda here: here.reseed(),
        lambda here: here.set("network.0.units", 3),
    ],
    ids=["reset", "reseed", "rebuild"],
)
def test_a_run_that_starts_over_is_kept_with_its_numbers(start_over):
    at = learnt(opened())
    last = newest(here(at).run)
    before = here(at).experiment
    start_over(here(at))
    (run,) = here(at).earlier.kept
    assert (run.experiment, run.epochs, run.measures) == (before, 1, last.measures)


def test_a_live_change_and_a_run_at_its_start_leave_nothing_behind():
    at = learnt(opened())
    here(at).set("batch_size", 33)
    assert here(at).earlier.kept == []
    at = opened()
    here(at).do("reset")
    here(at).reseed()
    assert here(at).earlier.kept == []


def test_a_preset_leaves_the_run_before_it_once():
    at = learnt(opened())
    at.button(key=f"try:{TRY[0].name}").click().run()
    assert [each.experiment for each in here(at).earlier.kept] == [Experiment()]


def test_an_earlier_run_is_opened_from_its_start_and_undone():
    at = learnt(opened())
    here(at).set("network.0.units", 3)
    at = learnt(at.run())
    (first,) = here(at).earlier.kept
    _open(here(at), first.experiment)
    at.run()
    assert here(at).run.experiment == Experiment()
    assert newest(here(at).run).step == 0
    assert [each.number for each in here(at).earlier.kept] == [2, 1]
    at.button(key="undo").click().run()
    assert here(at).experiment == with_value(Experiment(), "network.0.units", 3)
    assert not at.exception
