import numpy as np
import pytest
import torch

from dlcore.data import Digits, Iris
from dlcore.data.series import Sines
from dlcore.data.text import SurnameLetters
from dlcore.data.tokens import Reverse
from dlcore.experiment import Experiment
from dlcore.layers import GRU, Conv2d, Dense, Embedding, Flatten
from dlcore.losses import MeanSquared
from dlcore.probes import opened
from dlcore.probes.liked import climb
from dlcore.training.generate import generate
from dlcore.training.session import Session
from tests.engine.conftest import experiment, until

IRIS = Experiment(data=Iris(), network=(Dense(units=6),))
NAMES = Experiment(data=SurnameLetters(country="Finland"), network=(Embedding(size=8), Dense(units=16)))
PICTURES = Experiment(data=Digits(n_images=200), network=(Conv2d(channels=3), Flatten()))
SERIES = Experiment(
    data=Sines(n_steps=200, window=8, horizon=3), network=(Flatten(), Dense(units=6)), loss=MeanSquared()
)


def asked(run, e, n_steps=20):
    """The run, and a session of its own of the same experiment, both so far on."""
    run.change(e)
    run.do("reset")
    alone = Session(e)
    for _ in range(n_steps):
        run.do("step")
    alone.advance(n_steps)
    return alone


def outputs(session, x):
    session.network.module.eval()
    with torch.no_grad():
        return session.network.module(x)


def test_a_run_answers_a_sample_as_its_network_does(run):
    alone = asked(run, IRIS)
    x = alone.points["test"].x[:5]
    expected = outputs(alone, alone.tensors["test"].x[:5]).softmax(1)
    np.testing.assert_allclose(run.answer(x, 20)["share"], expected, atol=1e-6)


def test_the_network_of_the_past_answers_and_the_run_stays_where_it_is(run):
    asked(run, IRIS)
    then = Session(IRIS)
    then.advance(7)
    x = then.points["test"].x[:5]
    expected = outputs(then, then.tensors["test"].x[:5]).softmax(1)
    np.testing.assert_allclose(run.answer(x, 20, at=7)["share"], expected, atol=1e-6)
    assert not np.allclose(run.answer(x, 20)["share"], expected)
    assert run.frame((), fresh=True).step == 20


def test_strings_and_series_of_the_past_are_those_of_a_network_that_has_come_no_further(run):
    for e, ask in (
        (NAMES, lambda run, at: run.generate(n_strings=3, seed=1, patience_s=20, at=at)),
        (SERIES, lambda run, at: run.extend(np.zeros((8, 1), np.float32), 5, 20, at)["value"].tolist()),
    ):
        asked(run, e, 4)
        then = ask(run, None)
        for _ in range(6):
            run.do("step")
        assert ask(run, None) != then
        assert ask(run, 4) == then


def test_two_classes_share_what_there_is_and_points_are_given_as_they_lie(run):
    alone = asked(run, experiment(inputs=({"kind": "x1"}, {"kind": "radius"})))
    x = np.array([[1.0, -2.0], [0.5, 3.0]], np.float32)
    radius = np.hypot(x[:, 0], x[:, 1])
    second = outputs(alone, torch.tensor(np.stack([x[:, 0], radius], 1))).sigmoid()[:, 0]
    share = run.answer(x, 20)["share"]
    np.testing.assert_allclose(share[:, 1], second, atol=1e-6)
    np.testing.assert_allclose(share.sum(1), 1, atol=1e-6)


def test_every_step_of_a_string_is_answered_with_its_likeliest_tokens(run):
    e = Experiment(data=Reverse(n_strings=200, length=4, symbols=12), network=(Embedding(size=4),))
    alone = asked(run, e)
    x = alone.points["test"].x[:2]
    told = run.answer(x, 20)
    expected = outputs(alone, torch.tensor(x)).softmax(-1).topk(10)
    np.testing.assert_array_equal(told["best"], expected.indices)
    np.testing.assert_allclose(told["share"], expected.values, atol=1e-6)


def test_a_series_goes_on_with_what_it_has_answered(run):
    alone = asked(run, SERIES)
    window = alone.points["test"].x[0]  # (T, 1)
    seen = window[:, 0].tolist()
    for _ in range(3):
        given = torch.tensor(seen[-8:], dtype=torch.float32).reshape(1, 8, 1)
        seen += outputs(alone, given)[0].tolist()
    np.testing.assert_allclose(run.extend(window, 7, 20)["value"], seen[8:15], rtol=1e-5)


