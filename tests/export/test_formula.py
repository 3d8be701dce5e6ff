import re

import numpy as np
import pytest

from dlcore.data import features
from dlcore.experiment import Experiment
from dlcore.export.formula import formula, name, written
from dlcore.layers import Dense, Dropout
from dlcore.probes import probes
from dlcore.training.session import Session

MATRIX = re.compile(r"\\begin\{pmatrix\} (.*?) \\end\{pmatrix\}")
SMALL = Experiment(data="moons", network=(Dense(units=4), Dropout(p=0.5), Dense(units=3, activation="sine")))


def read(experiment, n_steps=20):
    session = Session(experiment)
    session.advance(n_steps)
    return session, formula(experiment, probes["weights"]().read(session))


def matrices(line):
    return [
        np.array([[cell.strip() for cell in row.split("&")] for row in body.split(r"\\")])
        for body in MATRIX.findall(line)
    ]


def test_a_small_net_is_written_with_its_own_numbers():
    session, lines = read(SMALL)
    assert len(lines) == 3
    for line, (_, linear) in zip(lines, session.network.linears(), strict=True):
        found = [each for each in matrices(line) if "x" not in each[0, 0]]
        np.testing.assert_allclose(found[0].astype(float), linear.weight.detach().numpy(), atol=0.0051)
        if len(linear.bias) > 1:
            np.testing.assert_allclose(
                found[1][:, 0].astype(float), linear.bias.detach().numpy(), atol=0.0051
            )
    assert lines[0].startswith(r"h_{1} = \tanh\left(")
    assert lines[1].startswith(r"h_{2} = \sin\left(")
    assert r"h_{1}" in lines[1]
    assert lines[2].startswith(r"p(\text{class 1}) = \sigma\left(")


def test_a_large_net_is_written_with_its_shapes():
    _, lines = read(Experiment())
    assert lines[1] == r"h_{2} = \operatorname{ELU}\left(\underset{8 \times 8}{W_{2}}\, h_{1} + b_{2}\right)"
    assert len(lines) == 4


def test_without_weights_the_shapes_are_written():
    assert r"\underset{4 \times 2}{W_{1}}" in formula(SMALL, {})[0]


@pytest.mark.parametrize(
    ("settings", "answer"),
    [
        ({"data": "plane", "loss": "mean_squared"}, r"\hat y = "),
        ({"data": "circle", "loss": "mean_squared"}, r"\hat y = \tanh\left("),
        ({"data": "circle", "loss": "hinge"}, r"\hat y = "),
        ({"data": "rings"}, r"p = \operatorname{softmax}\left("),
    ],
)
def test_the_last_line_says_what_the_answer_is(settings, answer):
    _, lines = read(Experiment(**settings, network=(Dense(units=2),)))
    assert lines[-1].startswith(answer)


def test_every_formula_is_balanced():
    for network in ((), (Dense(units=1),), (Dense(units=3), Dense(units=3))):
        for line in read(Experiment(data="xor", network=network))[1]:
            assert line.count("{") == line.count("}")
            assert line.count(r"\left") == line.count(r"\right")
            assert line.count(r"\begin") == line.count(r"\end")


def test_inputs_are_written_in_latex():
    names = [name(cls()) for cls in features]
    assert names[:6] == ["x_1", "x_2", "x_1^2", "x_2^2", "x_1x_2", r"\sin x_1"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0.000"),
        (-1.234, "-1.23"),
        (-0.0045, "-0.004"),
        (2e9, r"2.0 \cdot 10^{9}"),
        (-1e-9, "0.000"),
        (np.nan, r"\text{?}"),
    ],
)
def test_numbers_are_short(value, text):
    assert written(value) == text
