import pytest
from pydantic import ValidationError

from dlcore.activations import ELU, ReLU, Tanh
from dlcore.data.features import X1, X2, SinX1
from dlcore.edits import apply, dropout_after, neuron_at, weight_at
from dlcore.experiment import Experiment
from dlcore.layers import Dense, Dropout

FIRST, LAST = Dense(units=6, activation=ELU()), Dense(units=3, activation=ReLU())
NET = Experiment(network=(FIRST, Dropout(p=0.3), LAST))


def edited(op, layer=None, value=None, experiment=NET):
    return apply(experiment, {"op": op, "layer": layer, "value": value})


def test_units_of_a_layer_change():
    assert edited("units", 2, 9).network == (FIRST, Dropout(p=0.3), Dense(units=9, activation=ReLU()))


def test_a_layer_grows_and_shrinks():
    assert edited("grow", 2, -2).network[2].units == 1
    assert edited("grow", 0, 1).network[0].units == 7


def test_the_activation_of_a_layer_changes():
    assert edited("activation", 0, "relu").network[0] == Dense(units=6, activation=ReLU())


def test_a_new_layer_is_like_the_last_one():
    assert edited("add").network == (*NET.network, LAST)


def test_the_first_layer_is_the_default_one():
    assert edited("add", experiment=Experiment(network=())).network == (Dense(),)


def test_a_layer_goes_with_its_dropout():
    assert edited("remove", 0).network == (LAST,)


def test_a_layer_goes_with_a_dropout_that_silences_nothing():
    still = Experiment(network=(FIRST, Dropout(p=0), LAST))
    assert edited("remove", 0, experiment=still).network == (LAST,)


def test_a_layer_without_dropout_goes_alone():
    assert edited("remove", 2).network == (FIRST, Dropout(p=0.3))


def test_dropout_is_put_after_a_layer():
    assert edited("dropout", 2, 0.1).network == (*NET.network, Dropout(p=0.1))


def test_dropout_changes():
    assert edited("dropout", 0, 0.6).network == (FIRST, Dropout(p=0.6), LAST)


@pytest.mark.parametrize("layer", [0, 2])
def test_no_dropout_is_no_layer(layer):
    network = edited("dropout", layer, 0).network
    assert network == ((FIRST, LAST) if layer == 0 else NET.network)


def test_the_dropout_after_a_layer_can_be_read():
    assert [dropout_after(NET, layer) for layer in range(3)] == [0.3, 0.0, 0.0]


def test_an_input_is_turned_on_in_its_place_and_off_again():
    on = edited("input", value="sin_x1")
    assert on.inputs == (X1(), X2(), SinX1())
    assert edited("input", value="x2", experiment=on).inputs == (X1(), SinX1())


@pytest.mark.parametrize(
    ("op", "layer", "value"), [("units", 2, 9), ("remove", 0, None), ("dropout", 0, 0.1)]
)
def test_an_edit_leaves_everything_else_as_it_was(op, layer, value):
    changed = edited(op, layer, value)
    assert changed.model_copy(update={"network": NET.network}) == NET
    assert NET.network == (FIRST, Dropout(p=0.3), LAST)


