import math

import pytest
import torch

from dlcore.data import Split, datasets
from dlcore.experiment import Experiment, Stop, with_value
from dlcore.layers import Dense
from dlcore.optimizers import SGD
from dlcore.probes import probes
from dlcore.record import Record
from dlcore.training.history import Evaluation
from dlcore.training.session import Session
from dlcore.training.stops import Stops

NOISY = Experiment(
    data=datasets["moons"](n_points=60, noise=0.5),
    network=(Dense(units=8), Dense(units=8)),
    optimizer=SGD(learning_rate=1.0),
    split={"train": 50, "validation": 30},
    batch_size=7,
)
ENOUGH = 1_500


def made(**stop):
    return NOISY.model_copy(update={"stop": Stop(**stop)})


def run_out(experiment):
    session = Session(experiment)
    session.advance(ENOUGH)
    return session


def by_hand(experiment, epochs):
    """Every epoch's evaluation and weights, from a session without a stop that is asked after each epoch."""
    session = Session(experiment.model_copy(update={"stop": Stop()}))
    seen = []
    for _ in range(epochs):
        session.advance_epoch()
        weights = [parameter.detach().clone() for parameter in session.network.module.parameters()]
        seen.append((session.evaluate(), weights))
    return seen


def bytes_of(session):
    return session.checkpoint().to_bytes()


@pytest.mark.parametrize(
    ("measure", "target"),
    [("test loss", 0.4), ("validation loss", 0.45), ("test score", 0.8), ("validation score", 0.8)],
)
def test_a_run_stops_at_the_first_epoch_that_reaches_its_target(measure, target):
    session = run_out(made(measure=measure, target=target))
    seen = [getattr(each, measure.replace(" ", "_")) for each, _ in by_hand(NOISY, session.epoch)]
    met = [value >= target if "score" in measure else value <= target for value in seen]
    assert met == [False] * (session.epoch - 1) + [True]
    assert session.finished
    assert session.ending == (
        f"Stopped at epoch {session.epoch}: the {measure} is {seen[-1]:.3g}, and {target} was the target."
    )


def test_early_stopping_ends_with_the_weights_of_the_best_epoch():
    session = run_out(made(patience=7))
    seen = by_hand(NOISY, session.epoch)
    losses = [each.validation_loss for each, _ in seen]
    best = losses.index(min(losses)) + 1
    assert session.epoch == best + 7
    for ours, theirs in zip(session.network.module.parameters(), seen[best - 1][1], strict=True):
        assert torch.equal(ours, theirs)
    assert session.evaluate() == seen[best - 1][0]
    assert session.ending == (
        f"Stopped at epoch {best + 7}: the validation loss has not improved for 7 epochs; "
        f"the weights of epoch {best} are back."
    )
    assert session.marks.pairs == [(best + 7, f"weights of epoch {best} are back")]


def test_early_stopping_may_leave_the_last_weights():
    session = run_out(made(patience=7, restore_best=False))
    (_, last) = by_hand(NOISY, session.epoch)[-1]
    assert all(torch.equal(a, b) for a, b in zip(session.network.module.parameters(), last, strict=True))
    assert session.ending.endswith("not improved for 7 epochs.")


@pytest.mark.parametrize("stop", [{"patience": 7}, {"measure": "test score", "target": 0.8}])
@pytest.mark.parametrize("cut", [3, 23, 61])
def test_a_stop_is_the_same_when_watched_and_when_resumed(stop, cut):
    whole = run_out(made(**stop))
    first = Session(made(**stop))
    for _ in range(cut):
        first.advance(1)
        for probe in (each() for each in probes.values()):
            if probe.applies(first.experiment):
                probe.read(first)
    second = Session.restored(Record.from_bytes(bytes_of(first)))
    second.advance(ENOUGH)
    assert bytes_of(second) == bytes_of(whole)


def test_more_patience_lets_a_stopped_run_go_on_from_its_best_weights():
    session = run_out(made(patience=7))
    stopped_at = session.epoch
    assert session.change(made(patience=60))
    assert not session.finished
    session.advance(1)
    assert session.epoch == stopped_at
    session.advance(ENOUGH)
    assert session.epoch > stopped_at


def test_less_patience_stops_at_once_and_gives_the_best_weights_back():
    session = Session(made(patience=500))
    session.advance(ENOUGH)
    best = session.stops.best
    session.change(made(patience=1))
    assert session.finished
    assert session.evaluate().validation_loss == best


def test_no_rule_evaluates_nothing_and_never_stops():
    stops = Stops(Stop())
    assert not stops.watching
    assert stops.why(10**9) == ""


def test_a_loss_that_is_no_number_is_no_improvement():
    stops = Stops(Stop(patience=2))
    module = torch.nn.Linear(1, 1)
    for epoch, loss in enumerate([0.5, math.nan, math.inf], 1):
        stops.end_epoch(epoch, Evaluation(0, loss, 0, 0, 0, 0), module)
    assert stops.best_epoch == 1
    assert stops.why(3).startswith("Stopped at epoch 3")


def test_stopping_on_validation_needs_validation_points():
    for stop in (Stop(patience=5), Stop(measure="validation score")):
        experiment = with_value(made(), "split", Split(train=80, validation=0))
        experiment = experiment.model_copy(update={"stop": stop})
        (problem,) = experiment.problems()
        assert problem.where == "Stop"
        mended = experiment.model_copy(update=dict(problem.remedy))
        assert mended.problems() == []


def test_the_epochs_asked_for_are_said():
    assert run_out(made(epochs=3)).ending == "Stopped after 3 epochs, as asked."
