"""Charts of descents."""

import numpy as np
import pytest

from dlcore.charts import descent
from dlcore.charts.theme import DARK, LIGHT
from dlcore.guides.gradient_descent import RULES

SIDE = 9
BOWL = np.add.outer(np.linspace(-1, 1, SIDE) ** 2, np.linspace(-1, 1, SIDE) ** 2).astype(np.float32)
GROUND = descent.Ground(BOWL, (-1, 1), (-1, 1))


def path(name="Adam", n=4):
    places = np.linspace([-1, -1], [0, 0], n)
    return descent.Path(name, list(RULES).index(name), places, (places**2).sum(1))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_every_rule_is_told_from_every_other_by_colour_dash_and_shape(theme):
    drawn = descent.plane(GROUND, [path(name) for name in RULES], (), theme).data[2:]
    lines, heads = drawn[::2], drawn[1::2]
    looks = {(line.line.color, line.line.dash) for line in lines}
    assert len(looks) == len(RULES)
    assert len({head.marker.symbol for head in heads[:6]}) == 6


def test_a_picture_is_drawn_higher_where_the_surface_is_higher_and_keeps_what_is_unknown_blank():
    heights = BOWL * 1e6
    heights[0, 0] = np.nan
    drawn = descent.Ground(heights, (-1, 1), (-1, 1)).drawn()
    known = np.isfinite(heights)
    order = np.argsort(heights[known])
    assert (np.diff(drawn[known][order]) >= 0).all()
    assert drawn[known].min() == 0
    assert np.isnan(drawn[0, 0])


def test_nothing_known_yet_can_be_drawn():
    ground = descent.Ground(np.full((SIDE, SIDE), np.nan, np.float32), (-1, 1), (-1, 1))
    assert descent.plane(ground, [path()], (), LIGHT).to_json()
    assert descent.solid(ground, [path()], LIGHT).to_json()


def test_a_path_ends_where_the_rule_stands_and_hover_tells_the_step():
    line, head = descent.plane(GROUND, [path(n=900)], (), LIGHT).data[2:]
    assert (head.x[-1], head.y[-1]) == (0, 0)
    assert head.customdata[0, 0] == 899
    assert len(line.x) <= descent.DRAWN


def test_an_arrow_lies_on_the_plane_from_its_start_to_its_end():
    arrow = descent.Arrow("step", (0.1, 0.2), (0.3, -0.4), LIGHT.text)
    (drawn,) = descent.plane(GROUND, [path()], [arrow], LIGHT).layout.annotations
    assert (drawn.ax, drawn.ay, drawn.x, drawn.y) == (0.1, 0.2, 0.3, -0.4)
    assert {drawn.xref, drawn.axref} == {"x"}


def test_in_space_a_path_stops_at_the_edge_of_what_is_shown():
    far = descent.Path("Adam", 5, np.array([[0, 0], [0.5, 0.5], [7, 7]]), np.array([0, 0.5, 98]))
    _, line, head = descent.solid(GROUND, [far], LIGHT).data
    assert list(line.x) == [0, 0.5]
    assert head.x[0] == 0.5
    assert line.z[1] > line.z[0]


def test_losses_are_drawn_above_the_floor_and_what_has_left_is_left_out():
    losses = np.array([3.0, 2.0, -1.0, np.inf, np.nan, 1e30])
    gone = descent.Path("Adam", 5, np.zeros((6, 2)), losses)
    (curve,) = descent.losses([gone], -1.0, LIGHT, 5, "height").data
    assert curve.y[:2] == pytest.approx([4, 3])
    assert curve.y[2] == pytest.approx(descent.LOWEST)
    assert np.isnan(curve.y[3:]).all()


def test_the_edge_is_two_over_the_rate_and_shown_only_where_the_rule_has_one():
    record = descent.Sharpness([0, 20], [3.0, 5.0], 0.5)
    curve, edge = descent.sharpness(record, "Gradient descent", LIGHT, edge=True).data
    assert list(curve.y) == [3, 5]
    assert list(edge.y) == [4, 4]
    assert len(descent.sharpness(record, "Adam", LIGHT, edge=False).data) == 1
