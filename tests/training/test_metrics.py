import math

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, r2_score
from torchmetrics.functional import accuracy
from torchmetrics.functional import r2_score as torch_r2_score

from dlcore.data import Parts, Task, datasets
from dlcore.data.features import X1, Product
from dlcore.experiment import Experiment
from dlcore.losses import Hinge, MeanSquared, Target
from dlcore.training.metrics import score, targets, tensors

GENERATOR = torch.Generator().manual_seed(5)
SCORES = torch.randn(60, 4, generator=GENERATOR)
CLASSES = torch.randint(0, 4, (60,), generator=GENERATOR)
BINARY = torch.randint(0, 2, (60,), generator=GENERATOR)
VALUES = torch.rand(60, generator=GENERATOR)


def test_binary_accuracy_is_that_of_torchmetrics_and_scikit_learn():
    z = SCORES[:, :1]
    ours = score(z, BINARY, Task.BINARY)
    assert ours == pytest.approx(accuracy(z[:, 0].sigmoid(), BINARY, task="binary").item())
    assert ours == pytest.approx(accuracy_score(BINARY, z[:, 0] > 0))


def test_accuracy_of_classes_is_that_of_torchmetrics_and_scikit_learn():
    ours = score(SCORES, CLASSES, Task.CLASSES)
    assert ours == pytest.approx(
        accuracy(SCORES, CLASSES, task="multiclass", num_classes=4, average="micro").item()
    )
    assert ours == pytest.approx(accuracy_score(CLASSES, SCORES.argmax(1)))


@pytest.mark.parametrize("spread", [0.01, 1.0])
def test_r2_is_that_of_torchmetrics_and_scikit_learn(spread):
    answers = VALUES[:, None] + spread * SCORES[:, :1]
    ours = score(answers, VALUES, Task.REGRESSION)
    assert ours == pytest.approx(r2_score(VALUES, answers[:, 0]), rel=1e-4)
    assert ours == pytest.approx(torch_r2_score(answers[:, 0], VALUES).item(), rel=1e-4)


@pytest.mark.parametrize("answer", [0.5, 0.25])
def test_r2_of_values_that_are_all_alike_is_that_of_scikit_learn(answer):
    truth, answers = torch.full((7,), 0.5), torch.full((7, 1), answer)
    assert score(answers, truth, Task.REGRESSION) == r2_score(truth, answers[:, 0])


@pytest.mark.parametrize("task", list(Task))
def test_no_points_have_no_score(task):
    assert math.isnan(score(SCORES[:0], CLASSES[:0], task))


def test_one_point_has_a_score():
    assert score(torch.tensor([[0.5]]), torch.tensor([0.25]), Task.REGRESSION) == 0.0
    assert score(torch.tensor([[0.5]]), torch.tensor([1]), Task.BINARY) == 1.0


@pytest.mark.parametrize(
    ("target", "expected", "dtype"),
    [
        (Target.INDEX, [2, 0, 1], torch.int64),
        (Target.ONE_HOT, [[0, 0, 1], [1, 0, 0], [0, 1, 0]], torch.float32),
    ],
)
def test_classes_are_written_as_the_loss_wants_them(target, expected, dtype):
    written = targets(target, torch.tensor([2, 0, 1]), 3)
    assert (written.tolist(), written.dtype) == (expected, dtype)


@pytest.mark.parametrize(
    ("target", "expected"), [(Target.ZERO_ONE, [[1.0], [0.0]]), (Target.SIGN, [[1.0], [-1.0]])]
)
def test_two_classes_are_written_as_the_loss_wants_them(target, expected):
    written = targets(target, torch.tensor([1, 0]), 2)
    assert (written.tolist(), written.dtype) == (expected, torch.float32)


def test_values_stand_in_a_column():
    assert targets(Target.VALUE, torch.tensor([0.5, -0.25]), 0).tolist() == [[0.5], [-0.25]]


def test_tensors_hold_inputs_targets_and_truth():
    x = np.array([[1, 2], [3, -4]], np.float32)
    experiment = Experiment(inputs=(X1(), Product()), loss=Hinge())
    made = tensors(experiment, Parts(x, np.array([0, 1])))
    assert made.x.tolist() == [[1, 2], [3, -12]]
    assert made.y.tolist() == [[-1], [1]]
    assert made.truth.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("data", "loss", "shape"),
    [
        (datasets["plane"](), MeanSquared(), (0, 1)),
        (datasets["blobs"](), MeanSquared(), (0, 3)),
        (datasets["blobs"](), Hinge(), (0,)),
        (datasets["xor"](), MeanSquared(), (0, 1)),
    ],
)
def test_a_share_without_points_has_tensors_all_the_same(data, loss, shape):
    experiment = Experiment(data=data, loss=loss)
    x, y = data.draw(1)
    made = tensors(experiment, Parts(x[:0], y[:0]))
    assert (made.x.shape, made.y.shape) == ((0, 2), shape)
