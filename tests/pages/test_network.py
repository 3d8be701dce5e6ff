from pages.parts.network import take
from tests.pages.test_playground import close_runs, here, opened  # noqa: F401  # the fixture tidies up

GROW = {"op": "grow", "layer": 0, "value": 1}


def units(at):
    return here(at).experiment.network[0].units


def test_every_edit_that_waits_is_made_once_and_in_order():
    at = opened()
    first, second = {**GROW, "id": 1}, {**GROW, "id": 2, "value": 3}
    take(here(at), {"from": "a", "edits": [first]})
    take(here(at), {"from": "a", "edits": [first, second]})
    take(here(at), {"from": "a", "edits": [first, second]})
    assert units(at) == 12
    assert here(at).taken == ("a", 2)


def test_a_diagram_mounted_anew_counts_from_one_again():
    at = opened()
    take(here(at), {"from": "a", "edits": [{**GROW, "id": 7}]})
    take(here(at), {"from": "b", "edits": [{**GROW, "id": 1}]})
    assert units(at) == 10


def test_an_edit_that_makes_no_sense_does_not_hold_up_the_next():
    at = opened()
    odd = [{"op": "grow", "layer": 9, "id": 1}, {"id": "2"}, None, {**GROW, "id": 3}]
    take(here(at), {"from": "a", "edits": odd})
    assert units(at) == 9
    assert len(here(at).notices) == 1
