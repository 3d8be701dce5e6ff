import re

import numpy as np
import pytest

from dlcore.charts.theme import DARK, LIGHT, contrast
from dlcore.export.markup import written
from dlcore.export.report_drawing import HEIGHT, WIDTH, Axis, Line, curves
from dlcore.export.report_style import _tokens


def drawn(*lines, **more):
    return written(curves("a", lines, "loss", "about", "epoch", **more))


def line(y, label="", share="train"):
    y = np.array(y, float)
    return Line("name", np.arange(len(y), dtype=float), y, share, 1, label)


@pytest.mark.parametrize(
    ("high", "ticks"), [(1.0, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (160, [0, 50, 100, 150]), (7, [0, 2, 4, 6])]
)
def test_ticks_are_round_numbers(high, ticks):
    assert Axis(0, high, 0, 100).ticks() == pytest.approx(ticks)


def test_what_falls_by_more_than_a_hundredfold_is_drawn_on_powers_of_ten():
    text = drawn(line([2.0, 0.1, 0.004]), log=True)
    assert "logarithmic" in text
    for power in ("0.001", "0.01", "0.1", "1", "10"):
        assert f">{power}</text>" in text
    assert "logarithmic" not in drawn(line([0.5, 0.1, 0.0]), log=True)
    assert "logarithmic" not in drawn(line([2.0, 0.1, 0.004]))


def test_a_gap_is_left_where_there_is_no_number():
    path = re.search(r'<path[^>]* d="([^"]*)"', drawn(line([1, 2, np.nan, 2, 1]))).group(1)
    assert re.findall("[ML]", path) == list("MLML")


def test_one_point_is_a_dot_and_none_is_no_line():
    assert "<circle" in drawn(line([1.0]))
    assert "<path" not in drawn(line([np.nan, np.nan]))


def test_a_constant_and_an_endless_run_stay_on_the_drawing():
    for values in ([0.0] * 3, [1e9, 1e12], [-5.0, -1.0], [1e-300, 1e300], [np.inf, 1.0, 2.0]):
        numbers = re.findall(r' d="([^"]*)"', drawn(line(values), log=True))[0]
        places = np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", numbers), float)
        assert (places >= 0).all()
        assert (places <= (WIDTH, HEIGHT)).all()


def test_labels_at_the_ends_of_lines_do_not_cover_each_other():
    text = drawn(*(line([1.0, 0.5 + i / 1000], str(i)) for i in range(8)))
    heights = [float(y) for y in re.findall(r'<text x="[\d.]+" y="([\d.]+)" class="label', text)]
    assert len(heights) == 8
    assert np.diff(heights).min() >= 11
    assert max(heights) < HEIGHT


def test_a_mark_says_what_was_changed():
    text = drawn(line([3, 2, 1]), marks=((1.5, "rate <halved>"), (99.0, "later")))
    assert "epoch 1.5: rate &lt;halved&gt;" in text
    assert "later" not in text


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_colour_of_a_run_is_seen_on_the_ground(theme):
    tokens = dict(re.findall(r"--([\w-]+): (#\w{6});", _tokens(theme)))
    runs = [colour for name, colour in tokens.items() if name.startswith("run-")]
    assert len(runs) == 9
    for colour in runs:
        assert contrast(colour, tokens["ground"]) >= 3
