import pytest

from dlcore.charts.comparison import MOST_RUNS
from dlcore.store import Query, StoreError
from pages.parts.saved import desk as module
from pages.parts.saved.desk import MOST_PICKED, PER_PAGE, Desk


def read(**said):
    desk = Desk("somebody")
    desk.read(said)
    return desk


def test_what_a_desk_looks_at_is_in_its_address_and_comes_back_from_it():
    desk = Desk("somebody")
    desk.find(words="spiral big", tags=("two words", "b"), data="spiral", sort="test_loss", descending=False)
    desk.turn(48)
    desk.pick(["a1", "b-2", "c_3"], [])
    desk.compare()
    found = read(**desk.address())
    assert (found.query, found.picked, found.compared) == (desk.query, desk.picked, desk.compared)
    desk.open("b-2")
    assert read(**desk.address()).opened == "b-2"


def test_a_desk_as_it_opens_has_nothing_in_its_address():
    assert Desk("somebody").address() == {}


def test_an_address_that_says_nothing_leaves_what_is_looked_at():
    desk = Desk("somebody", opened="a1")
    desk.read({"x": "something else"})
    assert desk.opened == "a1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sort", "owner"),
        ("sort", "name; DROP TABLE runs"),
        ("data", "../../etc"),
        ("from", "-24"),
        ("from", "²"),
        ("open", "' OR 1=1"),
        ("open", "a" * 33),
        ("pick", "<script>"),
        ("compare", "!" * 9000),
        ("deleted", "yes"),
    ],
)
def test_what_is_out_of_bounds_in_an_address_is_passed_over(name, value):
    desk = read(**{name: value})
    assert desk == Desk("somebody", query=Query(limit=PER_PAGE)), "as the page opens"


def test_an_address_cannot_ask_for_more_than_there_may_be():
    desk = read(q="w" * 500, tags=",".join("abcdefghijklmnop"), compare=".".join(map(str, range(50))))
    assert len(desk.query.words) == module.MOST_WORDS
    assert len(desk.query.tags) == module.MOST_TAGS
    assert len(desk.compared) == MOST_RUNS
    assert len(read(pick=".".join(map(str, range(500)))).picked) == MOST_PICKED
    assert read(**{"from": "9" * 40}).query.offset <= module.MOST_RUNS_LISTED


def test_what_is_chosen_on_one_page_stays_chosen_on_the_next():
    desk = Desk("somebody")
    desk.pick(["a", "b"], ["a", "b", "c"])
    desk.pick(["d"], ["d", "e"])
    assert desk.picked == ("a", "b", "d")
    desk.pick(["b"], ["a", "b", "c"])
    assert desk.picked == ("d", "b")
    desk.pick([7, "' --", "f"], ["f"])
    assert desk.picked == ("d", "b", "f")


def test_where_the_store_is_away_nothing_is_changed_and_that_is_said(monkeypatch):
    class Away:
        def of(self, owner):
            raise StoreError("The disk is full.")

    monkeypatch.setattr(module, "store", Away)
    desk = Desk("somebody", picked=("a",))
    desk.delete(("a",))
    assert (desk.picked, desk.deleted) == (("a",), ())
    assert desk.notices == ["The disk is full.  Nothing was changed."]


def test_the_last_deletion_can_be_undone_until_the_next_act():
    desk = Desk("nobody who has runs", picked=("a", "b"))
    desk.delete(("a",))
    assert (desk.deleted, desk.picked) == (("a",), ("b",))
    desk.find(words="x")
    assert desk.deleted == ()
    desk.delete(("b",))
    desk.restore(("b",))
    assert desk.deleted == ()


@pytest.mark.parametrize("place", [True, "3", None, {}, 2.5])
def test_a_scrubber_that_says_no_place_stands_at_its_end(place):
    desk = Desk("somebody", station=2)
    desk.stand_at(place)
    assert desk.station == -1
