"""What may be swept, checked against the declarations."""

import pytest
from pydantic import ValidationError

from dlcore.activations import Tanh, activations
from dlcore.data.images import Digits
from dlcore.experiment import Experiment, value_at
from dlcore.hyperparameters import hyperparameters, with_setting
from dlcore.layers import Conv2d, Dense, Dropout, Flatten
from dlcore.optimizers import SGD, Adam

MIXED = Experiment(
    data=Digits(),
    network=(Conv2d(channels=4), Flatten(), Dense(units=8), Dropout(), Dense(units=6)),
    optimizer=SGD(),
)


@pytest.mark.parametrize("experiment", [Experiment(), MIXED], ids=["plane", "images"])
def test_a_setting_takes_its_bounds_and_nothing_beyond(experiment):
    """The oracle is the declaration: what it refuses is not offered, and what is offered it takes."""
    for path, setting in hyperparameters(experiment).items():
        if setting.choices or path in ("layers", "units"):
            continue
        for bound in (setting.low, setting.high):
            changed = with_setting(experiment, path, setting.number(bound))
            assert value_at(changed, path) == bound
        for beyond in (setting.low - 1, setting.high + 1):
            assert not setting.takes(beyond)
        with pytest.raises(ValidationError):
            with_setting(experiment, path, setting.low - 1)


@pytest.mark.parametrize("experiment", [Experiment(), MIXED], ids=["plane", "images"])
def test_every_choice_can_be_set(experiment):
    for path, setting in hyperparameters(experiment).items():
        for choice in setting.choices:
            assert setting.takes(choice)
            if path != "activation":
                found = value_at(with_setting(experiment, path, choice), path)
                assert choice == (found.kind_name() if hasattr(found, "kind_name") else found)
        if setting.choices:
            assert not setting.takes("no such thing")
            assert not setting.takes(1)


def test_neither_seeds_nor_stops_nor_shares_are_swept():
    roots = {path.partition(".")[0] for path in hyperparameters(Experiment())}
    assert not roots & {"seeds", "stop", "split", "inputs", "objective", "held", "silenced"}
    assert "data" not in hyperparameters(Experiment())


def test_a_kind_begins_with_its_own_defaults_and_the_same_kind_stays_as_it_is():
    before = Experiment(optimizer=Adam(learning_rate=0.5))
    assert with_setting(before, "optimizer", "sgd").optimizer == SGD()
    assert with_setting(before, "optimizer", "adam") == before


def test_the_activation_and_the_width_of_all_layers_change_where_a_layer_has_them():
    narrow = with_setting(MIXED, "units", 3).network
    assert [each.units for each in narrow if isinstance(each, Dense)] == [3, 3]
    bent = with_setting(MIXED, "activation", "tanh").network
    assert [each.activation for each in bent if "activation" in each.settings()] == [Tanh()] * 3
    assert set(hyperparameters(MIXED)["activation"].choices) == set(activations.kinds())


@pytest.mark.parametrize(("n", "widths"), [(0, []), (1, [5]), (2, [5, 7]), (4, [5, 7, 7, 7])])
def test_layers_are_left_off_the_end_or_the_last_is_repeated(n, widths):
    before = Experiment(network=(Dense(units=5), Dense(units=7)))
    assert [each.units for each in with_setting(before, "layers", n).network] == widths


def test_layers_that_are_not_alike_cannot_be_counted():
    assert "layers" in hyperparameters(Experiment())
    assert "layers" not in hyperparameters(MIXED)
