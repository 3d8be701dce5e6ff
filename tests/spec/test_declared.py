from typing import Literal

import pytest
from pydantic import Field, ValidationError

from dlcore.spec import Declared
from dlcore.spec.declared import extra


class Point(Declared):
    """Where something is."""

    x: float = Field(0.0, ge=-1, le=1, description="Across", json_schema_extra={"live": True, "step": 0.1})
    y: float = Field(0.0, description="Up")


class Long_Way(Declared):
    """Go there.

    By way of many points.
    """

    kind: Literal["long_way"] = "long_way"
    start: Point = Field(Point(), description="First")
    stops: tuple[Point, ...] = Field((), description="Between")
    speed: int = Field(3, description="How fast")


class Named(Declared):
    """Go."""

    kind: Literal["named"] = "named"
    title = "A name of its own"


def test_a_declaration_knows_its_kind():
    assert (Long_Way.kind_name(), Point.kind_name()) == ("long_way", "")


def test_the_heading_is_the_title_or_the_kind_in_words():
    assert (Named.heading(), Long_Way.heading()) == ("A name of its own", "Long way")


def test_the_summary_is_the_first_line_of_the_reference():
    assert Long_Way.summary() == "Go there."
    assert Long_Way.reference() == "Go there.\n\nBy way of many points."


def test_settings_are_all_fields_but_the_kind():
    assert list(Long_Way.settings()) == ["start", "stops", "speed"]


@pytest.mark.parametrize(
    ("value", "least"),
    [
        (Long_Way(), "long_way"),
        (Long_Way(speed=4), {"kind": "long_way", "speed": 4}),
        (Long_Way(start=Point(x=1)), {"kind": "long_way", "start": {"x": 1.0}}),
        (Long_Way(stops=(Point(), Point(y=2))), {"kind": "long_way", "stops": [{}, {"y": 2.0}]}),
        (Point(), {}),
        (Point(x=0.5), {"x": 0.5}),
    ],
)
def test_compact_names_what_differs_from_the_defaults(value, least):
    assert value.compact() == least
    assert type(value).model_validate({"kind": least} if isinstance(least, str) else least) == value


def test_remarks_are_read_off_a_field():
    across, up = Point.settings().values()
    assert (extra(across, "live"), extra(across, "step"), extra(across, "log")) == (True, 0.1, None)
    assert extra(up, "live") is None


@pytest.mark.parametrize("x", [1.1, -1.1, float("nan"), float("inf"), "far", None])
def test_a_setting_out_of_bounds_is_refused(x):
    with pytest.raises(ValidationError):
        Point(x=x)


def test_numbers_that_are_none_are_refused_even_without_bounds():
    with pytest.raises(ValidationError, match="finite"):
        Point(y=float("inf"))


def test_unknown_settings_are_refused():
    with pytest.raises(ValidationError, match="not permitted"):
        Point(z=1)


def test_a_value_never_changes():
    with pytest.raises(ValidationError, match="frozen"):
        Point().x = 0.5


def test_equal_values_are_one_key():
    assert {Point(x=1): "here"}[Point(x=1.0)] == "here"
