import numpy as np
import pytest
import torch

from dlcore.layers import GRU, LSTM, RNN
from dlcore.layers.recurrent import Gated, Recurrent
from tests.layers.test_every_layer import built

SHAPE = (5, 3)
X = torch.randn(2, *SHAPE, generator=torch.Generator().manual_seed(1))
CELLS = [RNN, LSTM, GRU]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def by_hand(layer, cell, x):
    """The states (B, T, H) of a cell that reads forwards, with nothing of torch but its weights."""
    w, u, b, c = (each.detach().double().numpy() for each in cell.parameters())
    n_units, h = layer.units, np.zeros((len(x), layer.units))
    memory, states = np.zeros_like(h), []
    for step in x.double().numpy().transpose(1, 0, 2):
        inner, outer = step @ w.T + b, h @ u.T + c
        parts = [slice(k * n_units, (k + 1) * n_units) for k in range(layer.gates)]
        if isinstance(layer, RNN):
            h = np.tanh(inner + outer) if layer.activation == "tanh" else np.maximum(inner + outer, 0)
        elif isinstance(layer, LSTM):
            i, f, g, o = (inner[:, part] + outer[:, part] for part in parts)
            memory = sigmoid(f) * memory + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(memory)
        else:
            r, z = (sigmoid(inner[:, part] + outer[:, part]) for part in parts[:2])
            n = np.tanh(inner[:, parts[2]] + r * outer[:, parts[2]])
            h = z * h + (1 - z) * n
        states.append(h)
    return np.stack(states, 1)


@pytest.mark.parametrize(
    "layer", [RNN(units=4), RNN(units=4, activation="relu"), LSTM(units=4), GRU(units=4)]
)
def test_the_states_are_those_of_the_textbook(layer):
    layer = layer.model_copy(update={"keep": "all steps"})
    module = built(layer, SHAPE)
    assert np.allclose(module(X).detach().numpy(), by_hand(layer, module[0].cell, X), atol=1e-6)


@pytest.mark.parametrize("cls", CELLS)
@pytest.mark.parametrize("both_ways", [False, True])
def test_the_last_step_is_the_state_after_everything_was_read(cls, both_ways):
    last = built(cls(units=4, both_ways=both_ways), SHAPE)(X)
    states = built(cls(units=4, both_ways=both_ways, keep="all steps"), SHAPE)(X)
    assert torch.allclose(last[:, :4], states[:, -1, :4])
    assert not both_ways or torch.allclose(last[:, 4:], states[:, 0, 4:])


@pytest.mark.parametrize("cls", CELLS)
def test_read_backwards_a_sequence_is_read_from_its_end(cls):
    module = built(cls(units=4, both_ways=True, keep="all steps"), SHAPE)
    cell = module[0].cell
    for name, parameter in cell.named_parameters():
        if name.endswith("_reverse"):
            parameter.data.copy_(getattr(cell, name.removesuffix("_reverse")))
    assert torch.allclose(module(X)[:, :, 4:], module(X.flip(1))[:, :, :4].flip(1), atol=1e-6)


@pytest.mark.parametrize(("cls", "gates"), [(RNN, 1), (LSTM, 4), (GRU, 3)])
def test_a_cell_multiplies_its_input_and_its_state_at_every_step(cls, gates):
    """By hand, since torch counts no LSTM on a CPU: 3 inputs and 7 units, 5 steps."""
    assert cls(units=7).multiply_adds(SHAPE) == 5 * gates * (3 * 7 + 7 * 7)
    assert cls(units=7, both_ways=True).multiply_adds(SHAPE) == 2 * 5 * gates * (3 * 7 + 7 * 7)


@pytest.mark.parametrize("cls", [LSTM, GRU])
def test_a_cell_that_is_to_remember_begins_by_remembering(cls):
    """With gates wide open the first step is still there at the end: less of it is lost than without."""
    x = torch.zeros(1, 30, 3)
    x[0, 0] = 3
    quiet = torch.zeros(1, 30, 3)
    kept = []
    for remember in (0.0, 5.0):
        module = built(cls(units=8, remember=remember), (30, 3))
        kept.append((module(x) - module(quiet)).abs().mean().item())
    assert kept[1] > 20 * kept[0]


def test_without_being_asked_to_remember_a_cell_starts_as_torch_starts_it():
    torch.manual_seed(3)
    plain = torch.nn.LSTM(3, 4, batch_first=True)
    ours = built(LSTM(units=4), SHAPE)[0].cell
    assert all(torch.equal(a, b) for a, b in zip(plain.parameters(), ours.parameters(), strict=True))


def test_only_gated_cells_can_be_told_to_remember():
    assert [issubclass(cls, Gated) for cls in CELLS] == [False, True, True]
    assert all(issubclass(cls, Recurrent) for cls in CELLS)
