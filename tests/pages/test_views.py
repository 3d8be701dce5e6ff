"""The views of a network's inside: each draws for what it applies to."""

import urllib.parse
from types import SimpleNamespace

import numpy as np
import pytest

from dlcore.charts.theme import DARK, LIGHT
from dlcore.data import Split, datasets, prepare
from dlcore.engine import State
from dlcore.engine.picture import picture
from dlcore.experiment import Experiment, with_value
from dlcore.layers import Dense, layers
from dlcore.losses import MeanSquared
from dlcore.training.session import Session
from pages.parts import live
from pages.parts.inside import Inside
from pages.parts.views import (
    VIEWS,
    attention,
    choose,
    distributions,
    features,
    mistakes,
    projection,
    quality,
    recurrence,
    samples,
    trace,
)

INSIDE = (attention, distributions, features, mistakes, projection, quality, recurrence, trace)
CASES = {
    "images": Experiment(
        data=datasets["digits"](n_images=150),
        network=(layers["conv2d"](channels=5), layers["max_pool"](), layers["flatten"](), Dense(units=9)),
    ),
    "table": Experiment(data=datasets["iris"](), network=(Dense(units=6),)),
    "plane": Experiment(network=(Dense(units=5),)),
    "tokens": Experiment(
        data=datasets["reverse"](),
        split=Split(train=80, validation=5),
        network=(layers["embedding"](size=8), layers["transformer_block"](heads=2, hidden=12)),
    ),
    "names": Experiment(
        data=datasets["surnames"](),
        network=(
            layers["embedding"](size=6),
            layers["lstm"](units=7, keep="all steps"),
            layers["gru"](units=5),
        ),
    ),
    "waves": Experiment(
        data=datasets["sines"](), network=(layers["rnn"](units=6, both_ways=True),), loss=MeanSquared()
    ),
}
OFFERED = {
    "images": {"Feature maps", "Mistakes", "One sample"},
    "table": {"Feature maps", "Mistakes", "One sample"},
    "plane": set(),
    "tokens": {"Feature maps", "Attention", "Mistakes", "One sample"},
    "names": {"Feature maps", "Memory", "Mistakes", "One sample"},
    "waves": {"Feature maps", "Memory", "Mistakes", "One sample", "Forecast"},
}
ALWAYS = {"Try it", "Weights and gradients", "Samples in space", "Answers"}


class Drawn(list):
    """What a view put on the page: plots, sheets of tiles, sentences."""


@pytest.fixture(scope="module")
def looked_at():
    """A session, its points and a frame of all that its views watch, for each case."""
    made = {}
    for name, experiment in CASES.items():
        session = Session(experiment)
        session.advance(3)
        e = session.experiment
        made[name] = session, prepare(e.data, e.split, e.seeds.data, e.seeds.split)
    return made


@pytest.fixture
def drawn(monkeypatch):
    """Catch what views draw."""
    found = Drawn()
    monkeypatch.setattr(live, "live_plot", None)
    for module in INSIDE:
        if hasattr(module, "live_plot"):
            monkeypatch.setattr(
                module, "live_plot", lambda figure, key, alt, **how: found.append(("plot", figure, alt))
            )
        if hasattr(module, "tiles"):
            monkeypatch.setattr(
                module,
                "tiles",
                lambda here, key, sheets, **how: found.append(("tiles", sheets, how.get("on_pick"))),
            )
    monkeypatch.setattr(choose, "said", lambda sentence: found.append(("said", sentence, "")))
    monkeypatch.setattr(choose, "empty", lambda sentence: found.append(("empty", sentence, "")))
    return found


def at(looked_at, case, theme=LIGHT, **inside):
    session, points = looked_at[case]
    return SimpleNamespace(
        experiment=session.experiment, points=points, theme=theme, inside=Inside(**inside), stale=False
    )


def shown(view, here, session):
    return picture(session, list(view.watched(here)), state=State.PAUSED)


APPLYING = [
    pytest.param(case, view, id=f"{case}-{view.name}")
    for case, experiment in CASES.items()
    for view in VIEWS
    if view.name not in ("Forecast", "Try it") and view.applies(experiment)
]