@pytest.mark.parametrize(
    "edit",
    [
        {},
        {"op": "explode", "layer": 0},
        {"op": "units", "layer": 3, "value": 4},
        {"op": "units", "layer": -1, "value": 4},
        {"op": "units", "layer": "0", "value": 4},
        {"op": "units", "layer": None, "value": 4},
        {"op": "units", "layer": 1, "value": 4},
        {"op": "units", "layer": 0, "value": 0},
        {"op": "units", "layer": 0, "value": 257},
        {"op": "units", "layer": 0, "value": "many"},
        {"op": "units", "layer": 0},
        {"op": "grow", "layer": 0, "value": -8},
        {"op": "grow", "layer": 0, "value": 1.5},
        {"op": "grow", "layer": 1, "value": 1},
        {"op": "activation", "layer": 1, "value": "relu"},
        {"op": "activation", "layer": 0, "value": "rely"},
        {"op": "activation", "layer": 0, "value": ["relu"]},
        {"op": "dropout", "layer": 0, "value": 0.95},
        {"op": "dropout", "layer": 0, "value": -0.1},
        {"op": "dropout", "layer": 0, "value": "nan"},
        {"op": "dropout", "layer": 0, "value": None},
        {"op": "remove", "layer": 7},
        {"op": "remove"},
        {"op": "input", "value": "x3"},
        {"op": "input"},
    ],
    ids=str,
)
def test_an_edit_that_makes_no_sense_is_refused(edit):
    with pytest.raises(ValueError, match=r"\w"):
        apply(NET, edit)


def test_the_last_input_cannot_be_turned_off():
    with pytest.raises(ValueError, match="inputs"):
        edited("input", value="x1", experiment=Experiment(inputs=(X1(),)))


def test_more_layers_than_any_network_may_have_are_refused():
    with pytest.raises(ValueError, match="network"):
        edited("add", experiment=Experiment(network=(Dense(),) * 64))


def test_a_weight_is_held_moved_and_released():
    e = apply(Experiment(), {"op": "hold", "layer": 1, "unit": 2, "source": 3, "value": 0.5})
    assert [(h.layer, h.unit, h.source, h.value) for h in e.held] == [(1, 2, 3, 0.5)]
    e = apply(e, {"op": "hold", "layer": 1, "unit": 2, "source": 3, "value": 0.75})
    assert [h.value for h in e.held] == [0.75]
    assert apply(e, {"op": "release", "layer": 1, "unit": 2, "source": 3, "value": 0}).held == ()


def test_a_neuron_is_switched_off_and_on():
    e = apply(Experiment(), {"op": "silence", "layer": 1, "unit": 2})
    assert [(s.layer, s.unit) for s in e.silenced] == [(1, 2)]
    assert apply(e, {"op": "silence", "layer": 1, "unit": 2}).silenced == ()


def test_a_layer_is_frozen():
    assert apply(Experiment(), {"op": "frozen", "layer": 1, "value": True}).network[1].frozen


@pytest.mark.parametrize(
    "edit",
    [
        {"op": "hold", "layer": 1, "unit": 2, "source": 3, "value": float("nan")},
        {"op": "hold", "layer": 1, "unit": 2, "source": 3, "value": 1e9},
        {"op": "hold", "layer": "one", "unit": 2, "source": 3, "value": 0},
        {"op": "silence", "layer": None, "unit": 0},
    ],
)
def test_a_hand_that_reaches_nowhere_is_refused(edit):
    with pytest.raises(ValueError, match=r"."):
        apply(Experiment(), edit)


def test_a_weight_and_a_neuron_are_found_or_refused():
    e = Experiment()
    assert weight_at(e, {"layer": 3, "unit": 0, "source": -1, "value": 1.0}).value == 1.0
    assert neuron_at(e, {"layer": 2, "unit": 7}) == (2, 7)
    assert neuron_at(e, {}) is None
    for place in ({"layer": 3, "unit": 1, "source": 0}, {"layer": 4, "unit": 0, "source": 0}):
        with pytest.raises(ValueError, match="no such weight"):
            weight_at(e, {**place, "value": 1.0})
    with pytest.raises(ValueError, match="no such neuron"):
        neuron_at(e, {"layer": 2, "unit": 8})


def test_one_edit_sets_the_activation_of_all_layers_and_leaves_their_dropout_alone():
    tanh = edited("activations", value="tanh").network
    assert tanh == (Dense(units=6, activation=Tanh()), Dropout(p=0.3), Dense(units=3, activation=Tanh()))


def test_an_activation_that_does_not_exist_is_not_set_anywhere():
    with pytest.raises(ValidationError, match="no_such"):
        edited("activations", value="no_such")
