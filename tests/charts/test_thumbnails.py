import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from dlcore.charts import boundary, thumbnails
from dlcore.charts.theme import THEMES
from dlcore.data import Task

every_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
LIGHT = THEMES["light"]
RAMP = np.linspace(0, 255, 48 * 48).round().astype(np.uint8).reshape(48, 48)


def opened(address):
    head, _, body = address.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(body))).convert("RGB"))


@every_theme
def test_a_map_of_values_is_the_boundary_as_pictures_show_it(theme):
    found = opened(thumbnails.picture({"map": RAMP}, Task.BINARY, theme)).astype(int)
    value = np.linspace(-1, 1, 48 * 48).reshape(48, 48)
    assert np.abs(found - boundary.pixels({"value": value}, Task.BINARY, theme)).max() <= 1
    upper = found[0].mean(0) - found[-1].mean(0)
    assert upper[2] > 0 > upper[0], "class 1, which is blue, lies above: row 0 of the map is its lowest"


@every_theme
def test_a_map_of_classes_shows_each_with_its_certainty(theme):
    label = np.arange(48 * 48).reshape(48, 48) % 5
    record = {"map": label.astype(np.uint8), "sure": RAMP}
    oracle = boundary.pixels({"label": label, "strength": RAMP / 255}, Task.CLASSES, theme)
    np.testing.assert_array_equal(opened(thumbnails.picture(record, Task.CLASSES, theme)), oracle)


def test_a_class_beyond_the_colours_is_drawn_in_the_last_one():
    record = {"map": np.full((4, 4), 200, np.uint8), "sure": np.full((4, 4), 255, np.uint8)}
    assert opened(thumbnails.picture(record, Task.CLASSES, LIGHT)).shape == (4, 4, 3)


def test_images_show_the_sample_and_then_the_maps_in_rows():
    sample = np.arange(64, dtype=np.uint8).reshape(8, 8)
    maps = np.stack([np.full((4, 4), shade, np.uint8) for shade in (0, 255)])
    found = opened(thumbnails.picture({"sample": sample, "maps": maps}, Task.CLASSES, LIGHT))
    cell = (thumbnails.SIDE - 2 * thumbnails.GAP) // 3
    assert found.shape == (thumbnails.SIDE, thumbnails.SIDE, 3)
    assert tuple(found[0, 0]) == (0, 0, 0)
    dark, bright = (found[cell // 2, (cell + thumbnails.GAP) * k + cell // 2] for k in (1, 2))
    assert dark.sum() < 150 < 300 < bright.sum()
    assert "#{:02x}{:02x}{:02x}".format(*found[-1, -1]) == LIGHT.ground, "no eighth map: the ground"


def test_a_sample_without_maps_is_shown_alone():
    sample = np.arange(64, dtype=np.uint8).reshape(8, 8)
    found = opened(thumbnails.picture({"sample": sample}, Task.CLASSES, LIGHT))
    np.testing.assert_array_equal(found, np.repeat(sample[..., None], 3, 2))


def test_a_run_without_a_picture_has_none_and_shows_how_its_loss_fell():
    assert thumbnails.picture({}, Task.TOKENS, LIGHT) == ""
    rows = np.full((4, 6), np.nan)
    rows[:, 0] = [1.0, 0.1, np.nan, 0.01]
    head, _, body = thumbnails.sparkline({"rows": rows}, LIGHT).partition(",")
    assert head == "data:image/svg+xml;base64"
    train, test = re.findall(r'd="([^"]*)"', base64.b64decode(body).decode())
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", train)]
    assert heights == [6.0, 48.0, 90.0], "each tenth of the loss is as far below the one before"
    assert (train.count("M"), test) == (2, ""), "the line is broken where there is no number"


def test_a_moment_before_the_end_leaves_out_what_came_later_and_keeps_its_room():
    rows = np.full((4, 6), np.nan)
    rows[:, 0] = [1.0, 0.1, 0.05, 0.01]
    drawn = [
        base64.b64decode(thumbnails.sparkline(history, LIGHT, *until).partition(",")[2]).decode()
        for history in [{"epoch": np.arange(4), "rows": rows}]
        for until in ((), (1,))
    ]
    whole, begun = (re.findall(r"[ML][\d.]+ [\d.]+", svg) for svg in drawn)
    assert begun == whole[:2]


@pytest.mark.parametrize("n_rows", [0, 1])
def test_a_history_that_has_hardly_begun_is_drawn_all_the_same(n_rows):
    assert thumbnails.sparkline({}, LIGHT) == thumbnails.sparkline({"rows": np.ones((0, 6))}, LIGHT)
    assert thumbnails.sparkline({"rows": np.ones((n_rows, 6))}, LIGHT).startswith("data:image/svg")


def test_the_picture_is_told_in_words():
    words = [
        thumbnails.alt(record, "A")
        for record in ({"map": RAMP}, {"maps": RAMP, "sample": RAMP}, {"sample": RAMP}, {})
    ]
    assert len(set(words)) == 4
    assert all("A" in each for each in words)
