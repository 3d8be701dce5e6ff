import base64
import contextlib
import json
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore.spec.share import MAX_JSON, MAX_TOKEN, VERSION, TokenError, pack, unpack

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
)


def token_of(data):
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (
        VERSION + base64.urlsafe_b64encode(squeezer.compress(data) + squeezer.flush()).rstrip(b"=").decode()
    )


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_json_comes_back_as_it_was(value):
    assert unpack(pack(value)) == value


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_a_token_needs_no_escaping_in_a_link(value):
    assert all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in pack(value))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.text("ABCabc019-_", max_size=60).map(lambda text: VERSION + text))
def test_any_text_is_a_token_or_refused(text):
    with contextlib.suppress(TokenError):
        assert pack(unpack(text))


def test_letters_of_other_scripts_survive():
    assert unpack(pack({"σ": "学习"})) == {"σ": "学习"}


@pytest.mark.parametrize(
    ("token", "word"),
    [
        ("", "version"),
        ("2" + pack({})[1:], "version"),
        (VERSION, "cut short"),
        (pack({"a": [1, 2, 3]})[:-3], r"cut short|damaged"),
        (VERSION + "****", "damaged"),
        (VERSION + "ééé", "damaged"),
        (VERSION + "A" * MAX_TOKEN, "longer"),
        (token_of(b"{"), "damaged"),
        (token_of(b"\xff"), "damaged"),
        (token_of(b"[" * 50_000), "damaged"),
        (token_of(b"9" * 10_000), "damaged"),
        (token_of(b"1 2"), "damaged"),
    ],
    ids=range(12),
)
def test_a_token_that_is_none_is_refused_in_words(token, word):
    with pytest.raises(TokenError, match=word):
        unpack(token)


def test_a_token_that_would_unpack_to_much_more_is_refused():
    bomb = token_of(b'"' + b"a" * 5_000_000 + b'"')
    assert len(bomb) < MAX_TOKEN
    with pytest.raises(TokenError, match="too large"):
        unpack(bomb)


def test_what_is_just_small_enough_is_let_through():
    assert len(unpack(token_of(json.dumps("a" * (MAX_JSON - 2)).encode()))) == MAX_JSON - 2
