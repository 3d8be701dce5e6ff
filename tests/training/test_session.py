import numpy as np
import pytest
import torch

from dlcore.activations import ReLU, Tanh
from dlcore.data import datasets
from dlcore.experiment import Experiment, Seeds, Stop, with_value
from dlcore.layers import Dense, Dropout
from dlcore.optimizers import LBFGS, SGD, Adam, RMSprop, optimizers
from dlcore.probes import probes
from dlcore.record import Record
from dlcore.regularisation import Regularisation
from dlcore.schedules import Constant, WarmupCosine
from dlcore.training.history import is_due
from dlcore.training.session import Session

SMALL = Experiment(
    data=datasets["moons"](n_points=60),
    network=(Dense(units=6), Dropout(p=0.3), Dense(units=4, activation=ReLU())),
    batch_size=7,
)
RULES = [
    *(cls() for cls in optimizers),
    SGD(momentum=0.9, nesterov=True),
    RMSprop(momentum=0.8),
    LBFGS(memory=3, iterations=7, line_search=False, learning_rate=0.1),
]
EVERYTHING = {
    "schedule": WarmupCosine(warmup=2, epochs=9),
    "regularisation": Regularisation(l1=0.001, l2=0.01, max_norm=0.5),
}


def made(**settings):
    return SMALL.model_copy(update=settings)


def after(experiment, n_steps):
    session = Session(experiment)
    session.advance(n_steps)
    return session


def same(a, b):
    """Whether two sessions would go on alike: their checkpoints are equal to the last byte."""
    return a.checkpoint().to_bytes() == b.checkpoint().to_bytes()


def weights(session):
    return torch.cat([parameter.detach().flatten() for parameter in session.network.module.parameters()])


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_the_same_experiment_twice_is_equal_to_the_last_bit(rule):
    experiment = made(optimizer=rule, **EVERYTHING)
    assert same(after(experiment, 23), after(experiment, 23))


def test_a_watched_run_and_an_unwatched_one_are_equal():
    watched = Session(SMALL)
    for _ in range(15):
        watched.advance(3)
        watched.evaluate()
        for probe in (each() for each in probes.values()):
            if probe.applies(SMALL):
                probe.read(watched)
    assert same(watched, after(SMALL, 45))


@pytest.mark.parametrize("rule", RULES, ids=repr)
@pytest.mark.parametrize("how", ["penalty", "decoupled decay"])
def test_a_checkpoint_in_mid_epoch_resumes_to_the_last_bit(rule, how):
    pull = Regularisation(l1=0.001, l2=0.01, max_norm=0.5, how=how)
    experiment = made(optimizer=rule, schedule=EVERYTHING["schedule"], regularisation=pull)
    first = after(experiment, 13)
    assert 0 < first.seen < len(first.points["train"])
    second = Session.restored(Record.from_bytes(first.checkpoint().to_bytes()))
    assert same(first, second)
    first.advance(20)
    second.advance(20)
    assert same(first, second)


def test_a_checkpoint_before_the_first_step_resumes_to_the_last_bit():
    second = Session.restored(Record.from_bytes(Session(SMALL).checkpoint().to_bytes()))
    second.advance(20)
    assert same(second, after(SMALL, 20))


def test_a_session_can_be_rewound_to_a_checkpoint():
    session = after(SMALL, 11)
    record = session.checkpoint()
    session.advance(20)
    session.restore(record)
    session.advance(5)
    assert same(session, after(SMALL, 16))


def test_a_checkpoint_does_not_change_while_the_run_goes_on():
    session = after(SMALL, 5)
    record = session.checkpoint()
    before = record.to_bytes()
    session.advance(10)
    assert record.to_bytes() == before


def test_a_failed_run_stays_failed_when_it_is_restored():
    failed = after(SMALL, 1)
    failed.failure = "The loss became inf at step 1, in epoch 1."
    restored = Session.restored(failed.checkpoint())
    restored.advance(5)
    assert restored.failure == failed.failure
    assert restored.step == 1


@pytest.mark.parametrize("cuts", [[1] * 30, [30], [4, 6, 1, 19], [29, 1]])
def test_how_a_run_is_cut_into_pieces_does_not_matter(cuts):
    session = Session(SMALL)
    for n_steps in cuts:
        session.advance(n_steps)
    assert session.step == 30
    assert same(session, after(SMALL, 30))


def test_advance_epoch_ends_where_the_epoch_ends():
    session = Session(SMALL)
    session.advance(2)
    session.advance_epoch()
    assert (session.epoch, session.seen, session.step) == (1, 0, 5)


