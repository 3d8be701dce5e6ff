"""The page of saved runs: cold, driven, and against those who ask for others' runs."""

import json
import statistics

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.experiment import with_value
from dlcore.store import Query, StoreError, store
from dlcore.training.session import Session
from pages.parts.saved import desk as desk_module
from pages.parts.state import engine
from tests.engine.conftest import newest, until
from tests.pages.saved.keep import SMALL, keep, lucky
from tests.pages.test_playground import (  # the fixture tidies up
    PATIENCE_S,
    ROOT,
    close_runs,  # noqa: F401
    here,
    keys,
    opened,
)

FILE = "pages/runs.py"


def desk(at):
    return at.session_state["desk"]


def visit(*runs, **query):
    """The page of a visitor who has some runs, each an id and its experiment."""
    at = opened("app.py")
    owner = here(at).owner
    for run, experiment in runs:
        keep(owner, run, experiment)
    for name, value in query.items():
        at.query_params[name] = value
    at.switch_page(FILE).run()
    assert not at.exception
    return at


def said(at):
    return " ".join(
        each.value for kind in ("markdown", "caption", "info", "warning") for each in at.get(kind)
    )


def tables(at):
    return " ".join(each.proto.body for each in at.get("html"))


def component(at, name):
    """What a component is given."""
    found = [each.proto for each in at.get("bidi_component")]
    (only,) = [each for each in found if each.component_name.endswith(f"glassbox_{name}")]
    return json.loads(only.json)


def test_the_page_opens_cold_and_says_what_will_be_there():
    at = opened(FILE)
    assert not at.exception
    assert "No runs yet" in said(at)
    assert "saved-words" in keys(at) | {each.key for each in at.text_input}


def test_every_run_is_a_card_with_its_picture_its_name_and_its_numbers():
    at = visit(("card-1", SMALL), ("card-2", with_value(SMALL, "batch_size", 30)))
    cards = component(at, "cards")["cards"]
    assert {card["id"] for card in cards} == {"card-1", "card-2"}
    assert all(card["picture"].startswith("data:image/png") for card in cards)
    lines = [text for _, text in cards[0]["lines"]]
    assert lines[0] == "Moons · 3 Tanh · Adam 0.003"
    assert "2 epochs in 2 s" in lines
    assert "paused" in lines[-1]


def test_runs_are_found_by_words_data_and_tags_and_the_address_says_so():
    at = visit(("find-1", SMALL), ("find-2", with_value(SMALL, "data", "spiral")))
    at.text_input(key="saved-words").set_value("spiral").run()
    assert [card["id"] for card in component(at, "cards")["cards"]] == ["find-2"]
    assert at.query_params["q"] == "spiral"
    at.text_input(key="saved-words").set_value("nothing is called so").run()
    assert "No run is like that" in said(at)
    at.button(key="saved-all").click().run()
    at.selectbox(key="saved-data").set_value("moons").run()
    assert [card["id"] for card in component(at, "cards")["cards"]] == ["find-1"]


def test_a_run_gets_a_name_tags_and_notes():
    at = visit(("name-1", SMALL))
    desk(at).open("name-1")
    at.run()
    at.text_input(key="saved-name").set_value("the *first*").run()
    at.multiselect(key="saved-own-tags").set_value(["good", "a, b"]).run()
    at.text_area(key="saved-notes").set_value("Two epochs are too few.").run()
    assert not at.exception
    saved = store().of(desk(at).owner).get("name-1")
    assert (saved.name, saved.tags, saved.notes) == (
        "the *first*",
        ("a b", "good"),
        "Two epochs are too few.",
    )


def test_what_is_deleted_is_brought_back_by_undo_and_from_the_list_of_deleted_runs():
    at = visit(("gone-1", SMALL), ("gone-2", SMALL))
    desk(at).pick(["gone-1"], [])
    at.run()
    at.button(key="saved-delete").click().run()
    assert [card["id"] for card in component(at, "cards")["cards"]] == ["gone-2"]
    at.button(key="saved-undo").click().run()
    assert len(component(at, "cards")["cards"]) == 2
    desk(at).delete(("gone-1", "gone-2"))
    at.toggle(key="saved-deleted").set_value(True).run()
    desk(at).pick(["gone-2"], [])
    at.run()
    at.button(key="saved-restore").click().run()
    at.toggle(key="saved-deleted").set_value(False).run()
    assert [card["id"] for card in component(at, "cards")["cards"]] == ["gone-2"]


