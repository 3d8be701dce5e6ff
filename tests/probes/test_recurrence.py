import numpy as np
import pytest
import torch
from torch import nn

from dlcore.probes import opened
from dlcore.probes.recurrence import ROWS, unrolled
from dlcore.training.session import Session
from tests.probes.cases import REMEMBERING

CELLS = {
    "lstm": lambda: nn.LSTM(3, 5, batch_first=True, bidirectional=True),
    "gru": lambda: nn.GRU(3, 5, batch_first=True, bidirectional=True),
    "tanh": lambda: nn.RNN(3, 5, batch_first=True, bidirectional=True),
    "relu": lambda: nn.RNN(3, 5, nonlinearity="relu", batch_first=True, bidirectional=True),
}


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_by_hand_is_torchs_own(name):
    torch.manual_seed(3)
    cell, x = CELLS[name](), torch.randn(9, 3)
    with torch.no_grad():
        expected, last = cell(x[None])
        ahead, back = unrolled(cell, x), unrolled(cell, x, backwards=True)
    assert torch.allclose(ahead[-1], expected[0, :, :5], atol=1e-6)
    assert torch.allclose(back[-1], expected[0, :, 5:], atol=1e-6)
    if name == "lstm":  # the memory beside the state
        assert torch.allclose(ahead[-2, -1], last[1][0, 0], atol=1e-6)
        assert torch.allclose(back[-2, 0], last[1][1, 0], atol=1e-6)


@pytest.fixture(scope="module")
def session():
    made = Session(REMEMBERING)
    made.advance(5)
    return made


@pytest.mark.parametrize(("layer", "cell", "units", "ways"), [(0, 2, 5, 2), (1, 1, 4, 1), (2, 0, 3, 1)])
def test_the_state_that_is_shown_is_the_layers_own(session, layer, cell, units, ways):
    record = opened(f"recurrence?layer={layer}&sample=4&channel=1").read(session)
    assert record["cell"].tolist() == [cell]
    assert record["maps"].shape == (ways * len(ROWS[cell]), units, 8)
    module = session.network.module.eval()
    with torch.no_grad():
        made = session.network.layer_outputs(session.tensors["test"].x[4:5])[layer][0].numpy()
    module.train()
    states = [k * len(ROWS[cell]) + ROWS[cell].index("state") for k in range(ways)]
    shown = np.concatenate([record["maps"][k].astype(float) / 127 * record["scale"][k] for k in states])
    shown = shown[:, -1] if made.ndim == 1 else shown.T  # the last step, or all of them
    np.testing.assert_allclose(shown, made, atol=0.01)
    np.testing.assert_allclose(
        record["unit"][states[0], -1], made.reshape(-1, ways * units)[-1, 1], atol=1e-6
    )


def test_gates_are_shares():
    record = opened("recurrence?layer=0").read(Session(REMEMBERING))
    for gate in ("write", "keep", "read"):
        assert 0 < record["unit"][ROWS[2].index(gate)].min() <= record["unit"][ROWS[2].index(gate)].max() < 1
