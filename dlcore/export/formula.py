"""The whole network as one formula in LaTeX: with its numbers where they are few, else with its shapes."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from dlcore.activations import Linear, Sigmoid, Tanh
from dlcore.data import Feature, Task
from dlcore.experiment import Experiment
from dlcore.layers import Dense
from dlcore.losses import CrossEntropy
from dlcore.record import Arrays

MOST_NUMBERS = 40
"""Weights and biases up to which the numbers themselves are written."""
ROW = r" \\ "
SOFTMAX = r"\operatorname{softmax}"
WRITTEN = str.maketrans({"₁": "_1", "₂": "_2", "²": "^2"})


def formula(experiment: Experiment, weights: Arrays) -> list[str]:
    """One line of LaTeX per layer, from the inputs to the answer.

    ``weights`` is what the probe of that name reads; without it, or for more than ``MOST_NUMBERS``
    parameters, the lines give shapes.  Dropout is left out: it does nothing once the network is trained.
    """
    numbers = weights if experiment.n_parameters() <= MOST_NUMBERS else {}
    before = _inputs(experiment.inputs)
    lines, count = [], 0
    for i, layer in enumerate(experiment.network):
        if isinstance(layer, Dense):
            count += 1
            sums = _sums(i, str(count), before, _shape(experiment, i), numbers)
            before = f"h_{{{count}}}"
            lines.append(f"{before} = {_bent(layer, sums)}")
    last = len(experiment.network)
    sums = _sums(last, "", before, _shape(experiment, last), numbers)
    return [*lines, _answer(experiment, sums)]


def _shape(experiment: Experiment, layer: int) -> tuple[int, int]:
    shapes = experiment.shapes()
    return shapes[layer + 1][-1], shapes[layer][-1]


def _inputs(inputs: tuple[Feature, ...]) -> str:
    names = [name(each) for each in inputs]
    return names[0] if len(names) == 1 else _matrix([[each] for each in names])


def name(feature: Feature) -> str:
    """An input in LaTeX: x₁² → x_1^2, sin x₁ → \\sin x_1."""
    label = feature.label.translate(WRITTEN)
    return f"\\{label}" if label.startswith(("sin ", "cos ")) else label


def _sums(layer: int, index: str, before: str, shape: tuple[int, int], weights: Arrays) -> str:
    if f"{layer}.weight" not in weights:
        below = f"_{{{index}}}" if index else ""
        return rf"\underset{{{shape[0]} \times {shape[1]}}}{{W{below}}}\, {before} + b{below}"
    weight, bias = weights[f"{layer}.weight"], weights[f"{layer}.bias"]
    factor = written(weight[0, 0]) if weight.size == 1 else _matrix(_cells(weight))
    offset = written(bias[0]) if bias.size == 1 else _matrix(_cells(bias[:, None]))
    return rf"{factor}\, {before} {'' if offset.startswith('-') else '+ '}{offset}"


def _bent(layer: Dense, sums: str) -> str:
    if isinstance(layer.activation, Linear):
        return sums
    symbol = layer.activation.symbol or rf"\operatorname{{{layer.activation.heading()}}}".replace(" ", r"\ ")
    return _applied(symbol, sums)


def _answer(experiment: Experiment, sums: str) -> str:
    """What the network answers of the last layer's sums, as the boundary shows it."""
    if experiment.head().activation == "tanh":
        return rf"\hat y = {_applied(Tanh.symbol, sums)}"
    if isinstance(experiment.loss, CrossEntropy):
        if experiment.data.task is Task.BINARY:
            return rf"p(\text{{class 1}}) = {_applied(Sigmoid.symbol, sums)}"
        return f"p = {_applied(SOFTMAX, sums)}"
    return rf"\hat y = {sums}"


def _applied(symbol: str, sums: str) -> str:
    return rf"{symbol}\left({sums}\right)"


def _cells(array: NDArray[Any]) -> list[list[str]]:
    return [[written(value) for value in row] for row in array]


def _matrix(cells: list[list[str]]) -> str:
    return rf"\begin{{pmatrix}} {ROW.join(' & '.join(row) for row in cells)} \end{{pmatrix}}"


def written(value: float) -> str:
    """A number with two decimals, three where it is below 0.1, or as a power of ten from 1,000 on."""
    value = float(value)
    if not math.isfinite(value):
        return r"\text{?}"
    if abs(value) < 1000:
        text = f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"
        return text.removeprefix("-") if float(text) == 0 else text
    mantissa, exponent = f"{value:.1e}".split("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
