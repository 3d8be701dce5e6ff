import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dlcore.data import Own, Pattern, Spiral, Split, datasets, prepare

SHARES = ["train", "validation", "test"]


def sizes(parts):
    return [len(parts[share]) for share in SHARES]


def test_the_test_share_is_what_is_left():
    assert Split(train=65, validation=15).test == 20


@pytest.mark.parametrize(
    ("train", "validation", "expected"),
    [(50, 10, [250, 50, 200]), (90, 0, [450, 0, 50]), (5, 90, [25, 450, 25]), (33, 33, [165, 165, 170])],
)
def test_shares_are_as_large_as_asked(train, validation, expected):
    parts = prepare(Spiral(n_points=500), Split(train=train, validation=validation), 1, 1)
    assert sizes(parts) == expected


def test_every_point_is_in_exactly_one_share():
    parts = prepare(Spiral(), Split(), 1, 1)
    x, y = Spiral().draw(1)
    together = np.concatenate([np.column_stack([parts[share].x, parts[share].y]) for share in SHARES])
    np.testing.assert_array_equal(np.unique(together, axis=0), np.unique(np.column_stack([x, y]), axis=0))
    assert len(together) == len(x)


def test_shares_are_mixed():
    parts = prepare(Spiral(), Split(), 1, 1)
    assert all(0.3 < parts[share].y.mean() < 0.7 for share in SHARES)


def test_the_split_seed_changes_the_shares_and_not_the_points():
    one, two = prepare(Spiral(), Split(), 1, 1), prepare(Spiral(), Split(), 1, 2)
    assert not np.array_equal(one["train"].x, two["train"].x)
    points = [np.sort(np.concatenate([parts[share].x for share in SHARES]), axis=0) for parts in (one, two)]
    assert np.array_equal(*points)


def test_the_data_seed_changes_the_points():
    assert not np.array_equal(
        prepare(Spiral(), Split(), 1, 1)["train"].x, prepare(Spiral(), Split(), 2, 1)["train"].x
    )


def test_the_same_seeds_give_the_same_shares():
    one, two = prepare(Spiral(), Split(), 3, 4), prepare(Spiral(), Split(), 3, 4)
    assert all(np.array_equal(one[share].x, two[share].x) for share in SHARES)


def test_points_and_answers_stay_together():
    x, y = datasets["xor"](noise=0.0).draw(1)
    part = prepare(datasets["xor"](noise=0.0), Split(), 1, 9)["train"]
    assert np.array_equal(part.x[:, 0] * part.x[:, 1] > 0, part.y == 1)
    assert len(part) < len(x) == len(y)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(20, 60),
    st.integers(5, 90),
    st.integers(0, 90),
    st.sampled_from([cls for cls in datasets if issubclass(cls, Pattern)]),
)
@example(20, 75, 20, datasets["rings"])
def test_there_is_always_something_to_learn_from_and_to_be_tested_on(n_points, train, validation, cls):
    split = Split(train=train, validation=min(validation, 95 - train))
    n_train, _, n_test = sizes(prepare(cls(n_points=n_points), split, 1, 1))
    assert n_train > 0
    assert n_test > 0


@pytest.mark.parametrize("n_points", range(2, 12))
@pytest.mark.parametrize("split", [Split(train=5, validation=90), Split(train=90, validation=5)])
def test_of_few_points_one_each_is_for_training_and_for_the_test(n_points, split):
    few = Own.of(np.arange(2 * n_points).reshape(-1, 2) / 4, np.arange(n_points) % 2)
    n_train, n_validation, n_test = sizes(prepare(few, split, 1, 1))
    assert min(n_train, n_test) >= 1
    assert n_train + n_validation + n_test == n_points


@pytest.mark.parametrize(
    "settings", [{"train": 4}, {"train": 91}, {"validation": -1}, {"validation": 91}, {"train": 7.5}]
)
def test_shares_out_of_bounds_are_refused(settings):
    with pytest.raises(ValidationError):
        Split(**settings)
