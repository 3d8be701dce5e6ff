import numpy as np
import pytest

from dlcore.chain import opens
from dlcore.experiment import diff
from dlcore.guides.backpropagation import (
    COMPARED,
    GUIDE,
    BackpropagationSettings,
    deep,
    experiments,
    hidden,
    lines,
)
from dlcore.layers import Dense
from dlcore.probes import opened
from dlcore.training.session import Session

DEEP = BackpropagationSettings(view="Vanishing gradients")


def changed(settings=DEEP, **how):
    return BackpropagationSettings(**{**settings.model_dump(), **how})


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("loss", ["squared", "cross-entropy", "hinge"])
def test_every_network_of_the_first_views_can_be_opened(layers, loss):
    (e,) = experiments(BackpropagationSettings(layers=layers, units=3, loss=loss, activation="ReLU")).values()
    assert e.problems() == []
    assert opens(e)


def test_a_batch_is_the_one_sample_that_is_shown():
    session = Session(experiments(BackpropagationSettings(x1=2, x2=-3, answer=0))["network"])
    points = session.points["train"]
    np.testing.assert_allclose(points.x, [[2, -3]] * 3, atol=0.002)
    assert set(points.y) == {0}
    assert session.experiment.batch_size >= len(points)


def test_another_input_rate_or_answer_leaves_the_weights_where_they_are():
    before = experiments(GUIDE.settings)["network"]
    for how in ({"x1": -2.0}, {"answer": 0}, {"rate": 2.0}):
        after = experiments(changed(GUIDE.settings, **how))["network"]
        assert all(change.live for change in diff(before, after)), how


@pytest.mark.parametrize("wiring", ["plain", "skip", "norm", "skip + norm"])
@pytest.mark.parametrize("depth", [2, 7, 30])
def test_a_deep_network_is_as_deep_as_it_says(depth, wiring):
    e = deep(changed(depth=depth, wiring=wiring))
    assert e.problems() == []
    assert len(opened("flow").read(Session(e))["gradient"]) == depth + 1
    assert len(hidden(2, Dense(), "plain")) == 2


@pytest.mark.parametrize("compare", COMPARED)
def test_lines_differ_in_what_is_compared_and_in_nothing_else(compare):
    settings = changed(compare=compare)
    drawn = lines(settings)
    assert len(drawn) >= 3
    assert len({getattr(each, COMPARED[compare]) for each in drawn.values()}) == len(drawn)
    rest = {each.model_copy(update={COMPARED[compare]: None}) for each in drawn.values()}
    assert len(rest) == 1
    assert list(experiments(settings)) == list(drawn)
    assert all(e.problems() == [] for e in experiments(settings).values())


def ratio(**how):
    """How much of the last layer's gradient the first one gets at the start, per weight."""
    gradient = opened("flow").read(Session(deep(changed(**how))))["gradient"]
    return gradient[0] / gradient[-1]


def test_the_gradient_vanishes_and_what_saves_it_does():
    assert ratio(depth=12, bend="sigmoid") < 1e-6, "twelve slopes of a quarter at most"
    assert ratio(depth=4, bend="sigmoid") > 1e3 * ratio(depth=12, bend="sigmoid")
    assert ratio(depth=12, bend="tanh") > 0.1
    assert ratio(depth=20, bend="ReLU", start="He") > 0.1
    assert ratio(depth=20, wiring="skip") > 1e-4
    assert ratio(depth=20, wiring="norm") > 0.1


def test_what_is_worth_a_try_can_run():
    for each in GUIDE.tries:
        assert all(e.problems() == [] for e in experiments(each.settings).values()), each.name
