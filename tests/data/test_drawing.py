import numpy as np
import pytest

from dlcore.data import Digits, Mnist, Shapes
from dlcore.data.drawing import fineness, pictured, places_itself


def fine(x):
    f = fineness(x.shape[1])
    return x.repeat(f, 1).repeat(f, 2)


def stroke(rows, columns, side=84):
    ink = np.zeros((1, side, side))
    ink[0, rows, columns] = 1
    return ink


def test_real_mnist_digits_are_already_where_they_are_put():
    x = Mnist(n_images=100).draw(1)[0]
    off = [np.abs(pictured(fine(each), Mnist(), True) - each).mean() for each in x]
    assert np.mean(off) < 0.001
    moved = np.mean([np.abs(np.roll(each, 1, axis=(1, 2)) - each).mean() for each in x])
    assert np.mean(off) < moved / 8


def test_a_digit_drawn_small_in_a_corner_is_brought_to_its_size_and_place():
    middle = pictured(stroke(slice(14, 70), slice(37, 47)), Mnist(), True)
    corner = pictured(stroke(slice(2, 30), slice(3, 8)), Mnist(), True)
    np.testing.assert_allclose(corner, middle, atol=0.25)
    there = middle[0] > 0.5
    assert there.any(1).sum() == 20
    mass = middle[0].sum(0)
    assert abs((mass * (np.arange(28) + 0.5)).sum() / mass.sum() - 14.5) <= 0.5


def test_a_line_that_lies_is_as_wide_as_a_digit_is_high():
    lying = pictured(stroke(slice(40, 44), slice(0, 84)), Mnist(), True)[0] > 0.3
    assert lying.any(0).sum() == 20


def test_small_digits_fill_their_height():
    small = pictured(stroke(slice(30, 60), slice(30, 36), 80), Digits(), True)[0]
    assert small.max(1).min() > 0.5


def test_a_line_across_small_digits_stays_in_the_picture():
    lying = pictured(stroke(slice(30, 36), slice(4, 70), 80), Digits(), True)[0]
    assert (lying.max(0) > 0.3).sum() == 8


@pytest.mark.parametrize("data", [Mnist(), Digits(), Shapes(colour=True)], ids=lambda data: data.kind_name())
def test_what_is_not_to_be_placed_stays_where_it_was_drawn(data):
    x = data.at_most(100).draw(2)[0][0]
    np.testing.assert_allclose(pictured(fine(x), data, False), x, atol=1e-6)


def test_an_empty_sheet_stays_empty():
    assert not pictured(np.zeros((1, 84, 84)), Mnist(), True).any()


def test_only_digits_were_placed():
    assert [places_itself(data) for data in (Mnist(), Digits(), Shapes())] == [True, True, False]
