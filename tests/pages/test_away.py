"""Where the store of saved runs is locked or away: nothing that a visitor has is let go of."""

import sqlite3
from contextlib import closing

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.engine import LocalEngine
from dlcore.store import StoreError, database, store
from pages.parts import state
from pages.parts.saved import desk as desk_module
from pages.parts.saved import shown
from pages.parts.state import engine
from tests.engine.conftest import until
from tests.pages.saved.keep import SMALL
from tests.pages.test_playground import PATIENCE_S, ROOT, close_runs, here, opened  # noqa: F401  # it tidies up
from tests.pages.test_runs import desk, said, visit

LOCKED = "The file of saved runs is locked by another program."


def locked(self, run_id, owner):
    raise StoreError(LOCKED)


def lab(at):
    return at.session_state["lab:gan"]


def of_one_visitor(file, owner, **query):
    at = AppTest.from_file(ROOT / file, default_timeout=PATIENCE_S)
    at.session_state["owner"] = owner
    for name, value in query.items():
        at.query_params[name] = value
    return at.run()


@pytest.fixture
def impatient(monkeypatch):
    """The store's connections wait for a lock no longer than it takes to see it."""
    with monkeypatch.context() as patch:
        patch.setattr(database, "BUSY_MS", 50)
        patch.setattr(desk_module, "AGAIN_S", 0.0)
        store().database.close()
        yield
    store().database.close()


def trained(holder):
    """Its run, after an epoch."""
    holder.do("epoch")
    until(lambda: holder.frame(()).epoch == 1)
    return holder.run


@pytest.mark.parametrize(("file", "of"), [("pages/playground.py", here), ("pages/gan.py", lab)])
def test_a_run_that_cannot_be_asked_for_just_now_stays_in_the_address_until_it_can(file, of, monkeypatch):
    mine = of(opened(file))
    run = trained(mine)
    monkeypatch.setattr(LocalEngine, "attach", locked)
    at = of_one_visitor(file, (mine.here if of is lab else mine).owner, **mine.address())
    assert not at.exception
    assert LOCKED in said(at)
    assert at.query_params["run"] == run.id
    at.button(key="try-again").click().run()
    assert (LOCKED in said(at), at.query_params["run"]) == (True, run.id)
    monkeypatch.undo()
    at.button(key="try-again").click().run()
    assert (of(at).run, of(at).run.frame((), fresh=True).epoch) == (run, 1)


def test_a_run_that_cannot_be_gone_on_with_any_more_makes_way_for_a_new_one_in_words(monkeypatch):
    def refuse(self, run_id, owner):
        raise ValueError("its data set is of a newer Glassbox")

    monkeypatch.setattr(LocalEngine, "attach", refuse)
    at = opened("pages/playground.py", run="of-yesterday")
    assert not at.exception
    assert "cannot be gone on with" in at.toast[0].value
    assert here(at).run.frame((), fresh=True).epoch == 0


def test_a_lab_whose_place_was_needed_goes_on_where_it_was():
    at = opened("pages/gan.py", guess="1")
    run = trained(lab(at))
    engine().end(run)
    engine().keeper.look()
    at.run()
    assert not at.exception
    assert lab(at).run is not run
    assert (lab(at).run.id, lab(at).run.frame((), fresh=True).epoch) == (run.id, 1)
    assert not at.toast


def test_a_lab_that_begins_anew_because_its_run_is_gone_says_so(monkeypatch):
    at = opened("pages/gan.py", guess="1")
    engine().end(trained(lab(at)))
    monkeypatch.setattr(LocalEngine, "attach", lambda self, run_id, owner: None)
    at.run()
    assert "begins anew" in at.toast[0].value
    assert lab(at).run.frame((), fresh=True).epoch == 0


def test_where_no_engine_can_be_had_the_saved_runs_say_so_in_a_sentence(monkeypatch):
    def none():
        raise OSError("no space left on device")

    monkeypatch.setattr(state, "engine", none)
    at = opened("pages/runs.py", q="spiral")
    assert not at.exception
    assert "no space left on device" in at.error[0].value
    monkeypatch.undo()
    at.button(key="try-again").click().run()
    assert desk(at).query.words == "spiral"


def test_what_is_typed_while_the_store_is_locked_stays_typed_and_is_saved_when_it_can_be(impatient):
    at = visit(("typed-1", SMALL), open="typed-1")
    with closing(sqlite3.connect(store().database.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        at.text_area(key="saved-notes").set_value("An hour's thoughts.").run()
        assert "is kept here and not saved yet" in at.toast[0].value
        at.text_input(key="saved-name").set_value("the first").run()
        at.multiselect(key="saved-own-tags").set_value(["good", "a, b"]).run()
        assert not at.exception
        assert not at.toast, "it is said once"
        assert at.text_area(key="saved-notes").value == "An hour's thoughts."
        assert at.text_input(key="saved-name").value == "the first"
        assert at.multiselect(key="saved-own-tags").value == ["good", "a b"]
        assert "Not saved yet, and tried again: notes, name, tags." in said(at)
        assert store().of(desk(at).owner).get("typed-1").notes == ""
        other.execute("ROLLBACK")
    at.run()
    saved = store().of(desk(at).owner).get("typed-1")
    assert (saved.notes, saved.name, saved.tags) == ("An hour's thoughts.", "the first", ("a b", "good"))
    assert "Not saved yet" not in said(at)
    assert at.text_area(key="saved-notes").value == "An hour's thoughts."


@pytest.mark.parametrize("query", ["open", "compare"])
def test_a_page_that_was_drawn_without_the_store_is_drawn_again_once_it_answers(query, monkeypatch):
    class ComesBack:
        asked = 0

        def of(self, owner):
            ComesBack.asked += 1
            if ComesBack.asked == 1:
                raise StoreError(LOCKED)
            return store().of(owner)

    at = visit(("back-1", SMALL), ("back-2", SMALL))
    monkeypatch.setattr(desk_module, "store", ComesBack)
    monkeypatch.setattr(shown, "LOOK_EVERY_S", 1e-6)
    desk(at).read({query: "back-1.back-2"})
    at.run()
    assert not at.exception
    assert ComesBack.asked > 1
    assert LOCKED not in said(at)
    assert "saved-back" in {each.key for each in at.button}


def test_a_run_that_another_server_has_gone_on_with_says_that_it_is_not_saved():
    at = opened("pages/playground.py")
    saved_as = here(at).run.frame((), fresh=True).saved_as
    engine().keeper.elsewhere.add(saved_as)
    try:
        assert any("another server" in warning.value for warning in at.run().warning)
    finally:
        engine().keeper.elsewhere.discard(saved_as)
    assert not at.run().warning
