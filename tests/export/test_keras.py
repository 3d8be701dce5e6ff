import os
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from dlcore import blocks
from dlcore.activations import activations
from dlcore.data import Task
from dlcore.experiment import Experiment
from dlcore.export.keras_script import missing, script
from dlcore.layers import layers
from dlcore.model import build
from dlcore.training.session import Session
from tests.export.experiments import FORMATS, SMALL, with_layers, with_losses, with_rules, with_templates

AFTERWARDS = """
import re, sys
def number(layer):
    found = re.search(r"_(\\d+)$", layer.name)
    return int(found.group(1)) if found else 0
def made(network):
    found = []
    for layer in network.layers:
        kind = type(layer).__name__
        found += [layer.forward_layer, layer.backward_layer] if kind == "Bidirectional" else [layer]
    return found
kept = np.load(sys.argv[1] + "/" + NUMBER + ".npz")
kinds = {}
for layer in made(network):
    if layer.weights:
        kinds.setdefault(type(layer).__name__, []).append(layer)
for kind, found in kinds.items():
    found = found if kind in ("SimpleRNN", "LSTM", "GRU") else sorted(found, key=number)
    for i, layer in enumerate(found):
        arrays, k = [], 0
        while f"{kind}.{i}.{k}" in kept:
            arrays.append(kept[f"{kind}.{i}.{k}"])
            k += 1
        layer.set_weights(arrays)
answers = network.predict(x[test], verbose=0, batch_size=len(test))
np.save(sys.argv[1] + "/" + NUMBER + ".answers.npy", answers)
"""


def transferred(module):
    """The arrays of a module of ours as Keras's layer of that kind has them, by the name of its class."""
    arrays = {name: each.detach().numpy() for name, each in module.state_dict().items()}
    if isinstance(module, nn.Linear):
        return [("Dense", [arrays["weight"].T, arrays["bias"]])]
    if isinstance(module, nn.Conv1d):
        return [("Conv1D", [arrays["weight"].transpose(2, 1, 0), arrays["bias"]])]
    if isinstance(module, nn.ConvTranspose2d):
        return [("Conv2DTranspose", [arrays["weight"].transpose(2, 3, 1, 0), arrays["bias"]])]
    if isinstance(module, nn.Conv2d):
        return [("Conv2D", [arrays["weight"].transpose(2, 3, 1, 0), arrays["bias"]])]
    if isinstance(module, nn.Embedding):
        return [("Embedding", [arrays["weight"]])]
    if isinstance(module, blocks.LearnedPositions):
        return [("Embedding", [arrays["positions"]])]
    if isinstance(module, nn.LayerNorm):
        turn = (lambda a: a.transpose(1, 2, 0)) if arrays["weight"].ndim == 3 else (lambda a: a)
        return [("LayerNormalization", [turn(arrays["weight"]), turn(arrays["bias"])])]
    if isinstance(module, nn.GroupNorm):
        return [("GroupNormalization", [arrays["weight"], arrays["bias"]])]
    if isinstance(module, blocks.BatchNorm):
        names = ("weight", "bias", "running_mean", "running_var")
        return [("BatchNormalization", [arrays[name] for name in names])]
    if isinstance(module, blocks.SelfAttention):
        heads, found = module.heads, []
        for name in ("query", "key", "value"):
            weight, bias = arrays[f"{name}.weight"], arrays[f"{name}.bias"]
            found += [weight.T.reshape(len(weight), heads, -1), bias.reshape(heads, -1)]
        weight = arrays["output.weight"]
        return [
            ("MultiHeadAttention", [*found, weight.T.reshape(heads, -1, len(weight)), arrays["output.bias"]])
        ]
    if isinstance(module, nn.RNNBase):
        kind = {"RNN": "SimpleRNN"}.get(type(module).__name__, type(module).__name__)
        ways = ("", "_reverse") if module.bidirectional else ("",)
        return [(kind, _cell(kind, {k: arrays[f"{k}_l0{way}"] for k in RECURRENT})) for way in ways]
    return []


RECURRENT = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def _cell(kind, arrays):
    if kind == "GRU":  # Keras has the gates in the order z, r, n

        def swapped(a):
            r, z, n = np.split(a, 3)
            return np.concatenate([z, r, n])

        arrays = {name: swapped(array) for name, array in arrays.items()}
        bias = np.stack([arrays["bias_ih"], arrays["bias_hh"]])
    else:
        bias = arrays["bias_ih"] + arrays["bias_hh"]
    return [arrays["weight_ih"].T, arrays["weight_hh"].T, bias]


def ours(network):
    """All arrays of a network under the names that ``AFTERWARDS`` looks for."""
    found, count, inside = {}, {}, set()
    for name, module in network.named_modules():
        if any(name.startswith(each) for each in inside):
            continue
        if isinstance(module, blocks.SelfAttention):
            inside.add(f"{name}.")
        for kind, arrays in transferred(module):
            i = count[kind] = count.get(kind, -1) + 1
            found.update({f"{kind}.{i}.{k}": array for k, array in enumerate(arrays)})
    return found


