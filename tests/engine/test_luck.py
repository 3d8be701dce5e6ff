import os
import signal

import numpy as np
import pytest
import torch

from dlcore.data import datasets
from dlcore.engine import ensembles as pieces
from dlcore.engine import luck as module
from dlcore.engine.luck import Luck
from dlcore.ensembles import member
from dlcore.experiment import Experiment, with_value
from dlcore.layers import Dense
from dlcore.link import dumps
from dlcore.optimizers import Muon
from dlcore.probes.base import plane_inputs
from dlcore.record import Record
from dlcore.training.ensemble import Ensemble
from dlcore.training.session import Session
from tests.engine.conftest import until

N = 16
SMALL = Experiment(data={"kind": "moons", "n_points": 60}, network=(Dense(units=4),))
OTHER = with_value(SMALL, "optimizer.learning_rate", 0.1)
LONG_S = 60.0


@pytest.fixture
def engine(engines):
    return engines("fork")


def started(engine, wanted, epochs):
    made = Luck(engine, wanted, N, epochs, "me")
    made.start()
    return made


def test_two_ensembles_by_turns_come_to_what_each_comes_to_alone(engine):
    before = engine.n_runs
    luck = started(engine, {"first": SMALL, "second": OTHER}, 3)
    luck.wait(LONG_S)
    progress = luck.progress()
    assert (progress.share, progress.epoch, progress.running, progress.message) == (1.0, 3, False, "")
    for name, experiment in (("first", SMALL), ("second", OTHER)):
        ensemble = Ensemble(experiment, N)
        ensemble.advance_for(LONG_S, 3)
        told = luck.records()[name].arrays
        np.testing.assert_array_equal(told["test_score"], ensemble.rows[-1].test_score)
        np.testing.assert_array_equal(told["epoch"], [0, 1, 2, 3])
        losses = np.array([row.test_loss for row in ensemble.rows])
        np.testing.assert_allclose(told["loss_band"][:, 2], np.median(losses, 1), rtol=1e-6)
        np.testing.assert_allclose(told["score_band"][-1, 0], np.percentile(told["test_score"], 5), rtol=1e-6)
        assert not told["failed"].any()
        assert told["value"].shape == told["spread"].shape == (pieces.SIDE, pieces.SIDE)
    assert engine.n_runs == before


def test_it_tells_how_far_it_is_and_can_be_stopped(engine):
    luck = started(engine, {"first": SMALL}, 2000)
    until(lambda: luck.progress().epoch > 3)
    assert 0 < luck.progress().share < 1
    luck.stop()
    luck.wait(LONG_S)
    assert luck.progress().message == "Stopped before all epochs were done."
    assert luck.records()["first"].facts["epoch"] >= 3


def test_unwatched_it_ends_by_itself(engine, monkeypatch):
    monkeypatch.setattr(module, "FORGOTTEN_AFTER_S", 0.3)
    luck = started(engine, {"first": SMALL}, 2000)
    luck.wait(LONG_S)
    assert luck.progress().message == "Stopped, because nobody was watching."


def test_a_worker_that_is_killed_is_told_and_what_was_reached_stays(engine):
    luck = started(engine, {"first": SMALL}, 2000)
    until(lambda: luck.progress().epoch > 3)
    (run,) = (each for each in engine._runs.values() if each.owner == "ensemble of me")
    os.kill(run.pid, signal.SIGKILL)
    luck.wait(LONG_S)
    assert "ended unexpectedly" in luck.progress().message
    assert luck.records()["first"].arrays["spread"].any()


def test_what_cannot_be_trained_at_once_is_refused_in_words(engine):
    luck = started(engine, {"first": SMALL.model_copy(update={"optimizer": Muon()})}, 3)
    luck.wait(LONG_S)
    assert luck.progress().message.startswith("Muon looks at a network as a whole")


def asked(session, **facts):
    mail = Record({"name": "ensemble", "experiment": dumps(SMALL), "n": N, "epochs": 0, **facts})
    return pieces._ensemble(session, mail)


@pytest.fixture
def session(monkeypatch):
    monkeypatch.setattr(pieces, "LATER", 0)  # this very process does not stand back
    return Session(SMALL)


@pytest.mark.parametrize("data", ["moons", "blobs", "plane"])
def test_the_maps_are_the_mean_and_the_spread_of_what_the_members_answer(session, data):
    e = SMALL.model_copy(update={"data": datasets[data](n_points=60)})
    e = e.model_copy(update=dict(e.problems()[0].remedy)) if e.problems() else e
    told = asked(session, experiment=dumps(e), picture=True).arrays
    x, shown = plane_inputs(e, pieces.SIDE), []
    for number in range(N):
        with torch.no_grad():
            outputs = Session(member(e, number)).network.module(x)
        shown.append(e.loss.confidence(outputs, e.task).numpy())
    mean, spread = np.mean(shown, 0), np.std(shown, 0)
    if data == "blobs":
        best = told["label"].ravel()
        np.testing.assert_array_equal(best, mean.argmax(1))
        top = np.sort(mean, 1)
        np.testing.assert_allclose(told["strength"].ravel(), top[:, -1] - top[:, -2], atol=1e-5)
        spread = spread[np.arange(len(best)), best]
    else:
        np.testing.assert_allclose(told["value"].ravel(), mean[:, 0], atol=1e-5)
    np.testing.assert_allclose(told["spread"].ravel(), spread.ravel(), atol=1e-5)


def test_members_that_broke_down_count_nowhere():
    ensemble = Ensemble(SMALL, 3)
    ensemble.failed[1] = True
    told = pieces.arrays(ensemble)
    assert told["failed"].tolist() == [0, 1, 0]
    assert told["loss_band"][0, 2] == pytest.approx(np.mean(told["test_loss"][[0, 2]]))
    two = pieces.maps(ensemble, 8)["value"]
    ensemble.failed[:] = torch.tensor([False, True, True])
    assert not np.allclose(two, pieces.maps(ensemble, 8)["value"])
    assert not pieces.maps(ensemble, 8)["spread"].any()
    ensemble.failed[:] = True
    assert np.isnan(pieces.maps(ensemble, 8)["value"]).all()
    assert np.isnan(pieces.arrays(ensemble)["loss_band"]).all()


def test_numbers_that_no_page_sends_are_refused_or_bounded(session):
    with pytest.raises(ValueError, match="17 seeds cannot"):
        asked(session, n=17)
    assert asked(session, epochs=-3).facts["epoch"] == 0
    with pytest.raises(ValueError, match=r"JSON|Expecting"):
        asked(session, experiment="none at all")


def test_a_run_keeps_no_more_ensembles_than_two_are_compared(session):
    for rate in (0.1, 0.2, 0.3):
        asked(session, experiment=dumps(with_value(SMALL, "optimizer.learning_rate", rate)))
    assert len(pieces._ensembles[session]) == 2
