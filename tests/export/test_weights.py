import json
import struct

import numpy as np
import pytest
import torch
from safetensors.numpy import load, save
from safetensors.torch import load as load_tensors

from dlcore.experiment import Experiment
from dlcore.export.weights import WeightsError, as_json, as_safetensors, with_safetensors
from dlcore.model import build
from dlcore.training.session import Session

SMALL = Experiment(data="rings", network=({"kind": "dense", "units": 3},))


def trained(experiment=SMALL, n_steps=5):
    session = Session(experiment)
    session.advance(n_steps)
    return session


def test_the_numbers_are_those_of_the_network_layer_by_layer():
    session = trained()
    told = json.loads(as_json(session.weights()))
    assert told["step"] == 5
    assert Experiment(**told["experiment"]) == session.experiment
    assert len(told["layers"]) == 2
    for layer, (_, linear) in zip(told["layers"], session.network.linears(), strict=True):
        np.testing.assert_array_equal(np.float32(layer["weight"]), linear.weight.detach())
        np.testing.assert_array_equal(np.float32(layer["bias"]), linear.bias.detach())


def test_a_safetensors_file_is_what_the_scripts_network_loads():
    session = trained()
    tensors = load_tensors(as_safetensors(session.weights()))
    network = build(SMALL.model_copy(update={"seeds": SMALL.seeds.model_copy(update={"init": 9})})).module
    network.load_state_dict(tensors, strict=True)
    for ours, theirs in zip(session.network.module.parameters(), network.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_weights_that_are_read_back_give_the_very_answers():
    source = trained(n_steps=40)
    other = trained(n_steps=3)
    assert other.evaluate() != source.evaluate()
    other.restore(with_safetensors(other.checkpoint(), as_safetensors(source.weights())))
    assert other.evaluate() == source.evaluate()
    assert other.step == 3
    assert other.marks.pairs[-1][1] == "weights from a file"


def test_training_goes_on_from_weights_that_were_read_with_an_optimizer_that_knows_nothing():
    session = trained(n_steps=10)
    session.restore(with_safetensors(session.checkpoint(), as_safetensors(session.weights())))
    assert not session.optimizer.state
    session.advance(10)
    assert session.step == 20
    assert np.isfinite(session.batch_loss)


def test_a_run_that_broke_down_goes_on_with_weights_from_a_file():
    good = as_safetensors(trained().weights())
    broken = Session(SMALL)
    broken.failure = "The loss became nan."
    broken.restore(with_safetensors(broken.checkpoint(), good))
    assert not broken.stopped


def arrays():
    return load(as_safetensors(trained().weights()))


def changed(**new):
    return save({**arrays(), **new})


def hostile_header():
    header = json.dumps(
        {"0.weight": {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 8]}}
    ).encode()
    return struct.pack("<Q", len(header)) + header + b"\0" * 8


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "no safetensors file"),
        (b"\x80\x04 a pickle", "no safetensors file"),
        (b"\xff" * 64, "no safetensors file"),
        (hostile_header(), "no safetensors file"),
        (changed()[:-4], "cut short"),
        (b"\0" * 3_000_000, "3,000,000 bytes"),
        (save({"0.weight": np.zeros((3, 2), np.float32)}), "no 0.bias and 2 more"),
        (changed(more=np.zeros(2, np.float32)), "'more', which this network has not"),
        (
            changed(**{"0.weight": np.zeros((4, 2), np.float32)}),
            "4 × 2 in the file and 3 × 2 in this",
        ),
        (changed(**{"0.weight": np.zeros((3, 2))}), "float64 in the file and of float32"),
        (changed(**{"0.weight": np.full((3, 2), np.nan, np.float32)}), "not finite"),
        (changed(**{"0.weight": np.full((3, 2), np.inf, np.float32)}), "not finite"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_in_words(data, sentence):
    with pytest.raises(WeightsError, match=sentence):
        with_safetensors(trained().checkpoint(), data)


def test_numbers_that_numpy_does_not_know_are_refused():
    tensors = {name: torch.from_numpy(array.copy()).bfloat16() for name, array in arrays().items()}
    from safetensors.torch import save as save_tensors

    with pytest.raises(WeightsError, match="BF16 in the file"):
        with_safetensors(trained().checkpoint(), save_tensors(tensors))


AVERAGED = Experiment(
    data="moons",
    network=({"kind": "dense", "units": 6}, "batch_norm"),
    regularisation={"average": "EMA", "memory": 0.9},
)


def test_averaged_weights_are_taken_along_with_what_batch_norm_has_counted_for_them():
    session = trained(AVERAGED, 60)
    other = trained(AVERAGED, 3)
    other.restore(with_safetensors(other.checkpoint(), as_safetensors(session.weights())))
    assert other.evaluate() == session.evaluate()


def test_every_module_of_a_deep_network_comes_back():
    network = ("positions", "transformer_block", {"kind": "lstm", "units": 4}, "layer_norm")
    deep = Experiment(data={"kind": "surnames", "n_each": 20}, network=("embedding", *network))
    session, other = trained(deep, 6), trained(deep, 2)
    other.restore(with_safetensors(other.checkpoint(), as_safetensors(session.weights())))
    assert other.evaluate() == session.evaluate()
