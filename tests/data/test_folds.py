import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from dlcore.data import Own, Split, datasets, prepare
from dlcore.data.split import in_time, shared

DATA = datasets["blobs"](classes=3, n_points=103)


def rows(part):
    return {tuple(row) for row in part.x.tolist()}


@pytest.mark.parametrize("k", [2, 3, 7, 20])
@pytest.mark.parametrize("data", [DATA, Own.like(DATA, 1)], ids=["drawn", "own"])
def test_every_point_but_the_tests_is_kept_for_validation_once(k, data):
    plain = prepare(data, Split(), 1, 1)
    learnt = rows(plain["train"]) | rows(plain["validation"])
    pieces = [prepare(data, Split(folds=k, fold=fold), 1, 1) for fold in range(k)]
    for parts in pieces:
        assert np.array_equal(parts["test"].x, plain["test"].x)
        assert rows(parts["train"]) | rows(parts["validation"]) == learnt
        assert not rows(parts["train"]) & rows(parts["validation"])
    kept = [row for parts in pieces for row in parts["validation"].x.tolist()]
    assert len(kept) == len(learnt)
    assert {tuple(row) for row in kept} == learnt
    sizes = [len(parts["validation"]) for parts in pieces]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("k", [2, 5, 7])
def test_folds_share_the_classes_as_evenly_as_those_of_scikit_learn(k):
    y = np.repeat([0, 1, 2], [61, 23, 9])
    data, split = datasets["blobs"](classes=3, n_points=len(y)), Split(train=70, validation=20)
    learnt = y[np.concatenate([*shared(data, y, split, 3).values()][:2])]
    folds = [split.model_copy(update={"folds": k, "fold": fold}) for fold in range(k)]
    mine = [np.bincount(y[shared(data, y, each, 3)["validation"]], minlength=3) for each in folds]
    theirs = [
        np.bincount(learnt[kept], minlength=3)
        for _, kept in StratifiedKFold(k).split(np.zeros((len(learnt), 1)), learnt)
    ]
    np.testing.assert_array_equal(np.sort(mine, 0), np.sort(theirs, 0))


def test_scaling_is_fitted_without_the_piece_that_is_kept():
    data = datasets["iris"]()
    for fold in range(5):
        train = prepare(data, Split(folds=5, fold=fold), 1, 1)["train"]
        assert train.x.mean(0) == pytest.approx(np.zeros(4), abs=1e-5)


@pytest.mark.parametrize("folds", [0, 1])
def test_fewer_than_two_folds_are_the_ordinary_split(folds):
    plain, other = (prepare(DATA, split, 1, 1) for split in (Split(), Split(folds=folds, fold=4)))
    assert all(np.array_equal(plain[share].x, other[share].x) for share in plain)


def test_more_folds_than_points_leave_something_to_learn_from():
    tiny = Own.like(datasets["blobs"](classes=2, n_points=20), 1).at_most(4)
    for fold in range(20):
        parts = prepare(tiny, Split(folds=20, fold=fold), 1, 1)
        assert len(parts["train"]) >= 1
        assert len(parts["test"]) >= 1


def test_a_fold_that_is_not_there_is_another():
    beyond, inside = (prepare(DATA, Split(folds=3, fold=fold), 1, 1) for fold in (7, 1))
    assert np.array_equal(beyond["validation"].x, inside["validation"].x)


@pytest.mark.parametrize(("k", "horizon"), [(2, 1), (5, 3)])
def test_folds_of_a_series_are_judged_by_what_comes_after(k, horizon):
    ordinary = in_time(120, Split(), horizon)
    learnt = []
    for fold in range(k):
        shares = in_time(120, Split(folds=k, fold=fold), horizon)
        assert shares["train"][0] == 0
        assert shares["validation"][0] - shares["train"][-1] == horizon
        assert np.array_equal(shares["test"], ordinary["test"])
        assert shares["validation"][-1] < shares["test"][0]
        learnt.append(len(shares["train"]))
    assert learnt == sorted(set(learnt))
