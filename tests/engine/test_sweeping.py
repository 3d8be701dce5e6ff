"""Sweeps that are trained; the oracle is a session of each experiment by itself."""

from dataclasses import replace

import psutil
import pytest

from dlcore.engine import sweeping as module
from dlcore.engine.slots import Slots
from dlcore.engine.sweeping import Sweeping
from dlcore.experiment import Experiment
from dlcore.limits import Limits
from dlcore.sweeps import Axis, Sweep
from dlcore.training.session import Session
from tests.engine.conftest import until

SMALL = Experiment(
    data={"kind": "moons", "n_points": 80, "noise": 0.2},
    split={"train": 50, "validation": 25},
    network=({"kind": "dense", "units": 4},),
)
RATES = Axis(values=(1e-05, 0.0001, 0.01, 0.1, 1e-06, 0.001, 0.03, 0.3))
SWEEP = Sweep(
    experiment=SMALL, axes=(Axis(values=(0.001, 0.1)), Axis(path="layers", values=(0, 2))), epochs=3
)
LONG_S = 60.0


@pytest.fixture
def engine(engines):
    return engines("fork")


@pytest.fixture
def begun(engine):
    """Start sweeps; those that are under way at the end are stopped."""
    made = []

    def begin(sweep, n=2, **how):
        made.append(Sweeping(engine, sweep, "me", how.pop("slots", None) or Slots(n), **how))
        made[-1].start()
        return made[-1]

    yield begin
    for each in made:
        each.stop()
        each.wait(LONG_S)


def trained(sweeping):
    sweeping.wait(LONG_S)
    return sweeping.outcomes()


def timeless(outcomes):
    """What came out, but for how long it took and under which ids it is kept."""
    return [
        replace(trial, trainings=tuple(replace(each, seconds=0.0, run="") for each in trial.trainings))
        for trial in outcomes.trials
    ]


def test_each_training_comes_to_what_a_session_makes_of_it_alone(engine, begun):
    before = engine.n_runs
    sweeping = begun(SWEEP)
    outcomes = trained(sweeping)
    progress = sweeping.progress()
    assert (progress.doing, progress.done, progress.n, progress.share) == ("finished", 8, 8, 1.0)
    assert engine.n_runs == before
    assert len({trial.values for trial in outcomes.trials}) == 4
    for trial in outcomes.trials[:2]:
        for training in trial.trainings:
            session = Session(SWEEP.trained(trial.values, training.seed))
            session.advance(10_000)
            assert training.measures == session.evaluate()._asdict()
            assert (training.end, training.epoch) == ("done", 3)
        assert trial.n_parameters == SWEEP.trained(trial.values, 0).n_parameters()


def test_it_comes_to_the_same_on_one_core_and_on_three(begun):
    sweep = Sweep(
        experiment=SMALL, axes=(Axis(low=1e-4, high=1.0, log=True),), how="TPE", n_trials=10, n_seeds=1,
        epochs=8, prune=True,
    )  # fmt: skip
    one, three = (trained(begun(sweep, n)) for n in (1, 3))
    assert timeless(one) == timeless(three)


def test_what_is_given_up_would_not_have_won(begun):
    patient = Sweep(experiment=SMALL, axes=(RATES,), n_seeds=1, epochs=16)
    whole = trained(begun(patient))
    pruned = trained(begun(patient.model_copy(update={"prune": True})))
    given_up = [trial for trial in pruned.trials if trial.end == "pruned"]
    assert given_up
    assert all(trial.trainings[-1].epoch in (2, 4, 8) for trial in given_up)
    best = whole.ranking()[0]
    assert pruned.ranking()[0].trial.values == best.trial.values
    full = {score.trial.values: score.mean for score in whole.scores()}
    assert all(full[trial.values] < best.mean for trial in given_up)


def test_a_training_that_breaks_down_cannot_win(begun):
    wild = SMALL.model_copy(update={"loss": {"kind": "mean_squared"}})
    wild = Experiment.model_validate({**wild.model_dump(), "data": {"kind": "ripple", "n_points": 80}})
    sweep = Sweep(
        experiment=wild, axes=(Axis(values=(0.01, 10.0)), Axis(path="optimizer", values=("sgd", "adam"))),
        n_seeds=1, epochs=20,
    )  # fmt: skip
    outcomes = trained(begun(sweep))
    ends = {trial.values: trial.end for trial in outcomes.trials}
    assert ends[10.0, "sgd"] == "failed"
    assert (10.0, "sgd") not in {score.trial.values for score in outcomes.ranking()}


def test_paused_it_holds_still_and_lets_others_have_the_cores(begun):
    slots = Slots(1)
    sweeping = begun(SWEEP.model_copy(update={"epochs": 2000}), slots=slots)
    until(lambda: sweeping.progress().now and sweeping.progress().now[0][2] > 5)
    sweeping.pause()
    assert slots.take("somebody else", lambda: True)
    held = sweeping.progress()
    assert (held.doing, held.message) == ("paused", "Paused.")
    slots.give("somebody else")
    sweeping.go_on()
    until(lambda: sweeping.progress().now and sweeping.progress().now[0][2] > held.now[0][2])


def test_stopped_in_the_middle_it_goes_on_with_what_is_missing_and_comes_to_the_same(begun):
    whole = trained(begun(SWEEP))
    first = begun(SWEEP)
    until(lambda: first.progress().done >= 2)
    first.stop()
    known = trained(first).trials
    assert (first.doing, first.progress().message) == ("stopped", module.STOPPED)
    runs = {each.run for trial in known for each in trial.trainings}
    second = begun(SWEEP, known=known)
    assert timeless(trained(second)) == timeless(whole)
    assert runs < {each.run for trial in second.outcomes().trials for each in trial.trainings}


def test_it_goes_on_even_where_it_was_stopped_a_moment_ago(begun):
    sweeping = begun(SWEEP)
    sweeping.stop()
    sweeping.start()
    sweeping.wait(LONG_S)
    assert (sweeping.doing, sweeping.progress().done) == ("finished", 8)


def test_nobody_having_looked_it_pauses(begun, monkeypatch):
    monkeypatch.setattr(module, "FORGOTTEN_AFTER_S", 0.2)
    sweeping = begun(SWEEP.model_copy(update={"epochs": 2000}))
    until(lambda: sweeping.doing == "paused")
    assert sweeping.progress().message == module.FORGOTTEN


def test_its_workers_make_way_and_take_none_of_their_visitors_places(engine, monkeypatch):
    monkeypatch.setattr(engine, "bounds", Limits(max_runs_per_visitor=1))
    monkeypatch.setattr(engine, "settings", engine.settings.model_copy(update={"background_nice": 9}))
    behind = [engine.start(SMALL, "somebody", background=True) for _ in range(2)]
    watched = engine.start(SMALL, "somebody")
    try:
        assert all(psutil.Process(run.pid).nice() > psutil.Process(watched.pid).nice() for run in behind)
        assert not any(run.lost for run in (*behind, watched))
    finally:
        for run in (*behind, watched):
            engine.end(run)


def test_a_worker_that_is_killed_is_replaced_and_the_training_begins_again(engine, begun):
    sweeping = begun(SWEEP.model_copy(update={"epochs": 400, "n_seeds": 1}), n=1)
    until(lambda: sweeping.progress().now)
    for run in [run for run in engine._runs.values() if run.background]:
        psutil.Process(run.pid).kill()
    outcomes = trained(sweeping)
    assert sweeping.progress().doing == "finished"
    assert all(each.epoch == 400 for trial in outcomes.trials for each in trial.trainings)
