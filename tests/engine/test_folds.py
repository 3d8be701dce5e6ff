import time

import numpy as np
import pytest

from dlcore.engine import State
from dlcore.engine import trials as module
from dlcore.engine.folds import MEASURES, Folds, folded
from dlcore.experiment import Experiment
from dlcore.optimizers import SGD
from dlcore.training.session import Session
from tests.engine.conftest import until

SMALL = Experiment(
    data={"kind": "moons", "n_points": 80},
    network=({"kind": "dense", "units": 4},),
    optimizer=SGD(learning_rate=0.1),
)
LONG_S = 60.0


@pytest.fixture
def engine(engines):
    return engines("fork")


def run(engine, experiment=SMALL, k=3, epochs=4):
    made = Folds(engine, experiment, k, epochs, "me")
    made.start()
    return made


def test_every_fold_is_what_a_session_makes_of_it_alone(engine):
    folds = run(engine)
    folds.wait(LONG_S)
    frame = folds.frame()
    assert (frame.state, folds.progress().share) == (State.FINISHED, 1.0)
    record = frame.probe("folds")
    assert record["fold"].tolist() == [0, 1, 2]
    assert record["epoch"].tolist() == [4, 4, 4]
    told = []
    for fold in range(3):
        session = Session(folded(SMALL, 3, fold, 4))
        session.advance(10_000)
        told.append(session.evaluate())
    for i, name in enumerate(MEASURES):
        expected = np.array([each[i] for each in told])
        assert record[name] == pytest.approx(expected, rel=1e-6)
        assert record[f"mean.{name}"][0] == pytest.approx(expected.mean(), rel=1e-6)
        assert record[f"spread.{name}"][0] == pytest.approx(expected.std(ddof=1), rel=1e-5)
    assert len(set(record["validation_loss"].tolist())) == 3


def test_its_worker_ends_with_it(engine):
    before = engine.n_runs
    folds = run(engine, k=2, epochs=1)
    folds.wait(LONG_S)
    assert engine.n_runs == before


def test_it_tells_how_far_it_is_and_can_be_stopped(engine):
    folds = run(engine, k=5, epochs=1000)
    until(lambda: folds.progress().epoch > 0)
    shares = [folds.progress().share, (time.sleep(0.3), folds.progress().share)[1]]
    assert 0 < shares[0] <= shares[1] < 1
    assert folds.frame().state is State.PLAYING
    folds.stop()
    folds.wait(LONG_S)
    frame = folds.frame()
    assert frame.state is State.PAUSED
    assert "Stopped" in frame.message
    assert np.isnan(frame.probe("folds")["validation_loss"][-1])


def test_folds_that_are_done_stay_when_it_is_stopped(engine):
    folds = run(engine, k=10, epochs=60)
    until(lambda: folds.progress().fold >= 2)
    folds.stop()
    folds.wait(LONG_S)
    record = folds.frame().probe("folds")
    done = np.isfinite(record["validation_score"])
    assert 2 <= done.sum() < 10
    mean = record["validation_score"][done].mean()
    assert record["mean.validation_score"][0] == pytest.approx(mean, rel=1e-6)


def test_once_nobody_looks_it_ends(engine, monkeypatch):
    monkeypatch.setattr(module, "FORGOTTEN_AFTER_S", 0.3)
    folds = run(engine, k=5, epochs=1000)
    folds.wait(LONG_S)
    assert not folds.running
    assert "nobody" in folds.progress().message


def test_a_fold_that_breaks_down_has_no_score_and_the_others_go_on(engine):
    wild = SMALL.model_copy(
        update={
            "data": Experiment(data={"kind": "plane", "n_points": 60}).data,
            "loss": Experiment(loss="mean_squared").loss,
            "network": Experiment(
                network=[{"kind": "dense", "units": 40, "activation": "linear"}] * 4
            ).network,
            "optimizer": SGD(learning_rate=10),
        }
    )
    folds = run(engine, wild, k=2, epochs=50)
    folds.wait(LONG_S)
    record = folds.frame().probe("folds")
    assert folds.progress().fold == 2
    assert np.isnan(record["validation_loss"]).all()
    assert np.isnan(record["mean.validation_loss"]).all()


def test_an_experiment_stops_earlier_where_it_says_so():
    patient = Experiment(stop={"patience": 3})
    asked = folded(patient, 4, 2, 50)
    assert (asked.stop.patience, asked.stop.epochs) == (3, 50)
    assert (asked.split.folds, asked.split.fold) == (4, 2)
