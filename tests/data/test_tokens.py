import numpy as np
import pytest

from dlcore.data import Task
from dlcore.data.tokens import NOT_ASKED, Addition, Brackets, Copy, Recall, Reverse, Sort

PAIRS = {"(": ")", "[": "]", "{": "}", "<": ">"}


def texts(data, seed=1):
    """What is asked and what is answered, a dot where nothing is."""
    x, y = data.draw(seed)
    asked = ["".join(data.vocabulary[token] for token in row) for row in x]
    if data.task is not Task.TOKENS:
        return asked, y
    return asked, ["".join("·" if k == NOT_ASKED else data.class_names[k] for k in row) for row in y]


def matching(text):
    """Whether brackets match, by a stack."""
    open_ones = []
    for bracket in text.strip("·"):
        if bracket in PAIRS:
            open_ones.append(PAIRS[bracket])
        elif not open_ones or open_ones.pop() != bracket:
            return False
    return not open_ones


def test_a_copy_is_the_string_itself():
    asked, answered = texts(Copy())
    assert asked == answered


def test_a_delayed_copy_is_asked_for_as_many_steps_later():
    asked, answered = texts(Copy(delay=3, length=5))
    assert all(text.endswith("___") for text in asked)
    assert answered == ["···" + text[:5] for text in asked]


def test_a_string_reversed_is_read_from_its_end():
    asked, answered = texts(Reverse())
    assert answered == [text[::-1] for text in asked]


def test_a_string_sorted_is_in_the_order_of_the_alphabet():
    asked, answered = texts(Sort(symbols=26))
    assert answered == ["".join(sorted(text)) for text in asked]


@pytest.mark.parametrize("digits", [2, 3, 4])
def test_sums_are_right_and_asked_for_after_the_sign_of_equality_only(digits):
    asked, answered = texts(Addition(digits=digits))
    for question, answer in zip(asked, answered, strict=True):
        terms, blanks = question.split("=")
        assert blanks == "_" * (digits + 1)
        assert answer == "·" * len(terms + "=") + str(sum(map(int, terms.split("+")))).zfill(digits + 1)


@pytest.mark.parametrize("data", [Brackets(), Brackets(length=12, kinds=4), Brackets(length=31, kinds=3)])
def test_brackets_match_where_the_answer_says_so(data):
    asked, answered = texts(data)
    assert [matching(text) for text in asked] == answered.astype(bool).tolist()
    assert answered.mean() == 0.5


def test_counting_brackets_does_not_tell_whether_they_match():
    asked, answered = texts(Brackets(n_strings=5000))
    balanced = [all(text.count(a) == text.count(b) for a, b in PAIRS.items()) for text in asked]
    assert all(balanced)
    assert len(answered) == 5000


def test_every_length_of_brackets_is_there():
    asked, _ = texts(Brackets())
    assert {len(text.strip("·")) for text in asked} == set(range(4, 17, 2))


@pytest.mark.parametrize("steps", [3, 25, 100])
def test_the_letter_to_recall_is_the_first_of_a_string_of_letters_at_random(steps):
    data = Recall(steps=steps, symbols=5)
    x, y = data.draw(1)
    assert np.array_equal(y, x[:, 0])
    assert len(np.unique(x, axis=0)) == len(x) == data.size
    shares = np.stack([(x == letter).mean(0) for letter in range(5)])  # (5, steps + 1)
    assert np.abs(shares - 0.2).max() < 0.06
    others = [(x[:, t] == y).mean() for t in range(1, steps + 1)]
    assert np.abs(np.array(others) - 0.2).max() < 0.06  # no other place tells the answer


def test_letters_are_drawn_evenly():
    x, _ = Reverse(n_strings=5000).draw(2)
    shares = np.bincount(x.ravel(), minlength=10) / x.size
    assert np.abs(shares - 0.1).max() < 0.01


def test_where_the_rule_makes_fewer_strings_all_of_them_are_drawn():
    x, _ = Sort(length=4, symbols=4, n_strings=5000).draw(1)
    assert len(np.unique(x, axis=0)) == len(x) == 256 == Sort(length=4, symbols=4).size
