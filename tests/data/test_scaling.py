import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from dlcore.data import Split, datasets, prepare
from dlcore.data.scaling import FILLS, SCALES
from dlcore.data.split import cuts, drawn

ORACLES = {"standard": StandardScaler(), "min-max": MinMaxScaler(), "robust": RobustScaler()}
STRATEGIES = {"mean": "mean", "median": "median", "most frequent": "most_frequent"}
TABLES = ["iris", "wine", "breast_cancer", "diabetes", "fraud"]


@pytest.mark.parametrize("scaling", list(SCALES))
def test_a_scale_is_that_of_sklearn_even_where_a_column_never_changes(scaling):
    x = np.random.default_rng(1).normal(3, 5, (200, 4))
    x[:, 2] = 7.0
    x[:, 3] = np.arange(200) == 0
    offset, width = SCALES[scaling](x)
    np.testing.assert_allclose((x - offset) / width, ORACLES[scaling].fit_transform(x), atol=1e-12)


@pytest.mark.parametrize("filling", list(FILLS))
def test_a_gap_is_filled_as_sklearn_does(filling):
    rng = np.random.default_rng(1)
    x = rng.integers(0, 5, (60, 3)).astype(float)
    x[rng.random(x.shape) < 0.3] = np.nan
    oracle = SimpleImputer(strategy=STRATEGIES[filling]).fit(x)
    np.testing.assert_allclose(FILLS[filling](x), oracle.statistics_)


@pytest.mark.parametrize("filling", list(FILLS))
def test_a_column_without_a_single_number_is_filled_with_zero(filling):
    x = np.array([[1.0, np.nan], [3.0, np.nan]])
    assert FILLS[filling](x)[1] == 0


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("scaling", list(SCALES))
def test_a_table_is_scaled_as_sklearn_fitted_on_the_training_share_scales_it(kind, scaling):
    data = datasets[kind](scaling=scaling)
    parts = prepare(data, Split(), 1, 1)
    raw = prepare(datasets[kind](scaling="none"), Split(), 1, 1)
    oracle = ORACLES[scaling].fit(raw["train"].x.astype(np.float64))
    for share, part in parts.items():
        expected = oracle.transform(raw[share].x.astype(np.float64))
        np.testing.assert_allclose(part.x, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", [*TABLES, "own_table"])
@pytest.mark.parametrize("scaling", list(SCALES))
def test_what_the_test_rows_are_changes_nothing_in_the_training_share(kind, scaling, monkeypatch):
    data = datasets[kind](scaling=scaling)
    before = prepare(data, Split(), 1, 1)
    draw = type(data).draw

    def other(self, seed):
        x, y = draw(self, seed)
        unseen = np.random.default_rng(1).permutation(len(x))[cuts(len(x), Split())[0] :]
        x[unseen] = 1000 * x[unseen] + 77
        y[unseen] = y[unseen[::-1]]
        return x, y

    monkeypatch.setattr(type(data), "draw", other)
    drawn.cache_clear()
    after = prepare(data, Split(), 1, 1)
    assert np.array_equal(before["train"].x, after["train"].x)
    assert np.array_equal(before["train"].y, after["train"].y)
    assert not np.array_equal(before["test"].x, after["test"].x)
    assert np.isfinite(after["train"].x).all()
    drawn.cache_clear()
