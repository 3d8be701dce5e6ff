"""L-BFGS in a session: it looks several times, breaks down in words, and changes its memory on its way."""

import numpy as np
import pytest

from dlcore.engine.picture import picture
from dlcore.experiment import Experiment, with_value
from dlcore.optimizers import LBFGS
from dlcore.record import Record
from dlcore.regularisation import Regularisation
from dlcore.training.session import Session

SMALL = Experiment(
    data={"kind": "moons", "n_points": 60},
    network=({"kind": "dense", "units": 6},),
    optimizer=LBFGS(),
    batch_size=30,
)
RUNAWAY = Experiment(
    data={"kind": "plane", "n_points": 60},
    loss="mean_squared",
    network=[{"kind": "dense", "units": 40, "activation": "linear"}] * 4,
    optimizer=LBFGS(learning_rate=10, line_search=False, iterations=20),
)


def after(experiment, n_steps):
    session = Session(experiment)
    session.advance(n_steps)
    return session


def test_on_whole_batches_it_needs_few_steps():
    few = after(SMALL, 12).evaluate()
    many = after(with_value(SMALL, "optimizer", {"kind": "sgd", "learning_rate": 0.3}), 48).evaluate()
    assert few.train_loss < 0.5 * many.train_loss


def test_a_run_that_breaks_down_says_so_and_can_be_written_down():
    session = after(RUNAWAY, 60)
    assert session.failure.startswith("The loss became ")
    Record.from_bytes(session.checkpoint().to_bytes())
    assert session.fault() is not None


@pytest.mark.parametrize("memory", [2, 30])
def test_its_memory_can_be_shortened_and_lengthened_while_it_runs(memory):
    session = after(with_value(SMALL, "optimizer.memory", 6), 9)
    assert session.change(with_value(SMALL, "optimizer.memory", memory))
    second = Session.restored(Record.from_bytes(session.checkpoint().to_bytes()))
    for each in (session, second):
        each.advance(9)
        (state,) = each.optimizer.state.values()
        assert len(state["old_dirs"]) == len(state["ro"]) <= memory
    assert session.checkpoint().to_bytes() == second.checkpoint().to_bytes()


def test_the_length_of_its_last_move_is_read():
    session = after(SMALL, 5)
    update = picture(session, ["health"], state="paused").probe("health")["update"]
    assert np.isfinite(update).all()
    assert (update > 0).all()


def test_a_clipped_gradient_is_refused_with_a_remedy():
    clipped = SMALL.model_copy(update={"regularisation": Regularisation(max_norm=1.0)})
    (problem,) = clipped.problems()
    assert "curvature" in problem.what
    assert clipped.model_copy(update=dict(problem.remedy)).problems() == []
