import numpy as np
import pytest

from dlcore.charts import folds
from dlcore.charts.theme import LIGHT

SCORES = np.array([0.9, 0.8, np.nan], np.float32)
RECORD = {
    "fold": np.arange(3, dtype=np.int32),
    "train_score": np.array([0.95, 0.96, np.nan], np.float32),
    "validation_score": SCORES,
    "mean.validation_score": np.array([0.85], np.float32),
    "spread.validation_score": np.array([0.0707], np.float32),
}


def test_each_fold_that_is_done_is_a_point():
    figure = folds.figure(RECORD, "score", "accuracy", LIGHT)
    train, validation = figure.data
    assert (train.name, validation.name) == ("train", "validation")
    assert validation.x.tolist() == [1, 2]
    assert validation.y.tolist() == pytest.approx([0.9, 0.8])
    assert figure.layout.yaxis.title.text == "Accuracy"
    assert figure.layout.xaxis.title.text == "Fold"


def test_the_mean_is_a_line_and_the_spread_a_band():
    line, band = folds.figure(RECORD, "score", "accuracy", LIGHT).layout.shapes
    assert line.y0 == pytest.approx(0.85)
    assert (band.y0, band.y1) == pytest.approx((0.85 - 0.0707, 0.85 + 0.0707))


def test_the_mean_and_spread_are_said():
    assert folds.summary(RECORD, "score", "accuracy") == (
        "Validation accuracy 0.850 ± 0.071 over 2 of 3 folds."
    )


def test_nothing_is_said_before_the_first_fold_is_done():
    empty = {**RECORD, "validation_score": np.full(3, np.nan, np.float32)}
    assert folds.summary(empty, "score", "accuracy") == ""
