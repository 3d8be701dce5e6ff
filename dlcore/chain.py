"""A small network opened: its places, and the chain rule through them, written out.

Neurons are called by letters in their order, A, B, C …, and the output o.  A place is one number of the
network: ``x.j`` an input, ``w.l.u.j`` a weight of layer l into unit u from source j, ``b.l.u`` a bias,
``z.l.u`` a weighted sum, ``a.l.u`` what the activation makes of it, ``s.l.u`` the activation's slope there,
``y`` what would be right, and ``L`` the loss.  A layer without an activation has no ``a`` and no ``s``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from dlcore.data import Task
from dlcore.experiment import Experiment
from dlcore.layers import Dense
from dlcore.slopes import ACTIVATIONS, LOSSES

MOST_PARAMETERS = 80
LETTERS = "ABCDEFGHIJKLMN"
OUTPUT = "o"


@dataclass(frozen=True)
class Factor:
    """One factor of a product: a symbol, or a derivative ``symbol`` / ``under``, and its number.

    ``number`` is a text in which ``{v:place}`` stands for a value and ``{g:place}`` for a gradient; in
    symbols ``_`` begins an index.
    """

    symbol: str
    number: str
    words: str = ""
    under: str = ""


@dataclass(frozen=True)
class Term:
    """A product, added to those before it or, with ``sign`` −, taken from them."""

    factors: tuple[Factor, ...]
    sign: str = "+"


@dataclass(frozen=True)
class Row:
    """One equation: a number, ``v:place`` or ``g:place``, and the sum of products that gives it."""

    ref: str
    symbol: str
    terms: tuple[Term, ...]
    under: str = ""
    check: bool = False
    """Whether finite differences give the same number: the row is a gradient."""


@dataclass(frozen=True)
class Step:
    """One step of the walk: what is computed, in words and as equations, and where."""

    phase: str
    title: str
    rows: tuple[Row, ...]
    lit: tuple[str, ...]
    """The places that it is about."""


@dataclass(frozen=True)
class Column:
    """One layer: its neurons' names and the kind of its activation, ``linear`` for none."""

    names: tuple[str, ...]
    bend: str

    @property
    def out(self) -> str:
        """Which places hold what the layer hands on."""
        return "z" if self.bend == "linear" else "a"


def opens(e: Experiment) -> bool:
    """Whether a network is small and plain enough to be opened: dense layers, one output, known functions."""
    return (
        e.data.task in (Task.BINARY, Task.REGRESSION)
        and len(e.input_shape) == 1
        and not e.data.vocabulary
        and all(
            isinstance(each, Dense) and not each.off and each.activation.kind_name() in ACTIVATIONS
            for each in e.network
        )
        and e.head().units == 1
        and e.loss.kind_name() in LOSSES
        and not e.loss.weighs
        and not e.silenced
        and e.n_parameters() <= MOST_PARAMETERS
        and sum(each.units for each in e.network if isinstance(each, Dense)) <= len(LETTERS)
    )


def columns(e: Experiment) -> tuple[Column, ...]:
    """The layers that compute, the output last."""
    found, first = [], 0
    for layer in e.network:
        assert isinstance(layer, Dense)
        found.append(Column(tuple(LETTERS[first : first + layer.units]), layer.activation.kind_name()))
        first += layer.units
    return (*found, Column((OUTPUT,), e.head().activation))


def places(e: Experiment) -> tuple[str, ...]:
    """Every number of the network, in the order in which the chain probe gives them."""
    n_before, found = e.input_shape[0], [f"x.{j}" for j in range(e.input_shape[0])]
    for layer, column in enumerate(columns(e)):
        for u in range(len(column.names)):
            found += [f"w.{layer}.{u}.{j}" for j in range(n_before)]
            found += [f"b.{layer}.{u}", f"z.{layer}.{u}"]
            found += [] if column.bend == "linear" else [f"a.{layer}.{u}", f"s.{layer}.{u}"]
        n_before = len(column.names)
    return (*found, "y", "L")


