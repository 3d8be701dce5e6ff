import pytest
import torch

from dlcore.layers import Flatten, Patches, Rows, ToImage, ToSequence, Transpose
from tests.layers.test_every_layer import built

IMAGE = torch.arange(2 * 4 * 6.0).reshape(1, 2, 4, 6)


def test_rows_read_an_image_from_the_top():
    rows = built(Rows(), (2, 4, 6))(IMAGE)
    assert rows.shape == (1, 4, 12)
    for y in range(4):
        assert rows[0, y].tolist() == [*IMAGE[0, 0, y].tolist(), *IMAGE[0, 1, y].tolist()]


def test_patches_are_squares_in_reading_order():
    patches = built(Patches(size=2), (2, 4, 6))(IMAGE)
    assert patches.shape == (1, 6, 8)
    for i in range(6):
        y, x = 2 * (i // 3), 2 * (i % 3)
        assert patches[0, i].tolist() == IMAGE[0, :, y : y + 2, x : x + 2].flatten().tolist()


def test_steps_are_cut_from_the_front():
    assert built(ToSequence(steps=3), (6,))(torch.arange(6.0)[None]).tolist() == [[[0, 1], [2, 3], [4, 5]]]


def test_an_image_is_filled_row_by_row_and_flattened_again():
    x = torch.arange(48.0)[None]
    image = built(ToImage(channels=2, height=4, width=6), (48,))(x)
    assert torch.equal(image, IMAGE)
    assert torch.equal(built(Flatten(), (2, 4, 6))(image), x)


def test_a_sequence_is_turned_and_back():
    x = torch.randn(2, 5, 3)
    turned = built(Transpose(), (5, 3))(x)
    assert torch.equal(turned, x.mT)
    assert torch.equal(built(Transpose(), (3, 5))(turned), x)


@pytest.mark.parametrize(
    ("layer", "shape", "needed"),
    [
        (ToImage(channels=1, height=4, width=4), (15,), "16 numbers for 1 × 4 × 4"),
        (ToSequence(steps=4), (6,), "a number of inputs that 4 steps divide"),
        (Patches(size=4), (1, 8, 6), "an image whose sides patches of 4 divide"),
    ],
)
def test_numbers_that_do_not_go_round_are_refused_in_words(layer, shape, needed):
    assert layer.needs(shape) == needed


@pytest.mark.parametrize(
    ("n", "height", "width"), [(1, 1, 1), (2, 1, 2), (7, 1, 7), (12, 3, 4), (64, 8, 8), (784, 28, 28)]
)
def test_an_image_to_begin_with_is_the_squarest_one(n, height, width):
    assert ToImage.made_for((n,)) == ToImage(height=height, width=width)
