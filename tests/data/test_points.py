import numpy as np
import pytest

from dlcore.data import Pattern, Task, datasets
from dlcore.data.points import (
    Blobs,
    Checkerboard,
    Circle,
    GaussianBumps,
    Heart,
    Moons,
    Plane,
    Rings,
    Ripple,
    Spiral,
    TwoGaussians,
    Xor,
)

STILL = {"n_points": 1200, "noise": 0.0}


def radius(x):
    return np.hypot(x[:, 0], x[:, 1])


def test_a_circle_parts_the_disc_from_its_ring():
    x, y = Circle(**STILL).draw(1)
    assert np.array_equal(radius(x) < 3, y == 1)


def test_the_sign_of_the_product_decides_xor():
    x, y = Xor(**STILL).draw(1)
    assert np.array_equal(x[:, 0] * x[:, 1] > 0, y == 1)
    assert np.abs(x).min() > 0.29


def test_one_straight_line_parts_two_gaussians():
    x, y = TwoGaussians(**STILL).draw(1)
    assert np.array_equal(x.sum(1) > 0, y == 1)


@pytest.mark.parametrize("turns", [0.5, 1.75, 3.0])
def test_each_arm_of_a_spiral_goes_round_as_often_as_asked(turns):
    x, y = Spiral(**STILL, turns=turns).draw(1)
    arm = x[y == 0]
    angle = np.unwrap(np.arctan2(arm[1:, 0], arm[1:, 1]))
    assert (angle[-1] - angle[0]) / (2 * np.pi) == pytest.approx(turns, rel=0.01)
    np.testing.assert_allclose(x[y == 1], -arm, atol=1e-5)


def test_the_moons_are_two_halves_of_circles():
    x, y = Moons(**STILL).draw(1)
    middle = np.where(y[:, None] == 1, [0.5, 0.25], [-0.5, -0.25]) * 3
    np.testing.assert_allclose(radius(x - middle), 3, rtol=1e-5)
    assert (x[y == 0, 1] >= -0.76).all()
    assert (x[y == 1, 1] <= 0.76).all()


@pytest.mark.parametrize("squares", [2, 3, 6])
def test_neighbouring_squares_of_a_board_differ(squares):
    x, y = Checkerboard(**STILL, squares=squares).draw(1)
    column, row = np.floor((x + 5) / 10 * squares).astype(int).T
    assert np.array_equal((column + row) % 2, y)
    assert set(zip(column, row, strict=True)) == {(i, j) for i in range(squares) for j in range(squares)}


@pytest.mark.parametrize("classes", [2, 3, 4])
def test_rings_lie_one_in_another(classes):
    x, y = Rings(**STILL, classes=classes).draw(1)
    assert np.array_equal(np.floor(radius(x) * classes / 5), y)


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_blobs_gather_around_their_centres_on_a_circle(classes):
    x, y = Blobs(**STILL, classes=classes).draw(1)
    centres = np.array([x[y == k].mean(0) for k in range(classes)])
    np.testing.assert_allclose(radius(centres), 3.5, atol=0.2)
    nearest = np.linalg.norm(x[:, None] - centres, axis=2).argmin(1)
    assert (nearest == y).mean() > 0.99


def test_a_heart_is_alike_left_and_right_and_has_a_notch_above():
    x, y = Heart(n_points=5000, noise=0.0).draw(1)
    inside = x[y == 1]
    assert inside[:, 0].mean() == pytest.approx(0, abs=0.15)
    notch = inside[np.abs(inside[:, 0]) < 0.3]
    lobe = inside[np.abs(np.abs(inside[:, 0]) - 1.7) < 0.3]
    assert notch[:, 1].max() < lobe[:, 1].max()
    assert notch[:, 1].min() < lobe[:, 1].min()


def test_a_plane_is_linear():
    x, y = Plane(**STILL).draw(1)
    np.testing.assert_allclose(y, x @ [0.1, 0.1], atol=1e-6)


def test_five_bumps_have_their_signs():
    x, y = GaussianBumps(**STILL).draw(1)
    for middle, sign in [((-3, 3), 1), ((3, 3), -1), ((0, 0), 1), ((-3, -3), -1), ((3, -3), 1)]:
        near = radius(x - np.array(middle)) < 0.7
        assert (np.sign(y[near]) == sign).all()


def test_a_ripple_depends_on_the_distance_alone():
    x, y = Ripple(**STILL).draw(1)
    np.testing.assert_allclose(y, np.cos(1.5 * radius(x)), atol=1e-5)


@pytest.mark.parametrize("cls", [cls for cls in datasets if issubclass(cls, Pattern)])
def test_noise_makes_points_stray(cls):
    (still_x, still_y), (x, y) = cls(noise=0).draw(1), cls(noise=0.5).draw(1)
    assert not (np.array_equal(still_x, x) and np.array_equal(still_y, y))


def test_two_classes_are_a_binary_task():
    assert [Rings(classes=k).task for k in (2, 3)] == [Task.BINARY, Task.CLASSES]
    assert (Plane().task, Plane().n_classes) == (Task.REGRESSION, 0)


def test_the_arguments_of_sample_are_the_settings():
    assert Spiral(turns=2).arguments() == {"n_points": 500, "noise": 0.1, "turns": 2.0}
