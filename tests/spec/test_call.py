import math

import pytest
import torch

from dlcore.spec import Call


def test_a_call_is_printed_as_python():
    assert Call("torch.nn.Linear", 2, 4, bias=False).source() == "torch.nn.Linear(2, 4, bias=False)"


def test_a_call_is_made_as_it_is_printed():
    made = Call("torch.nn.Linear", 2, 4, bias=False).build()
    assert (type(made), made.in_features, made.out_features, made.bias) == (torch.nn.Linear, 2, 4, None)


def test_a_callable_of_ours_is_printed_by_its_bare_name():
    assert Call("dlcore.blocks.Sine").source() == "Sine()"


def test_other_arguments_come_first():
    call = Call("math.hypot", 4.0)
    assert call.build(3.0) == 5.0
    assert call.source("x") == "math.hypot(x, 4.0)"


@pytest.mark.parametrize("value", [0.1, 1e-6, "a 'word'", (0.9, 0.999), None, True, [1, 2]])
def test_arguments_survive_printing(value):
    assert eval(Call("builtins.repr", value).source(), {"builtins": __import__("builtins")}) == repr(value)


def test_naming_a_callable_does_not_import_it():
    assert Call("no.such.module.Thing", 1).source() == "no.such.module.Thing(1)"
    with pytest.raises(ModuleNotFoundError):
        Call("no.such.module.Thing").build()


def test_equal_calls_are_equal_keys():
    assert len({Call("math.pow", 2, 3), Call("math.pow", 2, 3), Call("math.pow", 2, 4)}) == 2


def test_a_call_resolves_to_the_callable_itself():
    assert Call("math.hypot").resolve() is math.hypot
