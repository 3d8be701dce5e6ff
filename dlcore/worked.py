"""One step of an optimizer opened: its rule with the numbers of the step, line by line."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dlcore.optimizers import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop

Pair = NDArray[np.float64]
EPSILON = 1e-8
"""torch's own in RMSprop, Adam and AdamW."""
ADAGRAD_EPSILON = 1e-10


@dataclass(frozen=True)
class Line:
    """A quantity of the step: how it is written, what it is worked out from, with numbers, and its value."""

    symbol: str
    rule: str
    numbers: str
    value: Pair

    def latex(self) -> str:
        """The line as it is set: rule, numbers, value."""
        written = f" = {self.numbers}" if self.numbers else ""
        return rf"{self.symbol} &= {self.rule}{written} = {pair(self.value)}"


@dataclass(frozen=True)
class Step:
    """What one step was made of."""

    lines: tuple[Line, ...]
    velocity: Pair | None
    """What the rule follows instead of the gradient, in the gradient's units; None where it keeps none."""

    def latex(self) -> str:
        """All lines under each other."""
        return r"\begin{aligned}" + r" \\ ".join(line.latex() for line in self.lines) + r"\end{aligned}"


def step_of(
    rule: Optimizer, number: int, place: Pair, gradient: Pair, before: Mapping[str, Pair], moved: Pair
) -> Step:
    """Open step ``number`` (the first is 1) from ``place``, (2,) like all else.

    ``before`` is what the rule kept from the step before under torch's names; without an entry, nothing.
    ``moved`` is where torch went: what a rule that is not opened here is shown with.
    """
    seen = Line("g", r"\nabla f(w)", "", gradient)
    if isinstance(rule, SGD):
        opened = _sgd(rule, number, gradient, before)
    elif isinstance(rule, Adagrad):
        opened = _adagrad(rule, gradient, before)
    elif isinstance(rule, RMSprop) and not rule.momentum:
        opened = _rmsprop(rule, gradient, before)
    elif isinstance(rule, Adam | AdamW):
        opened = _adam(rule, number, place, gradient, before)
    else:
        return Step((seen, Line(r"\Delta w", r"w_\text{new} - w", "", moved - place)), None)
    lines, change, velocity = opened
    to = Line("w", r"w + \Delta w", f"{pair(place)} + {pair(change)}", place + change)
    return Step((seen, *lines, to), velocity)


Opened = tuple[tuple[Line, ...], Pair, Pair | None]


def _sgd(rule: SGD, number: int, g: Pair, before: Mapping[str, Pair]) -> Opened:
    rate, keep = rule.learning_rate, rule.momentum
    if not keep:
        return (_change(rate, "g", g),), -rate * g, None
    last = before.get("momentum_buffer", np.zeros(2))
    v = keep * last + g if number > 1 else g
    lines = [Line("v", r"\mu v + g", f"{keep:g} \\cdot {pair(last)} + {pair(g)}", v)]
    followed, symbol = v, "v"
    if rule.nesterov:
        followed, symbol = g + keep * v, "n"
        lines.append(Line("n", r"g + \mu v", f"{pair(g)} + {keep:g} \\cdot {pair(v)}", followed))
    return (*lines, _change(rate, symbol, followed)), -rate * followed, followed


def _change(rate: float, symbol: str, of: Pair) -> Line:
    return Line(r"\Delta w", rf"-\eta\, {symbol}", f"-{number_of(rate)} \\cdot {pair(of)}", -rate * of)


def _scaled(rate: float, symbol: str, over: str, top: Pair, scale: Pair) -> Line:
    numbers = f"-{number_of(rate)} \\cdot {pair(top)} / {pair(scale)}"
    return Line(r"\Delta w", rf"-\eta\, {symbol} / {over}", numbers, -rate * top / scale)


def _adagrad(rule: Adagrad, g: Pair, before: Mapping[str, Pair]) -> Opened:
    last = before.get("sum", np.zeros(2))
    s = last + g * g
    line = Line("s", "s + g^2", f"{pair(last)} + {pair(g * g)}", s)
    change = _scaled(rule.learning_rate, "g", r"\sqrt{s}", g, np.sqrt(s) + ADAGRAD_EPSILON)
    return (line, change), change.value, None


def _rmsprop(rule: RMSprop, g: Pair, before: Mapping[str, Pair]) -> Opened:
    keep, last = rule.smoothing, before.get("square_avg", np.zeros(2))
    v = keep * last + (1 - keep) * g * g
    numbers = f"{keep:g} \\cdot {pair(last)} + {1 - keep:.3g} \\cdot {pair(g * g)}"
    line = Line("v", r"\alpha v + (1 - \alpha)\, g^2", numbers, v)
    change = _scaled(rule.learning_rate, "g", r"\sqrt{v}", g, np.sqrt(v) + EPSILON)
    return (line, change), change.value, None


def _adam(rule: Adam | AdamW, number: int, place: Pair, g: Pair, before: Mapping[str, Pair]) -> Opened:
    rate, b1, b2 = rule.learning_rate, rule.beta1, rule.beta2
    m = b1 * before.get("exp_avg", np.zeros(2)) + (1 - b1) * g
    v = b2 * before.get("exp_avg_sq", np.zeros(2)) + (1 - b2) * g * g
    mean, square = m / (1 - b1**number), v / (1 - b2**number)
    lines = (
        Line("m", r"\beta_1 m + (1 - \beta_1)\, g", "", m),
        Line("v", r"\beta_2 v + (1 - \beta_2)\, g^2", "", v),
        Line(r"\hat m", rf"m / (1 - \beta_1^{{{number}}})", f"{pair(m)} / {number_of(1 - b1**number)}", mean),
        Line(
            r"\hat v", rf"v / (1 - \beta_2^{{{number}}})", f"{pair(v)} / {number_of(1 - b2**number)}", square
        ),
    )
    change = _scaled(rate, r"\hat m", r"\sqrt{\hat v}", mean, np.sqrt(square) + EPSILON)
    if isinstance(rule, AdamW) and rule.weight_decay:
        pull = -rate * rule.weight_decay * place
        decayed = Line(
            r"\Delta w", r"-\eta\, \hat m / \sqrt{\hat v} - \eta\lambda w",
            f"{pair(change.value)} + {pair(pull)}", change.value + pull,
        )  # fmt: skip
        return (*lines, decayed), decayed.value, mean
    return (*lines, change), change.value, mean


def number_of(value: float) -> str:
    """A number in three digits, in LaTeX."""
    if not math.isfinite(value):
        return r"\infty"
    if value and not 1e-3 <= abs(value) < 1e4:
        digits, _, power = f"{value:.2e}".partition("e")
        return rf"{digits} \cdot 10^{{{int(power)}}}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def pair(value: Pair) -> str:
    """Two numbers, in LaTeX."""
    return rf"\left({number_of(float(value[0]))},\, {number_of(float(value[1]))}\right)"