@pytest.mark.parametrize("case", CASES)
def test_the_page_offers_the_views_that_apply(case):
    assert {view.name for view in VIEWS if view.applies(CASES[case])} == OFFERED[case] | ALWAYS


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize(("case", "view"), APPLYING)
def test_a_view_says_and_shows_what_it_watches(case, view, theme, looked_at, drawn):
    here = at(looked_at, case, theme, sample=2, channel=1, head=1, query=2)
    view.show(here, shown(view, here, looked_at[case][0]))
    kinds = [each[0] for each in drawn]
    assert "said" in kinds
    assert "empty" not in kinds
    for kind, what, alt in drawn:
        if kind == "plot":
            assert alt
            assert what.to_json()
        if kind == "tiles":
            assert all(sheet.alt and len(sheet.maps) == len(sheet.scale) for sheet in what)
            assert all(len(sheet.names) in (0, len(sheet.maps)) for sheet in what)


@pytest.mark.parametrize(("case", "view"), APPLYING)
def test_a_view_bears_what_points_past_the_end(case, view, looked_at, drawn):
    far = dict.fromkeys(("layer", "sample", "channel", "head", "query"), 99_999)
    here = at(looked_at, case, **far)
    view.show(here, shown(view, here, looked_at[case][0]))
    assert "empty" not in [each[0] for each in drawn]


@pytest.mark.parametrize(("case", "view"), APPLYING)
def test_a_view_without_its_numbers_says_what_to_do(case, view, looked_at, drawn):
    here = at(looked_at, case)
    view.show(here, picture(looked_at[case][0], [], state=State.PAUSED))
    assert [each[0] for each in drawn if each[0] in ("plot", "tiles")] == []
    assert "empty" in [each[0] for each in drawn]


@pytest.mark.parametrize("how", [0, 1, 2])
def test_answers_are_judged_in_three_ways(how, looked_at, drawn):
    here = at(looked_at, "images", quality=how)
    quality.QUALITY.show(here, shown(quality.QUALITY, here, looked_at["images"][0]))
    words = ("Confusion matrix", "ROC curves", "Share of right answers")[how]
    assert [each[2].startswith(words) for each in drawn if each[0] == "plot"] == [True]


def test_a_click_on_a_map_opens_its_channel(looked_at, drawn):
    here = at(looked_at, "images")
    features.FEATURES.show(here, shown(features.FEATURES, here, looked_at["images"][0]))
    pick = next(each[2] for each in drawn if each[0] == "tiles")
    pick({"sheet": 1, "tile": 3})
    assert here.inside.channel == 3
    assert here.stale
    pick({"sheet": 0, "tile": 1})
    assert here.inside.channel == 3


def test_a_click_on_a_head_opens_a_query(looked_at, drawn):
    here = at(looked_at, "tokens")
    attention.ATTENTION.show(here, shown(attention.ATTENTION, here, looked_at["tokens"][0]))
    next(each[2] for each in drawn if each[0] == "tiles")({"sheet": 0, "tile": 1, "row": 4})
    assert (here.inside.head, here.inside.query) == (1, 4)


def test_the_gallery_shows_the_pictures_of_its_samples(looked_at, drawn):
    session, points = looked_at["images"]
    here = at(looked_at, "images")
    frame = shown(mistakes.MISTAKES, here, session)
    mistakes.MISTAKES.show(here, frame)
    sheet = next(each[1] for each in drawn if each[0] == "tiles")[0]
    worst = frame.probe("worst?order=0")["sample"]
    np.testing.assert_allclose(sheet.maps / 127, points["test"].x[worst, 0], atol=0.01)


def test_samples_are_told_in_words(looked_at):
    assert samples.in_words(at(looked_at, "table"), 0).count(",") == 3
    assert len(samples.tokens(at(looked_at, "tokens"), 0)) == 8
    assert samples.truth(at(looked_at, "names"), 0) in CASES["names"].data.class_names


def test_layers_are_named_as_the_stack_counts_them():
    names = choose.layers(CASES["images"])
    assert names[0] == "1 Convolution 2-D · 5 × 8 × 8"
    assert names[4] == "Output · 10"


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_views_name_and_icon_are_fit_for_a_tab(view):
    assert 3 < len(view.name) < 24
    assert urllib.parse.quote(view.icon)


def test_the_head_that_is_looked_at_is_switched_off_and_on_again(looked_at, drawn, monkeypatch):
    here, told = at(looked_at, "tokens", head=1), []
    monkeypatch.setattr(attention.st, "button", lambda label, **how: told.append((label, how["args"])))
    here.set, path = None, "network.1.silenced_heads"
    attention._switch(here, 1, 2)
    here.experiment = with_value(here.experiment, path, (0, 1))
    attention._switch(here, 1, 2)
    assert told == [("Switch head 1 off", (path, (1,))), ("Switch head 1 on", (path, (0,)))]
