import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import ndimage

from dlcore.data.augment import Augmentation, augment, chance
from dlcore.data.images import Digits, Shapes
from tests.samples import declared

x_all, y_all = Shapes(n_images=100, colour=True, noise=0.0).draw(1)
TARGETS = np.eye(5, dtype=np.float32)[y_all]
SOME = {
    "shift": 0.2, "rotate": 40, "zoom": 0.3, "flip": True, "noise": 0.2, "cut_out": 0.3, "mix_up": 0.4,
}  # fmt: skip


def altered(x=x_all, y=TARGETS, seed=1, **how):
    return augment(chance(seed, 0, 0), x, y, **Augmentation(**how).arguments())


class Given:
    """A generator that draws what a test wants."""

    def __init__(self, *draws):
        self.draws = list(draws)

    def uniform(self, low, high, size):
        return np.broadcast_to(np.asarray(self.draws.pop(0), float), size).copy()


def moved(image, angle=0.0, size=1.0, move=(0.0, 0.0)):
    """One image (H, W) turned, zoomed and moved by exactly so much."""
    draws = Given(angle, size, np.array(move).reshape(2, 1, 1, 1))
    how = {**Augmentation().arguments(), "rotate": 1}
    return augment(draws, image[None, None].astype(np.float32), TARGETS[:1], **how)[0][0, 0]


@pytest.mark.parametrize("name", list(SOME))
def test_every_setting_changes_the_images_and_keeps_their_shape_and_type(name):
    x, y = altered(**{name: SOME[name]})
    assert (x.shape, x.dtype, y.shape, y.dtype) == (x_all.shape, np.float32, TARGETS.shape, np.float32)
    assert not np.array_equal(x, x_all)
    assert np.array_equal(y, TARGETS) == (name != "mix_up")


def test_nothing_set_changes_nothing():
    x, y = altered()
    assert x is x_all
    assert y is TARGETS
    assert not Augmentation().active


@pytest.mark.parametrize("name", list(SOME))
def test_the_images_given_stay_as_they_are(name):
    before = x_all.copy(), TARGETS.copy()
    altered(**{name: SOME[name]})
    assert np.array_equal(x_all, before[0])
    assert np.array_equal(TARGETS, before[1])


def test_the_seed_the_epoch_and_the_batch_alone_decide():
    def drawn(*where):
        return augment(chance(*where), x_all, TARGETS, **Augmentation(**SOME).arguments())[0]

    assert np.array_equal(drawn(1, 2, 30), drawn(1, 2, 30))
    others = [(2, 2, 30), (1, 3, 30), (1, 2, 60)]
    assert not any(np.array_equal(drawn(1, 2, 30), drawn(*where)) for where in others)


def test_the_first_batch_is_not_altered_by_the_numbers_that_ordered_it():
    assert chance(1, 2, 0).random() != np.random.default_rng((1, 2)).random()


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_quarter_turn_is_numpy_s(quarter):
    image = x_all[3, 0]
    np.testing.assert_allclose(moved(image, angle=90.0 * quarter), np.rot90(image, quarter), atol=1e-5)


@pytest.mark.parametrize("angle", [-30.0, 12.0, 45.0])
def test_a_turn_is_scipy_s(angle):
    image = x_all[5, 1]
    oracle = ndimage.rotate(image, angle, reshape=False, order=1, mode="nearest")
    np.testing.assert_allclose(moved(image, angle=angle), oracle, atol=1e-4)


@pytest.mark.parametrize("size", [0.6, 1.0, 1.5])
def test_a_zoom_is_scipy_s(size):
    image = x_all[7, 2]
    middle = (np.array(image.shape) - 1) / 2
    oracle = ndimage.affine_transform(
        image, np.eye(2) / size, middle - middle / size, order=1, mode="nearest"
    )
    np.testing.assert_allclose(moved(image, size=size), oracle, atol=1e-5)


def test_a_shift_moves_whole_images_and_repeats_their_edge():
    image = np.random.default_rng(1).random((24, 24))
    found = moved(image, move=(0.25, -0.125))  # 6 down, 3 to the left
    np.testing.assert_allclose(found[6:, :-3], image[:-6, 3:], atol=1e-5)
    np.testing.assert_allclose(found[:6, :-3], np.repeat(image[:1, 3:], 6, 0), atol=1e-5)


