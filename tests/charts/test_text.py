import numpy as np
import pytest

from dlcore.charts import text
from dlcore.charts.theme import LIGHT
from dlcore.data import OwnText, Split, prepare
from dlcore.data.text import COUNTRIES, SurnameLetters, Surnames
from dlcore.data.tokens import Addition, Brackets, Reverse


def shares_of(data):
    return prepare(data, Split(), 1, 1)


def test_the_bars_count_the_answers_of_each_share():
    data = Surnames(n_each=50)
    shares = shares_of(data)
    figure = text.balance(data, shares, LIGHT)
    assert [trace.name for trace in figure.data] == ["train", "validation", "test"]
    assert list(figure.data[0].y) == list(COUNTRIES)
    for trace, part in zip(figure.data, shares.values(), strict=True):
        assert trace.x.tolist() == [int((part.y == k).sum()) for k in range(8)]


def test_of_many_answers_the_most_frequent_ones_are_drawn_first():
    data = SurnameLetters()
    figure = text.balance(data, shares_of(data), LIGHT)
    total = np.sum([trace.y for trace in figure.data], 0)
    assert len(total) <= text.MOST_NAMED
    assert (np.diff(total) <= 0).all()
    _, y = data.draw(1)
    assert figure.data[0].x[0] == data.vocabulary[np.bincount(y[y >= 0]).argmax()]


def test_what_is_not_asked_is_not_counted():
    assert text.answers(np.array([[-100, 1], [1, 2]]), 4).tolist() == [0, 2, 1, 0]


@pytest.mark.parametrize(
    ("data", "longest"),
    [(Reverse(length=6), 6), (Addition(), 9), (Surnames(), 14), (Brackets(length=12), 12)],
)
def test_no_string_is_longer_than_its_row(data, longest):
    figure = text.lengths(data, shares_of(data), LIGHT)
    total = np.sum([trace.y for trace in figure.data], 0)
    assert total.sum() == len(data.draw(1)[0])
    assert np.flatnonzero(total).max() <= longest


def test_what_fills_a_row_up_is_not_counted():
    data = Brackets()
    x, _ = data.draw(1)
    written = ["".join(data.vocabulary[token] for token in row).strip("·") for row in x]
    assert text.n_tokens(data, x).tolist() == [len(each) for each in written]


def test_a_space_can_be_seen():
    assert text.shown(" ") == "␣"


@pytest.mark.parametrize(
    "data", [Surnames(), SurnameLetters(), OwnText(tokens="words"), Reverse(), Brackets()]
)
def test_axes_are_titled_and_the_pictures_are_said_in_words(data):
    figure = text.lengths(data, shares_of(data), LIGHT)
    assert figure.layout.xaxis.title.text
    assert figure.layout.yaxis.title.text
    bars = text.balance(data, shares_of(data), LIGHT)
    assert bars.layout.xaxis.title.text or bars.layout.yaxis.title.text
    assert text.balance_alt(data)
    assert text.lengths_alt(data)
