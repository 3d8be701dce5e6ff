"""Every preset is trained and shows what its name and its question claim."""

import numpy as np
import pytest

from dlcore.activations import ReLU
from dlcore.diagnose import diagnose
from dlcore.evidence import Evidence
from dlcore.experiment import Experiment, value_at, with_value
from dlcore.initializers import He
from dlcore.layers import Dense
from dlcore.link import decode, encode
from dlcore.presets import PRESETS, TRY
from dlcore.probes import probes
from dlcore.schedules import Cosine
from dlcore.training.session import Session

BY_NAME = {preset.name: preset for preset in PRESETS}
CLAIMS = {}


def claim(name):
    def enter(check):
        CLAIMS[name] = check
        return check

    return enter


def trained(name, **changed):
    preset = BY_NAME[name]
    session = Session(preset.experiment.model_copy(update=changed))
    for _ in range(preset.epochs):
        session.advance_epoch()
    return session


def end(session):
    return session.evaluate()


def losses(session, name):
    return np.array([getattr(row, name) for row in session.history.rows])


def findings(session):
    curves, health = probes["curves"]().read(session), probes["health"]().read(session)
    return {each.rule for each in diagnose(Evidence(session.experiment, curves, health, session.failure))}


@claim("XOR without a hidden layer")
def stays_below_080_and_is_told_why(session):
    assert end(session).train_score < 0.8
    assert "linear net" in findings(session)


@claim("Features instead of depth")
def one_small_layer_learns_the_spiral_with_sines_only(session):
    assert end(session).test_score > 0.93
    without = trained("Features instead of depth", inputs=session.experiment.inputs[:2])
    assert end(without).test_score < 0.8


@claim("A rate that is too high")
def leaps_about_and_is_told_so(session):
    loss = losses(session, "train_loss")[10:]
    assert np.abs(np.diff(loss)).mean() > 0.2 * loss.mean()
    assert "rate too high" in findings(session)


@claim("One straight line")
def one_line_parts_the_clouds(session):
    assert session.experiment.n_parameters() == 3
    assert end(session).test_score > 0.97


@claim("XOR with four neurons")
def four_neurons_are_enough(session):
    assert end(session).test_score > 0.95


@claim("A rate that explodes")
def fails_and_the_layer_is_named(session):
    assert session.failure
    assert session.fault() is not None
    assert "not finite" in findings(session)


@claim("Dead ReLUs")
def most_neurons_answer_0_for_ever(session):
    health = probes["health"]().read(session)
    assert health["dead"][:-1].max() > 0.5
    assert "dead ReLUs" in findings(session)


@claim("Vanishing gradients")
def the_first_layer_hardly_moves(session):
    assert end(session).train_score < 0.7
    assert "vanishing gradient" in findings(session)


@claim("The same depth with ELU")
def learns_with_six_layers(session):
    assert len(session.experiment.network) == len(BY_NAME["Vanishing gradients"].experiment.network)
    assert end(session).test_score > 0.97


@claim("All weights start at zero")
def the_neurons_stay_alike(session):
    assert end(session).train_score < 0.6
    assert "all-zero start" in findings(session)


@claim("A step cannot learn")
def the_hidden_weights_do_not_move(session):
    start = Session(session.experiment).network.linears()[0][1].weight
    assert (session.network.linears()[0][1].weight == start).all()
    assert "no slope" in findings(session)


@claim("Learning the noise by heart")
def the_loss_on_new_points_rises(session):
    held = losses(session, "test_loss")
    assert held[-1] > 1.5 * held.min()
    assert end(session).train_loss < 0.05
    assert "overfitting" in findings(session)


@claim("Dropout against it")
def the_loss_on_new_points_is_lower_with_dropout(session):
    without = trained("Learning the noise by heart")
    assert end(session).test_loss < 0.8 * end(without).test_loss


@claim("Too few points")
def twelve_points_are_learnt_and_little_else(session):
    assert len(session.points["train"]) == 12
    assert end(session).train_score == 1
    assert end(session).test_score < 0.9
    assert findings(session) & {"too few points", "overfitting"}


@claim("Rolling through a ravine")
def momentum_gets_further(session):
    plain = trained(
        "Rolling through a ravine",
        optimizer=with_value(session.experiment, "optimizer.momentum", 0.0).optimizer,
    )
    assert end(session).train_loss < 0.5 * end(plain).train_loss


@claim("Waves on a checkerboard")
def relus_fare_worse(session):
    sizes = [layer.units for layer in session.experiment.network]
    relus = trained(
        "Waves on a checkerboard",
        network=tuple(Dense(units=units, activation=ReLU()) for units in sizes),
        init=He(),
    )
    assert end(session).train_loss < 0.7 * end(relus).train_loss
    assert end(session).test_loss < end(relus).test_loss


@claim("L1 clears the board")
def two_weights_are_left(session):
    weight = session.network.linears()[0][1].weight
    left = [each.label for each, w in zip(session.experiment.inputs, weight[0], strict=True) if w.item()]
    assert left == ["x₁²", "x₂²"]
    assert end(session).test_score > 0.97


@claim("Warm up first")
def without_the_rise_the_relus_die(session):
    assert end(session).test_score > 0.95
    cold = trained("Warm up first", schedule=Cosine(epochs=session.experiment.schedule.epochs))
    assert end(cold).test_score < 0.7
    assert "dead ReLUs" in findings(cold)


@claim("Six clouds, six classes")
def six_classes_are_learnt(session):
    assert session.experiment.head().units == 6
    assert end(session).test_score > 0.9


@claim("Three rings, three classes")
def three_classes_are_learnt(session):
    assert session.experiment.head().units == 3
    assert end(session).test_score > 0.95


@claim("Hills and hollows")
def the_landscape_is_learnt(session):
    assert session.experiment.data.regression
    assert end(session).test_score > 0.8


@claim("A ripple from its radius")
def with_the_coordinates_it_is_harder(session):
    assert end(session).test_score > 0.9
    without = trained("A ripple from its radius", inputs=Experiment().inputs)
    assert end(without).test_loss > 2 * end(session).test_loss


def test_every_preset_has_a_claim_and_there_are_at_least_16():
    assert CLAIMS.keys() == BY_NAME.keys()
    assert len(PRESETS) == len(BY_NAME) >= 16
    assert len(TRY) == 3


@pytest.mark.parametrize("name", BY_NAME)
def test_a_preset_shows_what_it_claims(name):
    CLAIMS[name](trained(name))


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_can_run_travels_in_a_link_and_asks_something(preset):
    assert preset.experiment.problems() == []
    assert decode(encode(preset.experiment)).experiment == preset.experiment
    assert preset.question.strip().endswith((".", "?"))
    assert value_at(preset.experiment, "stop.epochs") == 0
