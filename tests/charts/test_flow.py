import numpy as np
import pytest

from dlcore.charts import flow
from dlcore.charts.theme import DARK, LIGHT

RECORDS = {
    "plain": {
        "gradient": np.array([1e-9, 0, 1e-2], np.float32),
        "signal": np.array([1, 0.5, 1e-4], np.float32),
    },
    "skip": {"gradient": np.full(21, 0.1, np.float32), "signal": np.full(21, 2, np.float32)},
}


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_each_network_has_its_line_in_both_pictures_in_one_colour(theme):
    drawn = flow.figure(RECORDS, theme)
    assert [trace.name for trace in drawn.data] == ["plain", "skip"] * 2
    assert [trace.showlegend for trace in drawn.data] == [True, True, False, False]
    assert drawn.data[0].line.color == drawn.data[2].line.color != drawn.data[1].line.color
    np.testing.assert_array_equal(drawn.data[0].x, [1, 2, 3])


def test_nothing_at_all_is_a_gap_and_the_axis_holds_all_that_is_there():
    drawn = flow.figure(RECORDS, LIGHT)
    assert np.isnan(drawn.data[0].y[1])
    low, high = drawn.layout.yaxis.range
    assert low < -9
    assert high > -1
    assert flow.figure({}, LIGHT).layout.yaxis.range == (-6, 0)


def test_the_picture_is_told():
    assert "of 2 networks: plain, skip" in flow.alt(tuple(RECORDS))
