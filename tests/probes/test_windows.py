import numpy as np
import pytest
import torch

from dlcore.data import Digits, Split
from dlcore.experiment import Experiment
from dlcore.layers import AveragePool, Conv2d, Flatten, MaxPool
from dlcore.probes.windows import window_of
from dlcore.sliding import Window, results
from dlcore.training.session import Session
from tests.probes.test_every_probe import state

E = Experiment(
    data=Digits(n_images=200),
    split=Split(train=50, validation=0),
    network=(
        Conv2d(channels=4, kernel=3, padding=2, dilation=2),
        MaxPool(),
        Conv2d(channels=5, kernel=2, stride=2, padding=1),
        AveragePool(size=2),
        Flatten(),
    ),
)
HOW = ("sum", "max", "mean")


@pytest.fixture(scope="module")
def session():
    made = Session(E)
    made.advance(5)
    return made


@pytest.mark.parametrize(("layer", "channel"), [(0, 2), (1, 3), (2, 4), (3, 1)])
def test_the_pages_own_arithmetic_gives_what_the_layer_of_torch_gives(session, layer, channel):
    x = session.tensors["test"].x[3:4]
    found = window_of(session, layer, channel, x)
    *moves, how = (int(n) for n in found["moves"])
    window = Window(*moves, HOW[how])
    bias = float(found.get("bias", [0.0])[0])
    made = results(found["inputs"], window, found.get("kernel"), bias)["output"]
    with torch.no_grad():
        given = x
        for module in list(session.network.module)[: session.network.ends[layer - 1] if layer else 0]:
            given = module(given)
        expected = session.network.modules_of(layer)[0](given)[0, channel].numpy()
    np.testing.assert_allclose(made[0], expected, rtol=1e-4, atol=1e-5)


def test_asking_leaves_no_trace(session):
    before = state(session)
    window_of(session, 2, 0, session.tensors["test"].x[:1])
    assert state(session) == before


def test_a_layer_without_a_window_is_refused_in_words(session):
    with pytest.raises(ValueError, match="Choose a convolution or a pooling"):
        window_of(session, 4, 0, session.tensors["test"].x[:1])
