import pytest

from dlcore.engine import trials as module
from dlcore.engine.trials import Trials
from dlcore.experiment import Experiment, Seeds, Stop
from dlcore.training.session import Session
from tests.engine.conftest import until

SMALL = Experiment(
    data={"kind": "moons", "n_points": 80}, network=({"kind": "dense", "units": 4},), stop=Stop(epochs=3)
)
LONG_S = 60.0


@pytest.fixture
def engine(engines):
    return engines("fork")


def started(engine, wanted):
    made = Trials(engine, wanted, "me")
    made.start()
    return made


def test_each_comes_to_what_a_session_makes_of_it_alone(engine):
    wanted = {
        "wide": SMALL.model_copy(update={"network": (SMALL.network[0], SMALL.network[0])}),
        "first": SMALL,
        "other start": SMALL.model_copy(update={"seeds": Seeds(init=7)}),
    }
    before = engine.n_runs
    trials = started(engine, wanted)
    trials.wait(LONG_S)
    progress = trials.progress()
    assert (progress.done, progress.n, progress.running, progress.message) == (3, 3, False, "")
    for name, experiment in wanted.items():
        session = Session(experiment)
        session.advance(10_000)
        assert trials.frames()[name].measures["test_loss"] == session.evaluate().test_loss
    assert engine.n_runs == before


def test_they_tell_what_is_being_trained_and_can_be_stopped(engine):
    trials = started(engine, {"short": SMALL, "long": SMALL.model_copy(update={"stop": Stop()})})
    until(lambda: trials.progress().now == "long" and trials.progress().epoch > 3)
    trials.stop()
    trials.wait(LONG_S)
    progress = trials.progress()
    assert (progress.done, progress.now, progress.running) == (1, None, False)
    assert progress.message.startswith("Stopped")
    assert list(trials.frames()) == ["short"]


def test_unwatched_they_end_by_themselves(engine, monkeypatch):
    monkeypatch.setattr(module, "FORGOTTEN_AFTER_S", 0.5)
    trials = started(engine, {"long": SMALL.model_copy(update={"stop": Stop()})})
    trials.wait(LONG_S)
    assert trials.progress().message == "Stopped, because nobody was watching."
