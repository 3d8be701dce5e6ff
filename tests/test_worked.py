"""Steps opened with their numbers, against where torch went."""

import numpy as np
import pytest

from dlcore.optimizers import SGD, Adagrad, Adam, AdamW, Lion, RMSprop
from dlcore.record import Record
from dlcore.surfaces import SURFACES
from dlcore.training.race import race
from dlcore.worked import number_of, step_of

OPENED = (
    SGD(learning_rate=0.01),
    SGD(learning_rate=0.01, momentum=0.9),
    SGD(learning_rate=0.01, momentum=0.8, nesterov=True),
    Adagrad(learning_rate=0.3),
    RMSprop(),
    Adam(),
    AdamW(weight_decay=0.2),
)


def steps(rule, n_steps=12):
    surface = SURFACES["Himmelblau"]
    told = race(surface.read(), rule, Record({}, {"place": np.array(surface.start)}), n_steps).arrays
    kept = {name.removeprefix("kept."): value for name, value in told.items() if name.startswith("kept.")}
    for i in range(n_steps):
        before = {name: value[i - 1] for name, value in kept.items()} if i else {}
        yield (
            told["place"][i + 1],
            step_of(rule, i + 1, told["place"][i], told["gradient"][i], before, told["place"][i + 1]),
        )


@pytest.mark.parametrize("rule", OPENED, ids=lambda rule: rule.kind)
def test_the_numbers_of_each_step_lead_where_torch_went(rule):
    for place, step in steps(rule):
        assert step.lines[-1].value == pytest.approx(place, rel=1e-6)


def test_what_the_rule_follows_is_its_memory_of_gradients():
    *_, (_, plain) = steps(OPENED[0])
    *_, (_, rolling) = steps(OPENED[1])
    *_, (_, adam) = steps(OPENED[5])
    assert plain.velocity is None
    assert rolling.velocity == pytest.approx(rolling.lines[1].value)
    assert adam.velocity == pytest.approx(adam.lines[3].value)


def test_a_rule_that_is_not_opened_is_shown_by_the_step_it_took():
    for place, step in steps(Lion(), 3):
        assert step.velocity is None
        assert step.lines[-1].symbol == r"\Delta w"
        assert np.isfinite(place).all()
        assert step.latex().count("&=") == 2


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (0.12345, "0.123"),
        (-1234.4, "-1234"),
        (2.5e-5, r"2.50 \cdot 10^{-5}"),
        (np.inf, r"\infty"),
    ],
)
def test_numbers_have_three_digits(value, written):
    assert number_of(value) == written
