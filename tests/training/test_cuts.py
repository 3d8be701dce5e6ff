import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

from dlcore.experiment import Experiment
from dlcore.record import Record
from dlcore.schedules import Constant, Plateau
from dlcore.training.cuts import Cuts
from dlcore.training.session import Session

RUN = Experiment(
    data={"kind": "moons", "n_points": 60, "noise": 0.5},
    network=({"kind": "dense", "units": 6},),
    optimizer={"kind": "sgd", "learning_rate": 1.0},
    schedule=Plateau(patience=1, gamma=0.5),
    split={"train": 50, "validation": 30},
    batch_size=7,
)


@pytest.mark.parametrize(
    "schedule",
    [Plateau(patience=1, gamma=0.5), Plateau(patience=4, gamma=0.1), Plateau(lowest=0.3, patience=2)],
    ids=repr,
)
def test_the_rate_is_cut_when_torch_cuts_it(schedule):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = ReduceLROnPlateau(
        optimizer, factor=schedule.gamma, patience=schedule.patience, min_lr=schedule.lowest
    )
    ours = Cuts(schedule)
    rng = np.random.default_rng(4)
    factors = set()
    for loss in np.exp(-np.arange(120) / 30) + rng.uniform(0, 0.3, 120):
        theirs.step(loss)
        ours.end_epoch(loss)
        assert ours.at(0.0) == pytest.approx(optimizer.param_groups[0]["lr"])
        factors.add(ours.factor)
    assert len(factors) > 1, "nothing was ever cut"


def test_a_factor_that_is_below_a_new_floor_stays_where_it_is():
    cuts = Cuts(Plateau(patience=1, gamma=0.1, lowest=0.01))
    for _ in range(9):
        cuts.end_epoch(1.0)
    assert cuts.factor == pytest.approx(0.01)
    cuts.schedule = Plateau(patience=1, gamma=0.1, lowest=0.5)
    for _ in range(9):
        cuts.end_epoch(1.0)
    assert cuts.factor == pytest.approx(0.01)


def test_a_run_follows_its_validation_loss():
    session, cuts = Session(RUN), Cuts(RUN.schedule)
    for _ in range(30):
        rate = session.cuts.factor
        session.advance_epoch()
        assert session.optimizer.param_groups[0]["lr"] == rate
        cuts.end_epoch(session.evaluate().validation_loss)
        assert session.cuts.factor == cuts.factor
    assert session.cuts.factor < 1


def test_without_validation_points_it_follows_the_training_loss():
    experiment = RUN.model_copy(update={"split": RUN.split.model_copy(update={"validation": 0})})
    session, cuts = Session(experiment), Cuts(RUN.schedule)
    for _ in range(60):
        session.advance_epoch()
        cuts.end_epoch(session.evaluate().train_loss)
    assert session.cuts.factor == cuts.factor < 1


@pytest.mark.parametrize("n_steps", [0, 13, 70])
def test_a_checkpoint_resumes_to_the_last_bit(n_steps):
    first = Session(RUN)
    first.advance(n_steps)
    second = Session.restored(Record.from_bytes(first.checkpoint().to_bytes()))
    for session in (first, second):
        session.advance(90)
    assert first.cuts.factor < 1
    assert first.checkpoint().to_bytes() == second.checkpoint().to_bytes()


def test_it_can_be_turned_on_and_off_while_a_run_goes_on():
    session = Session(RUN.model_copy(update={"schedule": Constant()}))
    session.advance(40)
    assert session.cuts is None
    assert session.change(RUN)
    session.advance(90)
    assert session.cuts.factor < 1
    assert session.change(RUN.model_copy(update={"schedule": Constant()}))
    session.advance(1)
    assert session.optimizer.param_groups[0]["lr"] == 1.0


def test_other_settings_go_on_from_where_the_rate_is():
    session = Session(RUN)
    session.advance(90)
    factor = session.cuts.factor
    session.change(RUN.model_copy(update={"schedule": Plateau(patience=9)}))
    assert (session.cuts.factor, session.cuts.schedule) == (factor, Plateau(patience=9))
