import numpy as np
import pytest

from dlcore.charts import luck
from dlcore.charts.luck import APART, Group
from dlcore.charts.theme import DARK, LIGHT
from dlcore.data import Task

BAND = np.array([[0.1, 0.2, 0.3, 0.4, 0.5], [0.2, 0.3, 0.4, 0.5, 0.6]], np.float32)


def group(scores, name="all seeds", failed=()):
    record = {
        "test_score": np.array(scores, np.float32),
        "failed": np.isin(np.arange(len(scores)), failed).astype(np.uint8),
        "epoch": np.array([0, 10], np.int32),
        "loss_band": BAND,
        "score_band": 1 - BAND,
    }
    return Group(name, record, first_seed=100)


MANY = group(np.random.default_rng(1).normal(0.8, 0.05, 64))
OTHER = group(np.random.default_rng(2).normal(0.9, 0.02, 64), "faster")


def test_every_seed_that_did_not_break_down_is_a_dot_at_its_score():
    figure = luck.distribution([group([0.5, 0.9, 0.7], failed=[1])], Task.BINARY, LIGHT)
    dots = figure.data[0]
    assert dots.x.tolist() == pytest.approx([0.5, 0.7])
    assert dots.customdata.tolist() == [100, 102]
    assert figure.layout.xaxis.title.text == "accuracy on the test points"


def test_no_dot_lies_on_another_and_those_of_the_second_hang_below():
    (x, up), (_, down) = luck.stacked([MANY, OTHER])
    assert up.min() == 1
    assert down.max() == -1
    low, high = luck.span([MANY, OTHER])
    for height in np.unique(up):
        apart = np.diff(np.sort(x[up == height]))
        assert (apart >= APART * (high - low) - 1e-6).all()


def test_a_bar_holds_nine_seeds_in_ten_and_a_stroke_is_their_median():
    _, bar, stroke = luck.distribution([MANY], Task.BINARY, LIGHT).data
    assert bar.x == pytest.approx(np.percentile(MANY.scores, (5, 95)))
    assert stroke.x == pytest.approx([np.median(MANY.scores)])


def test_a_click_finds_the_seed_whose_dot_is_nearest_and_none_where_none_is_near():
    groups = [MANY, OTHER]
    for number, (x, y) in enumerate(luck.stacked(groups)):
        for i in (0, 17, 63):
            assert luck.nearest(groups, (float(x[i]), float(y[i]))) == (number, i)
    assert luck.nearest(groups, (0.0, 0.0)) is None


def test_scores_that_are_all_the_same_and_seeds_that_all_broke_down_are_drawn_too():
    for each in (group([1.0] * 5), group([0.5, 0.6], failed=[0, 1])):
        low, high = luck.span([each])
        assert high > low
        assert luck.distribution([each], Task.BINARY, DARK).data
    assert luck.nearest([group([0.5], failed=[0])], (0.5, 1)) is None


def test_the_bands_hold_the_percentiles_over_the_epochs():
    wide, half, median = luck.bands([MANY], "loss", Task.BINARY, LIGHT, epochs=40).data
    assert median.y == pytest.approx(BAND[:, 2])
    assert wide.y == pytest.approx([*BAND[:, 0], *BAND[::-1, 4]])
    assert half.y == pytest.approx([*BAND[:, 1], *BAND[::-1, 3]])
    figure = luck.bands([MANY], "loss", Task.BINARY, LIGHT, epochs=40)
    assert figure.layout.xaxis.range == (0, 40)
    assert figure.layout.yaxis.title.text == "test loss"


def test_the_spread_of_two_classes_has_one_scale_and_that_of_values_its_own():
    spread = np.full((8, 8), 0.25, np.float32)
    for task, largest in ((Task.BINARY, 1.0), (Task.CLASSES, 0.5), (Task.REGRESSION, 0.25)):
        drawn = luck.spread_map({"spread": spread}, task, 3, LIGHT).data[0]
        assert (drawn.zmin, drawn.zmax) == (0, pytest.approx(largest))
        assert drawn.z.shape == (8, 8)
        # row 0 is the lowest, and cells have their centres inside
        assert drawn.y0 == pytest.approx(-6 + 0.75)


def test_what_is_drawn_is_said_as_well():
    assert "32 networks" in luck.mean_alt(Task.BINARY, 32)
    assert "0.25 on average" in luck.spread_alt({"spread": np.full((2, 2), 0.25)}, 32)
    assert "broke down" in luck.spread_alt({"spread": np.full((2, 2), np.nan)}, 32)
    assert luck.distribution_alt([MANY], Task.BINARY, ["so it is."]).endswith("so it is.")
    said = luck.bands_alt([MANY, OTHER], "loss", Task.BINARY)
    assert "all seeds: median 0.400, nine in ten between 0.200 and 0.600; faster: " in said
