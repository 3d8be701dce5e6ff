import re

import numpy as np
import pytest

from dlcore.guides.convolution import ConvolutionSettings
from dlcore.sliding import Window, agreement, known, results
from dlcore.spec.share import pack
from pages.parts.labs import convolution_learn, convolution_likes, convolution_slide
from tests.engine.conftest import until
from tests.pages.test_playground import close_runs, opened  # noqa: F401  # a fixture for all

FILE = "pages/convolution.py"


def visited(**settings):
    at = opened(FILE, s=pack(ConvolutionSettings(**settings).compact()), guess="1")
    assert not at.exception
    return at


def lab(at):
    return at.session_state["lab:convolution"]


def said(at):
    return " ".join([*(each.value for each in at.caption), *(each.value for each in at.error)])


@pytest.mark.parametrize("part", ["Slide a window", "Watch it learn", "Follow a digit", "What it likes"])
def test_every_part_opens_cold_with_its_pictures(part):
    at = visited(part=part)
    assert not at.error
    assert not at.info
    assert at.button(key="play").label == "Play"
    assert not at.button(key="play").disabled


def test_what_is_drawn_is_the_picture_under_the_kernel_of_the_settings():
    at = visited(picture="shape", sample=2, kernel="Sobel y", stride=2, padding=1, dilation=2)
    image, _, channels = convolution_slide.chosen(lab(at))
    assert channels == ("red", "green", "blue")
    kernel, bias = convolution_slide.weighing(lab(at).settings, 3, {})
    np.testing.assert_array_equal(kernel, known("Sobel y", 3))
    assert results(image, Window(3, 2, 1, 2), kernel, bias)["output"].shape == (1, 7, 7)
    assert "= 7 places a side" in said(at)


def test_a_window_that_does_not_fit_is_said_where_it_would_slide():
    at = visited(picture="small digit", sample=0, kernel="own", weights=(1.0,) * 25, size=5, dilation=3)
    assert "reaches over 13 × 13 places" in said(at)


def test_a_typed_kernel_is_taken_once_and_what_cannot_be_read_is_left_alone():
    here = lab(visited())
    one = {"size": 2, "weights": [1, 2, 3, 4.00001], "bias": 0.5, "number": 10}
    convolution_slide.typed(here, one)
    assert (here.settings.kernel, here.settings.weights) == ("own", (1, 2, 3, 4))
    assert (here.settings.bias, here.settings.size) == (0.5, 2)
    broken = [{}, {"weights": None}, {"weights": ["x"] * 4}, {"weights": [1] * 5}, {"size": 99}]
    broken += [{"bias": float("inf")}, {"weights": [1e9] * 4}, {"bias": None}]
    for number, each in enumerate(broken, 11):
        convolution_slide.typed(here, {**one, "number": number, **each} if each else each)
        assert here.settings.weights == (1, 2, 3, 4)
        assert here.settings.bias == 0.5
    for number in (9, 10, 2.0**60, float("nan")):
        convolution_slide.typed(here, {**one, "weights": [0, 0, 0, 0], "number": number})
        assert here.settings.weights == (1, 2, 3, 4)
    assert any("out of bounds" in notice for notice in here.notices)


def test_a_window_of_another_size_keeps_the_kernels_middle_and_stays_in_bounds():
    here = lab(visited(kernel="sharpen"))
    kernel = known("sharpen", 1)
    convolution_slide.resize(here, {"size": 5}, kernel)
    assert (here.settings.kernel, here.settings.size) == ("own", 5)
    made, _ = convolution_slide.weighing(here.settings, 1, {})
    np.testing.assert_array_equal(made[:, 1:4, 1:4], kernel)
    for wrong in ({"size": 6}, {"size": 0}, {"size": "x"}, {}):
        convolution_slide.resize(here, wrong, made)
        assert here.settings.size == 5


def test_a_kernel_of_ones_own_fits_grey_and_colour_alike():
    grey = tuple(float(n) for n in range(9))
    shared = convolution_slide.fitting(grey, 3, 3)
    np.testing.assert_allclose(shared.sum(0).ravel(), grey, rtol=1e-6)
    back = convolution_slide.fitting(tuple(float(n) for n in shared.ravel()), 3, 1)
    np.testing.assert_allclose(back.ravel(), grey, rtol=1e-6)
    np.testing.assert_array_equal(convolution_slide.fitting((1.0, 2.0), 3, 1), known("identity", 1))


def test_what_is_the_pages_alone_leaves_the_run_be():
    here = lab(visited())
    here.reseed()
    seeded = here.experiment
    here.set("stride", 2)
    assert here.experiment == seeded
    here.set("filters", 4)
    assert here.experiment.network[0].channels == 4


def test_what_the_channels_like_grows_piece_by_piece_until_it_is_enough(monkeypatch):
    monkeypatch.setattr(convolution_likes, "ENOUGH", 9)
    at = visited(part="What it likes", layer="first")
    values = []
    for _ in range(5):
        at.run()
        values.append(lab(at).kept["likes"]["value"].min())
    assert lab(at).kept["likes"]["steps"] == 9
    assert values[2] > values[0]
    assert "One place of it sees 5 × 5 pixels" in said(at)


def test_the_film_keeps_the_start_and_says_by_this_runs_numbers_what_became_of_the_windows():
    at = visited(part="Watch it learn")
    here = lab(at).here
    here.do("epoch")
    until(lambda: here.run.frame(()).epoch == 1)
    at.run()
    frame = lab(at).frame((convolution_learn.filters(lab(at)), "past"))
    names = [name for name, _ in convolution_learn.moments(lab(at), frame)]
    assert names[0] == "The start"
    assert names[-1] == "Now"
    sentence, right = convolution_learn.found(lab(at), frame)
    weights = here.run.weights().arrays["0.weight"][:, 0]
    told = float(re.search(r"after 1 epoch by ([\d.]+) ", sentence).group(1))
    assert told == pytest.approx(agreement(weights), abs=0.011), "the page has the weights as whole numbers"
    assert "at the start by −0.11" in sentence
    assert right == (convolution_learn.EDGES if told >= convolution_learn.SMOOTH else None)
    here.look_at(0)
    back = lab(at).frame((convolution_learn.filters(lab(at)), "past"))
    assert convolution_learn.found(lab(at), back)[1] == convolution_learn.NOISE
