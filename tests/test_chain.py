"""Every equation of the walk, with the numbers of a real network put in, gives the number it stands for."""

import math
import re

import pytest

from dlcore.chain import Chain, columns, places
from dlcore.slopes import ACTIVATIONS, LOSSES
from dlcore.training.session import Session
from tests.probes.test_chain import BENDS, network, reading, with_biases

WORDS = {
    "ln": math.log, "exp": math.exp, "tanh": math.tanh, "sin": math.sin, "cos": math.cos, "max": max,
    "σ": lambda z: 1 / (1 + math.exp(-z)), "__builtins__": {},
}  # fmt: skip


def worth(text, found):
    """What a factor's text says, computed from the numbers of a reading."""
    filled = re.sub(
        r"\{([vg]):([^}]+)\}", lambda m: f"({found[m[2]][0 if m[1] == 'v' else 1].item()!r})", text
    )
    python = filled.replace("−", "-").replace("·", "*").replace("²", "**2")
    return eval(python, WORDS)


def total(row, found):
    return sum(
        (-1 if term.sign == "−" else 1) * math.prod(worth(factor.number, found) for factor in term.factors)
        for term in row.terms
    )


def meant(ref, found, rate):
    kind, place = ref.split(":")
    if kind == "u":
        return found[place][0] - rate * found[place][1]
    return found[place]["vg".index(kind)]


@pytest.mark.parametrize(
    ("activation", "loss", "units"),
    [
        *((activation, "mean_squared", (2, 2)) for activation in BENDS),
        *(("tanh", loss, (2,)) for loss in LOSSES),
        ("linear", "cross_entropy", (3, 2)),
        ("sigmoid", "cross_entropy", ()),
        ("relu", "hinge", (1, 1, 1)),
    ],
)
@pytest.mark.parametrize("answer", [0, 1])
def test_every_row_gives_its_number(activation, loss, units, answer):
    e = network(activation, loss, units, seed=7, answer=answer)
    found = reading(with_biases(Session(e)))
    chain = Chain(e)
    rows = [row for step in chain.steps() for row in step.rows]
    for row in rows:
        assert total(row, found) == pytest.approx(meant(row.ref, found, 0.5), rel=1e-9, abs=1e-12), row
    told = {row.ref for row in rows}
    for place in places(e):
        assert place[0] in "xy" or f"v:{place}" in told or place[0] in "wb"
        assert place[0] not in "wbz" or f"g:{place}" in told


@pytest.mark.parametrize("units", [(), (1, 1, 1), (2, 2), (3, 3, 3)])
def test_all_ways_to_the_loss_together_are_the_gradient(units):
    e = network("tanh", "mean_squared", units)
    found = reading(with_biases(Session(e)))
    chain = Chain(e)
    for place in places(e):
        if place[0] in "wbx":
            row = chain.paths(place)
            assert total(row, found) == pytest.approx(found[place][1], rel=1e-9), place
    first = chain.paths("w.0.0.0")
    assert len(first.terms) == math.prod(len(column.names) for column in columns(e)[1:])
    with pytest.raises(ValueError, match="no weight"):
        chain.paths("z.0.0")


def test_a_step_uses_only_what_was_computed_before_it():
    e = network("sigmoid", "cross_entropy", (3, 2))
    known = {f"v:{place}" for place in places(e) if place[0] in "xwby"}
    for step in Chain(e).steps():
        for row in step.rows:
            for term in row.terms:
                for factor in term.factors:
                    refs = {
                        f"{kind}:{place}" for kind, place in re.findall(r"\{([vg]):([^}]+)\}", factor.number)
                    }
                    assert refs <= known, (step.title, row.ref)
            known.add(row.ref)


def test_places_are_written_as_on_a_blackboard():
    chain = Chain(network("tanh", "mean_squared", (2, 2)))
    places = ("x.1", "w.0.1.0", "w.1.0.1", "w.2.0.1", "b.2.0", "z.1.1", "a.1.0", "a.2.0", "L")
    assert [chain.symbol(place) for place in places] == [
        "x_2", "w_1B", "w_BC", "w_Do", "b_o", "z_D", "a_C", "ŷ", "L",
    ]  # fmt: skip


def test_rules_name_no_letter_that_is_not_put_in():
    for rule in ACTIVATIONS.values():
        assert "{" not in rule.value.format(z="1") + rule.slope.format(a="1", z="1")
    for rule in LOSSES.values():
        assert "{" not in rule.value.format(p="1", y="1") + rule.slope.format(p="1", y="1")
