import numpy as np
import pytest
import torch

from dlcore.data import Digits, Iris, Split
from dlcore.experiment import Experiment
from dlcore.layers import Conv2d, Flatten, MaxPool
from dlcore.probes.liked import MOST_STEPS, climb
from dlcore.training.session import Session
from tests.probes.test_every_probe import state

E = Experiment(
    data=Digits(),
    split=Split(train=50, validation=0),
    network=(Conv2d(channels=4), MaxPool(), Conv2d(channels=6), Flatten()),
)


@pytest.fixture(scope="module")
def session():
    made = Session(E)
    made.advance_epoch()
    return made


def grey(n, seed=0):
    return (0.5 + 0.05 * np.random.default_rng(seed).standard_normal((n, 1, 8, 8))).astype(np.float32)


def test_what_a_first_filter_likes_most_is_light_where_its_weights_are_above_zero(session):
    x = grey(4)
    made = climb(session, 0, x, 0, MOST_STEPS)
    top, left, bottom, right = made["field"]
    assert (bottom - top, right - left) == (3, 3), "one place of it sees as much as its window covers"
    weight = session.network.module[0].weight.detach().numpy()[:, 0]
    steep = np.abs(weight) > 0.3 * np.abs(weight).max((1, 2), keepdims=True)
    found = made["x"][:, 0, top:bottom, left:right]
    np.testing.assert_array_equal(found[steep], (weight > 0)[steep])
    outside = np.ones((8, 8), bool)
    outside[top:bottom, left:right] = False
    np.testing.assert_array_equal(made["x"][:, 0, outside], np.clip(x, 0, 1)[:, 0, outside])


def test_a_step_goes_where_finite_differences_say_that_the_answer_grows(session):
    x = grey(1, 4).clip(0, 1)
    step = climb(session, 4, x, 3, 1)["x"] - x

    def answered(each):
        with torch.no_grad():
            return float(session.network.module.eval()(torch.from_numpy(each))[0, 3])

    h, slope = 1e-2, np.zeros_like(x)
    for at in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[at] += h
        down[at] -= h
        slope[at] = (answered(up) - answered(down)) / (2 * h)
    session.network.module.train()
    both = np.corrcoef(step.ravel(), slope.ravel())[0, 1]
    assert both > 0.98


@pytest.mark.parametrize(("layer", "n"), [(0, 4), (2, 6), (4, 10)])
def test_each_picture_moves_its_own_channel_more_piece_by_piece(session, layer, n):
    x, values = grey(n), []
    for _ in range(4):
        made = climb(session, layer, x, 0, 5)
        x = made["x"]
        values.append(made["value"])
    assert (values[-1] > values[0]).all()
    assert x.min() >= 0
    assert x.max() <= 1


def test_asking_leaves_no_trace_and_pieces_are_the_whole(session):
    before = state(session)
    whole = climb(session, 2, grey(6), 0, 8)
    first = climb(session, 2, grey(6), 0, 3)
    second = climb(session, 2, first["x"], 0, 5)
    np.testing.assert_array_equal(whole["x"], second["x"])
    assert state(session) == before


def test_of_many_channels_some_are_asked_about_at_a_time(session):
    every = climb(session, 2, grey(6), 0, 2)
    np.testing.assert_allclose(climb(session, 2, grey(6)[4:], 4, 2)["x"], every["x"][4:], atol=1e-6)


def test_data_that_are_no_pictures_are_refused_in_words():
    with pytest.raises(ValueError, match="Choose data that are pictures"):
        climb(Session(Experiment(data=Iris())), 0, np.zeros((1, 4), np.float32), 0, 1)
    with pytest.raises(ValueError, match="takes up to 64 samples of 1 × 8 × 8"):
        climb(Session(E), 0, np.zeros((1, 1, 9, 8), np.float32), 0, 1)
