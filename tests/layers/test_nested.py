import json

import pytest
import torch
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from dlcore.activations import Linear, ReLU
from dlcore.experiment import Experiment, with_value
from dlcore.layers import (
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalPool,
    MaxPool,
    Parallel,
    Residual,
    ToSequence,
    layers,
)
from dlcore.layers.nested import DEEPEST, MOST_INSIDE
from dlcore.link import decode, encode, nearest
from dlcore.training.session import Session
from tests.layers.around import around, random_input
from tests.layers.test_every_layer import built

IMAGE = (3, 8, 8)


def deep(n):
    """A residual in a residual in …, n in all, as JSON."""
    value = {"kind": "residual", "inside": ["dense"]}
    for _ in range(n - 1):
        value = {"kind": "residual", "inside": [value]}
    return value


def test_a_residual_adds_its_input():
    module = built(Residual(inside=(Dense(units=7),)), (7,))
    x = random_input((7,))
    assert torch.equal(module(x), x + module[0].inside(x))


def test_a_residual_around_nothing_doubles():
    x = random_input((7,))
    assert torch.equal(built(Residual(inside=()), (7,))(x), 2 * x)


def test_a_residual_projects_where_shapes_differ():
    inside = (Conv2d(channels=5, stride=2), BatchNorm(), Conv2d(channels=6, activation=Linear()))
    layer = Residual(inside=inside, activation=ReLU())
    module = built(layer, IMAGE)
    x = random_input(IMAGE)
    project = torch.nn.Conv2d(3, 6, 1, stride=2)
    project.load_state_dict(module[0].project[0].state_dict())
    assert layer.output_shape(IMAGE) == (6, 4, 4)
    assert torch.allclose(module(x), (project(x) + module[0].inside(x)).relu(), atol=1e-6)
    assert layer.n_parameters(IMAGE) == 3 * 9 * 5 + 5 + 10 + 5 * 9 * 6 + 6 + 3 * 6 + 6
    assert layer.multiply_adds(IMAGE) == 16 * (3 * 9 * 5 + 5 * 9 * 6 + 3 * 6)


@pytest.mark.parametrize("side", range(1, 20))
@pytest.mark.parametrize("stride", [1, 2, 3, 4])
def test_a_residual_follows_every_stride_of_a_window_that_keeps_its_sides(side, stride):
    layer = Residual(inside=(Conv2d(channels=2, stride=stride),))
    shape = (1, side, side + 1)
    assert layer.needs(shape) == ""
    assert built(layer, shape)(torch.zeros(2, *shape)).shape == (2, *layer.output_shape(shape))


def test_a_residual_that_changes_the_form_is_refused_in_words():
    layer = Residual(inside=(Flatten(),))
    assert layer.needs(IMAGE) == ("layers inside that keep the form, or halve it: they make 192 of 3 × 8 × 8")


def test_a_misfit_inside_is_told_by_its_place():
    layer = Residual(inside=(Conv2d(), Dense()))
    assert layer.needs(IMAGE) == (
        "layers inside that fit: number 2, Dense, is given 8 × 8 × 8 and needs "
        "a flat input or a sequence (steps, features)"
    )
    outer = Residual(inside=(Residual(inside=(Conv2d(),)),))
    problem = Experiment(network=(ToSequence(steps=2), outer)).problems()[0]
    assert problem.what == (
        "Layer 2 (Residual) needs layers inside that fit: number 1, Residual, is given 2 × 1 and needs "
        "layers inside that fit: number 1, Convolution 2-D, is given 2 × 1 and needs "
        "images (channels, height, width), and layer 1 gives 2 × 1."
    )


def test_paths_go_side_by_side_or_are_added():
    paths = ((Conv2d(channels=2),), (), (Conv2d(channels=4), Conv2d(channels=1, kernel=1, padding=0)))
    module, x = built(Parallel(paths=paths), IMAGE), random_input(IMAGE)
    assert torch.equal(module(x), torch.cat([path(x) for path in module[0].paths], 1))
    assert Parallel(paths=paths).output_shape(IMAGE) == (2 + 3 + 1, 8, 8)
    added = Parallel(paths=((), (Conv2d(channels=3),)), join="sum")
    module = built(added, IMAGE)
    assert torch.allclose(module(x), x + module[0].paths[1](x))


