import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from dlcore.schedules import (
    Constant,
    Cosine,
    Cyclic,
    Exponential,
    OneCycle,
    Plateau,
    Polynomial,
    StepDecay,
    WarmupCosine,
    schedules,
)
from tests.samples import any_of, variants

EVERY = [value for cls in schedules for value in variants(cls)]


def torch_factors(make, n_epochs, rate=1.0):
    """The learning rates that a torch scheduler goes through, as shares of ``rate``."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
    scheduler = make(optimizer)
    factors = []
    for _ in range(n_epochs):
        factors.append(optimizer.param_groups[0]["lr"] / rate)
        optimizer.step()
        scheduler.step()
    return factors


def ours(schedule, n_epochs):
    return [schedule.at(epoch) for epoch in range(n_epochs)]


@pytest.mark.parametrize(("every", "gamma"), [(1, 0.5), (7, 0.3), (40, 1.0)])
def test_step_decay_is_that_of_torch(every, gamma):
    expected = torch_factors(lambda optimizer: lr_scheduler.StepLR(optimizer, every, gamma), 60)
    assert ours(StepDecay(every=every, gamma=gamma), 60) == pytest.approx(expected)


@pytest.mark.parametrize("gamma", [0.9, 0.995, 1.0])
def test_exponential_is_that_of_torch(gamma):
    expected = torch_factors(lambda optimizer: lr_scheduler.ExponentialLR(optimizer, gamma), 60)
    assert ours(Exponential(gamma=gamma), 60) == pytest.approx(expected)


@pytest.mark.parametrize("epochs", [1, 10, 50])
def test_cosine_is_that_of_torch(epochs):
    make = lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, epochs)  # noqa: E731
    assert ours(Cosine(epochs=epochs), epochs + 1) == pytest.approx(torch_factors(make, epochs + 1), abs=1e-9)


@pytest.mark.parametrize(("epochs", "rising"), [(10, 0.3), (40, 0.5), (100, 0.05), (20, 0.95)])
def test_one_cycle_is_that_of_torch(epochs, rising):
    # torch counts steps where we count the epochs between them, and lets the peak lie on a step
    share = (rising * epochs + 1) / (epochs + 1)
    make = lambda optimizer: lr_scheduler.OneCycleLR(  # noqa: E731
        optimizer, max_lr=1.0, total_steps=epochs + 1, pct_start=share, cycle_momentum=False
    )
    assert ours(OneCycle(epochs=epochs, rising=rising), epochs) == pytest.approx(
        torch_factors(make, epochs), abs=1e-9
    )


@pytest.mark.parametrize(("warmup", "epochs"), [(5, 20), (1, 30), (19, 20)])
def test_warm_up_is_a_straight_line_and_then_the_cosine_of_torch(warmup, epochs):
    rising = torch_factors(
        lambda optimizer: lr_scheduler.LinearLR(optimizer, 1e-9, total_iters=warmup), warmup
    )
    make = lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, epochs - warmup)  # noqa: E731
    falling = torch_factors(make, epochs - warmup + 1)
    expected = [*rising, *falling]
    assert ours(WarmupCosine(warmup=warmup, epochs=epochs), epochs + 1) == pytest.approx(expected, abs=1e-6)


def test_constant_changes_nothing():
    assert {Constant().at(epoch) for epoch in (0, 0.5, 1e6)} == {1.0}


@settings(max_examples=200, deadline=None)
@given(any_of(schedules), st.floats(0, 2e6))
def test_a_factor_lies_between_nothing_and_the_whole_rate(schedule, epoch):
    assert 0 <= schedule.at(epoch) <= 1


@pytest.mark.parametrize("schedule", EVERY, ids=repr)
def test_a_factor_is_a_number_however_long_a_run_goes_on(schedule):
    assert all(math.isfinite(schedule.at(epoch)) for epoch in (0, 1e-9, 1e5, 1e6, 1e9))


@pytest.mark.parametrize(
    "schedule", [Cosine(epochs=10), WarmupCosine(warmup=2, epochs=10), OneCycle(epochs=10)]
)
def test_what_has_come_to_its_end_stays_there(schedule):
    assert schedule.at(10) == schedule.at(11) == schedule.at(1e6) < 1e-5


@pytest.mark.parametrize("schedule", [StepDecay(every=3), Exponential(gamma=0.9)])
def test_cuts_fall_between_epochs(schedule):
    assert schedule.at(2) == schedule.at(2.99)
    assert schedule.at(3.0) < schedule.at(2.99)


def test_a_warm_up_as_long_as_the_whole_ends_at_the_top():
    schedule = WarmupCosine(warmup=10, epochs=5)
    assert [schedule.at(epoch) for epoch in (0, 5, 10, 11)] == [0.0, 0.5, 1.0, 0.0]


@pytest.mark.parametrize(("epochs", "power"), [(1, 1.0), (10, 0.5), (40, 2.0), (25, 5.0)])
def test_polynomial_is_that_of_torch(epochs, power):
    make = lambda optimizer: lr_scheduler.PolynomialLR(optimizer, epochs, power)  # noqa: E731
    expected = torch_factors(make, epochs + 3)
    assert ours(Polynomial(epochs=epochs, power=power), epochs + 3) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("epochs", "lowest"), [(2, 0.1), (10, 0.0), (40, 0.5)])
@pytest.mark.parametrize("halving", [False, True])
def test_cyclic_is_that_of_torch(epochs, lowest, halving):
    mode = "triangular2" if halving else "triangular"
    make = lambda optimizer: lr_scheduler.CyclicLR(  # noqa: E731
        optimizer,
        lowest,
        1.0,
        epochs / 2,
        mode=mode,
        cycle_momentum=False,
    )
    expected = torch_factors(make, 3 * epochs)
    schedule = Cyclic(epochs=epochs, lowest=lowest, halving=halving)
    assert ours(schedule, 3 * epochs) == pytest.approx(expected, abs=1e-9)


def test_a_schedule_that_depends_on_the_run_says_so():
    assert [cls for cls in schedules if cls.watches] == [Plateau]