def test_advance_for_makes_at_least_one_step_and_none_past_the_epoch_asked_for():
    session = Session(SMALL)
    session.advance_for(0.0)
    assert session.step == 1
    session.advance_for(1e9, last_epoch=3)
    assert (session.epoch, session.seen) == (3, 0)


def test_reset_gives_the_same_start():
    session = after(SMALL, 20)
    session.reset()
    assert same(session, Session(SMALL))


@pytest.mark.parametrize("seed", ["data", "split", "init", "batches"])
def test_another_seed_gives_another_run(seed):
    other = with_value(SMALL, f"seeds.{seed}", 2)
    assert not torch.equal(weights(after(SMALL, 5)), weights(after(other, 5)))


def test_only_the_init_seed_decides_the_first_weights():
    start = weights(Session(SMALL))
    assert not torch.equal(start, weights(Session(made(seeds=Seeds(init=2)))))
    assert torch.equal(start, weights(Session(made(seeds=Seeds(data=2, split=2, batches=2)))))


def test_two_sessions_in_one_process_do_not_disturb_each_other():
    other = made(seeds=Seeds(init=5, batches=6), optimizer=Adam())
    a, b = Session(SMALL), Session(other)
    for _ in range(10):
        a.advance(1)
        b.advance(2)
    assert same(a, after(SMALL, 10))
    assert same(b, after(other, 20))


def test_a_session_leaves_the_global_random_states_alone():
    torch.manual_seed(7)
    np.random.seed(7)
    state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    session = Session(SMALL)
    session.advance(12)
    session.reset()
    Session.restored(session.checkpoint())
    assert torch.equal(torch.get_rng_state(), state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)


