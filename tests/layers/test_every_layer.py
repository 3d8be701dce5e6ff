"""Every layer keeps the promises of its declaration, on samples of every form that it takes."""

import inspect
import math
from itertools import pairwise

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from dlcore import blocks
from dlcore.experiment import diff, with_value
from dlcore.layers import (
    FAMILIES,
    FORMS,
    Dense,
    GlobalPool,
    GroupNorm,
    LayerNorm,
    Nest,
    Tokens,
    form,
    layers,
    palette,
)
from dlcore.layers.base import channels_first
from dlcore.layers.recurrent import Recurrent
from dlcore.record import Record
from dlcore.spec.declared import extra
from dlcore.training.session import Session
from tests.layers.around import around, default_of, numbers, random_input
from tests.samples import SHAPES, fitting, inside

NAMES = {"torch": torch, **{name: value for name, value in vars(blocks).items() if inspect.isclass(value)}}
CASES = [(cls, shape) for cls in layers for each in cls.takes for shape in SHAPES[each]]
every_layer = pytest.mark.parametrize("cls", list(layers), ids=layers.kinds())
every_learner = pytest.mark.parametrize("cls", [cls for cls in layers if "frozen" in cls.model_fields])
every_case = pytest.mark.parametrize(
    ("cls", "shape"), CASES, ids=[f"{cls.kind_name()}-{'x'.join(map(str, shape))}" for cls, shape in CASES]
)
MEANINGLESS = {
    "upsample": "it would only fill the memory",
    "conv_transpose2d": "it would only fill the memory",
    "patches": "it would lose the margin",
    "layer_norm": "of one number by itself nothing would be left",
    "self_attention": "half a pair of numbers cannot be turned",
    "transformer_block": "half a pair of numbers cannot be turned",
    "residual": "a dense layer inside would mix the columns of an image only",
    "parallel": "a dense layer inside would mix the columns of an image only",
}
"""Why a layer refuses what torch would compute."""


def built(value, shape, seed=3):
    torch.manual_seed(seed)
    return torch.nn.Sequential(*(call.build() for call in value.calls(shape)))


def answer(module, x, seed=5):
    torch.manual_seed(seed)
    return module(x)


@every_layer
def test_a_layer_states_its_shapes_and_its_family(cls):
    assert any("→" in line for line in cls.reference().splitlines()[1:])
    assert cls.family in FAMILIES


def test_the_palette_shows_every_layer_once():
    assert sorted(cls.kind_name() for family in palette().values() for cls in family) == sorted(
        layers.kinds()
    )


@every_case
def test_a_layer_is_made_for_what_it_takes(cls, shape):
    fits = fitting(cls, shape)
    made = cls.made_for(shape)
    assert type(made) is cls
    pooled, together = (
        min((2, *channels_first(shape)[1:])),
        math.prod(shape[-1:] if len(shape) == 2 else shape),
    )
    too_small = cls.family == "Pooling" and pooled == 1 and cls is not GlobalPool
    lonely = (cls is LayerNorm and together == 1) or (cls is GroupNorm and math.prod(shape) == 1)
    assert bool(fits) != (too_small or lonely)
    assert not fits or not made.needs(shape)


@every_case
def test_a_layer_gives_the_shape_it_promises(cls, shape):
    for value in fitting(cls, shape):
        assert built(value, shape)(random_input(shape)).shape == (3, *value.output_shape(shape)), value


@every_case
def test_a_layer_has_as_many_parameters_as_it_promises(cls, shape):
    for value in fitting(cls, shape):
        parameters = built(value, shape).parameters()
        assert sum(each.numel() for each in parameters) == value.n_parameters(shape), value


@every_case
def test_a_layer_costs_what_it_promises(cls, shape):
    """As torch counts, with attention in its plain form; LSTMs have a hand count in test_recurrent."""
    for value in fitting(cls, shape):
        with FlopCounterMode(display=False) as counted, sdpa_kernel(SDPBackend.MATH):
            built(value, shape)(random_input(shape, 1))
        if cls.kind_name() == "lstm":
            assert counted.get_total_flops() == 0, "torch has learnt to count it: take this away"
        else:
            assert counted.get_total_flops() == 2 * value.multiply_adds(shape), value


@every_case
def test_a_layer_printed_into_a_script_is_the_same_layer(cls, shape):
    for value in fitting(cls, shape):
        torch.manual_seed(3)
        printed = torch.nn.Sequential(*(eval(call.source(), NAMES) for call in value.calls(shape)))
        made, x = built(value, shape), random_input(shape)
        assert printed.state_dict().keys() == made.state_dict().keys(), value
        assert all(torch.equal(a, b) for a, b in zip(numbers(printed), numbers(made), strict=True)), value
        assert torch.equal(answer(printed, x), answer(made, x)), value


