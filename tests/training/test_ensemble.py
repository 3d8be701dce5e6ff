import numpy as np
import pytest
import torch

from dlcore.data import Iris, datasets
from dlcore.data.points import Moons
from dlcore.ensembles import why_not
from dlcore.experiment import Experiment
from dlcore.interventions import Held, Silenced
from dlcore.layers import Dense, Dropout, layers
from dlcore.losses import losses
from dlcore.optimizers import optimizers
from dlcore.regularisation import Regularisation
from dlcore.schedules import schedules
from dlcore.training.ensemble import Ensemble
from dlcore.training.session import Session
from tests.layers.around import around, default_of

STEPS = 9
SMALL = Experiment(
    data=Moons(n_points=60), network=(Dense(units=5), Dropout(p=0.3), Dense(units=3)), batch_size=7
)
"""Of thirty points to learn from, nine steps make an epoch of five and most of a second."""


def of(**settings):
    return SMALL.model_copy(update=settings)


def cases():
    """One experiment around each class of every registry, and around whatever else enters into a step."""
    yield from ((f"layer {cls.kind_name()}", around(default_of(cls))) for cls in layers)
    yield from ((f"optimizer {cls.kind_name()}", of(optimizer=cls())) for cls in optimizers)
    yield from ((f"schedule {cls.kind_name()}", of(schedule=cls())) for cls in schedules)
    for cls in losses:
        for data in (SMALL.data, Iris(), datasets["plane"](n_points=60)):
            e = of(data=data, loss=cls())
            if not e.problems():
                yield f"loss {cls.kind_name()} {e.data.kind_name()}", e
    pulls = (
        {"l1": 0.01, "l2": 0.02},
        {"l1": 0.01, "l2": 0.02, "how": "decoupled decay"},
        {"max_norm": 0.1},
        {"average": "EMA", "memory": 0.9},
        {"average": "SWA", "average_from": 1},
    )
    yield from ((f"regularisation {pull}", of(regularisation=Regularisation(**pull))) for pull in pulls)
    held = (Held(layer=0, unit=1, source=0, value=0.5), Held(layer=3, unit=0, source=-1, value=0.1))
    yield "held weights", of(held=held)
    yield "silenced neurons", of(silenced=(Silenced(layer=0, unit=1), Silenced(layer=2, unit=2)))
    inside = layers["residual"](inside=(Dense(units=2), Dropout(p=0.4)))
    paths = layers["parallel"](paths=((Dropout(p=0.2), Dense(units=2)), (layers["gaussian_noise"](std=0.3),)))
    yield "chance within other layers", of(network=(inside, Dropout(p=0.0), paths, Dense(units=3)))
    yield "a frozen layer", of(network=(Dense(units=5, frozen=True), Dense(units=4)))
    yield "weighed classes", of(loss=losses["cross_entropy"](class_weights="balanced"))


CASES = dict(cases())


def alone(ensemble, number, n_steps=STEPS):
    session = Session(ensemble.members[number])
    session.advance(n_steps)
    return session


def weights(ensemble, number):
    return [each[number] for each in ensemble.stacked.parameters()]


def close(values):
    return pytest.approx(list(values), rel=1e-4, abs=1e-4, nan_ok=True)


@pytest.mark.parametrize("e", CASES.values(), ids=CASES)
def test_each_member_is_what_a_session_makes_of_it_alone_or_it_is_refused_in_words(e):
    refusal = why_not(e)
    if refusal:
        assert refusal.count(".  ") == 1
        with pytest.raises(ValueError, match=r"\."):
            Ensemble(e, 16)
        return
    ensemble = Ensemble(e, 2)
    ensemble.advance(STEPS)
    told = ensemble.evaluate()
    for number in range(2):
        session = alone(ensemble, number)
        assert (ensemble.epoch, ensemble.seen, ensemble.step) == (session.epoch, session.seen, session.step)
        assert [float(each[number]) for each in told] == close(session.evaluate())
        for (name, theirs), ours in zip(
            session.network.module.named_parameters(), weights(ensemble, number), strict=True
        ):
            # a key's bias moves all scores of a query alike: its gradient is rounding, which Adam makes large
            if not name.endswith("key.bias"):
                torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_the_first_member_is_the_experiment_itself_and_the_others_differ_in_chance_alone():
    ensemble = Ensemble(SMALL, 16)
    assert ensemble.members[0] == SMALL
    assert len({(each.seeds.init, each.seeds.batches) for each in ensemble.members}) == 16
    assert {(each.seeds.data, each.seeds.split) for each in ensemble.members} == {
        (SMALL.seeds.data, SMALL.seeds.split)
    }
    assert all(
        len(weight.unique(dim=0)) == 16 for weight in ensemble.stacked.parameters() if weight.dim() > 2
    )


def test_its_rows_are_the_histories_of_its_members():
    ensemble = Ensemble(SMALL, 3)
    ensemble.advance_for(60, last_epoch=4)
    session = Session(ensemble.members[2])
    for _ in range(4):
        session.advance_epoch()
    assert ensemble.epochs == session.history.epochs
    for ours, theirs in zip(ensemble.rows, session.history.rows, strict=True):
        assert [float(each[2]) for each in ours] == close(theirs)


def test_in_pieces_it_goes_where_it_goes_at_once():
    pieces, whole = Ensemble(SMALL, 3), Ensemble(SMALL, 3)
    while pieces.step < 13:
        pieces.advance_for(0)
    whole.advance(13)
    for ours, theirs in zip(pieces.stacked.parameters(), whole.stacked.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_a_member_that_breaks_down_is_told_and_harms_no_other():
    ensemble = Ensemble(SMALL, 3)
    with torch.no_grad():
        next(ensemble.stacked.parameters())[1] = float("nan")
    ensemble.advance(STEPS)
    assert ensemble.failed.tolist() == [False, True, False]
    for number in (0, 2):
        theirs = alone(ensemble, number).network.module.parameters()
        for ours, other in zip(weights(ensemble, number), theirs, strict=True):
            torch.testing.assert_close(ours, other, rtol=1e-4, atol=1e-5)


def test_what_it_answers_does_not_depend_on_how_many_samples_are_asked_at_a_time(monkeypatch):
    ensemble = Ensemble(SMALL, 3)
    x = ensemble.tensors["test"].x
    whole = ensemble.answers(x)
    monkeypatch.setattr("dlcore.training.ensemble.AT_ONCE", 100)
    torch.testing.assert_close(ensemble.answers(x), whole)
    np.testing.assert_allclose(
        whole[1].numpy(), Session(ensemble.members[1]).network.module.eval()(x).detach().numpy(), rtol=1e-5
    )
