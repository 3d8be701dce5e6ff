import numpy as np
import pytest
from scipy import stats

from dlcore.superiority import compare, told

RNG = np.random.default_rng(1)
FIRST = RNG.normal(size=40).astype(np.float32)


def above(by, n=64):
    return (np.random.default_rng(2).normal(size=n) + by).astype(np.float32)


@pytest.mark.parametrize(
    "second", [above(0), above(0.7, 16), np.round(above(0.3), 1)], ids=["", "more", "ties"]
)
def test_the_share_of_pairs_is_the_statistic_of_mann_and_whitney(second):
    first = np.round(FIRST, 1)
    statistic = stats.mannwhitneyu(second, first).statistic
    assert compare(first, second).better == pytest.approx(statistic / (len(first) * len(second)))


def test_the_intervals_are_those_of_a_bootstrap():
    second = above(0.5)
    found = compare(FIRST, second)

    def share(first, second, axis=-1):
        return stats.mannwhitneyu(second, first, axis=axis).statistic / (first.shape[-1] * second.shape[-1])

    def apart(first, second, axis=-1):
        return second.mean(axis) - first.mean(axis)

    for statistic, low, high in (
        (share, found.low, found.high),
        (apart, found.difference_low, found.difference_high),
    ):
        theirs = stats.bootstrap(
            (FIRST, second), statistic, method="percentile", n_resamples=2000, rng=np.random.default_rng(0)
        ).confidence_interval
        assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=0.03)
    assert found.difference == pytest.approx(second.mean() - FIRST.mean(), abs=1e-6)


def test_no_difference_a_small_and_a_large_one_are_told_apart():
    assert compare(FIRST, above(0.05)).sentence().endswith("no more than luck can make.  More seeds, or more "
                                                           "epochs, may tell.")  # fmt: skip
    assert "misleads often" in compare(above(0, 400), above(0.4, 400)[::-1]).sentence()
    large = compare(FIRST, above(2), seed=1).sentence("a rate of 0.1", "a rate of 0.2")
    assert large.startswith("In 9")
    assert "a rate of 0.2 is better" in large
    assert large.endswith("more than luck.")


def test_the_other_way_round_the_other_is_better_by_as_much():
    there, back = compare(FIRST, above(2)), compare(above(2), FIRST)
    assert there.better == pytest.approx(1 - back.better)
    assert (there.sure, there.meaningful) == (back.sure, back.meaningful) == (True, True)
    assert "the first setting is better" in back.sentence()


def test_a_seed_that_broke_down_is_worse_than_any_and_ties_with_its_like():
    lost = np.array([np.nan, np.nan, 0.1, 0.2], np.float32)
    assert compare(lost, np.array([0.0], np.float32)).better == 0.5
    assert compare(lost, np.array([np.nan], np.float32)).better == 0.25
    assert "2 of 4 broke down" in told(lost, "accuracy")
    assert told(np.full(3, np.nan, np.float32), "R²").startswith("All 3 seeds broke down")
    assert np.isnan(compare(lost, np.array([np.nan], np.float32)).difference)


def test_nothing_is_compared_with_nothing():
    assert compare(FIRST, np.empty(0, np.float32)) is None


def test_what_is_told_of_the_seeds_are_their_percentiles():
    scores = np.arange(101, dtype=np.float32) / 100
    assert told(scores, "accuracy") == (
        "101 seeds: median accuracy 0.500, nine in ten between 0.050 and 0.950, worst 0.000, best 1.000."
    )