@every_case
@pytest.mark.parametrize("n", [1, 3])
def test_a_layer_trains_with_gradients_that_are_finite_everywhere(cls, shape, n):
    for value in fitting(cls, shape)[:1]:
        module, x = built(value, shape), random_input(shape, n)
        shift = torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.SGD([shift, *module.parameters()], lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            (module(x) - 0.3 + shift).square().mean().backward()
            assert all(torch.isfinite(parameter.grad).all() for parameter in module.parameters())
            optimizer.step()


@every_layer
def test_a_layer_refuses_in_words_the_forms_it_does_not_take(cls):
    for each in set(FORMS) - set(cls.takes):
        for shape in SHAPES[each]:
            assert cls().needs(shape) == " or ".join(FORMS[taken] for taken in cls.takes)


@every_case
def test_what_a_layer_refuses_would_fail(cls, shape):
    begun = cls.made_for(shape)
    given = {name: getattr(begun, name) for name in cls.settings()}
    tried = [
        cls(**{**given, name: value}) for name, field in cls.settings().items() for value in inside(field)
    ]
    for value in (cls(), *tried):
        if value.needs(shape) and cls.kind_name() not in MEANINGLESS:
            assert not works(value, shape), value


def works(value, shape):
    """Whether torch computes what a layer promises, though it refuses the shape."""
    try:
        return built(value, shape)(random_input(shape, 1)).shape == (1, *value.output_shape(shape))
    except (RuntimeError, ValueError, AssertionError):
        return False


@every_layer
def test_a_run_with_the_layer_resumes_to_the_last_bit(cls):
    e = around(default_of(cls))
    session, other = Session(e), Session(e)
    session.advance(3)
    other.restore(Record.from_bytes(session.checkpoint().to_bytes()))
    session.advance(4)
    other.advance(4)
    assert session.checkpoint().to_bytes() == other.checkpoint().to_bytes()


@every_learner
def test_a_layer_that_is_frozen_stays_as_it_is_and_goes_on_when_let_go(cls):
    e = around(default_of(cls))
    session = Session(e)
    for frozen in (True, False):
        assert session.change(with_value(e, "network.0.frozen", frozen))
        before = numbers(session.network.modules_of(0))
        session.advance(3)
        after = numbers(session.network.modules_of(0))
        n = len(list(session.network.modules_of(0).parameters()))
        moved = [not torch.equal(a, b) for a, b in zip(before[:n], after[:n], strict=True)]
        assert any(moved) != (frozen or n == 0)


def test_every_layer_that_learns_can_be_frozen():
    for cls, shape in CASES:
        for value in fitting(cls, shape):
            assert not value.n_parameters(shape) or "frozen" in cls.model_fields


@every_layer
def test_a_layer_keeps_its_weights_when_another_is_put_behind_it(cls):
    e = around(default_of(cls))
    session = Session(e)
    session.advance(5)
    before = numbers(session.network.modules_of(0))
    session.change(e.model_copy(update={"network": (*e.network, Dense(units=5))}))
    after = numbers(session.network.modules_of(0))
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    if e.network[0].n_parameters(e.input_shape):
        assert session.carried.startswith("Started over; layer 1 keeps its weights.")
    else:
        assert session.carried == ""


@pytest.mark.parametrize(
    ("cls", "name"),
    [(cls, name) for cls in layers for name, field in cls.settings().items() if extra(field, "live")],
)
def test_a_setting_that_is_live_takes_hold_of_the_living_module(cls, name):
    e = around(default_of(cls))
    for value in inside(cls.settings()[name]):
        session = Session(e)
        session.advance(2)
        after = with_value(e, f"network.0.{name}", value)
        assert all(change.live for change in diff(e, after))
        assert session.change(after)
        living, shape = session.network.modules_of(0), e.input_shape
        fresh = built(after.network[0], shape)
        fresh.load_state_dict(living.state_dict())
        x = random_input(shape)
        # a recurrent layer that learns nothing is computed another way, to the last bit but one
        assert torch.allclose(answer(living, x), answer(fresh, x), atol=1e-6)


def test_tokens_are_for_embeddings_alone():
    assert [cls.kind_name() for cls in layers if form(Tokens(3, 4)) in cls.takes] == ["embedding"]


def test_nests_are_the_layers_that_hold_layers():
    assert [cls.kind_name() for cls in layers if issubclass(cls, Nest)] == ["residual", "parallel"]
    assert all(issubclass(cls, Recurrent) for cls in palette()["Recurrent"])
    assert all(FAMILIES.index(a) < FAMILIES.index(b) for a, b in pairwise(palette()))
