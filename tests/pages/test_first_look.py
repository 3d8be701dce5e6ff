import re
import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dlcore.charts.samples import number
from dlcore.data import datasets, prepare
from dlcore.data.shelf import shelf
from dlcore.experiment import Experiment
from dlcore.layers import FLAT, IMAGE, form
from dlcore.link import encode
from dlcore.losses import losses
from tests.pages.test_playground import close_runs  # noqa: F401  # the fixture ends the runs

PATIENCE_S = 30


def page():
    from pages.parts.augmentation import augmentation_popover
    from pages.parts.first_look import first_look
    from pages.parts.state import open_here

    here = open_here()
    augmentation_popover(here)
    first_look(here)


def of(data, **more):
    made = datasets[data]() if isinstance(data, str) else data
    loss = next(cls() for cls in losses if made.task in cls.tasks)
    e = Experiment(data=made, loss=loss, network=(), **more)
    for _ in range(4):
        problems = e.problems()
        e = e.model_copy(update=dict(problems[0].remedy)) if problems else e
    return e


def look(e):
    at = AppTest.from_function(page, default_timeout=PATIENCE_S)
    at.query_params["x"] = encode(e)
    at.run()
    assert not at.exception
    return at


def shown(at):
    return "".join(element.proto.body for element in at.get("html"))


KINDS = [kind for kind in datasets.kinds() if form(of(kind).input_shape) in (FLAT, IMAGE)]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not datasets[kind]().planar])
def test_every_table_and_every_set_of_images_has_a_first_look(kind):
    e = of(kind)
    parts = prepare(e.data, e.split, e.seeds.data, e.seeds.split)
    said = shown(look(e))
    assert e.data.heading() in said
    for share, part in parts.items():
        assert f"{share} {len(part):,}".replace(",", "\u2009") in said
    for name in e.data.class_names[:12]:
        assert name in said
    for name in getattr(e.data, "columns", ()):
        assert name in said
    assert all('alt="' in image for image in re.findall(r"<img[^>]*>", said))
    assert re.findall(r"<img", said)


def test_the_classes_are_counted_over_all_shares():
    said = shown(look(of("iris")))
    assert len(re.findall(r"50 \(33\.3%\)", said)) == 3


def test_the_columns_show_the_range_of_the_training_rows_before_scaling():
    e = of("wine")
    raw = prepare(datasets["wine"](scaling="none"), e.split, e.seeds.data, e.seeds.split)["train"].x
    said = shown(look(e))
    assert f"alcohol: from {raw[:, 0].min():.3g} to {raw[:, 0].max():.3g}" in said


def test_a_gap_is_a_dash_and_its_share_is_told():
    said = shown(look(of("own_table")))
    assert "11% missing" in said
    assert "<td>–</td>" in said


def test_what_fills_a_gap_is_not_shown_as_measured():
    e = of("own_table")
    parts = prepare(e.data.model_copy(update={"scaling": "none"}), e.split, e.seeds.data, e.seeds.split)
    x = parts["train"].x
    measured = x[x[:, -1] == 0, 2]
    assert len(measured) < len(x)
    first, third = np.quantile(measured, [0.25, 0.75])
    assert f"half of them between {number(first)} and {number(third)}" in shown(look(e))


def test_a_class_of_every_share_has_its_bar():
    e = of("digits")
    parts = prepare(e.data, e.split, e.seeds.data, e.seeds.split)
    counts = ", ".join(f"{(part.y == 3).sum()} {share}" for share, part in parts.items())
    assert f'aria-label="3: {counts}"' in shown(look(e))


def test_what_training_sees_is_shown_where_it_is_altered():
    plain = shown(look(of("digits")))
    altered = shown(look(of("digits", augmentation={"rotate": 20})))
    assert "altered anew" in altered
    assert "altered anew" not in plain
    assert altered.count("<img") == plain.count("<img") + 1


def test_augmentation_is_set_beside_the_images_and_named():
    at = look(of("digits"))
    at.slider(key="set:augmentation.rotate").set_value(20).run()
    assert at.session_state["here"].experiment.augmentation.rotate == 20
    assert "altered anew" in shown(at)
    at.button(key="augmentation-off").click().run()
    assert not at.session_state["here"].experiment.augmentation.active


def test_a_table_offers_no_augmentation():
    assert not [widget for widget in look(of("iris")).slider if "augmentation" in widget.key]


def test_names_from_strangers_are_text():
    about = {
        "holds": "table", "rows": 40, "numbers": ["<img src=x>"], "gaps": [], "categories": [],
        "classes": ["<b>a</b>", "&amp;"], "target": "y",
    }  # fmt: skip
    arrays = {
        "numbers": np.arange(40.0)[:, None], "categories": np.zeros((40, 0), int), "sizes": np.zeros(0, int),
        "y": np.arange(40) % 2,
    }  # fmt: skip
    data = datasets["own_table"](upload=shelf().put(arrays, about, "a visitor"))
    said = shown(look(of(data)))
    assert "<b>a</b>" not in said
    assert "<img src=x>" not in said
    for written in ("&lt;img src=x&gt;", "&lt;b&gt;a&lt;/b&gt;", "&amp;amp;"):
        assert written in said


@pytest.mark.parametrize("kind", ["mnist", "breast_cancer"])
def test_a_look_that_was_had_before_costs_nothing(kind):
    at = look(of(kind))
    here = at.session_state["here"]
    kept = {name: value for name, value in here._kept.items() if name.startswith("look:")}
    assert kept
    started = time.perf_counter()
    at.run()
    assert time.perf_counter() - started < 2
    assert all(here._kept[name][1] is value[1] for name, value in kept.items())
