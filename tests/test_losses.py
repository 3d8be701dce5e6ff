import numpy as np
import pytest
import torch
from scipy.special import expit, softmax
from sklearn.metrics import hinge_loss, log_loss, mean_absolute_error, mean_squared_error

from dlcore.data import Task
from dlcore.losses import CrossEntropy, Hinge, Huber, Loss, MeanAbsolute, MeanSquared, Target, losses

RNG = np.random.default_rng(3)
N, K = 40, 4
BINARY = RNG.integers(0, 2, N)
CLASSES = RNG.integers(0, K, N)
VALUES = RNG.uniform(-1, 1, N)
Z = RNG.normal(0, 2, (N, 1)).astype(np.float32)
SCORES = RNG.normal(0, 2, (N, K)).astype(np.float32)
TASKS = {Task.BINARY: (Z, BINARY, 2), Task.CLASSES: (SCORES, CLASSES, K), Task.REGRESSION: (Z, VALUES, 0)}
PAIRS = [(cls, task) for cls in losses for task in sorted(cls.tasks)]


def computed(loss, task):
    """The loss of the fixed outputs, with the truth written as the loss wants it."""
    outputs, truth, n_classes = TASKS[task]
    head = loss.head(task, n_classes)
    y = {
        Target.VALUE: lambda: truth[:, None],
        Target.ZERO_ONE: lambda: truth[:, None],
        Target.SIGN: lambda: 2 * truth[:, None] - 1,
        Target.ONE_HOT: lambda: np.eye(K)[truth],
        Target.INDEX: lambda: truth,
    }[head.target]()
    y = torch.from_numpy(y) if head.target is Target.INDEX else torch.from_numpy(y).float()
    module = torch.nn.Sequential(*(call.build() for call in head.calls))
    return loss.call(task).build()(module(torch.from_numpy(outputs)), y).item()


def errors(task):
    if task is Task.BINARY:
        return np.tanh(Z[:, 0]) - (2 * BINARY - 1)
    return SCORES - np.eye(K)[CLASSES] if task is Task.CLASSES else Z[:, 0] - VALUES


def test_binary_cross_entropy_is_the_log_loss_of_sigmoids():
    assert computed(CrossEntropy(), Task.BINARY) == pytest.approx(log_loss(BINARY, expit(Z[:, 0])), rel=1e-5)


def test_cross_entropy_of_classes_is_the_log_loss_of_softmax():
    assert computed(CrossEntropy(), Task.CLASSES) == pytest.approx(
        log_loss(CLASSES, softmax(SCORES, 1)), rel=1e-5
    )


def test_binary_hinge_is_that_of_scikit_learn():
    assert computed(Hinge(), Task.BINARY) == pytest.approx(hinge_loss(2 * BINARY - 1, Z[:, 0]), rel=1e-5)


def test_hinge_of_classes_counts_every_class_that_comes_too_close():
    right = SCORES[np.arange(N), CLASSES][:, None]
    margins = np.maximum(0, 1 - right + SCORES)
    margins[np.arange(N), CLASSES] = 0
    assert computed(Hinge(), Task.CLASSES) == pytest.approx(margins.sum(1).mean() / K, rel=1e-5)


@pytest.mark.parametrize("task", list(Task))
def test_mean_squared_error_is_the_mean_of_the_squares(task):
    assert computed(MeanSquared(), task) == pytest.approx(np.square(errors(task)).mean(), rel=1e-5)


@pytest.mark.parametrize("task", list(Task))
def test_mean_absolute_error_is_the_mean_of_the_sizes(task):
    assert computed(MeanAbsolute(), task) == pytest.approx(np.abs(errors(task)).mean(), rel=1e-5)


def test_errors_of_regression_are_those_of_scikit_learn():
    assert computed(MeanSquared(), Task.REGRESSION) == pytest.approx(
        mean_squared_error(VALUES, Z[:, 0]), rel=1e-5
    )
    assert computed(MeanAbsolute(), Task.REGRESSION) == pytest.approx(
        mean_absolute_error(VALUES, Z[:, 0]), rel=1e-5
    )


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("delta", [0.05, 0.5, 2.0])
def test_huber_is_squared_for_small_errors_and_straight_for_large_ones(task, delta):
    e = np.abs(errors(task))
    by_hand = np.where(e < delta, e**2 / 2, delta * (e - delta / 2)).mean()
    assert computed(Huber(delta=delta), task) == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize(("cls", "task"), PAIRS)
def test_confidence_stays_in_its_range(cls, task):
    outputs = TASKS[task][0] * 3
    shown = cls().confidence(torch.from_numpy(outputs), task).numpy()
    assert shown.shape == outputs.shape
    if task is Task.REGRESSION:
        assert np.array_equal(shown, outputs)
    else:
        assert shown.min() >= (-1 if task is Task.BINARY else 0)
        assert shown.max() <= 1


@pytest.mark.parametrize("cls", [cls for cls in losses if Task.BINARY in cls.tasks])
def test_the_sign_of_confidence_is_the_decision(cls):
    z = torch.linspace(-3, 3, 24)[:, None]
    assert torch.equal(cls().confidence(z, Task.BINARY) > 0, z > 0)


@pytest.mark.parametrize("cls", [CrossEntropy, Hinge])
def test_the_largest_share_is_the_decision(cls):
    shares = cls().confidence(torch.from_numpy(SCORES), Task.CLASSES)
    torch.testing.assert_close(shares.sum(1), torch.ones(N))
    assert torch.equal(shares.argmax(1), torch.from_numpy(SCORES).argmax(1))


def test_confidence_of_cross_entropy_is_the_chance_of_one_class_over_the_other():
    z = torch.linspace(-8, 8, 33)[:, None]
    chance = CrossEntropy().confidence(z, Task.BINARY)
    torch.testing.assert_close(chance, 2 * z.sigmoid() - 1, atol=1e-6, rtol=0)


def test_a_loss_that_is_not_for_every_task_says_so():
    assert CrossEntropy.tasks == Hinge.tasks == {Task.BINARY, Task.CLASSES}
    assert MeanSquared.tasks == Loss.tasks == set(Task)