def test_a_comparison_tells_what_differs_and_how_far_runs_of_one_kind_spread():
    runs = {f"beside-{seed}": lucky(seed) for seed in (1, 2, 3)}
    at = visit(*runs.items())
    desk(at).pick([*runs], [])
    at.run()
    at.button(key="saved-compare").click().run()
    assert not at.exception
    assert "init seed" in tables(at)
    assert "learning rate" not in tables(at)
    saved = store().of(desk(at).owner)
    finals = [saved.get(run).measures["test_loss"] for run in runs]
    mean, deviation = statistics.mean(finals), statistics.stdev(finals)
    assert f"test loss {mean:.3g} ± {deviation:.3g}" in said(at)
    assert "of 3 runs" in said(at)
    scrub = component(at, "scrub")
    assert [len(run["moments"]) for run in scrub["runs"]] == [2, 2, 2]
    assert [station["shown"] for station in scrub["stations"]] == [[0, 0, 0], [1, 1, 1]]
    assert at.query_params["compare"] == ".".join(runs)
    assert "Take along" in [each.proto.popover.label for each in at.get("popover")]


@pytest.mark.parametrize("query", ["open", "compare", "pick"])
def test_who_asks_for_somebody_elses_runs_sees_nothing(query):
    keep("somebody else", f"secret-{query}")
    keep("somebody else", f"secret2-{query}")
    at = visit(**{query: f"secret-{query}.secret2-{query}"})
    assert "Moons" not in said(at) + tables(at)
    desk(at).delete((f"secret-{query}",))
    desk(at).act(lambda runs: runs.rename(f"secret-{query}", "mine"))
    theirs = store().of("somebody else").get(f"secret-{query}")
    assert theirs.name == ""
    assert store().of("somebody else").count(Query(deleted=True)) == 0
    assert engine().open(f"secret-{query}", desk(at).owner) is None


def test_where_the_store_is_away_the_page_says_so_and_goes_on(monkeypatch):
    class Away:
        def of(self, owner):
            raise StoreError("The database of saved runs does not answer.")

    at = visit()
    monkeypatch.setattr(desk_module, "store", Away)
    at.run()
    assert not at.exception
    assert "does not answer" in said(at)
    monkeypatch.undo()
    at.run()
    assert "No runs yet" in said(at)


def test_a_run_goes_on_in_the_playground_from_its_last_checkpoint_to_the_bit():
    at = visit(("open-1", SMALL))
    before = here(at).experiment
    desk(at).open("open-1")
    at.run()
    at.button(key="saved-open-playground").click().run()
    assert not at.exception
    run = here(at).run
    assert here(at).experiment == SMALL
    assert newest(run).epoch == 2
    run.do("epoch")
    until(lambda: run.frame((), fresh=True).epoch == 3)
    alone = Session(SMALL)
    for _ in range(3):
        alone.advance_epoch()
    assert newest(run).measures["train_loss"] == alone.evaluate().train_loss
    here(at).undo()
    assert here(at).experiment == before


def test_a_branch_begins_at_the_checkpoint_looked_at_and_remembers_where_it_came_from():
    at = visit(("trunk-1", SMALL), open="trunk-1")
    desk(at).stand_at(0)
    at.run()
    at.button(key="saved-branch").click().run()
    run = here(at).run
    assert newest(run).epoch == 1
    run.do("epoch")
    until(lambda: run.frame((), fresh=True).epoch == 2)
    saved = store().of(desk(at).owner)

    def branch():
        engine().keeper.look()
        return [each for each in saved.find() if each.parent == "trunk-1"]

    until(branch)
    assert branch()[0].parent_step == saved.moments("trunk-1")[0].step
    assert saved.get("trunk-1").epoch == 2
    desk(at).open(branch()[0].id)
    at.switch_page(FILE).run()
    at.button(key="saved-trunk").click().run()
    assert desk(at).opened == "trunk-1"


def test_a_run_that_another_tab_has_on_its_screen_says_so():
    at = opened()
    run = here(at).run
    run.do("epoch")
    until(lambda: run.frame((), fresh=True).epoch == 1)

    def filed():
        engine().keeper.look()
        return store().of(here(at).owner).count()

    until(filed)
    other = AppTest.from_file(ROOT / FILE, default_timeout=PATIENCE_S)
    other.session_state["owner"] = here(at).owner
    run.frame((), fresh=True)
    (card,) = component(other.run(), "cards")["cards"]
    assert card["lines"][-1][1].endswith("open in another tab")
    (card,) = component(at.switch_page(FILE).run(), "cards")["cards"]
    assert card["lines"][-1][1].endswith("paused"), "of its own tab"


def test_runs_are_taken_along_from_the_list_from_their_own_page_and_side_by_side():
    at = visit(*((f"take-{seed}", lucky(seed)) for seed in (1, 2)), pick="take-1.take-2")
    for popover, query, script in (
        ("saved-report", {"pick": "take-1.take-2"}, False),
        ("saved-report", {"open": "take-1"}, True),
        ("saved-report", {"compare": "take-1.take-2"}, False),
    ):
        desk(at).read(query)
        at.session_state[popover] = True
        at.run()
        assert not at.exception
        offered = {each.key for each in at.get("download_button") if not each.proto.disabled}
        assert {f"{popover}-acts-{form}" for form in ("html", "csv", "json", "tensorboard")} <= offered
        assert (f"{popover}-acts-script" in offered) is script
