"""The graph of a network as SVG."""

from xml.etree import ElementTree

import pytest

from dlcore.charts.graph import alt, svg
from dlcore.charts.theme import DARK, LIGHT
from dlcore.data import Mnist
from dlcore.experiment import Experiment
from dlcore.layers import Activate, BatchNorm, Conv2d, Dense, Flatten, MaxPool, Parallel, Residual
from dlcore.templates import TEMPLATES

SVG = "{http://www.w3.org/2000/svg}"
DEEP = Experiment(
    data=Mnist(), network=(*(Conv2d(), BatchNorm(), Activate()) * 9, MaxPool(), Flatten(), Dense())
)


def drawn(experiment, theme=LIGHT):
    return ElementTree.fromstring(svg(experiment, theme))


def texts(root):
    return [each.text for each in root.iter(f"{SVG}text")]


def boxes(root):
    return [
        tuple(float(each.get(side)) for side in ("x", "y", "width", "height"))
        for each in root.iter(f"{SVG}rect")
        if each.get("rx") == "5"
    ]


@pytest.mark.parametrize("template", TEMPLATES, ids=[each.name for each in TEMPLATES])
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_template_is_drawn_within_its_picture(template, theme):
    root = drawn(template.on(), theme)
    width, height = float(root.get("width")), float(root.get("height"))
    assert all(x >= 0 and y >= 0 and x + w <= width and y + h <= height for x, y, w, h in boxes(root))


def test_thirty_layers_have_a_box_each_and_none_overlaps_another():
    root = drawn(DEEP)
    places = boxes(root)
    assert len(places) == 32  # with the data and the output
    for i, (x, y, w, h) in enumerate(places):
        for u, v, _, _ in places[i + 1 :]:
            assert abs(x - u) >= w or abs(y - v) >= h


def test_each_box_tells_its_layer_and_the_shape_it_gives():
    told = texts(drawn(DEEP))
    assert told[:4] == ["MNIST 28 × 28", "1 × 28 × 28", "Convolution 2-D", "8 × 28 × 28"]
    assert told[-2:] == ["Output", "10"]


def test_a_skip_is_a_way_of_its_own_beside_the_layers_inside():
    e = Experiment(data=Mnist(), network=(Residual(inside=(Conv2d(channels=1),)), Flatten()))
    root = drawn(e)
    inner = boxes(root)[1]
    skips = [way.get("d") for way in root.iter(f"{SVG}path") if (way.get("d") or "").count("H") == 2]
    left = [float(way.split("H")[1].split("V")[0]) for way in skips]
    assert len(left) == 1
    assert left[0] < inner[0]
    assert "+" in texts(root)


def test_paths_lie_side_by_side_and_an_empty_one_is_a_way_alone():
    e = Experiment(data=Mnist(), network=(Parallel(paths=((Conv2d(),), (Conv2d(), Conv2d()), ())), Flatten()))
    _, a, b, c, *_ = boxes(drawn(e))
    assert a[1] == b[1] == c[1] - c[3] - 16
    assert b[0] == c[0] > a[0] + a[2]


def test_what_does_not_fit_and_what_is_off_are_told_apart():
    e = Experiment(data=Mnist(), network=(Conv2d(off=True), Dense(), Dense()))
    told = texts(drawn(e))
    assert told[3] == "off"
    assert "⚠ Dense" in told
    assert told.count("?") == 2


def test_the_graph_is_told_in_words():
    assert alt(Experiment(data=Mnist(), network=(Flatten(), Dense()))) == (
        "Graph of the network: MNIST 28 × 28, Flatten, Dense, output"
    )