def test_strings_are_made_up_as_the_session_makes_them_up(run):
    alone = asked(run, NAMES)
    how = {"n_strings": 5, "temperature": 0.8, "top_k": 6, "seed": 3, "prompt": "ko"}
    assert run.generate(**how, patience_s=20) == generate(alone, **how)


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (np.zeros((1, 3), np.float32), "samples of 4"),
        (np.zeros((65, 4), np.float32), "up to 64"),
        (np.zeros((0, 4), np.float32), "up to 64"),
        (np.full((1, 4), np.nan, np.float32), "takes numbers"),
        (np.full((1, 4), 1e9, np.float32), "takes numbers"),
    ],
)
def test_what_a_network_cannot_be_given_is_refused_in_words(run, x, said):
    run.change(IRIS)
    with pytest.raises(ValueError, match=said):
        run.answer(x, 20)


@pytest.mark.parametrize("x", [np.full((1, 15), 99), np.full((1, 15), -1), np.zeros((1, 15), np.float32)])
def test_tokens_out_of_the_vocabulary_are_refused_in_words(run, x):
    run.change(NAMES)
    with pytest.raises(ValueError, match="Next letter of a surname"):
        run.answer(x, 20)


def test_what_is_no_text_and_no_series_is_not_gone_on_with(run):
    run.change(IRIS)
    with pytest.raises(ValueError, match="no text"):
        run.generate(patience_s=20)
    with pytest.raises(ValueError, match="no series"):
        run.extend(np.zeros((4, 1), np.float32), 3, 20)
    assert run.frame((), fresh=True).step == 0, "the run goes on after a refusal"


def test_asking_again_and_again_leaves_no_trace_on_a_run_that_plays(run):
    run.change(IRIS)
    run.do("reset")
    x = np.zeros((1, 4), np.float32)
    run.do("play")
    told = []
    until(lambda: told.append(run.answer(x, 20)["share"].copy()) or run.frame(()).step > 300)
    run.do("pause")
    assert not np.array_equal(told[0], told[-1]), "the answer moves as the run learns"
    record = run.checkpoint()
    alone = Session(IRIS)
    alone.advance(record.facts["step"])
    mine = alone.checkpoint()
    assert all(array.tobytes() == mine.arrays[name].tobytes() for name, array in record.arrays.items())


def test_dropout_silences_nothing_in_an_answer(run):
    run.change(IRIS.model_copy(update={"network": (Dense(units=6), {"kind": "dropout", "p": 0.9})}))
    x = np.ones((1, 4), np.float32)
    assert np.array_equal(run.answer(x, 20)["share"], run.answer(x, 20)["share"])


def test_a_recurrent_network_goes_on_for_as_long_as_it_may(run):
    run.change(SERIES.model_copy(update={"network": (GRU(units=3),)}))
    assert run.extend(np.zeros((8, 1), np.float32), 100_000, 20)["value"].shape == (240,)


def test_a_sample_of_ones_own_is_followed_as_a_test_sample_is(run):
    alone = asked(run, PICTURES)
    x = alone.points["test"].x[3:4]
    told = run.ask("trace", {"x": x}, 20).arrays
    expected = opened("trace?sample=3").read(alone)
    assert told.keys() == expected.keys()
    assert all(np.array_equal(told[name], array) for name, array in expected.items())


def test_questions_about_windows_and_likes_come_from_the_run_and_refusals_are_raised(run):
    alone = asked(run, PICTURES)
    x = alone.points["test"].x[:1]
    np.testing.assert_array_equal(
        run.ask("window", {"x": x}, 20, layer=0, channel=1).arrays["kernel"],
        alone.network.module[0].weight.detach().numpy()[1],
    )
    made = run.ask("climb", {"x": x}, 20, layer=0, first=0, n_steps=2).arrays
    np.testing.assert_allclose(made["x"], climb(alone, 0, x, 0, 2)["x"], atol=1e-6)
    with pytest.raises(ValueError, match="Choose a convolution"):
        run.ask("window", {"x": x}, 20, layer=1, channel=0)
    with pytest.raises(ValueError, match="no question is called 'tea'"):
        run.ask("tea", {}, 20)
