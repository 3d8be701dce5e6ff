"""Sweeps found again, by their owner alone."""

import pytest

from dlcore.engine import sweeps as module
from dlcore.engine.sweeps import SweepRefused, Sweeps
from dlcore.store import Store, StoreSettings
from dlcore.sweeps import Axis
from tests.engine.conftest import until
from tests.engine.test_sweeping import LONG_S, SWEEP, timeless

ENDLESS = SWEEP.model_copy(update={"epochs": 2000})


@pytest.fixture
def store(tmp_path):
    made = Store(StoreSettings(database_url=f"sqlite:///{tmp_path / 'sweeps.db'}"))
    yield made
    made.close()


@pytest.fixture
def hall(engines, store):
    """Sweeps of a server; and of the one after it, with ``hall()`` again."""
    made = []

    def open_hall():
        made.append(Sweeps(engines("fork"), store, 2))
        return made[-1]

    yield open_hall
    for each in made:
        each.close()
        for sweeping in each._known.values():
            sweeping.wait(LONG_S)


def test_after_a_restart_it_is_listed_with_what_was_done_and_goes_on(hall, monkeypatch):
    monkeypatch.setattr(module, "KEEP_EVERY_S", 0.0)
    whole = hall().start(SWEEP, "me")
    whole.wait(LONG_S)
    before = hall()
    begun = before.start(SWEEP, "me")
    until(lambda: begun.progress().done >= 2)
    begun.stop()
    begun.wait(LONG_S)
    after = hall()
    found, finished = after.of("me")
    assert (found.id, found.sweep, found.doing) == (begun.id, SWEEP, "stopped")
    assert (finished.id, finished.doing) == (whole.id, "finished")
    assert found.outcomes() == begun.outcomes()
    after.go_on(found)
    found.wait(LONG_S)
    assert timeless(found.outcomes()) == timeless(whole.outcomes())
    assert after.of("me")[0] is found


def test_nobody_finds_anybody_elses(hall):
    sweeps = hall()
    mine = sweeps.start(ENDLESS, "me")
    assert sweeps.find(mine.id, "me") is mine
    assert sweeps.find(mine.id, "you") is None
    assert sweeps.of("you") == []
    assert hall().find(mine.id, "you") is None


def test_one_visitor_has_two_at_a_time_and_another_may_still_begin(hall):
    sweeps = hall()
    first, _ = (sweeps.start(ENDLESS, "me") for _ in range(2))
    with pytest.raises(SweepRefused, match=r"^2 of your sweeps are under way, .*\.$"):
        sweeps.start(ENDLESS, "me")
    sweeps.start(ENDLESS, "you")
    first.stop()
    first.wait(LONG_S)
    sweeps.start(ENDLESS, "me")


def test_what_cannot_be_trained_is_refused_in_words(hall):
    with pytest.raises(SweepRefused, match="no setting “nothing”"):
        hall().start(SWEEP.model_copy(update={"axes": (Axis(path="nothing", values=(1, 2)),)}), "me")


def test_one_that_is_deleted_stays_so(hall):
    sweeps = hall()
    sweeping = sweeps.start(ENDLESS, "me")
    sweeps.forget(sweeping)
    sweeping.wait(LONG_S)
    assert sweeps.of("me") == []
    assert hall().find(sweeping.id, "me") is None


def test_while_the_store_is_away_the_training_goes_on_and_is_kept_once_it_is_back(hall, store, monkeypatch):
    monkeypatch.setattr(module, "KEEP_EVERY_S", 0.0)
    sweeping, url = hall().start(SWEEP, "me"), store.database.url
    store.database.url = "sqlite:////proc/nowhere/sweeps.db"
    store.close()
    until(lambda: sweeping.unsaved)
    assert sweeping.unsaved.endswith("The sweep goes on.")
    store.database.url = url
    sweeping.wait(LONG_S)
    assert (sweeping.doing, sweeping.unsaved) == ("finished", "")
    assert hall().of("me")[0].outcomes() == sweeping.outcomes()


def test_a_plan_of_another_version_is_left_out(hall, store):
    store.of("me").keep_sweep("old", {"sweep": {"axes": "?"}, "trials": []})
    assert hall().of("me") == []
