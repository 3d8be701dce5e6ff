import numpy as np
import pytest
import torch

from dlcore.data import Split
from dlcore.data.tokens import Recall
from dlcore.experiment import Experiment
from dlcore.layers import Embedding, layers
from dlcore.probes import opened
from dlcore.training.session import Session
from tests.probes.cases import REMEMBERING

CELLS = ("rnn", "gru", "lstm")


def recalling(kind, n_steps=40, n_strings=300):
    """A tiny network on letters, trained for a moment."""
    network = (Embedding(size=3), layers[kind](units=4))
    data = Recall(steps=6, n_strings=n_strings)
    session = Session(Experiment(data=data, split=Split(train=70, validation=10), network=network))
    session.advance(n_steps)
    return session


def answer_of(session, x, nudged=None):
    """The network in float64 by torch's own one-step cells; ``nudged`` (t, what, unit, by) moves one number
    between two steps: ``state`` or ``memory``."""
    embedding, block, *rest = session.network.module
    cell = block.cell
    name = {"RNN": "RNNCell", "GRU": "GRUCell", "LSTM": "LSTMCell"}[type(cell).__name__]
    step = getattr(torch.nn, name)(cell.input_size, cell.hidden_size).double()
    step.load_state_dict({key.removesuffix("_l0"): value for key, value in cell.state_dict().items()})
    state = memory = torch.zeros(len(x), cell.hidden_size, dtype=torch.float64)
    for t, entered in enumerate(embedding(x).double().unbind(1)):
        if name == "LSTMCell":
            state, memory = step(entered, (state, memory))
        else:
            state = step(entered, state)
        if nudged and nudged[0] == t:
            _, what, unit, by = nudged
            nudge = by * torch.eye(cell.hidden_size, dtype=torch.float64)[unit]
            if what == "state":
                state = state + nudge
            else:  # the state of this very step is read off the memory, too
                state = state / memory.tanh() * (memory + nudge).tanh()
                memory = memory + nudge
    for module in rest:
        state = module.double()(state)
        module.float()
    return state


@pytest.mark.parametrize("kind", CELLS)
def test_the_gradient_at_every_step_is_that_of_finite_differences(kind):
    session = recalling(kind)
    record = opened("through_time").read(session)
    test, by = session.tensors["test"].first(48), 1e-5
    losses = torch.nn.functional.cross_entropy
    with torch.no_grad():
        for what in ("state", "memory") if kind == "lstm" else ("state",):
            expected = []
            for t in range(7):
                slopes = []
                for unit in range(4):
                    up, down = (answer_of(session, test.x, (t, what, unit, sign * by)) for sign in (1, -1))
                    up, down = (losses(each, test.truth, reduction="none") for each in (up, down))
                    slopes.append((up - down) / (2 * by))
                expected.append(torch.stack(slopes, 1).norm(dim=1).mean().item())
            np.testing.assert_allclose(record[what], expected, rtol=2e-3)


@pytest.mark.parametrize("kind", CELLS)
def test_what_is_known_at_a_step_is_what_the_sequence_cut_there_is_answered_with(kind):
    session = recalling(kind)
    record = opened("through_time?sample=5").read(session)
    test = session.tensors["test"].first(48)
    network = session.network.module.eval()
    with torch.no_grad():
        for t in range(7):
            said = network(test.x[:, : t + 1])
            assert record["known"][t] == pytest.approx((said.argmax(1) == test.truth).float().mean().item())
            np.testing.assert_allclose(record["share"][t], said.softmax(1)[5].numpy(), atol=1e-5)


def test_a_sequence_that_is_read_both_ways_or_answered_at_each_step_has_its_gradient_too():
    session = Session(REMEMBERING)
    session.advance(3)
    record = opened("through_time?layer=0").read(session)
    assert record["state"].shape == record["memory"].shape == (8,)
    assert "known" not in record  # values, from both ends
    assert opened("through_time?layer=2").read(session)["layer"].tolist() == [2]


def test_a_frozen_layer_has_its_gradient_too():
    network = (layers["rnn"](units=3, frozen=True),)
    session = Session(REMEMBERING.model_copy(update={"network": network}))
    assert (opened("through_time").read(session)["state"] > 0).all()
