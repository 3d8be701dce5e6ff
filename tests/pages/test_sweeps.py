import pytest
from streamlit.testing.v1 import AppTest

from dlcore.experiment import Experiment
from dlcore.sweeps import Axis, Sweep, encode
from pages.parts.serving import sweeps
from pages.parts.sweeps_explain import TRIES
from pages.parts.sweeps_pictures import _pick
from tests.engine.conftest import until
from tests.pages.test_playground import ROOT

PAGE = "pages/sweeps.py"
SMALL = Sweep(
    experiment=Experiment(
        data={"kind": "moons", "n_points": 60}, network=({"kind": "dense", "units": 4},) * 2
    ),
    axes=(Axis(values=(0.01, 0.1)), Axis(path="units", values=(2, 4))),
    epochs=2,
)


def opened(**query):
    at = AppTest.from_file(ROOT / PAGE, default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def desk(at):
    return at.session_state["sweeps"]


@pytest.fixture(autouse=True)
def stop_all():
    yield
    sweeps().close()
    for each in sweeps()._known.values():
        each.wait(30)


@pytest.fixture
def at():
    return opened(s=encode(SMALL))


def told(elements):
    return " ".join(each.value for each in elements)


def run(at, key):
    at.button(key=key).click().run()
    assert not at.exception


def test_it_opens_cold_with_a_sweep_that_can_be_run():
    at = opened()
    assert "25 settings × 2 seeds = **50 trainings**" in told(at.caption)
    assert not at.button(key="sweep:run").disabled
    assert desk(at).sweep.experiment == Experiment()


def test_a_link_is_a_sweep_and_a_damaged_one_is_said(at):
    assert desk(at).sweep == SMALL
    assert at.query_params["s"] == encode(SMALL)
    assert "cannot be read" in told(opened(s="1nonsense").toast)


def test_it_trains_and_says_who_wins(at):
    run(at, "sweep:run")
    sweeping = desk(at).sweeping
    until(lambda: not sweeping.running, 60)
    at.run()
    assert not at.exception
    best = sweeping.outcomes().ranking()[0]
    assert f"validation accuracy {best.said()}" in told(at.markdown)
    assert at.query_params["sweep"] == sweeping.id
    assert len(sweeping.outcomes().csv().splitlines()) == 9
    at.selectbox(key="sweep:trial").set_value(2).run()
    assert desk(at).selected.number == 2
    again = sweeps().find(sweeping.id, desk(at).owner)
    assert again is sweeping


def test_somebody_elses_link_shows_what_is_swept_and_nothing_of_what_came_out(at):
    run(at, "sweep:run")
    other = opened(s=encode(SMALL), sweep=desk(at).sweeping.id)
    assert desk(other).sweeping is None
    assert "somebody else's" in told(other.toast)


def test_it_can_be_paused_stopped_gone_on_with_and_deleted():
    at = opened(s=encode(SMALL.model_copy(update={"epochs": 1500})))
    run(at, "sweep:run")
    sweeping = desk(at).sweeping
    run(at, "sweep:pause")
    assert sweeping.doing == "paused"
    run(at, "sweep:go-on")
    assert sweeping.doing == "running"
    run(at, "sweep:stop")
    assert sweeping.doing == "stopped"
    assert "Stopped before all were trained." in told(at.info)
    run(at, "sweep:delete")
    assert desk(at).sweeping is None
    assert sweeps().find(sweeping.id, sweeping.owner) is None


def test_the_third_at_once_is_refused_in_a_sentence():
    at = opened(s=encode(SMALL.model_copy(update={"epochs": 1500})))
    for _ in range(3):
        run(at, "sweep:run")
    assert "as many as one visitor may have" in told(at.toast)


def test_axes_are_chosen_and_typed(at):
    at.selectbox(key="axis:1:path").set_value("optimizer").run()
    axis = desk(at).sweep.axes[1]
    assert (axis.path, set(axis.values)) == ("optimizer", {"sgd", "adam", "adamw", "rmsprop"})
    at.text_input(key="axis:0:typed").set_value("0.5; 1e-2, 0.25").run()
    assert desk(at).sweep.axes[0].values == (0.5, 0.01, 0.25)
    at.text_input(key="axis:0:typed").set_value("0.5 __import__").run()
    assert desk(at).sweep.axes[0].values == (0.5, 0.01, 0.25)
    assert "is no number" in told(at.toast)
    at.text_input(key="axis:0:typed").set_value("1e999 1").run()
    assert desk(at).sweep.axes[0].values == (0.5, 0.01, 0.25)
    assert "out of all bounds" in told(at.toast)
    at.toggle(key="sweep:two").set_value(False).run()
    assert len(desk(at).sweep.axes) == 1
    at.button_group(key="axis:0:listed").set_value(False).run()
    axis = desk(at).sweep.axes[0]
    assert (axis.values, axis.low, axis.high, axis.log) == ((), 0.01, 0.5, True)
    assert not at.exception


def test_what_cannot_be_trained_is_said_beside_the_button(at):
    at.text_input(key="axis:1:typed").set_value("4 100000").run()
    assert "cannot be 100000" in told(at.error)
    assert at.button(key="sweep:run").disabled


def test_what_there_is_to_try_can_be_run(at):
    for each in TRIES:
        run(at, f"try:{each.name}")
        assert desk(at).sweep == each.sweep
        assert not at.error
        assert not at.button(key="sweep:run").disabled


def test_a_click_that_makes_no_sense_chooses_nothing(at):
    for told_by_browser in (None, 7, {"point": "1"}, {"point": 10**9}, {"point": [1]}, {"point": True}):
        _pick(desk(at), told_by_browser)
        assert desk(at).chosen is None
