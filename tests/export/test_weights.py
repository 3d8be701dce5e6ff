import json

import numpy as np

from dlcore.experiment import Experiment
from dlcore.export.weights import as_json
from dlcore.training.session import Session


def test_the_numbers_are_those_of_the_network_layer_by_layer():
    session = Session(Experiment(data="rings", network=({"kind": "dense", "units": 3},)))
    for _ in range(5):
        session.advance()
    told = json.loads(as_json(session.checkpoint()))
    assert told["step"] == 5
    assert Experiment(**told["experiment"]) == session.experiment
    assert len(told["layers"]) == 2
    for layer, (_, linear) in zip(told["layers"], session.network.linears(), strict=True):
        np.testing.assert_array_equal(np.float32(layer["weight"]), linear.weight.detach())
        np.testing.assert_array_equal(np.float32(layer["bias"]), linear.bias.detach())
