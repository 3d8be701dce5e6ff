import numpy as np
import pytest

from dlcore.data.features import X1, Radius, SinX2, columns, features

POINT = (1.5, -2.0)
BY_HAND = {
    "x1": 1.5,
    "x2": -2.0,
    "x1_squared": 2.25,
    "x2_squared": 4.0,
    "product": -3.0,
    "sin_x1": 0.9974949866,
    "sin_x2": -0.9092974268,
    "cos_x1": 0.0707372017,
    "cos_x2": -0.4161468365,
    "radius": 2.5,
}


def test_every_input_is_checked_here():
    assert list(BY_HAND) == features.kinds()


@pytest.mark.parametrize("kind", BY_HAND)
def test_an_input_is_what_its_name_says(kind):
    x1, x2 = np.array([[POINT[0]], [POINT[1]]])
    assert features[kind].column(x1, x2) == pytest.approx([BY_HAND[kind]])


def test_columns_stand_in_the_order_of_the_inputs():
    x = np.array([POINT, (0, 3)], np.float32)
    table = columns((Radius(), X1(), SinX2()), x)
    assert (table.shape, table.dtype) == ((2, 3), np.float32)
    np.testing.assert_allclose(table, [[2.5, 1.5, np.sin(-2)], [3, 0, np.sin(3)]], rtol=1e-6)


def test_no_points_give_no_rows():
    assert columns((X1(), Radius()), np.zeros((0, 2), np.float32)).shape == (0, 2)
