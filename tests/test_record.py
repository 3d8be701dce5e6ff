import json
import struct

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from dlcore.record import ALIGN, DTYPES, Record, RecordError

FACTS = st.dictionaries(
    st.text(max_size=8),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)
ARRAYS = st.dictionaries(
    st.text(max_size=8),
    st.sampled_from(list(DTYPES)).flatmap(
        lambda dtype: nps.arrays(dtype, nps.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    ),
    max_size=4,
)
GOOD = Record({"a": 1}, {"x": np.arange(6, dtype=np.float32), "y": np.zeros((2, 0), np.int64)}).to_bytes()


def raw(header, body=bytes(64)):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<I", len(text)) + text + body


def with_array(dtype="float32", shape=(2,), offset=0, name="a"):
    return raw({"facts": {}, "arrays": [[name, dtype, shape, offset]]})


def read(data):
    """Read hostile bytes: a record or a RecordError, and nothing else."""
    try:
        return Record.from_bytes(data)
    except RecordError:
        return None


@settings(max_examples=100, deadline=None)
@given(FACTS, ARRAYS)
def test_a_record_comes_back_as_it_was(facts, arrays):
    back = Record.from_bytes(Record(facts, arrays).to_bytes())
    assert back.facts == facts
    assert list(back.arrays) == list(arrays)
    for name, array in arrays.items():
        assert back.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(back.arrays[name], array)


@pytest.mark.parametrize("array", [np.zeros(0, np.float32), np.zeros((3, 0, 2), np.int8), np.array(7.5)])
def test_arrays_without_elements_and_without_axes_keep_their_shape(array):
    back = Record.from_bytes(Record({}, {"first": array, "last": array}).to_bytes())
    assert back.arrays["last"].shape == array.shape
    np.testing.assert_array_equal(back.arrays["first"], array)


def test_nan_in_an_array_is_kept():
    back = Record.from_bytes(Record({}, {"a": np.array([np.nan, np.inf], np.float32)}).to_bytes())
    np.testing.assert_array_equal(back.arrays["a"], [np.nan, np.inf])


def test_an_array_that_is_a_view_is_written_in_its_own_order():
    array = np.arange(12, dtype=np.int32).reshape(3, 4).T[::2]
    np.testing.assert_array_equal(Record.from_bytes(Record({}, {"a": array}).to_bytes()).arrays["a"], array)


@pytest.mark.parametrize("fact", [float("nan"), float("inf"), [1, float("-inf")]])
def test_a_fact_that_is_no_json_number_is_refused(fact):
    with pytest.raises(ValueError, match="JSON"):
        Record({"a": fact}).to_bytes()


def test_every_array_begins_at_a_multiple_of_eight_bytes():
    arrays = {"a": np.ones(3, np.int8), "b": np.ones(5, np.float32), "c": np.ones(1)}
    data = Record({"odd": "x"}, arrays).to_bytes()
    (length,) = struct.unpack_from("<I", data)
    offsets = [entry[3] for entry in json.loads(data[4 : 4 + length])["arrays"]]
    assert all((4 + length + offset) % ALIGN == 0 for offset in offsets)


def test_arrays_are_views_that_cannot_be_written_to():
    (array, _) = Record.from_bytes(GOOD).arrays.values()
    assert not array.flags.writeable


@pytest.mark.parametrize(
    "array", [np.array([True]), np.array([1, None], object), np.array(["a"]), np.array([1], ">f4")], ids=str
)
def test_an_array_of_another_type_does_not_arrive(array):
    with pytest.raises(ValueError, match=r"allowed|no record"):
        Record.from_bytes(Record({}, {"a": array}).to_bytes())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
@example(b"")
@example(b"\xff\xff\xff\xff")
@example(b"\0\0\0\0")
def test_any_bytes_are_a_record_or_refused(data):
    read(data)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255), st.integers(0, len(GOOD)))
def test_a_damaged_record_is_a_record_or_refused(at, byte, end):
    read((GOOD[:at] + bytes([byte]) + GOOD[at + 1 :])[:end])


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=8,
    )
)
def test_any_header_is_a_record_or_refused(value):
    read(raw(value))
    read(raw({"facts": {}, "arrays": value}))
    read(raw({"facts": {}, "arrays": [value]}))
    for entry in ({"dtype": value}, {"shape": value}, {"offset": value}, {"name": value}):
        read(with_array(**entry))


@pytest.mark.parametrize(
    "data",
    [
        with_array(dtype="object"),
        with_array(dtype="O8"),
        with_array(dtype="float16"),
        with_array(dtype=["float32"]),
        with_array(shape=[1000]),
        with_array(shape=[-1]),
        with_array(shape=[-2, -2]),
        with_array(shape=[2**62]),
        with_array(shape=[2**32, 2**32]),
        with_array(shape=[10**30]),
        with_array(shape=[1.5]),
        with_array(shape="ab"),
        with_array(offset=10**30),
        with_array(offset=-8),
        with_array(offset=10**6),
        with_array(offset=None),
        with_array(name=["a"]),
        raw(b"[" * 100_000),
        raw(b"\xff"),
        raw({"facts": {}}),
        raw({"arrays": []}),
        raw([]),
    ],
    ids=range(22),
)
def test_what_lies_about_itself_is_refused(data):
    with pytest.raises(RecordError):
        Record.from_bytes(data)
