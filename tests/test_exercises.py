import re

import pytest

from dlcore.exercises import LEVELS, TOLERANCE, exercise, judged
from dlcore.training.session import Session
from tests.probes.test_chain import network, reading, with_biases
from tests.test_chain import total


@pytest.fixture(scope="module")
def numbers():
    found = reading(with_biases(Session(network("sigmoid", "mean_squared", seed=3))))
    return {f"{kind}:{place}": float(both[k]) for place, both in found.items() for k, kind in enumerate("vg")}


E = network("sigmoid", "mean_squared", seed=3)


def asked(level, n=12):
    return [exercise(E, level, number) for number in range(n)]


@pytest.mark.parametrize("level", LEVELS)
def test_what_is_asked_can_be_computed_from_what_is_told_and_is_not_told(level, numbers):
    for each in asked(level):
        used = {
            ref
            for term in each.row.terms
            for factor in term.factors
            for ref in re.findall(r"\{([vg]:[^}]+)\}", factor.number)
        }
        assert used <= set(each.known)
        assert each.row.ref not in each.known
        found = {ref[2:]: (numbers[f"v:{ref[2:]}"], numbers[f"g:{ref[2:]}"]) for ref in numbers}
        arrays = {place: [Number(value), Number(gradient)] for place, (value, gradient) in found.items()}
        assert total(each.row, arrays) == pytest.approx(numbers[each.row.ref], rel=1e-9)


class Number(float):
    """As an array's number, it has an item."""

    def item(self):
        return float(self)


def test_a_level_asks_everything_once_before_it_repeats_itself():
    n = len({each.row.ref for each in asked("The whole way", 40)})
    assert n == 4, "two inputs into two neurons"
    assert len({each.row.ref for each in asked("The whole way", n)}) == n
    assert exercise(E, "One link", 7) == exercise(E, "One link", 7)
    with pytest.raises(KeyError):
        exercise(E, "Impossible", 0)


def test_every_way_of_writing_the_right_number_is_right(numbers):
    row = exercise(E, "One link", 0).row
    truth = numbers[row.ref]
    for typed in (
        repr(truth),
        f" {truth:.6f} ",
        f"{truth:.5e}",
        f"{truth:.6f}".replace(".", ",").replace("-", "−"),
    ):
        assert judged(typed, row, numbers).right, typed
    assert judged(repr(truth * (1 + 0.9 * TOLERANCE)), row, numbers).right
    assert not judged(repr(truth * (1 + 1.5 * TOLERANCE)), row, numbers).right


def test_what_went_wrong_is_said():
    row = next(each.row for each in asked("One link", 20) if each.row.ref == "g:w.2.0.1")
    numbers = {"g:z.2.0": -0.4, "v:a.1.1": 0.3, "g:w.2.0.1": -0.12}
    assert judged("-0.12", row, numbers).right
    assert "the sign is not" in judged("0.12", row, numbers).said
    assert "ten times too large" in judged("-1.2", row, numbers).said
    assert "ten times too small" in judged("-0.012", row, numbers).said
    assert "only ∂zo/∂wDo is left out" in judged("-0.4", row, numbers).said
    assert "only ∂L/∂zo is left out" in judged("0.3", row, numbers).said
    assert "no number" in judged("a third", row, numbers).said
    assert judged("7", row, numbers).said == "Not yet."
    for typed in ("nan", "inf", "1e400", "", "9" * 10_000):
        assert not judged(typed, row, numbers).right


def test_a_term_left_out_of_a_sum_is_said():
    row = next(each.row for each in asked("Forward", 20) if each.row.ref == "v:z.2.0")
    numbers = {
        "v:w.2.0.0": 0.5, "v:a.1.0": 0.4, "v:w.2.0.1": -1.0, "v:a.1.1": 0.3, "v:b.2.0": 0.25, "v:z.2.0": 0.15,
    }  # fmt: skip
    assert judged("0.15", row, numbers).right
    assert "only the bias is left out" in judged("-0.1", row, numbers).said
    assert "only the way over one neuron is left out" in judged("0.45", row, numbers).said


def test_where_nothing_is_right_nothing_is_accepted_but_zero():
    row = exercise(E, "One link", 0).row
    numbers = dict.fromkeys((f"{kind}:{place}" for kind in "vg" for place in reading(Session(E))), 0.0)
    assert judged("0", row, numbers).right
    assert not judged("0.01", row, numbers).right
