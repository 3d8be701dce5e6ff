import numpy as np
import pytest

from dlcore.data import OwnText, typed
from dlcore.data.text import SurnameLetters, Surnames
from dlcore.data.tokens import Addition, Brackets, Copy, Recall, Reverse, Sort

RULES = [Copy(), Copy(delay=3), Reverse(), Sort(symbols=5), Addition(digits=3), Brackets(kinds=4), Recall()]
STRINGS = [*RULES, Surnames(n_each=20), SurnameLetters(n_each=20)]


@pytest.mark.parametrize("data", RULES, ids=lambda data: data.kind_name())
def test_what_is_right_is_what_the_data_set_says(data):
    x, y = data.draw(3)
    for row, answer in zip(x[:100], y[:100], strict=True):
        np.testing.assert_array_equal(typed.right(data, row), answer)


@pytest.mark.parametrize("data", STRINGS, ids=lambda data: data.kind_name())
def test_a_sample_is_typed_as_it_is_shown(data):
    x, _ = data.draw(3)
    for row in x[:50]:
        np.testing.assert_array_equal(typed.read(data, typed.example(data, row)).x, row)


def test_lines_of_words_are_typed_as_they_are_shown():
    data = OwnText(tokens="words")
    for row in data.draw(1)[0][:20]:
        np.testing.assert_array_equal(typed.read(data, typed.example(data, row)).x, row)


def test_nobody_knows_the_country_of_a_name_by_a_rule():
    data = Surnames(n_each=20)
    assert typed.right(data, data.draw(1)[0][0]) is None


@pytest.mark.parametrize(
    ("data", "text", "problem"),
    [
        (Surnames(), "ab2c!", "does not know “2”, “!”"),
        (Surnames(), "a" * 15, "15 long, and the network reads 14 at most"),
        (Surnames(), "  ", "Type something"),
        (Reverse(), "abc", "3 long, and the network reads exactly 8"),
        (Reverse(symbols=4), "abcdefgh", "does not know “e”"),
        (Copy(delay=2), "abcabc_a", "does not know “_”"),
        (Brackets(), "(<)>", "does not know “<”, “>”: it was taught ( ) [ ]"),
        (Addition(), "1+", "two whole numbers"),
        (Addition(), "-1+2", "two whole numbers"),
        (Addition(), "٣+4", "two whole numbers"),
        (Addition(), "123+4", "numbers of 2 digits at most"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(data, text, problem):
    found = typed.read(data, text)
    assert found.x is None
    assert problem in found.problem


def test_numbers_are_filled_up_with_zeros_and_capitals_made_small():
    np.testing.assert_array_equal(typed.read(Addition(), "7 + 25 =").x, [0, 7, 10, 2, 5, 11, 12, 12, 12])
    small, capital = (typed.read(Surnames(), name).x for name in ("rossi", "Rossi"))
    np.testing.assert_array_equal(small, capital)


def test_what_a_text_is_gone_on_with_leaves_out_is_named():
    assert typed.unknown(SurnameLetters(), "Ko7 k7!") == ["7", "!"]
    assert typed.unknown(OwnText(tokens="words"), "the zebra sees") == ["zebra"]


@pytest.mark.parametrize("data", STRINGS, ids=lambda data: data.kind_name())
def test_a_row_of_tokens_is_a_number_and_every_number_is_a_row(data):
    x, _ = data.draw(3)
    for row in x[:20]:
        number = typed.numbered(data, row)
        assert number >= 1
        np.testing.assert_array_equal(typed.unnumbered(data, number), row)
    for number in (1, 2, 10**7, 10**60):
        row = typed.unnumbered(data, number)
        assert row.shape == data.sample_shape
        assert 0 <= row.min() <= row.max() < len(data.vocabulary)