def moved(network):
    """Give every array values of its own, so that one in the wrong place shows."""
    with torch.no_grad():
        counted = [buffer for name, buffer in network.named_buffers() if "running" in name]
        for i, tensor in enumerate([*network.parameters(), *counted]):
            chance = torch.Generator().manual_seed(i)
            tensor.add_(0.2 * torch.rand(tensor.shape, generator=chance))


LAYERS = [e for e in with_layers() if not missing(e)]
BENT = [
    Experiment(data="moons", network=({"kind": "dense", "units": 3, "activation": cls()},), batch_size=100)
    for cls in activations
]
ALL = [*LAYERS, *BENT]
FITTED = [
    *(e for e in [*with_losses(), *with_rules()] if not missing(e)),
]


@pytest.fixture(scope="session")
def ran(tmp_path_factory):
    """All scripts in one process with Keras on torch; those of ``ALL`` answer with our weights untrained."""
    folder = tmp_path_factory.mktemp("keras")
    for i, e in enumerate(ALL):
        network = build(e).module
        moved(network)
        np.savez(folder / f"{i}.npz", **ours(network))
        torch.save(network.state_dict(), folder / f"{i}.pt")
        untrained = script(e, 1).partition("network.compile(")[0]
        (folder / f"{i}.py").write_text(untrained + AFTERWARDS.replace("NUMBER", repr(str(i))))
    for i, e in enumerate(FITTED, len(ALL)):
        (folder / f"{i}.py").write_text(script(e, 1))
    program = (
        "import runpy, traceback, sys, keras\n"
        f"for i in range({len(ALL) + len(FITTED)}):\n"
        # torch's half a million objects would be collected for each script: 0.25 s
        "    keras.utils.clear_session(free_memory=False)\n"
        "    try:\n        runpy.run_path(f'{sys.argv[1]}/{i}.py')\n"
        "    except Exception:\n        open(f'{sys.argv[1]}/{i}.txt', 'w').write(traceback.format_exc())\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, str(folder)],
        env={**os.environ, "KERAS_BACKEND": "torch", "KERAS_HOME": str(folder), "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def named(e):
    made = e.model_dump(mode="json")
    return "-".join([made["data"]["kind"], *(layer["kind"] for layer in made["network"])])


@pytest.mark.parametrize("i", range(len(ALL)), ids=list(map(named, ALL)))
def test_the_keras_network_answers_as_ours_with_the_same_weights(ran, i):
    failed = ran / f"{i}.txt"
    assert not failed.exists(), failed.read_text()
    session = Session(ALL[i])
    session.network.module.load_state_dict(torch.load(ran / f"{i}.pt", weights_only=True))
    session.network.module.eval()
    with torch.inference_mode():
        answers = session.network.module(session.tensors["test"].x).numpy()
    np.testing.assert_allclose(np.load(ran / f"{i}.answers.npy"), answers, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("i", range(len(FITTED)))
def test_the_keras_script_trains(ran, i):
    failed = ran / f"{i + len(ALL)}.txt"
    assert not failed.exists(), failed.read_text()


def test_every_layer_is_written_in_keras_or_refused_by_its_name():
    written = {layer.kind_name() for e in LAYERS for layer in e.network}
    assert written == set(layers.kinds()) - {"gaussian_code"}
    for e in with_layers():
        said = missing(e)
        assert re.fullmatch(
            r"|Keras has no .*“(Gaussian code”|.*” with (rotary positions|heads switched off)), "
            r"so there is no Keras script\.",
            said,
        )


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"optimizer": "lbfgs"}, "optimizer “L-BFGS”"),
        ({"loss": "focal"}, "loss “Focal”"),
        ({"held": ({"layer": 0, "unit": 0, "source": 0, "value": 1.0},)}, "weights that are held"),
        (
            {"network": ({"kind": "dense"}, {"kind": "to_sequence"}, {"kind": "gru", "remember": 1.0})},
            "“GRU”",
        ),
    ],
)
def test_what_keras_does_not_have_is_said_in_one_sentence(settings, what):
    said = missing(Experiment(**settings))
    assert what in said
    assert said.endswith("so there is no Keras script.")
    assert said.count(".") == 1


def test_a_script_in_keras_leaves_the_data_alone():
    e = Experiment(**{**SMALL, **FORMATS[Task.CLASSES]})
    assert "x[train]" in script(e)


def test_every_template_is_written_in_keras():
    for e in with_templates():
        refused = "objective “Variational”" if e.objective.kind_name() == "variational" else ""
        assert refused in missing(e)
        assert bool(refused) == bool(missing(e))
