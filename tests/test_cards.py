"""Edits of a stack by its cards."""

import pytest
from pydantic import ValidationError

from dlcore.cards import Cards
from dlcore.layers import Conv2d, Dense, Dropout, Flatten, MaxPool, Parallel, Residual

STACK = (Conv2d(), MaxPool(), Flatten(), Dense(units=7))


def cards(network=STACK):
    made = Cards()
    made.show(network)
    return made


def edited(network=STACK, **edit):
    made = cards(network)
    made.apply(edit)
    return made.network


def test_the_cards_lie_as_the_network_does():
    assert cards().network == STACK
    assert cards().places() == {"0": 1, "1": 2, "2": 3, "3": 4}


@pytest.mark.parametrize(("before", "order"), [(4, (1, 2, 0, 3)), (None, (1, 2, 3, 0)), (2, (0, 1, 2, 3))])
def test_a_card_is_moved_before_another_or_to_the_end(before, order):
    assert edited(op="move", card=1, into="", before=before) == tuple(STACK[i] for i in order)


def test_a_card_keeps_its_number_while_it_is_moved():
    made = cards()
    made.apply({"op": "down", "card": 1})
    made.apply({"op": "set", "card": 1, "name": "channels", "value": 5})
    assert made.network == (STACK[1], Conv2d(channels=5), *STACK[2:])
    assert made.places() == {"0": 2, "1": 1, "2": 3, "3": 4}


def test_two_edits_in_a_row_each_hit_the_card_that_was_meant():
    made = cards()
    made.apply({"op": "remove", "card": 1})
    made.apply({"op": "remove", "card": 2})
    assert made.network == STACK[2:]


def test_equal_layers_are_told_apart():
    made = cards((Dense(),) * 3)
    made.apply({"op": "set", "card": 2, "name": "units", "value": 9})
    assert made.network == (Dense(), Dense(units=9), Dense())


def test_a_copy_lies_behind_its_model_and_has_a_number_of_its_own():
    made = cards()
    made.apply({"op": "copy", "card": 2})
    assert made.network == (STACK[0], MaxPool(), MaxPool(), *STACK[2:])
    assert len(set(made.places().values())) == 5


def test_a_layer_is_switched_off_and_on_again():
    made = cards()
    made.apply({"op": "off", "card": 1})
    assert made.network[0] == Conv2d(off=True)
    made.apply({"op": "off", "card": 1})
    assert made.network == STACK


@pytest.mark.parametrize(("before", "at"), [(1, 0), (3, 2), (None, 4), (99, 4)])
def test_a_layer_is_added_before_a_card_or_at_the_end(before, at):
    assert edited(op="add", kind="dropout", before=before) == (*STACK[:at], Dropout(), *STACK[at:])


@pytest.mark.parametrize(("op", "card"), [("up", 1), ("down", 4)])
def test_a_card_at_the_end_stays_there(op, card):
    assert edited(op=op, card=card) == STACK


def test_what_was_changed_elsewhere_leaves_the_other_cards_their_numbers():
    made = cards()
    made.show((STACK[0], Dropout(), *STACK[1:]))
    assert [made.places()[place] for place in ("0", "2", "3", "4")] == [1, 2, 3, 4]
    made.show((Conv2d(channels=3), Dropout(), *STACK[1:]))
    assert made.places()["0"] == 1


@pytest.mark.parametrize(
    "edit",
    [
        {},
        {"op": "explode", "card": 1},
        {"op": "remove", "card": 99},
        {"op": "remove", "card": "1"},
        {"op": "add", "kind": "no such layer"},
        {"op": "add", "kind": "dense", "into": "1.inside"},
        {"op": "add", "kind": "dense", "into": "x.y"},
        {"op": "set", "card": 1, "name": "channels", "value": 0},
        {"op": "set", "card": 1, "name": "channels", "value": "many"},
        {"op": "set", "card": 1, "name": "__class__", "value": 1},
        {"op": "set", "card": 1, "name": "kind", "value": "dense"},
        {"op": "wrap", "card": 1, "kind": "dense"},
        {"op": "branch", "card": 1},
        {"op": "wrap", "cards": [], "kind": "residual"},
        {"op": "wrap", "cards": [1, 99], "kind": "residual"},
        {"op": "wrap", "cards": {"1": 2}, "kind": "residual"},
        {"op": "wrap", "cards": [1, [2]], "kind": "residual"},
        {"op": "wrap", "cards": [1, 2], "kind": "dense"},
        {"op": "wrap", "cards": [1, 2], "kind": "residual", "apart": True},
        {"op": "wrap", "cards": [1], "kind": "parallel", "apart": True},
        {"op": "copy", "cards": [1, 2]},
        {"op": "remove", "cards": [1] * 65},
    ],
)
def test_an_edit_that_makes_no_sense_is_refused_and_changes_nothing(edit):
    made = cards()
    with pytest.raises((ValueError, ValidationError)):
        made.apply(edit)
    assert made.network == STACK


