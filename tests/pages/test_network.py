from dlcore.charts.theme import LIGHT
from dlcore.experiment import Experiment
from pages.parts.network import description, take
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


def test_all_layers_get_an_activation_in_one_step_that_is_undone_in_one():
    at = opened()
    take(here(at), {"from": "a", "edits": [{"op": "activations", "value": "tanh", "id": 1}]})
    assert [each.activation.kind for each in here(at).experiment.network] == ["tanh"] * 3
    here(at).undo()
    assert here(at).experiment == Experiment()


def test_the_diagram_knows_the_activation_that_all_layers_have():
    def same(*kinds):
        network = tuple({"kind": "dense", "activation": kind} for kind in kinds)
        return description(Experiment(network=network), LIGHT)["same"]

    assert same("relu", "relu") == "relu"
    assert same("relu", "tanh") == ""
    assert same("relu") is None


def test_each_layer_tells_its_shapes_parameters_and_multiply_adds():
    e = Experiment(
        network=({"kind": "dense", "units": 6}, {"kind": "dropout"}, {"kind": "dense", "units": 1})
    )
    told = description(e, LIGHT)
    assert [column["facts"] for column in told["columns"]] == [
        "(2), the inputs of one point",
        "(2) → (6), 18 parameters, 12 multiply-adds",
        "(6) → (1), 7 parameters, 6 multiply-adds",
        "(1) → (1), 2 parameters, 1 multiply-add",
    ]
    assert told["totals"] == "27 parameters, 19 multiply-adds per point"
