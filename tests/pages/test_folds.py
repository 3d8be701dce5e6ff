import numpy as np
import pytest

from dlcore.experiment import Experiment
from dlcore.link import encode
from tests.engine.conftest import until
from tests.pages.test_playground import close_runs, here, opened  # noqa: F401  # the fixture tidies up

PAGE = "tests/pages/folds_page.py"
SMALL = Experiment(data={"kind": "moons", "n_points": 60}, network=({"kind": "dense", "units": 4},))


def panel(at):
    return here(at).keep("folds", 0, lambda: None)


@pytest.fixture
def at():
    at = opened(PAGE, x=encode(SMALL))
    assert not at.exception
    yield at
    panel(at).stop()
    if panel(at).run is not None:
        panel(at).run.wait(30)


def started(at, k, epochs):
    at.slider(key="folds:k").set_value(k).run()
    at.number_input(key="folds:epochs").set_value(epochs).run()
    at.button(key="folds:start").click().run()
    assert not at.exception
    return panel(at).run


def test_it_trains_as_many_folds_as_asked_and_tells_their_mean(at):
    run = started(at, 3, 2)
    assert (run.k, run.epochs) == (3, 2)
    until(lambda: not run.running)
    at.run()
    assert not at.exception
    mean = np.mean(run.frame().probe("folds")["validation_score"])
    assert any(f"accuracy {mean:.3f}" in said.value for said in at.markdown)


def test_it_can_be_stopped(at):
    run = started(at, 5, 1000)
    at.button(key="folds:stop").click().run()
    until(lambda: not run.running)
    at.run()
    assert any("Stopped" in said.value for said in at.info)
    assert at.button(key="folds:start")


def test_a_fold_can_be_opened_and_left_again(at):
    run = started(at, 3, 1)
    until(lambda: not run.running)
    at.run()
    at.button_group(key="folds:look").set_value(1).run()
    at.button(key="folds:open").click().run()
    assert not at.exception
    split = here(at).run.experiment.split
    assert (split.folds, split.fold) == (3, 1)
    at.button(key="folds:back").click().run()
    assert here(at).run.experiment == SMALL
