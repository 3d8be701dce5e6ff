import numpy as np
import pytest

from dlcore.charts import rivals
from dlcore.charts.theme import LIGHT


def test_the_longest_arrow_has_a_set_length_and_the_others_their_share():
    start = np.zeros((3, 2), np.float32)
    made = rivals.arrows(start, np.array([[3.0, 4.0], [0.0, -2.5], [0.0, 0.0]], np.float32))
    tips = made[:, 1]
    np.testing.assert_allclose(tips[0], rivals.LONGEST * np.array([0.6, 0.8]), rtol=1e-6)
    np.testing.assert_allclose(tips[1], [0, -rivals.LONGEST / 2], rtol=1e-6)
    assert not made[2].any()


def test_the_head_of_an_arrow_is_the_same_on_both_sides_of_its_shaft():
    made = rivals.arrows(np.zeros((1, 2), np.float32), np.array([[2.0, 0.0]], np.float32))[0]
    assert made[2][0] == made[4][0] < made[1][0]
    assert made[2][1] == -made[4][1] != 0


def test_the_plane_holds_every_fake_and_lifts_its_pen_between_lines():
    fakes = np.random.default_rng(1).normal(size=(30, 2)).astype(np.float32)
    lines = np.zeros((2, 3, 5, 2), np.float32)
    score = np.zeros((8, 8), np.float32)
    made = rivals.plane(score, fakes, LIGHT, pushes=fakes[:4], lines=lines)
    named = {trace.name: trace for trace in made.data}
    assert len(named["fake"].x) == 30
    assert np.isnan(named["latent grid"].x).sum() == 2 * 3
    assert np.isnan(named["push"].x).sum() == 4
    assert "3 of 8" in rivals.plane_alt(3, 8)


def test_after_its_step_fakes_are_where_they_came_to():
    fakes = np.zeros((2, 2), np.float32)
    made = rivals.plane(np.zeros((4, 4), np.float32), fakes, LIGHT, moved=fakes + 1)
    named = {trace.name: trace for trace in made.data}
    assert list(named["fake"].x) == [1, 1]
    assert list(named["step"].x[:2]) == [0, 1]


def test_no_more_real_samples_are_drawn_than_leave_room():
    (drawn,) = rivals.reals(np.zeros((5000, 2), np.float32), LIGHT)
    assert len(drawn.x) == rivals.REALS


@pytest.mark.parametrize("n", [0, 5])
def test_losses_and_distance_are_drawn_from_the_first_round_on(n):
    record = {name: np.arange(n, dtype=np.float32) for name in ("round", "discriminator", "generator")}
    assert [len(trace.y) for trace in rivals.losses(record, LIGHT).data] == [n, n]
    curves = {"epoch": np.arange(n, dtype=np.int32), "test_loss": np.ones(n, np.float32)}
    assert rivals.distance(curves, n, 0.5, LIGHT).data[0].y[-1] == 0.5
