import pytest

from dlcore.data import Mnist
from dlcore.engine import State
from dlcore.experiment import Experiment
from dlcore.layers import Conv2d, Dense, Dropout, Flatten, MaxPool
from dlcore.link import decode, encode
from pages.parts.stack import edit_stack, facts, take
from tests.pages.test_playground import close_runs, here, keys, opened  # noqa: F401  # a fixture for all

FILE = "pages/builder.py"
NETWORK = (Conv2d(channels=4), MaxPool(), Flatten(), Dense(units=16))
SMALL = Experiment(data=Mnist(n_images=200), network=NETWORK, batch_size=20)


def building(experiment=SMALL, **query):
    at = opened(FILE, x=encode(experiment), **query)
    assert not at.exception
    return at


def edit(at, **what):
    edit_stack(here(at), what)
    at.run()
    assert not at.exception


def test_the_page_opens_cold_with_any_experiment():
    at = building()
    assert here(at).experiment == SMALL
    assert {"play", "step", "epoch", "reset", "dataset", "tab"} <= keys(at)
    assert decode(at.query_params["x"]).experiment == SMALL
    assert not opened(FILE).exception


def test_the_cards_tell_shapes_and_costs():
    at = building()
    told = facts(here(at))
    assert [card["shape"] for card in told["cards"]] == ["4 × 28 × 28", "4 × 14 × 14", "784", "16"]
    assert told["cards"][0]["cost"].startswith("40 par")
    assert "12\u2009770 parameters" in told["totals"]  # 40 + 785 · 16 + 17 · 10


def test_an_edit_goes_to_the_run_at_once_where_the_stack_is_whole():
    at = building()
    edit(at, op="set", card=4, name="units", value=9)
    assert here(at).run.experiment.network[3] == Dense(units=9)
    assert here(at).drafted is None


def test_a_broken_stack_is_a_draft_and_the_run_keeps_the_last_whole_one():
    at = building()
    edit(at, op="remove", card=3)
    draft = (*NETWORK[:2], NETWORK[3])
    assert here(at).drafted.network == draft
    assert here(at).run.experiment == SMALL
    told = facts(here(at))
    assert told["drafted"]
    assert "Flatten" in told["cards"][2]["problem"]["next"]
    at.run()
    assert here(at).drafted.network == draft


def test_a_draft_is_mended_by_one_click():
    at = building()
    edit(at, op="remove", card=3)
    edit(at, op="repair")
    assert here(at).drafted is None
    assert here(at).run.experiment.network == NETWORK


def test_a_draft_goes_on_being_edited_and_can_be_undone():
    at = building()
    edit(at, op="remove", card=3)
    edit(at, op="set", card=1, name="channels", value=7)
    assert here(at).drafted.network[0].channels == 7
    at.button(key="undo").click().run()
    assert here(at).drafted.network[0].channels == 4
    at.button(key="undo").click().run()
    assert here(at).drafted is None
    assert here(at).experiment == SMALL
    at.button(key="redo").click().run()
    assert here(at).drafted.network == (*NETWORK[:2], NETWORK[3])


def test_a_draft_is_in_the_address_and_comes_back_with_it():
    at = building()
    edit(at, op="remove", card=3)
    again = building(draft=at.query_params["draft"])
    assert here(again).drafted == here(at).drafted
    assert here(again).experiment == SMALL


@pytest.mark.parametrize("token", ["", "1", "x" * 9000, "1" + "A" * 400, "💥", encode(SMALL)])
def test_a_draft_that_cannot_be_read_is_none(token):
    assert here(building(draft=token)).drafted is None


def test_a_live_setting_reaches_the_run_while_the_stack_is_a_draft():
    at = building()
    edit(at, op="remove", card=3)
    at.number_input(key="typed:optimizer.learning_rate").set_value(0.02).run()
    assert here(at).drafted.optimizer.learning_rate == 0.02
    assert here(at).run.experiment.optimizer.learning_rate == 0.02
    assert here(at).run.experiment.network == NETWORK


