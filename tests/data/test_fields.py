import numpy as np
import pytest

from dlcore.data import OwnTable, Spiral, Split, datasets
from dlcore.data.fields import STEPS, fields
from dlcore.data.split import fit, measured, prepare
from dlcore.data.tables import BreastCancer, Fraud, Iris

SPLIT = Split(train=60, validation=20)


def trained(data):
    return measured(data, SPLIT, 1, 2)["train"].x


def test_a_slider_runs_from_the_least_to_the_largest_of_the_training_share():
    x = trained(BreastCancer())
    found = fields(BreastCancer(), x)
    assert [field.name for field in found] == list(BreastCancer.columns)
    for field, least, most in zip(found, x.min(0), x.max(0), strict=True):
        assert least - 1.01 * field.step < field.low <= least + 1e-6 * field.step
        assert most - 1e-6 * field.step <= field.high < most + 1.01 * field.step
        assert STEPS / 6 < (field.high - field.low) / field.step <= STEPS + 2


def test_the_ends_of_a_slider_are_among_its_steps():
    for field in fields(Iris(), trained(Iris())):
        for end in (field.low, field.high, *field.bounds(0.123)):
            assert round(end / field.step) == pytest.approx(end / field.step, abs=1e-9)
            assert len(str(end)) <= 5, "0.1, not 0.10000000149"


def test_whole_numbers_stay_whole():
    whole = {field.name for field in fields(Fraud(), trained(Fraud())) if field.whole}
    assert whole == {"payments today", "new shop", "weekday", "till"}


def test_the_plane_has_two_coordinates():
    assert [(f.name, f.low, f.high) for f in fields(Spiral(), trained(Spiral()))] == [
        ("x₁", -6.0, 6.0),
        ("x₂", -6.0, 6.0),
    ]


@pytest.mark.parametrize("mark", [True, False])
def test_every_column_of_an_own_table_has_one_place(mark):
    data = OwnTable(mark_missing=mark)
    x = trained(data)
    found = fields(data, x)
    columns = [field.column + k for field in found for k in range(max(1, len(field.choices)))]
    columns += [field.mark for field in found if field.mark >= 0]
    assert sorted(columns) == list(range(x.shape[1]))
    weight = found[2]
    assert (weight.name, weight.gaps, weight.mark) == ("weight", True, 6 if mark else -1)
    assert found[3].choices == ("blue", "green", "red")
    assert weight.low == pytest.approx(np.nanmin(x[:, 2]), abs=weight.step)


@pytest.mark.parametrize(
    "kind", ["iris", "diabetes", "own_table", "sunspots", "digits", "spiral", "surnames"]
)
def test_samples_as_measured_are_given_as_the_data_are_prepared(kind):
    data = datasets[kind]()
    parts = measured(data, SPLIT, 1, 2)
    found = fit(data, parts["train"])
    for share, part in prepare(data, SPLIT, 1, 2).items():
        np.testing.assert_array_equal(found.given(parts[share].x), part.x)
        np.testing.assert_array_equal(found.asked(parts[share].y), part.y)
        np.testing.assert_allclose(found.measured(part.y), parts[share].y, rtol=1e-5, atol=1e-4)


def test_scaling_is_the_training_shares_mean_and_deviation():
    x = trained(Iris()).astype(np.float64)
    found = fit(Iris(), measured(Iris(), SPLIT, 1, 2)["train"])
    np.testing.assert_allclose(found.offset, x.mean(0))
    np.testing.assert_allclose(found.width, x.std(0))
