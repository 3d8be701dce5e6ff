"""Engines of both kinds: forked workers and, a second or more each, fresh ones as on macOS and Windows."""

import time

import pytest

from dlcore.engine import LocalEngine
from dlcore.engine.local import EngineSettings
from dlcore.limits import Limits

PATIENCE_S = 20.0
WATCH = ("boundary", "neurons", "weights", "curves", "past")


def until(true, patience_s=PATIENCE_S):
    """Wait until something is true; fail when it does not become true."""
    last = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < last, "it did not become true"
        time.sleep(0.01)


def newest(run):
    """The picture after everything that was done so far, however long it takes."""
    run.frame(WATCH, fresh=True)
    asked = run._sent
    until(lambda: run.frame(WATCH) and run._answered >= asked)
    return run.frame(WATCH)


@pytest.fixture(scope="session")
def engines():
    made = {}

    def engine(kind):
        if kind not in made:
            made[kind] = LocalEngine(
                EngineSettings(workers=kind, pause_after_s=600), Limits(max_runs_per_visitor=50)
            )
        return made[kind]

    yield engine
    for each in made.values():
        each.close()


EACH_WAY = pytest.mark.parametrize("engine", ["fork", "fresh"], indirect=True)
"""For what may depend on how a worker came about; what it does then, it does the same either way."""


@pytest.fixture
def engine(engines, request):
    return engines(getattr(request, "param", "fork"))


@pytest.fixture(scope="session")
def runs():
    return {}


@pytest.fixture
def run(engine, runs):
    """A run at its start; the same process serves one test after another, because fresh ones take seconds."""
    kind = engine.settings.workers
    if kind not in runs:
        runs[kind] = engine.start(experiment(), "me")
    run = runs[kind]
    run.do("pace", steps_per_s=0.0)
    run.change(experiment())
    run.do("reset")
    return run


def experiment(**settings):
    from dlcore.experiment import Experiment

    return Experiment(**{"network": ({"kind": "dense", "units": 4},), "optimizer": "sgd", **settings})
