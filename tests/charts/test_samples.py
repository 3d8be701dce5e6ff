import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from dlcore.charts import samples
from dlcore.charts.theme import DARK, LIGHT, OKABE_ITO

IMAGES = np.random.default_rng(1).random((5, 1, 8, 8)).astype(np.float32)


def drawn(address):
    """The SVG of a histogram's address."""
    head, _, body = address.partition(",")
    assert head == "data:image/svg+xml;base64"
    return base64.b64decode(body).decode()


def heights(address):
    """The heights of a histogram's bars, the classes from the top one down."""
    return [
        [float(h) for h in re.findall(r"v-([\d.]+)h", path)]
        for path in re.findall(r'd="([^"]*)"', drawn(address))
    ]


@pytest.mark.parametrize("cell", [8, 16, 34])
def test_a_sheet_holds_every_image_in_its_place(cell):
    picture = samples.sheet([IMAGES[:3], IMAGES[3:]], cell)
    step = cell + samples.GAP
    assert picture.shape == (2 * step - samples.GAP, 3 * step - samples.GAP, 4)
    for i, (row, column) in enumerate([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]):
        place = picture[row * step : row * step + cell, column * step : column * step + cell]
        pixels = np.repeat((IMAGES[i, 0] * 255).round().astype(np.uint8)[..., None], 3, 2)
        oracle = Image.fromarray(pixels).resize((cell, cell), Image.Resampling.NEAREST)
        assert np.array_equal(place[..., :3], np.asarray(oracle))
        assert (place[..., 3] == 255).all()
    assert not picture[:, cell : cell + samples.GAP].any(), "what is between is transparent"
    assert not picture[step:, 2 * step :].any(), "what is left over, too"


def test_large_images_are_made_smaller_and_colour_stays_colour():
    red = np.zeros((1, 3, 64, 64), np.float32)
    red[:, 0] = 1
    picture = samples.sheet([red], 32)
    assert picture.shape == (32, 32, 4)
    assert (picture == [255, 0, 0, 255]).all()


def test_numbers_beyond_0_and_1_are_cut_off():
    picture = samples.sheet(
        [np.stack([np.full((1, 8, 8), -3.0), np.full((1, 8, 8), 7.0)]).astype(np.float32)], 8
    )
    assert (picture[0, 0, 0], picture[0, -1, 0]) == (0, 255)


def test_the_address_of_a_picture_is_a_png_of_it():
    picture = samples.sheet([IMAGES], 16)
    head, _, body = samples.address(picture).partition(",")
    assert head == "data:image/png;base64"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(body)))), picture)


def test_a_histogram_counts_as_numpy_does():
    values = np.random.default_rng(1).normal(size=500)
    counts, _ = np.histogram(values, samples.BINS)
    (found,) = heights(samples.histogram(values, None, (), LIGHT))
    np.testing.assert_allclose(found, counts[counts > 0] / counts.max() * samples.HEIGHT, atol=0.06)


def test_the_bars_of_the_classes_stand_on_each_other_in_their_colours():
    values, y = np.repeat([0.0, 1.0], 50), np.tile([0, 0, 0, 1, 1], 20)
    address = samples.histogram(values, y, OKABE_ITO[:2], LIGHT)
    assert heights(address) == [[40.0, 40.0], [24.0, 24.0]]
    assert re.findall(r'fill="([^"]*)"', drawn(address)) == [OKABE_ITO[1], OKABE_ITO[0]]


@pytest.mark.parametrize("values", [[], [np.nan], [3.0], [3.0, 3.0], [np.inf, 1.0, np.nan]])
def test_hardly_any_numbers_are_still_a_picture_and_words(values):
    values = np.array(values)
    assert drawn(samples.histogram(values, None, (), DARK)).endswith("</svg>")
    assert samples.spread("age", values).startswith("age: ")


def test_the_spread_is_said_in_words():
    assert samples.spread("age", np.arange(101.0)) == "age: from 0 to 100, half of them between 25 and 75"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"), (1, "1"), (0.5, "0.5"), (-0.25, "−0.25"), (3.14159, "3.14"), (27.36, "27.4"), (100, "100"),
        (12345.6, "12\u2009346"), (1e7, "1.00e7"), (1e-5, "1.00e−5"), (-1e-9, "−1.00e−9"),
        (0.00123, "0.00123"), (999.96, "1\u2009000"), (-0.0, "0"),
    ],
)  # fmt: skip
def test_numbers_have_three_digits_and_a_proper_minus(value, shown):
    assert samples.number(value) == shown


@pytest.mark.parametrize(("n", "expected"), [(2, 2), (3, 3), (6, 6), (7, 0), (30, 0)])
def test_classes_have_colours_as_long_as_they_can_be_told_apart(n, expected):
    found = samples.class_colours(n, LIGHT)
    assert len(found) == expected
    assert n != 2 or found == (LIGHT.negative, LIGHT.positive)
