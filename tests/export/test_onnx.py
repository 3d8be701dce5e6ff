import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from dlcore.activations import activations
from dlcore.engine.onnx_file import onnx_file
from dlcore.experiment import Experiment
from dlcore.export.onnx import OnnxError, as_onnx
from dlcore.layers import FLAT, IMAGE, SEQUENCE, form, layers
from dlcore.layers.nested import through
from dlcore.record import Record
from dlcore.stack import rows
from dlcore.training.session import Session
from tests.export.experiments import GIVEN, mended, with_templates

pytestmark = pytest.mark.filterwarnings("ignore")  # the exporter's remarks on itself


def answers(made, x):
    session = onnxruntime.InferenceSession(made)
    return session.run(None, {"samples": x})[0]


def agrees(e, n_steps=2):
    session = Session(e)
    session.advance(n_steps)
    made = onnx_file(session.weights())
    onnx.checker.check_model(onnx.load_from_string(made))
    x = session.tensors["test"].x[:5]
    with session.judged(), torch.inference_mode():
        wanted = session.network.module.eval()(x).numpy()
    np.testing.assert_allclose(answers(made, x.numpy()), wanted, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(answers(made, x[:1].numpy()), wanted[:1], rtol=1e-4, atol=1e-4)


def together(given, known):
    """Experiments with the layers of a form that are not ``known``, many in one: an export takes seconds."""
    start = Experiment(**GIVEN[given])
    first = through(start.network, start.input_shape)
    stacks, shape = [[]], first
    for cls in layers:
        if given not in cls.takes or (cls.kind_name(), given) in known:
            continue
        layer = cls.made_for(shape)
        if layer.needs(shape) or form(layer.output_shape(shape)) != given:
            stacks.insert(0, [cls.made_for(first)])
        else:
            stacks[-1].append(layer)
            shape = layer.output_shape(shape)
    return [mended(**{**GIVEN[given], "network": (*start.network, *stack)}) for stack in stacks]


def kinds(e):
    """The kinds of all layers, those inside of others included, each with the form of what it is given."""
    return {(row.layer.kind_name(), form(row.before)) for row in rows(e)}


TEMPLATED = with_templates()
IN_TEMPLATES = {kind for e in TEMPLATED for kind in kinds(e)}
ALL = [*TEMPLATED, *(e for each in (FLAT, SEQUENCE, IMAGE) for e in together(each, IN_TEMPLATES))]


def named(e):
    return "-".join([e.data.kind_name(), *(layer.kind_name() for layer in e.network)])[:80]


@pytest.mark.parametrize("e", ALL, ids=list(map(named, ALL)))
def test_the_onnx_file_answers_as_the_network(e):
    agrees(e)


def test_every_layer_is_in_one_of_these():
    assert {kind for e in ALL for kind, _ in kinds(e)} == set(layers.kinds())


def test_every_activation_goes_over():
    agrees(
        Experiment(
            data={"kind": "moons", "n_points": 60},
            network=tuple({"kind": "dense", "units": 3, "activation": cls()} for cls in activations),
        )
    )


def test_averaged_weights_are_the_ones_that_go_over():
    agrees(
        Experiment(
            data="moons", network=("dense", "batch_norm"), regularisation={"average": "EMA", "memory": 0.9}
        ),
        30,
    )


def test_the_page_gets_the_file_from_a_process_of_its_own():
    session = Session(Experiment(network=("dense",)))
    made = onnx.load_from_string(as_onnx(session.weights()))
    assert [each.name for each in made.graph.input] == ["samples"]
    facts = {each.key: each.value for each in made.metadata_props}
    assert facts["step"] == "0"
    assert facts["experiment"] == session.written()


def test_a_file_that_cannot_be_written_says_so():
    weights = Session(Experiment(network=("dense",))).weights()
    with pytest.raises(OnnxError, match="could not be written"):
        as_onnx(Record(weights.facts, {}))


def test_the_side_of_the_page_needs_neither_torch_nor_onnx():
    program = (
        "import sys; import dlcore.export.onnx, dlcore.export.weights, dlcore.export.notebook;"
        "sys.exit(bool({'torch', 'onnx'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