INNER = Residual(inside=(Conv2d(channels=8), Dropout()))
NESTED = (Conv2d(), INNER, Parallel(paths=((Conv2d(),), ())), Flatten())


def test_inner_layers_are_cards_of_their_own():
    assert cards(NESTED).places() == {
        "0": 1, "1": 2, "1.inside.0": 3, "1.inside.1": 4, "2": 5, "2.paths.0.0": 6, "3": 7
    }  # fmt: skip


def test_a_card_is_moved_into_a_block_and_out_of_it():
    made = cards(NESTED)
    made.apply({"op": "move", "card": 1, "into": "2.inside", "before": 4})
    assert made.network[0] == Residual(inside=(Conv2d(channels=8), Conv2d(), Dropout()))
    made.apply({"op": "move", "card": 4, "into": "5.paths.1", "before": None})
    assert made.network[1].paths == ((Conv2d(),), (Dropout(),))
    made.apply({"op": "move", "card": 4, "into": "", "before": None})
    assert made.network[-1] == Dropout()


def test_a_card_at_the_end_of_a_block_steps_out_of_it():
    made = cards(NESTED)
    made.apply({"op": "down", "card": 4})
    assert made.network[1:3] == (Residual(inside=(Conv2d(channels=8),)), Dropout())


def test_a_block_cannot_be_moved_into_itself():
    made = cards(NESTED)
    with pytest.raises(ValueError, match="inside of itself"):
        made.apply({"op": "move", "card": 2, "into": "2.inside", "before": None})
    assert made.network == NESTED


def test_a_layer_is_put_into_a_block_and_the_block_taken_away_again():
    made = cards()
    made.apply({"op": "wrap", "card": 1, "kind": "residual"})
    assert made.network[0] == Residual(inside=(STACK[0],))
    assert made.places()["0.inside.0"] == 1
    made.apply({"op": "unwrap", "card": made.places()["0"]})
    assert made.network == STACK


def test_several_layers_are_put_into_one_block_and_the_block_taken_away_again():
    made = cards()
    made.apply({"op": "wrap", "cards": [2, 1], "kind": "residual"})
    assert made.network == (Residual(inside=STACK[:2]), *STACK[2:])
    assert made.places()["0.inside.1"] == 2
    made.apply({"op": "unwrap", "card": made.places()["0"]})
    assert made.network == STACK


def test_a_block_lies_where_the_first_of_its_layers_lay():
    made = cards()
    made.apply({"op": "wrap", "cards": [2, 4], "kind": "parallel"})
    assert made.network == (STACK[0], Parallel(paths=((STACK[1], STACK[3]), ())), STACK[2])


def test_layers_come_to_lie_side_by_side_each_in_a_branch():
    made = cards()
    made.apply({"op": "wrap", "cards": [1, 2], "kind": "parallel", "apart": True})
    assert made.network == (Parallel(paths=((STACK[0],), (STACK[1],))), *STACK[2:])


def test_layers_inside_of_a_block_are_put_together_there_and_none_from_elsewhere():
    made = cards(NESTED)
    with pytest.raises(ValueError, match="several stacks"):
        made.apply({"op": "wrap", "cards": [1, 3], "kind": "residual"})
    made.apply({"op": "wrap", "cards": [3, 4], "kind": "residual"})
    assert made.network == (NESTED[0], Residual(inside=(Residual(inside=INNER.inside),)), *NESTED[2:])


def test_several_layers_are_taken_away_at_once():
    assert edited(op="remove", cards=[1, 3]) == (STACK[1], STACK[3])


def test_paths_are_added():
    made = cards(NESTED)
    made.apply({"op": "branch", "card": 5})
    assert made.network[2].paths == ((Conv2d(),), (), ())


def test_a_setting_of_an_inner_layer_changes_nothing_beside_it():
    made = cards(NESTED)
    made.apply({"op": "set", "card": 3, "name": "channels", "value": 5})
    assert made.network == (
        NESTED[0], Residual(inside=(Conv2d(channels=5), Dropout())), *NESTED[2:]
    )  # fmt: skip


def test_a_new_layer_suits_the_samples_it_is_given():
    made = cards()
    made.apply({"op": "add", "kind": "residual", "before": 2}, (8, 28, 28))
    assert made.network[1] == Residual.made_for((8, 28, 28))
