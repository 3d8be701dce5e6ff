import pytest
import torch
from torch import nn
from torch.optim import swa_utils

from dlcore.engine.picture import picture
from dlcore.experiment import Experiment, Stop
from dlcore.interventions import Held
from dlcore.record import Record
from dlcore.regularisation import Regularisation
from dlcore.training.averages import Averages
from dlcore.training.session import Session

SMALL = Experiment(
    data={"kind": "moons", "n_points": 60},
    network=({"kind": "dense", "units": 6}, {"kind": "dropout", "p": 0.3}),
    optimizer={"kind": "sgd", "learning_rate": 0.3},
    batch_size=7,
)
EMA = Regularisation(average="EMA", memory=0.9)
SWA = Regularisation(average="SWA", average_from=3)
both = pytest.mark.parametrize("how", [EMA, SWA], ids=["EMA", "SWA"])


def made(**settings):
    return SMALL.model_copy(update=settings)


def weights(session):
    return [parameter.detach().clone() for parameter in session.network.module.parameters()]


def shown(session):
    with session.judged():
        return weights(session)


def assert_equal(a, b):
    assert all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def differ(a, b):
    return not all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


@both
def test_the_mean_is_that_of_torch(how):
    average = swa_utils.get_ema_multi_avg_fn(0.9) if how is EMA else swa_utils.get_swa_multi_avg_fn()
    session = Session(made(regularisation=how))
    theirs = swa_utils.AveragedModel(session.network.module, multi_avg_fn=average)
    for _ in range(8):
        before = session.epoch
        while session.epoch == before:
            session.advance(1)
            if how is EMA:
                theirs.update_parameters(session.network.module)
        if how is SWA and session.epoch >= 3:
            theirs.update_parameters(session.network.module)
    assert_equal(shown(session), [parameter.detach() for parameter in theirs.module.parameters()])
    assert differ(shown(session), weights(session))


def test_the_moving_average_is_that_of_its_formula():
    session = Session(made(regularisation=EMA))
    mean = None
    for _ in range(12):
        session.advance(1)
        now = [weight.double() for weight in weights(session)]
        mean = now if mean is None else [0.9 * a + 0.1 * w for a, w in zip(mean, now, strict=True)]
    for a, b in zip(shown(session), mean, strict=True):
        torch.testing.assert_close(a.double(), b, atol=1e-6, rtol=0)


@both
def test_training_itself_goes_on_as_without(how):
    averaged, plain = Session(made(regularisation=how)), Session(SMALL)
    for session in (averaged, plain):
        session.advance(33)
    assert_equal(weights(averaged), weights(plain))


@both
def test_what_is_judged_and_shown_is_the_averaged_network(how):
    session = Session(made(regularisation=how))
    session.advance(40)
    plain = Session(SMALL)
    with torch.no_grad():
        for parameter, mean in zip(plain.network.module.parameters(), shown(session), strict=True):
            parameter.copy_(mean)
    plain._evaluated = None
    assert session.evaluate() == plain.evaluate()
    frame, expected = (picture(each, ["boundary", "neurons"], state="paused") for each in (session, plain))
    assert frame.measures == expected.measures
    assert {name.partition(".")[0] for name in expected.arrays} == {"boundary", "neurons"}
    for name, array in expected.arrays.items():
        assert frame.arrays[name].tobytes() == array.tobytes()


@both
def test_looking_leaves_no_trace(how):
    session = Session(made(regularisation=how))
    session.advance(33)
    before = session.checkpoint().to_bytes()
    pointers = [parameter.data_ptr() for parameter in session.network.module.parameters()]
    picture(session, ["weights", "boundary", "neurons", "health", "curves"], state="paused")
    session.evaluate()
    assert session.checkpoint().to_bytes() == before
    assert [parameter.data_ptr() for parameter in session.network.module.parameters()] == pointers


@both
@pytest.mark.parametrize("n_steps", [0, 3, 13, 28])
def test_a_checkpoint_resumes_to_the_last_bit(how, n_steps):
    first = Session(made(regularisation=how, stop=Stop(patience=30)))
    first.advance(n_steps)
    second = Session.restored(Record.from_bytes(first.checkpoint().to_bytes()))
    for session in (first, second):
        session.advance(20)
        session.evaluate()
    assert first.checkpoint().to_bytes() == second.checkpoint().to_bytes()
    assert first.evaluate() == second.evaluate()


@both
def test_a_watched_run_and_an_unwatched_one_are_equal(how):
    watched, alone = (Session(made(regularisation=how)) for _ in range(2))
    for _ in range(15):
        watched.advance(3)
        picture(watched, ["boundary", "health"], state="playing")
    alone.advance(45)
    assert watched.checkpoint().to_bytes() == alone.checkpoint().to_bytes()


def test_before_its_first_epoch_swa_shows_the_weights_themselves():
    session = Session(made(regularisation=SWA))
    session.advance(9)
    assert session.epoch < 3
    assert_equal(shown(session), weights(session))


@both
def test_it_can_be_turned_on_and_off_while_a_run_goes_on(how):
    session = Session(SMALL)
    session.advance(20)
    assert session.change(made(regularisation=how))
    assert_equal(shown(session), weights(session))
    session.advance(20)
    assert differ(shown(session), weights(session))
    assert session.change(SMALL)
    assert_equal(shown(session), weights(session))


@both
def test_weights_put_by_hand_are_shown_at_once(how):
    session = Session(made(regularisation=how))
    session.advance(40)
    session.set_weight(0, 1, 0, 5.0)
    assert shown(session)[0][1, 0] == 5.0
    session.change(made(regularisation=how, held=(Held(layer=0, unit=2, source=1, value=-4.0),)))
    assert shown(session)[0][2, 1] == -4.0


@both
def test_early_stopping_gives_back_the_averaged_weights_of_the_best_epoch(how):
    noisy = {"kind": "moons", "n_points": 60, "noise": 0.5}
    settings = {"data": noisy, "regularisation": how, "stop": {"patience": 4}, "split": {"validation": 30}}
    session = Session(Experiment(**{**SMALL.model_dump(), **settings}))
    best = None
    while not session.finished:
        session.advance_epoch()
        if not session.finished and (best is None or session.evaluate().validation_loss < best[0]):
            best = session.evaluate().validation_loss, shown(session)
    assert_equal(shown(session), best[1])
    assert session.evaluate().validation_loss == best[0]


def test_batch_norm_is_counted_anew_for_the_averaged_weights():
    torch.manual_seed(1)
    module = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 1))
    x = torch.randn(50, 3)
    averages = Averages(EMA, module, x)
    for _ in range(9):
        module(x)
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.add_(torch.randn_like(parameter))
        averages.end_step(0.0)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    for _ in range(2):  # counted, and then remembered
        with averages.in_place():
            z = module[0](x).detach()
            torch.testing.assert_close(module[1].running_mean, z.mean(0))
            torch.testing.assert_close(module[1].running_var, z.var(0))
            assert module.training
            assert module[1].momentum == 0.1
    after = module.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
