import numpy as np

from dlcore.engine import EngineFull, State
from dlcore.engine.thumbnails import Thumbnails
from dlcore.experiment import Experiment, Stop
from dlcore.probes import probes
from dlcore.training.session import Session
from tests.engine.conftest import experiment, until

WANTED = {
    "lines": (experiment(data="two_gaussians"), 3),
    "rings": (experiment(data="rings"), 2),
    "runaway": (
        experiment(
            data="ripple",
            loss="mean_squared",
            network=({"kind": "dense", "units": 40, "activation": "relu"},) * 3,
            optimizer={"kind": "sgd", "learning_rate": 10},
        ),
        50,
    ),
}


def by_hand(wanted: Experiment, epochs: int):
    session = Session(wanted.model_copy(update={"stop": Stop(epochs=epochs)}))
    for _ in range(epochs):
        session.advance_epoch()
    return probes["boundary"]().read(session)


def test_each_picture_is_the_boundary_after_its_epochs(engine):
    pictures = Thumbnails(engine, WANTED)
    n_runs = engine.n_runs
    assert pictures.ready() == {}
    pictures.start()
    pictures.start()
    until(lambda: pictures.complete)
    for name, wanted in WANTED.items():
        expected = by_hand(*wanted)
        for array, values in pictures.ready()[name].items():
            np.testing.assert_array_equal(values, expected[array])
    until(lambda: engine.n_runs == n_runs)


def test_a_full_server_shows_no_pictures_and_says_nothing(engine, monkeypatch):
    def full(*_, **__):
        raise EngineFull("This server is full.")

    pictures = Thumbnails(engine, WANTED)
    with monkeypatch.context() as patch:
        patch.setattr(engine, "start", full)
        pictures.start()
        until(lambda: not pictures._thread.is_alive())
        assert pictures.ready() == {}
    pictures.start()
    until(lambda: pictures.complete)


def test_the_runs_of_visitors_are_left_alone(engine, run):
    run.do("step")
    pictures = Thumbnails(engine, {"lines": WANTED["lines"]})
    pictures.start()
    until(lambda: pictures.complete)
    assert run.frame((), fresh=True).state is State.PAUSED