@pytest.mark.parametrize(
    ("layer", "needed"),
    [
        (
            Parallel(paths=((), (MaxPool(),))),
            "paths that give shapes that go side by side: they give 3 × 8 × 8, 3 × 4 × 4",
        ),
        (
            Parallel(paths=((), (Conv2d(),)), join="sum"),
            "paths that give the same shape: they give 3 × 8 × 8, 8 × 8 × 8",
        ),
        (
            Parallel(paths=((), (GlobalPool(),))),
            "paths that give shapes that go side by side: they give 3 × 8 × 8, 3",
        ),
    ],
)
def test_paths_that_cannot_be_joined_are_refused_in_words(layer, needed):
    assert layer.needs(IMAGE) == needed


def test_layers_lie_in_one_another_so_deep_and_no_deeper():
    assert layers.parse(deep(DEEPEST)).inside
    for depth in (DEEPEST + 1, 50, 5000):
        with pytest.raises((ValidationError, PydanticCustomError), match="may lie in one another 3 deep"):
            layers.parse(deep(depth))


def test_defaults_count_as_layers_inside():
    nested = "residual"
    for _ in range(DEEPEST - 1):
        nested = {"kind": "residual", "inside": [nested]}
    value = layers.parse(nested)
    assert layers.parse(json.loads(value.model_dump_json())) == value
    with pytest.raises((ValidationError, PydanticCustomError), match="3 deep"):
        layers.parse({"kind": "residual", "inside": [nested]})


def test_a_layer_holds_so_many_layers_and_no_more():
    def wide(n):
        return {"kind": "residual", "inside": [{"kind": "residual", "inside": ["dense"] * n}] * 4}

    assert layers.parse(wide(MOST_INSIDE // 4 - 1))
    with pytest.raises((ValidationError, PydanticCustomError), match="64 in one layer"):
        layers.parse(wide(MOST_INSIDE // 4))


def test_what_is_wrong_inside_is_bent_and_told():
    raw = {
        "network": ["dense", {"kind": "residual", "inside": [{"kind": "dense", "units": 9999}, "dropout"]}]
    }
    opened = nearest(raw)
    assert opened.experiment.network[1].inside == (Dense(units=256), Dropout())
    assert opened.set_aside == ("network › 2 › inside › 1 › units was out of bounds and is now 256",)
    assert nearest({"network": [deep(9)], "batch_size": 77}).experiment.batch_size == 77


def test_a_nest_comes_back_from_its_link():
    e = Experiment(
        network=(Residual(inside=(Parallel(), Residual())), Parallel(paths=((), (Dropout(p=0.3),))))
    )
    assert decode(encode(e)).experiment == e


def test_a_layer_inside_is_frozen_by_itself():
    inside = (Conv2d(channels=1, frozen=True), BatchNorm(), Conv2d(channels=1))
    session = Session(around(Residual(inside=inside)))
    block = session.network.modules_of(0)[0]
    learning = [parameter.requires_grad for parameter in block.inside.parameters()]
    assert learning == [False] * 2 + [True] * 4
    assert session.change(with_value(session.experiment, "network.0.frozen", True))
    assert not any(parameter.requires_grad for parameter in block.parameters())


def test_a_live_setting_inside_takes_hold():
    session = Session(
        around(Parallel(paths=((Dropout(p=0.2), Conv2d()), (Residual(inside=(Dropout(p=0.2),)),))))
    )
    after = with_value(session.experiment, "network.0.paths.0.0.p", 0.5)
    after = with_value(after, "network.0.paths.1.0.inside.0.p", 0.7)
    assert session.change(after)
    paths = session.network.modules_of(0)[0].paths
    assert (paths[0][0].p, paths[1][0].inside[0].p) == (0.5, 0.7)


def test_weights_inside_are_drawn_by_the_experiments_initialisation():
    e = with_value(around(Residual.made_for((1, 8, 8))), "init", "zeros")
    block = Session(e).network.modules_of(0)[0]
    assert all((parameter == 0).all() for parameter in block.parameters())
