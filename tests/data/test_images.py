import time

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from dlcore.data import datasets
from dlcore.data.images import Images, Shapes

IMAGES = [cls for cls in datasets if issubclass(cls, Images)]


@pytest.mark.parametrize("cls", IMAGES, ids=[cls.kind_name() for cls in IMAGES])
def test_images_have_the_shape_they_promise_and_numbers_between_0_and_1(cls):
    data = cls(n_images=200)
    x, y = data.draw(1)
    assert x.shape == (200, *data.sample_shape)
    assert x.dtype == np.float32
    assert 0 <= x.min() < 0.2
    assert 0.8 < x.max() <= 1
    assert set(y) == set(range(data.n_classes))
    assert len(data.class_names) == data.n_classes


@pytest.mark.parametrize("side", [16, 20, 24, 28, 32])
@pytest.mark.parametrize("colour", [False, True])
def test_shapes_are_as_large_as_asked_grey_or_in_colour(side, colour):
    data = Shapes(n_images=100, side=side, colour=colour, clutter=0.5, rotation=90)
    assert data.draw(1)[0].shape == (100, 3 if colour else 1, side, side) == (100, *data.sample_shape)


def test_the_seed_alone_decides_the_shapes():
    hard = Shapes(n_images=100, colour=True, clutter=1.0, rotation=180, n_shapes=6)
    (x, y), (again, same), (other, _) = hard.draw(1), hard.draw(1), hard.draw(2)
    assert np.array_equal(x, again)
    assert np.array_equal(y, same)
    assert not np.array_equal(x, other)


@pytest.mark.parametrize("n_shapes", [2, 3, 6])
def test_there_are_as_many_of_each_shape(n_shapes):
    counts = np.bincount(Shapes(n_images=600, n_shapes=n_shapes).draw(3)[1])
    assert counts.tolist() == [600 // n_shapes] * n_shapes


def test_two_thousand_shapes_take_less_than_a_second_and_a_half_at_their_hardest():
    started = time.process_time()
    Shapes(n_images=2000, side=32, colour=True, n_shapes=6, clutter=1.0, rotation=180, noise=0.5).draw(1)
    assert time.process_time() - started < 1.5  # 0.6 s where nothing else runs


def test_an_unturned_square_is_a_square_and_a_circle_is_round():
    """Oracles: the ink of a disc is π/4 of its box, a square's all of it; a ring has a hole."""
    x, y = Shapes(n_images=300, n_shapes=6, side=32, noise=0.0).draw(1)
    shares = {}
    for shape in range(6):
        ink = (
            x[y == shape, 0]
            > (x[y == shape].min((1, 2, 3)) + x[y == shape].max((1, 2, 3)))[:, None, None] / 2
        )
        boxes = (
            [np.ptp(np.nonzero(each.any(1))) + 1 for each in ink],
            [np.ptp(np.nonzero(each.any(0))) + 1 for each in ink],
        )
        shares[shape] = np.median(ink.sum((1, 2)) / (np.array(boxes[0]) * np.array(boxes[1])))
    assert shares[0] == pytest.approx(np.pi / 4, abs=0.06)
    assert shares[1] == pytest.approx(1, abs=0.02)
    assert shares[2] == pytest.approx(0.5, abs=0.08)
    assert shares[3] < 0.65
    assert shares[4] < 0.55


def test_shapes_do_not_touch_the_edge():
    x, _ = Shapes(n_images=500, side=32, noise=0.0, n_shapes=6, rotation=180).draw(2)
    edge = np.concatenate([x[:, 0, 0], x[:, 0, -1], x[:, 0, :, 0], x[:, 0, :, -1]], 1)
    assert np.ptp(edge, axis=1).max() < 1e-6, "the paper alone"


def test_brightness_and_place_do_not_tell_the_shape():
    x, y = Shapes(n_images=3000, n_shapes=2, noise=0.0, colour=True).draw(1)
    centre = np.stack([x.max((2, 3))[:, k] for k in range(3)] + [x.min((2, 3))[:, k] for k in range(3)], 1)
    half = len(y) // 2
    score = LogisticRegression().fit(centre[:half], y[:half]).score(centre[half:], y[half:])
    assert abs(score - 0.5) < 0.06


def test_clutter_and_noise_only_add_to_what_is_there():
    plain, cluttered = (Shapes(n_images=200, clutter=c, noise=0.0).draw(1)[0] for c in (0.0, 1.0))
    noisy = Shapes(n_images=200, noise=0.3).draw(1)[0]
    changed = (np.abs(plain - cluttered) > 0.02).mean()
    assert 0.02 < changed < 0.3
    assert np.abs(plain - noisy).mean() > 0.1
