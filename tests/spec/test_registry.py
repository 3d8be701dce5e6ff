from typing import Literal

import pytest
from pydantic import Field, ValidationError
from pydantic_core import PydanticCustomError

from dlcore.spec import Declared, Registry


class Tool(Declared):
    """Something to work with."""


class Hammer(Tool):
    """Hit."""

    kind: Literal["hammer"] = "hammer"
    weight: int = Field(3, ge=1, le=9)


class Saw(Tool):
    """Cut."""

    kind: Literal["saw"] = "saw"


@pytest.fixture
def tools():
    registry = Registry("tool")
    registry.add(Saw)
    registry.add(Hammer)
    return registry


def test_classes_are_kept_in_the_order_they_were_added(tools):
    assert list(tools) == [Saw, Hammer]
    assert tools.kinds() == ["saw", "hammer"]
    assert len(tools) == 2


def test_a_class_is_found_by_its_kind(tools):
    assert tools["hammer"] is Hammer


def test_add_is_a_decorator(tools):
    class Drill(Tool):
        kind: Literal["drill"] = "drill"

    assert tools.add(Drill) is Drill


@pytest.mark.parametrize("cls", [Saw, Tool])
def test_a_class_without_a_kind_of_its_own_is_a_mistake(tools, cls):
    with pytest.raises(AssertionError, match="kind of its own"):
        tools.add(cls)


@pytest.mark.parametrize(
    ("value", "parsed"),
    [
        ("hammer", Hammer()),
        ({"kind": "hammer"}, Hammer()),
        ({"kind": "hammer", "weight": 5}, Hammer(weight=5)),
        (Hammer(weight=5), Hammer(weight=5)),
    ],
)
def test_a_name_a_mapping_and_a_value_are_understood(tools, value, parsed):
    assert tools.parse(value) == parsed


def test_the_nearest_kind_is_named(tools):
    with pytest.raises(PydanticCustomError, match="no tool is called 'hamer'; did you mean 'hammer'"):
        tools.parse("hamer")


def test_nothing_is_guessed_where_nothing_is_near(tools):
    with pytest.raises(PydanticCustomError) as refusal:
        tools.parse("xyz")
    assert refusal.value.message() == "no tool is called 'xyz'"


@pytest.mark.parametrize(
    "value", [None, 3, [], {}, {"weight": 3}, {"kind": None}, {"kind": []}, {"kind": {}}, "\ud800"]
)
def test_what_names_no_kind_is_refused(tools, value):
    with pytest.raises(PydanticCustomError, match="no tool is called"):
        tools.parse(value)


def test_a_refusal_repeats_little_of_what_it_was_given(tools):
    with pytest.raises(PydanticCustomError) as refusal:
        tools.parse("x" * 100_000)
    assert len(refusal.value.message()) < 100


def test_settings_out_of_bounds_are_refused(tools):
    with pytest.raises(ValidationError, match="less than or equal to 9"):
        tools.parse({"kind": "hammer", "weight": 10})
