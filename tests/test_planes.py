"""Planes through weights, against arithmetic by hand."""

import numpy as np
import pytest

from dlcore.planes import Plane, coarse_to_fine, filled, path_plane, window


def test_a_place_is_where_its_shadow_falls_with_the_share_of_its_way_that_lies_in_the_plane():
    plane = Plane(np.ones(4, np.float32), np.array([[1, 0, 0, 0], [1, 2, 0, 0]], np.float32))
    weights = 1 + np.array([[0, 0, 0, 0], [3, 4, 0, 0], [0, 2, 2, 0], [0, 0, 0, 5]], np.float32)
    at, share = plane.project(weights)
    assert np.allclose(at, [[0, 0], [1, 2], [-1, 1], [0, 0]])
    assert np.allclose(share, [1, 1, 0.5, 0])


def test_the_plane_of_paths_that_lie_in_one_holds_them_all():
    rng = np.random.default_rng(1)
    basis, centre = rng.normal(size=(2, 30)), rng.normal(size=30)
    paths = [(centre + rng.normal(size=(9, 2)) @ basis * scale).astype(np.float32) for scale in (0.01, 5)]
    plane = path_plane(centre.astype(np.float32), paths)
    assert np.allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-5)
    for path in paths:
        at, share = plane.project(path)
        assert share == pytest.approx(1, abs=1e-3)
        assert np.allclose(plane.centre + at @ plane.directions, path, atol=1e-4)


def test_a_path_on_a_line_has_a_plane_too():
    centre = np.zeros(5, np.float32)
    plane = path_plane(centre, [np.outer(np.arange(4), [0, 1, 0, 0, 0]).astype(np.float32)])
    assert np.allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-5)
    assert abs(plane.directions[0, 1]) == pytest.approx(1)
    alone = path_plane(centre, [np.zeros((1, 5), np.float32)])
    assert np.isfinite(alone.directions).all()


def test_the_window_shows_every_place_with_room_around():
    left, right, low, high = window([np.array([[4.0, 1.0], [np.inf, 2.0]]), np.array([[-1.0, 0.5]])])
    assert left < -1 < 4 < right
    assert low < 0 < 1 < high


def test_a_grid_is_worked_out_from_coarse_to_fine_and_every_point_once():
    order = coarse_to_fine(60)
    assert len({tuple(point) for point in order}) == 3600
    assert (order[:225] % 4 == 0).all()
    assert (order[:900] % 2 == 0).all()


def test_holes_take_the_height_of_the_finest_block_that_is_known():
    heights = np.full((8, 8), np.nan, np.float32)
    heights[::4, ::4] = [[1, 2], [3, 4]]
    whole = filled(heights)
    assert np.array_equal(whole, np.kron([[1, 2], [3, 4]], np.ones((4, 4))))
    heights[2, 2] = 7
    assert filled(heights)[3, 3] == 7
    assert filled(heights)[1, 1] == 1