def test_other_data_leave_the_stack_as_it_is():
    at = building()
    at.selectbox(key="dataset").set_value("iris").run()
    assert not at.exception
    assert here(at).drafted.data.kind_name() == "iris"
    assert here(at).drafted.network == NETWORK
    assert here(at).run.experiment.data == SMALL.data
    at.selectbox(key="dataset").set_value("digits").run()
    assert here(at).drafted is None
    assert here(at).run.experiment.data.kind_name() == "digits"


def test_a_draft_is_discarded_and_undo_brings_it_back():
    at = building()
    edit(at, op="remove", card=3)
    edit(at, op="discard")
    assert here(at).drafted is None
    assert here(at).experiment == SMALL
    at.button(key="undo").click().run()
    assert here(at).drafted is not None


def test_edits_are_taken_once_and_in_their_order():
    at = building()
    edits = [
        {"op": "remove", "card": 1, "id": 1},
        {"op": "set", "card": 4, "name": "units", "value": 5, "id": 2},
    ]
    take(here(at), {"from": "a", "edits": edits})
    take(here(at), {"from": "a", "edits": edits})
    at.run()
    assert here(at).described.network == (MaxPool(), Flatten(), Dense(units=5))


def test_an_edit_that_makes_no_sense_changes_nothing_and_says_so():
    at = building()
    for what in ({}, {"op": "set", "card": 1, "name": "channels", "value": -4}, {"op": "add", "kind": "x"}):
        edit_stack(here(at), what)
        assert here(at).notices
        assert here(at).experiment == SMALL


def test_a_stack_has_no_more_layers_than_the_server_allows():
    from dlcore.limits import limits

    at = building(SMALL.model_copy(update={"network": (*NETWORK, *(Dropout(),) * (limits().max_layers - 4))}))
    assert facts(here(at))["full"]
    edit(at, op="copy", card=1)
    assert len(here(at).experiment.network) == limits().max_layers


def test_something_to_try_sets_the_experiment_plays_it_and_opens_its_view():
    at = building()
    at.button(key="try:1").click().run()
    assert not at.exception
    assert here(at).experiment.data.kind_name() == "reverse"
    assert here(at).tab == "Attention"
    assert here(at).run.frame((), fresh=True).state is State.PLAYING


def test_the_formulas_of_the_stack_are_there_with_their_sources():
    at = building()
    at.session_state["formulas"] = True
    at.run()
    told = " ".join(each.value for each in at.markdown)
    assert "LeCun et al., 1989" in told
    assert "Keep the largest number of each window" in told
    assert r"(N, \*) → (N, F)" in told


def test_a_block_that_would_hold_more_than_it_may_is_refused_and_nothing_changes():
    e = SMALL.model_copy(update={"network": (*(Dropout(),) * 17, Flatten())})
    at = building(e)
    for n_layers in (17, 16):
        assert here(at).experiment == e
        numbers = here(at).cards.places()
        edit(at, op="wrap", cards=[numbers[str(i)] for i in range(n_layers)], kind="residual")
    assert len(here(at).experiment.network[0].inside) == 16


def test_the_playground_sends_what_it_cannot_draw_to_the_builder():
    at = opened(x=encode(SMALL))
    assert not at.exception
    assert here(at).building
    assert here(at).experiment == SMALL
    assert "opens in the builder" in at.toast[0].value


def test_both_pages_show_the_same_run_of_an_experiment_on_the_plane():
    at = opened()
    run = here(at).run
    at.switch_page(FILE).run()
    assert not at.exception
    assert here(at).run is run
    at.switch_page("pages/playground.py").run()
    assert here(at).run is run


def test_a_run_that_the_playground_cannot_show_waits_in_the_builder():
    at = opened(x=encode(SMALL))
    run = here(at).run
    at.switch_page("pages/playground.py").run()
    assert not at.exception
    assert here(at).experiment == Experiment()
    at.switch_page(FILE).run()
    assert here(at).run is run
    assert here(at).experiment == SMALL