class Chain:
    """The equations of one experiment's network."""

    def __init__(self, e: Experiment) -> None:
        self.columns = columns(e)
        self.n_inputs = e.input_shape[0]
        self.loss = LOSSES[e.loss.kind_name()]
        self.rate = e.optimizer.learning_rate
        self.last = len(self.columns) - 1

    def symbol(self, place: str) -> str:
        """How a place is written."""
        kind, *at = place.split(".")
        if kind in "yL":
            return kind
        numbers = [int(each) for each in at]
        if kind == "x":
            return f"x_{numbers[0] + 1}"
        name = self.columns[numbers[0]].names[numbers[1]]
        if kind == "w":
            return f"w_{self._source(numbers[0], numbers[2])}{name}"
        if kind == "a" and name == OUTPUT:
            return "ŷ"
        return f"{kind}_{name}"

    def _source(self, layer: int, j: int) -> str:
        return self.columns[layer - 1].names[j] if layer else str(j + 1)

    def before(self, layer: int) -> list[str]:
        """The places that a layer is given."""
        if layer == 0:
            return [f"x.{j}" for j in range(self.n_inputs)]
        return self.outs(layer - 1)

    def outs(self, layer: int) -> list[str]:
        """The places that a layer hands on."""
        column = self.columns[layer]
        return [f"{column.out}.{layer}.{u}" for u in range(len(column.names))]

    @property
    def answer(self) -> str:
        """The place of the network's answer."""
        return self.outs(self.last)[0]

    def steps(self, updated: str = "") -> tuple[Step, ...]:
        """The whole walk: forward, the loss, backward, the update, written out for one weight or bias."""
        layers = range(len(self.columns))
        forward = [self._forward(layer, u) for layer in layers for u in self._units(layer)]
        backward = [
            step for layer in reversed(layers) for u in self._units(layer) for step in self._back(layer, u)
        ]
        return (*forward, self._loss(), self._first_back(), *backward, self._update(updated))

    def _units(self, layer: int) -> range:
        return range(len(self.columns[layer].names))

    def _forward(self, layer: int, u: int) -> Step:
        column = self.columns[layer]
        name = column.names[u]
        rows, lit = [self.sum(layer, u)], [f"z.{layer}.{u}"]
        if column.bend != "linear":
            rows.append(self.bend(layer, u))
            lit.append(f"a.{layer}.{u}")
        who = "The output" if name == OUTPUT else f"Neuron {name}"
        then = f", then bends it with {ACTIVATIONS[column.bend].name}" if column.bend != "linear" else ""
        ways = [f"w.{layer}.{u}.{j}" for j in range(len(self.before(layer)))]
        said = f"{who} adds up its inputs times their weights{then}"
        return Step("Forward", said, tuple(rows), (*lit, *ways, f"b.{layer}.{u}"))

    def sum(self, layer: int, u: int) -> Row:
        """z = Σ w·x + b."""
        z, bias = f"z.{layer}.{u}", f"b.{layer}.{u}"
        terms = [
            Term(
                (
                    Factor(self.symbol(f"w.{layer}.{u}.{j}"), f"{{v:w.{layer}.{u}.{j}}}", "weight"),
                    Factor(self.symbol(place), f"{{v:{place}}}", "input"),
                )
            )
            for j, place in enumerate(self.before(layer))
        ]
        added = Term((Factor(self.symbol(bias), f"{{v:{bias}}}", "bias"),))
        return Row(f"v:{z}", self.symbol(z), (*terms, added))

    def bend(self, layer: int, u: int) -> Row:
        """a = φ(z)."""
        rule = ACTIVATIONS[self.columns[layer].bend]
        a, z = f"a.{layer}.{u}", f"z.{layer}.{u}"
        return Row(f"v:{a}", self.symbol(a), (self._applied(rule.value, a=a, z=z),))

    def slope(self, layer: int, u: int) -> Row:
        """∂a/∂z = φ′(z)."""
        rule = ACTIVATIONS[self.columns[layer].bend]
        a, z = f"a.{layer}.{u}", f"z.{layer}.{u}"
        whole = self._applied(rule.slope, a=a, z=z)
        return Row(f"v:s.{layer}.{u}", f"∂{self.symbol(a)}", (whole,), under=f"∂{self.symbol(z)}")

    def _loss(self) -> Step:
        row = Row("v:L", "L", (self._applied(self.loss.value, p=self.answer, y="y"),))
        said = f"The loss says how wrong the answer is: {self.loss.name}"
        return Step("Loss", said, (row,), ("L", "y", self.answer))

    def first_back(self) -> Row:
        """∂L/∂ŷ."""
        out = self.answer
        whole = self._applied(self.loss.slope, p=out, y="y")
        return Row(f"g:{out}", "∂L", (whole,), under=f"∂{self.symbol(out)}", check=True)

    def _first_back(self) -> Step:
        said = "Backward: how fast does the loss rise if the answer does?"
        return Step("Backward", said, (self.first_back(),), (self.answer, "L"))

    def _back(self, layer: int, u: int) -> Iterator[Step]:
        name = self.columns[layer].names[u]
        who = "the output" if name == OUTPUT else name
        rows = [self.arrival(layer, u)] if layer < self.last else []
        if self.columns[layer].bend != "linear":
            rows += [self.slope(layer, u), self.through(layer, u)]
        ways = [f"w.{layer}.{u}.{j}" for j in range(len(self.before(layer)))]
        ahead = [f"w.{layer + 1}.{k}.{u}" for k in self._units(layer + 1)] if layer < self.last else []
        if rows:
            collects = (
                f"The gradients of what {who} feeds come back along its weights, then go through its slope"
            )
            said = f"The gradient goes through {who}'s slope" if layer == self.last else collects
            yield Step("Backward", said, tuple(rows), (f"z.{layer}.{u}", f"a.{layer}.{u}", *ahead))
        weights = tuple(self.weight(layer, u, j) for j in range(len(self.before(layer))))
        said = f"Each weight into {who} gets the gradient of the sum, times what came in along it"
        yield Step("Backward", said, (*weights, self.bias(layer, u)), (*ways, f"b.{layer}.{u}"))

    def arrival(self, layer: int, u: int) -> Row:
        """∂L/∂a = Σ ∂L/∂z′ · w′ over the neurons that a goes to."""
        place, ahead = self.outs(layer)[u], self.columns[layer + 1]
        terms = [
            Term(
                (
                    self._gradient(f"z.{layer + 1}.{k}", f"gradient of {_spoken(to)}"),
                    Factor(
                        f"∂z_{to}", f"{{v:w.{layer + 1}.{k}.{u}}}",
                        f"the weight {self.symbol(f'w.{layer + 1}.{k}.{u}')}",
                        under=f"∂{self.symbol(place)}",
                    ),
                )
            )
            for k, to in enumerate(ahead.names)
        ]  # fmt: skip
        return self._gradient_row(place, tuple(terms))

    def through(self, layer: int, u: int) -> Row:
        """∂L/∂z = ∂L/∂a · ∂a/∂z."""
        a, z = f"a.{layer}.{u}", f"z.{layer}.{u}"
        factors = (self._gradient(a, "gradient of its answer"), self._slope(layer, u))
        return self._gradient_row(z, (Term(factors),))

    def weight(self, layer: int, u: int, j: int) -> Row:
        """∂L/∂w = ∂L/∂z · ∂z/∂w."""
        place = f"w.{layer}.{u}.{j}"
        factors = (self._gradient(f"z.{layer}.{u}", "gradient of the sum"), self._input(layer, u, j))
        return self._gradient_row(place, (Term(factors),))

    def bias(self, layer: int, u: int) -> Row:
        """∂L/∂b = ∂L/∂z · 1."""
        place, z = f"b.{layer}.{u}", f"z.{layer}.{u}"
        one = Factor(f"∂{self.symbol(z)}", "1", "always", under=f"∂{self.symbol(place)}")
        return self._gradient_row(place, (Term((self._gradient(z, "gradient of the sum"), one)),))

    def _update(self, updated: str) -> Step:
        places = [
            f"w.{layer}.{u}.{j}"
            for layer in range(len(self.columns))
            for u in self._units(layer)
            for j in range(len(self.before(layer)))
        ]
        said = "Update: every weight and bias goes a little against its gradient"
        row = self.updated(updated if updated[:1] in ("w", "b") else places[0])
        return Step("Update", said, (row,), tuple(places))

    def updated(self, place: str) -> Row:
        """w ← w − η ∂L/∂w."""
        gradient = Factor("∂L", f"{{g:{place}}}", "its gradient", under=f"∂{self.symbol(place)}")
        rate = Factor("η", f"{self.rate:g}", "learning rate")
        now = Term((Factor(self.symbol(place), f"{{v:{place}}}", "now"),))
        return Row(f"u:{place}", f"{self.symbol(place)} new", (now, Term((rate, gradient), "−")))

    def paths(self, place: str) -> Row:
        """The gradient in a weight, a bias or an input as the sum over all ways from it to the loss.

        Raises ``ValueError`` for any other place.
        """
        kind, *at = place.split(".")
        if kind == "x":
            ways = [path for k in self._units(0) for path in self._ways(0, k)]
            terms = [Term((*self._way(path, 0), self._along(0, path[-1], int(at[0])))) for path in ways]
            return self._gradient_row(place, tuple(terms))
        if kind not in ("w", "b"):
            raise ValueError(f"{place} is no weight, bias or input")
        layer, u = int(at[0]), int(at[1])
        end = () if kind == "b" else (self._input(layer, u, int(at[2])),)
        terms = [Term((*self._way(path, layer), *end)) for path in self._ways(layer, u)]
        return self._gradient_row(place, tuple(terms))

    def _ways(self, layer: int, u: int) -> list[tuple[int, ...]]:
        """Every way from the output back to a unit, as the units passed: the output first, the unit last."""
        between = [self._units(k) for k in range(self.last, layer, -1)]
        return [(*path, u) for path in product(*between)]

    def _way(self, path: tuple[int, ...], layer: int) -> Iterator[Factor]:
        """The factors along a way from the loss to the sum of its last unit, which is in ``layer``."""
        out = self.answer
        yield Factor("∂L", f"{{g:{out}}}", "the loss", under=f"∂{self.symbol(out)}")
        for k, u in zip(range(self.last, layer - 1, -1), path, strict=True):
            if self.columns[k].bend != "linear":
                yield self._slope(k, u)
            if k > layer:
                yield self._along(k, u, path[self.last - k + 1])

    def _along(self, layer: int, u: int, j: int) -> Factor:
        """∂z/∂a: a weight."""
        weight, source = f"w.{layer}.{u}.{j}", self.before(layer)[j]
        sum_ = self.symbol(f"z.{layer}.{u}")
        return Factor(f"∂{sum_}", f"{{v:{weight}}}", self.symbol(weight), under=f"∂{self.symbol(source)}")

    def _input(self, layer: int, u: int, j: int) -> Factor:
        """∂z/∂w: what comes in along the weight."""
        source = self.before(layer)[j]
        return Factor(
            f"∂{self.symbol(f'z.{layer}.{u}')}", f"{{v:{source}}}", f"what came in: {self.symbol(source)}",
            under=f"∂{self.symbol(f'w.{layer}.{u}.{j}')}",
        )  # fmt: skip

    def _slope(self, layer: int, u: int) -> Factor:
        a, z = self.symbol(f"a.{layer}.{u}"), self.symbol(f"z.{layer}.{u}")
        return Factor(f"∂{a}", f"{{v:s.{layer}.{u}}}", "slope", under=f"∂{z}")

    def _gradient(self, place: str, words: str) -> Factor:
        return Factor("∂L", f"{{g:{place}}}", words, under=f"∂{self.symbol(place)}")

    def _applied(self, rule: str, **at: str) -> Term:
        """A rule of :mod:`dlcore.slopes` at some places."""
        symbol = rule.format(**{letter: self.symbol(place) for letter, place in at.items()})
        number = rule.format(**{letter: f"{{v:{place}}}" for letter, place in at.items()})
        return Term((Factor(symbol, number),))

    def _gradient_row(self, place: str, terms: tuple[Term, ...]) -> Row:
        return Row(f"g:{place}", "∂L", terms, under=f"∂{self.symbol(place)}", check=True)


def _spoken(name: str) -> str:
    return "the output" if name == OUTPUT else name