def test_the_global_random_state_does_not_reach_a_session():
    torch.manual_seed(1)
    first = after(SMALL, 10)
    torch.manual_seed(2)
    assert same(first, after(SMALL, 10))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("optimizer.learning_rate", 0.2),
        ("optimizer", SGD(learning_rate=0.01, momentum=0.5)),
        ("network.1.p", 0.6),
        ("batch_size", 3),
        ("regularisation.l2", 0.1),
        ("regularisation", Regularisation(l1=0.01, how="decoupled decay", max_norm=1)),
        ("schedule", WarmupCosine(warmup=3)),
        ("stop.epochs", 50),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_live_change_goes_on_and_then_does_what_it_says(path, value):
    session = after(SMALL, 13)
    before = weights(session).clone()
    changed = with_value(SMALL, path, value)
    assert session.change(changed)
    assert torch.equal(weights(session), before)
    assert (session.step, session.experiment) == (13, changed)
    record = session.checkpoint()
    session.advance(12)
    fresh = Session.restored(record)
    fresh.advance(12)
    assert same(session, fresh)
    if path != "stop.epochs":
        assert not torch.equal(weights(session), weights(after(SMALL, 25)))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("data.noise", 0.3),
        ("data", datasets["circle"](n_points=60)),
        ("split.train", 60),
        ("inputs", SMALL.inputs[:1]),
        ("network.0.units", 7),
        ("network.0.activation", ReLU()),
        ("network", SMALL.network[:1]),
        ("seeds.batches", 2),
        ("init.distribution", "normal"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_any_other_change_starts_from_the_beginning(path, value):
    changed = with_value(SMALL, path, value)
    new = Session(SMALL)
    assert not new.change(changed)
    assert same(new, Session(changed)), "nothing was learnt, so nothing is kept"
    session = after(SMALL, 13)
    assert not session.change(changed)
    assert (session.step, session.epoch, session.history.epochs) == (0, 0, [0])
    session.reset()
    assert same(session, Session(changed)), "reset goes to the experiment's own start"


def test_no_change_goes_on_as_if_nothing_had_happened():
    session = after(SMALL, 13)
    assert session.change(SMALL)
    session.advance(5)
    assert same(session, after(SMALL, 18))


@pytest.mark.parametrize("rule", [SGD(), RMSprop()], ids=repr)
def test_momentum_can_be_turned_on_and_off_while_it_runs(rule):
    session = after(made(optimizer=rule), 9)
    rolling = with_value(session.experiment, "optimizer.momentum", 0.9)
    assert session.change(rolling)
    session.advance(9)
    assert all("momentum_buffer" in state for state in session.optimizer.state.values())
    assert session.change(made(optimizer=rule))
    session.advance(9)
    assert torch.isfinite(weights(session)).all()


def test_momentum_turned_on_for_sgd_is_that_of_torch():
    session = after(made(optimizer=SGD(learning_rate=0.1), network=()), 1)
    linear = session.network.module[0]
    session.change(with_value(session.experiment, "optimizer.momentum", 0.9))
    steps = []
    for _ in range(2):
        before = linear.weight.detach().clone()
        session.advance(1)
        steps.append((before - linear.weight.detach(), linear.weight.grad.clone()))
    (first, gradient), (second, next_gradient) = steps
    torch.testing.assert_close(first, 0.1 * gradient)
    torch.testing.assert_close(second, 0.1 * (0.9 * gradient + next_gradient))


def test_turning_a_schedule_off_puts_the_learning_rate_back():
    session = after(made(schedule=WarmupCosine(warmup=100)), 9)
    assert session.optimizer.param_groups[0]["lr"] < 0.001
    session.change(made(schedule=Constant()))
    assert session.optimizer.param_groups[0]["lr"] == SMALL.optimizer.learning_rate


def test_dropout_changes_in_the_network_itself():
    session = after(SMALL, 3)
    session.change(with_value(SMALL, "network.1.p", 0.75))
    (dropout,) = [module for module in session.network.module if isinstance(module, torch.nn.Dropout)]
    assert dropout.p == 0.75


def test_a_loss_that_is_no_number_stops_the_run_with_a_sentence():
    runaway = Experiment(
        data=datasets["plane"](n_points=60),
        loss={"kind": "mean_squared"},
        network=[{"kind": "dense", "units": 40, "activation": "linear"}] * 4,
        optimizer=SGD(learning_rate=10),
    )
    session = Session(runaway)
    session.advance(500)
    assert session.step < 500
    assert session.stopped
    assert not session.finished
    assert session.failure.startswith("The loss became ")
    assert session.failure.endswith(f"at step {session.step}, in epoch {session.epoch + 1}.")
    stopped_at = session.step
    session.advance(5)
    assert session.step == stopped_at


def test_a_run_is_finished_after_the_epochs_asked_for():
    session = after(made(stop=Stop(epochs=3)), 1000)
    assert (session.finished, session.epoch, session.step) == (True, 3, 15)
    session.advance_epoch()
    assert session.epoch == 3


def test_a_finished_run_goes_on_when_it_may_run_longer():
    session = after(made(stop=Stop(epochs=3)), 1000)
    assert session.change(made(stop=Stop(epochs=4)))
    session.advance(1000)
    assert same(session, after(made(stop=Stop(epochs=4)), 1000))


def test_history_rows_depend_on_the_epoch_alone():
    experiment = made(network=(), batch_size=60, stop=Stop(epochs=450))
    session = after(experiment, 10_000)
    assert session.history.epochs == [epoch for epoch in range(451) if is_due(epoch)]


def test_history_keeps_every_early_epoch_and_stays_small():
    assert all(is_due(epoch) for epoch in range(100))
    assert sum(map(is_due, range(1000))) == 263
    assert sum(map(is_due, range(1_000_000))) < 800


def test_history_holds_what_was_true_at_its_epochs():
    session = Session(SMALL)
    seen = [session.evaluate()]
    for _ in range(4):
        session.advance_epoch()
        seen.append(session.evaluate())
    assert session.history.rows == seen
    assert session.history.epochs == [0, 1, 2, 3, 4]


def test_losses_are_those_of_the_network_in_evaluation_mode_without_penalties():
    session = after(made(regularisation=Regularisation(l2=0.5)), 7)
    part = session.tensors["test"]
    session.network.module.eval()
    by_hand = torch.nn.functional.binary_cross_entropy_with_logits(session.network.module(part.x), part.y)
    assert session.evaluate().test_loss == pytest.approx(by_hand.item(), rel=1e-5)


def test_a_share_without_points_has_no_loss():
    evaluation = Session(with_value(SMALL, "split.validation", 0)).evaluate()
    assert np.isnan([evaluation.validation_loss, evaluation.validation_score]).all()
    assert np.isfinite([evaluation.train_loss, evaluation.test_loss]).all()


@pytest.mark.parametrize("activation", [Tanh(), ReLU()], ids=repr)
def test_training_makes_the_loss_smaller(activation):
    session = Session(made(network=(Dense(units=8, activation=activation),)))
    before = session.evaluate().train_loss
    session.advance(300)
    assert session.evaluate().train_loss < before