def test_shifts_turns_and_zooms_stay_within_what_was_asked():
    """A bright pixel in the middle of 101 moves by no more than the shift; seen over a thousand images."""
    x = np.zeros((500, 1, 41, 41), np.float32)
    x[:, 0, 20, 20] = 1
    found = augment(chance(1, 0, 0), x, TARGETS, **Augmentation(shift=0.1).arguments())[0][:, 0]
    weight = found.sum((1, 2))
    rows = (found.sum(2) * np.arange(41)).sum(1) / weight - 20
    columns = (found.sum(1) * np.arange(41)).sum(1) / weight - 20
    assert 3.5 < np.abs(rows).max() <= 4.11
    assert 3.5 < np.abs(columns).max() <= 4.11


def test_about_half_the_images_are_mirrored_and_the_others_untouched():
    x, _ = altered(flip=True)
    mirrored = [np.array_equal(a, b[..., ::-1]) for a, b in zip(x, x_all, strict=True)]
    same = [np.array_equal(a, b) for a, b in zip(x, x_all, strict=True)]
    assert all(a or b for a, b in zip(mirrored, same, strict=True))
    assert 35 < sum(mirrored) < 65


def test_noise_has_the_spread_asked_for():
    x, _ = altered(noise=0.2)
    assert (x - x_all).std() == pytest.approx(0.2, rel=0.02)
    assert abs((x - x_all).mean()) < 0.002


def test_a_square_no_larger_than_asked_is_cut_out_and_becomes_the_mean():
    x, _ = altered(cut_out=0.5)
    for new, old in zip(x, x_all, strict=True):
        changed = (new != old).any(0)
        rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
        assert np.ptp(rows) < 12
        assert np.ptp(columns) < 12
        np.testing.assert_allclose(
            new[:, changed], np.repeat(old.mean((1, 2))[:, None], changed.sum(), 1), atol=1e-6
        )


def test_mix_up_blends_images_and_answers_alike():
    x, y = altered(mix_up=0.4)
    np.testing.assert_allclose(y.sum(1), 1, rtol=1e-6)
    i = int(np.flatnonzero((y > 0).sum(1) == 2)[0])
    own = y[i, y_all[i]]
    other = (x[i] - own * x_all[i]) / (1 - own)
    nearest = np.abs(x_all - other).mean((1, 2, 3)).argmin()
    np.testing.assert_allclose(x_all[nearest], other, atol=1e-3)
    assert y[i, y_all[nearest]] == pytest.approx(1 - own)


def test_printed_into_a_script_it_is_the_same_function():
    space = {"np": np, "NDArray": __import__("numpy.typing").typing.NDArray}
    exec(inspect.getsource(augment), space)
    how = Augmentation(**SOME).arguments()
    mine, theirs = (f(chance(1, 2, 3), x_all, TARGETS, **how) for f in (augment, space["augment"]))
    assert np.array_equal(mine[0], theirs[0])
    assert np.array_equal(mine[1], theirs[1])


def test_digits_of_eight_pixels_are_altered_too():
    x, _ = Digits(n_images=100).draw(1)
    turned = altered(x, TARGETS, rotate=15, shift=0.1)[0]
    assert turned.shape == x.shape
    assert np.isfinite(turned).all()
    assert turned.min() >= 0
    assert turned.max() <= 1 + 1e-6


@pytest.mark.parametrize(
    "wrong",
    [{"shift": 0.31}, {"rotate": -1}, {"rotate": 2.5}, {"zoom": 0.6}, {"flip": "maybe"}, {"noise": -0.1},
     {"cut_out": 0.7}, {"mix_up": 1.1}, {"blur": 1}, {"shift": float("nan")}],
)  # fmt: skip
def test_settings_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError):
        Augmentation(**wrong)


def test_every_setting_is_live():
    assert all(field.json_schema_extra["live"] for field in Augmentation.settings().values())


@settings(max_examples=60, deadline=None)
@given(declared(Augmentation), st.integers(2, 12), st.integers(2, 12), st.integers(1, 4))
def test_whatever_is_set_images_of_any_size_stay_finite_and_whole(made, height, width, n):
    x = np.random.default_rng(1).random((n, 2, height, width), np.float32)
    y = np.eye(3, dtype=np.float32)[np.arange(n) % 3]
    images, targets = augment(chance(1, 2, 3), x, y, **made.arguments())
    assert images.shape == x.shape
    assert images.dtype == np.float32
    assert np.isfinite(images).all()
    np.testing.assert_allclose(targets.sum(1), 1, rtol=1e-5)
