"""The table of a stack."""

import pytest
import torch

from dlcore.activations import ReLU
from dlcore.data import Mnist
from dlcore.experiment import Experiment
from dlcore.layers import Conv2d, Dense, Flatten, GlobalPool, MaxPool, Residual
from dlcore.model import build
from dlcore.stack import fitting, memory, repair, rows

LENET = Experiment(
    data=Mnist(),
    network=(
        Conv2d(channels=6, kernel=5, padding=2),
        MaxPool(),
        Conv2d(channels=16, kernel=5, padding=0),
        MaxPool(),
        Flatten(),
        Dense(units=120, activation=ReLU()),
        Dense(units=84, activation=ReLU()),
    ),
)


def test_lenet_has_the_shapes_of_the_paper():
    """LeCun et al., 1998, with 2 × 2 max pooling without weights and all maps connected."""
    assert [row.after for row in rows(LENET)] == [
        (6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (400,), (120,), (84,)
    ]  # fmt: skip
    assert [row.n_parameters for row in rows(LENET)] == [156, 0, 2416, 0, 0, 48120, 10164]
    assert LENET.n_parameters() == 61_706


def test_the_table_knows_nothing_past_the_first_misfit():
    table = rows(LENET.model_copy(update={"network": (Conv2d(), Dense(), Dense())}))
    assert [bool(row.needed) for row in table] == [False, True, False]
    assert [row.after for row in table] == [(8, 28, 28), None, None]
    assert table[2].before is None


def test_the_repair_makes_the_stack_whole():
    broken = LENET.model_copy(update={"network": (Conv2d(), Dense())})
    found = repair(broken)
    assert found is not None
    mended = broken.model_copy(update=dict(found.remedy))
    assert mended.network == (Conv2d(), Flatten(), Dense())
    assert repair(mended) is None


def test_a_layer_that_is_off_hands_its_input_on_and_costs_nothing():
    off = LENET.model_copy(update={"network": (*LENET.network[:-1], Dense(units=84, off=True))})
    assert rows(off)[-1].after == (120,)
    assert rows(off)[-1].n_parameters == 0
    x = torch.rand(2, 1, 28, 28)
    *_, before, after, _ = build(off).layer_outputs(x)
    assert torch.equal(before, after)
    without = off.model_copy(update={"network": off.network[:-1]})
    assert torch.equal(build(off).module(x), build(without).module(x))
    assert off.n_parameters() == without.n_parameters()


@pytest.mark.parametrize(
    ("shape", "fits", "misfits"),
    [((1, 28, 28), {"conv2d", "max_pool", "flatten"}, {"dense", "conv1d", "embedding"}),
     ((16,), {"dense", "dropout"}, {"conv2d", "max_pool"}),
     ((5, 8), {"conv1d", "dense"}, {"conv2d", "embedding"})],
)  # fmt: skip
def test_what_fits_follows_from_the_shape(shape, fits, misfits):
    assert fits <= set(fitting(shape))
    assert not misfits & set(fitting(shape))


def test_memory_grows_with_the_batch():
    assert memory(LENET.model_copy(update={"batch_size": 64})) > memory(LENET) > 4 * 2 * LENET.n_parameters()


def test_a_global_pool_ends_in_channels():
    assert rows(LENET.model_copy(update={"network": (Conv2d(), GlobalPool())}))[-1].after == (8,)


def test_a_layer_that_is_off_inside_of_another_hands_its_input_on():
    inner = (Conv2d(channels=4), Conv2d(channels=9, off=True), Conv2d(channels=4))
    with_off = LENET.model_copy(update={"network": (Residual(inside=inner), GlobalPool())})
    without = with_off.model_copy(update={"network": (Residual(inside=(inner[0], inner[2])), GlobalPool())})
    assert with_off.n_parameters() == without.n_parameters()
    x = torch.rand(2, 1, 28, 28)
    assert torch.equal(build(with_off).module(x), build(without).module(x))
    assert [row.place for row in rows(with_off)] == ["0", "0.inside.0", "0.inside.1", "0.inside.2", "1"]


def test_a_misfit_inside_is_told_of_the_layer_itself():
    table = rows(LENET.model_copy(update={"network": (Residual(inside=(Conv2d(), Dense())), Flatten())}))
    assert [row.place for row in table if row.needed] == ["0", "0.inside.1"]
