"""The newest saved runs, in the playground."""

from dlcore.experiment import Experiment, with_value
from dlcore.store import store
from pages.parts.runs import _open, difference, result
from tests.engine.conftest import newest
from tests.pages.saved.keep import SMALL, keep
from tests.pages.test_playground import close_runs, here, opened  # noqa: F401  # the fixture tidies up


def test_a_line_says_what_opening_would_change_and_how_far_the_run_came():
    at = opened()
    keep(here(at).owner, "line-1", epochs=1)
    (saved,) = store().of(here(at).owner).find()
    assert difference(Experiment(), with_value(Experiment(), "batch_size", 3)) == "batch size 10 → 3"
    assert difference(saved.experiment, saved.experiment) == "the experiment as it is now"
    assert difference(saved.experiment, with_value(SMALL, "stop.epochs", 7)) == "another stop"
    assert result(saved).startswith("1 epoch in 1 s, loss ")


def test_an_earlier_run_is_gone_on_with_where_it_was_left_and_undone():
    at = opened()
    keep(here(at).owner, "earlier-1")
    (saved,) = store().of(here(at).owner).find()
    _open(here(at), saved)
    at.run()
    assert not at.exception
    assert here(at).experiment == here(at).run.experiment == SMALL
    assert newest(here(at).run).epoch == 2
    at.button(key="undo").click().run()
    assert here(at).experiment == Experiment()


def test_a_run_that_has_been_let_go_is_no_way_back_and_that_is_said():
    at = opened()
    keep("who has one run", "let-go-1")
    (saved,) = store().of("who has one run").find()
    before = here(at).run
    _open(here(at), saved)
    assert here(at).run is before
    assert "no checkpoint any more" in here(at).notices[-1]
