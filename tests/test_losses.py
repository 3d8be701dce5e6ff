import numpy as np
import pytest
import torch
from scipy.spatial.distance import cosine
from scipy.special import expit, rel_entr, softmax
from sklearn.metrics import hinge_loss, log_loss, mean_absolute_error, mean_squared_error
from sklearn.utils.class_weight import compute_class_weight
from torch import nn

from dlcore.data import Own, Task, datasets
from dlcore.experiment import Experiment
from dlcore.losses import (
    CosineDistance,
    CrossEntropy,
    Focal,
    Hinge,
    Huber,
    KLDivergence,
    Loss,
    MeanAbsolute,
    MeanSquared,
    OneAgainstAll,
    Target,
    losses,
)
from dlcore.training.session import Session

RNG = np.random.default_rng(3)
N, K = 40, 4
BINARY = RNG.integers(0, 2, N)
CLASSES = RNG.integers(0, K, N)
VALUES = RNG.uniform(-1, 1, N)
Z = RNG.normal(0, 2, (N, 1)).astype(np.float32)
SCORES = RNG.normal(0, 2, (N, K)).astype(np.float32)
TASKS = {Task.BINARY: (Z, BINARY, 2), Task.CLASSES: (SCORES, CLASSES, K), Task.REGRESSION: (Z, VALUES, 0)}
PAIRS = [(cls, task) for cls in losses for task in sorted(cls.tasks & TASKS.keys())]
ALIKE = [Task.BINARY, Task.CLASSES, Task.REGRESSION]
COUNTS = (30, 6, 3, 1)
STEPS = 5


def computed(loss, task, counts=()):
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
    return loss.call(task, counts).build()(module(torch.from_numpy(outputs)), y).item()


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


@pytest.mark.parametrize("task", ALIKE)
def test_mean_squared_error_is_the_mean_of_the_squares(task):
    assert computed(MeanSquared(), task) == pytest.approx(np.square(errors(task)).mean(), rel=1e-5)


@pytest.mark.parametrize("task", ALIKE)
def test_mean_absolute_error_is_the_mean_of_the_sizes(task):
    assert computed(MeanAbsolute(), task) == pytest.approx(np.abs(errors(task)).mean(), rel=1e-5)


def test_errors_of_regression_are_those_of_scikit_learn():
    assert computed(MeanSquared(), Task.REGRESSION) == pytest.approx(
        mean_squared_error(VALUES, Z[:, 0]), rel=1e-5
    )
    assert computed(MeanAbsolute(), Task.REGRESSION) == pytest.approx(
        mean_absolute_error(VALUES, Z[:, 0]), rel=1e-5
    )


@pytest.mark.parametrize("task", ALIKE)
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


@pytest.mark.parametrize("cls", [CrossEntropy, Focal, KLDivergence, Hinge])
def test_the_largest_share_is_the_decision(cls):
    shares = cls().confidence(torch.from_numpy(SCORES), Task.CLASSES)
    torch.testing.assert_close(shares.sum(1), torch.ones(N))
    assert torch.equal(shares.argmax(1), torch.from_numpy(SCORES).argmax(1))


def test_confidence_of_cross_entropy_is_the_chance_of_one_class_over_the_other():
    z = torch.linspace(-8, 8, 33)[:, None]
    chance = CrossEntropy().confidence(z, Task.BINARY)
    torch.testing.assert_close(chance, 2 * z.sigmoid() - 1, atol=1e-6, rtol=0)


def test_a_loss_that_is_not_for_every_task_says_so():
    assert Hinge.tasks == {Task.BINARY, Task.CLASSES}
    assert CrossEntropy.tasks == {Task.BINARY, Task.CLASSES, Task.TOKENS}
    assert OneAgainstAll.tasks == CosineDistance.tasks == {Task.CLASSES, Task.TOKENS}
    assert MeanSquared.tasks == Loss.tasks == set(Task) - {Task.TOKENS}


def chances(task):
    """What softmax makes of the fixed scores: (N, K), two columns for two classes."""
    return softmax(np.hstack([0 * Z, Z]) if task is Task.BINARY else SCORES, 1).astype(np.float64)


def truth_of(task):
    return BINARY if task is Task.BINARY else CLASSES


def smoothed(task, share):
    n_classes = chances(task).shape[1]
    return (1 - share) * np.eye(n_classes)[truth_of(task)] + share / n_classes


both = pytest.mark.parametrize("task", [Task.BINARY, Task.CLASSES])


@both
@pytest.mark.parametrize("share", [0.05, 0.1, 0.5])
def test_label_smoothing_deals_a_share_of_the_target_out_to_all_classes(task, share):
    by_hand = -(smoothed(task, share) * np.log(chances(task))).sum(1).mean()
    assert computed(CrossEntropy(label_smoothing=share), task) == pytest.approx(by_hand, rel=1e-5)


def test_balanced_weights_are_those_of_scikit_learn():
    y = np.repeat(np.arange(4), COUNTS)
    expected = compute_class_weight("balanced", classes=np.arange(4), y=y)
    call = CrossEntropy(class_weights="balanced").call(Task.CLASSES, COUNTS)
    assert call.build().weight.numpy() == pytest.approx(expected)


def test_balanced_cross_entropy_is_the_weighted_log_loss():
    weights = 40 / (4 * np.array(COUNTS))
    expected = log_loss(CLASSES, softmax(SCORES, 1), sample_weight=weights[CLASSES])
    loss = CrossEntropy(class_weights="balanced")
    assert computed(loss, Task.CLASSES, COUNTS) == pytest.approx(expected, rel=1e-5)


def test_of_two_classes_the_rarer_counts_as_often_more_as_it_is_rarer():
    surprise = -np.log(chances(Task.BINARY)[np.arange(N), BINARY])
    by_hand = (surprise * np.where(BINARY == 1, 9.0, 1.0)).mean()
    loss = CrossEntropy(class_weights="balanced")
    assert computed(loss, Task.BINARY, (90, 10)) == pytest.approx(by_hand, rel=1e-5)


@both
@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0, 5.0])
def test_focal_loss_is_that_of_the_formula(task, gamma):
    p = chances(task)[np.arange(N), truth_of(task)]
    by_hand = (-((1 - p) ** gamma) * np.log(p)).mean()
    assert computed(Focal(gamma=gamma), task) == pytest.approx(by_hand, rel=1e-5)


@both
def test_focal_loss_without_focus_is_cross_entropy(task):
    assert computed(Focal(gamma=0), task) == pytest.approx(computed(CrossEntropy(), task), rel=1e-6)


def test_focal_loss_without_focus_is_weighted_as_cross_entropy_is():
    weighted = {"class_weights": "balanced"}
    ours = computed(Focal(gamma=0, **weighted), Task.CLASSES, COUNTS)
    assert ours == pytest.approx(computed(CrossEntropy(**weighted), Task.CLASSES, COUNTS), rel=1e-6)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
def test_the_gradient_of_focal_loss_is_finite_where_nothing_is_left_to_learn(gamma):
    z = torch.tensor([[300.0, 0.0], [0.0, 300.0], [0.0, 0.0]], requires_grad=True)
    Focal(gamma=gamma).call(Task.CLASSES).build()(z, torch.tensor([0, 0, 1])).backward()
    assert torch.isfinite(z.grad).all()


@both
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_kl_divergence_is_that_of_scipy(task, share):
    by_hand = rel_entr(smoothed(task, share), chances(task)).sum(1).mean()
    assert computed(KLDivergence(label_smoothing=share), task) == pytest.approx(by_hand, rel=1e-5)


def test_kl_divergence_pulls_as_smoothed_cross_entropy_does():
    gradients = []
    for loss in (KLDivergence(label_smoothing=0.2), CrossEntropy(label_smoothing=0.2)):
        z = torch.from_numpy(SCORES).clone().requires_grad_()
        loss.call(Task.CLASSES).build()(z, torch.from_numpy(CLASSES)).backward()
        gradients.append(z.grad)
    torch.testing.assert_close(*gradients)


def test_kl_divergence_of_the_smoothed_target_itself_is_nothing():
    z = torch.from_numpy(np.log(smoothed(Task.CLASSES, 0.1))).float()
    loss = KLDivergence(label_smoothing=0.1).call(Task.CLASSES).build()
    assert loss(z, torch.from_numpy(CLASSES)).item() == pytest.approx(0, abs=1e-6)


def test_one_against_all_is_the_mean_of_a_log_loss_for_each_class():
    each = [log_loss(np.equal(CLASSES, k), expit(SCORES[:, k]), labels=[False, True]) for k in range(K)]
    assert computed(OneAgainstAll(), Task.CLASSES) == pytest.approx(np.mean(each), rel=1e-5)


def test_balanced_one_against_all_gives_a_class_the_weight_of_all_the_others():
    right, p = np.eye(K)[CLASSES], expit(SCORES)
    ratios = (40 - np.array(COUNTS)) / np.array(COUNTS)
    by_hand = -(ratios * right * np.log(p) + (1 - right) * np.log(1 - p)).mean()
    loss = OneAgainstAll(class_weights="balanced")
    assert computed(loss, Task.CLASSES, COUNTS) == pytest.approx(by_hand, rel=1e-5)


def test_cosine_distance_is_that_of_scipy():
    by_hand = np.mean([cosine(z, axis) for z, axis in zip(SCORES, np.eye(K)[CLASSES], strict=True)])
    assert computed(CosineDistance(), Task.CLASSES) == pytest.approx(by_hand, rel=1e-5)


def test_cosine_distance_does_not_care_for_length():
    loss = CosineDistance().call(Task.CLASSES).build()
    y = torch.from_numpy(CLASSES)
    torch.testing.assert_close(loss(torch.from_numpy(SCORES), y), loss(9 * torch.from_numpy(SCORES), y))


@pytest.mark.parametrize("cls", [OneAgainstAll, CosineDistance])
def test_the_largest_chance_is_the_decision_where_chances_need_not_add_up(cls):
    shares = cls().confidence(torch.from_numpy(SCORES), Task.CLASSES)
    assert torch.equal(shares.argmax(1), torch.from_numpy(SCORES).argmax(1))


TOKEN_LOSSES = [
    CrossEntropy(),
    CrossEntropy(label_smoothing=0.2, class_weights="balanced"),
    Focal(),
    Focal(class_weights="balanced"),
    OneAgainstAll(),
    OneAgainstAll(class_weights="balanced"),
    KLDivergence(),
    CosineDistance(),
]


@pytest.mark.parametrize("loss", TOKEN_LOSSES, ids=repr)
def test_tokens_are_judged_as_classes_are_where_something_is_asked(loss):
    z = torch.from_numpy(SCORES).reshape(N // STEPS, STEPS, K)
    y = torch.from_numpy(CLASSES).reshape(N // STEPS, STEPS).clone()
    y[:, 0] = -100
    asked = (y >= 0).flatten()
    of_tokens = loss.call(Task.TOKENS, COUNTS).build()(z, y)
    classes = torch.from_numpy(CLASSES)[asked]
    target = loss.head(Task.CLASSES, K).target
    right = nn.functional.one_hot(classes, K).float() if target is Target.ONE_HOT else classes
    of_classes = loss.call(Task.CLASSES, COUNTS).build()(torch.from_numpy(SCORES)[asked], right)
    torch.testing.assert_close(of_tokens, of_classes)


@pytest.mark.parametrize("loss", TOKEN_LOSSES, ids=repr)
def test_what_is_not_asked_has_no_gradient(loss):
    z = torch.from_numpy(SCORES).reshape(N // STEPS, STEPS, K).clone().requires_grad_()
    y = torch.from_numpy(CLASSES).reshape(N // STEPS, STEPS).clone()
    y[:, -1] = -100
    loss.call(Task.TOKENS, COUNTS).build()(z, y).backward()
    assert not z.grad[:, -1].any()
    assert z.grad[:, :-1].any()


def test_the_weights_of_a_run_are_counted_in_its_training_share():
    experiment = Experiment(
        data={"kind": "blobs", "classes": 4}, loss={"kind": "focal", "class_weights": "balanced"}
    )
    session = Session(experiment)
    counts = np.bincount(session.points["train"].y, minlength=4)
    expected = counts.sum() / (4 * counts)
    assert session.criterion.weight.numpy() == pytest.approx(expected, rel=1e-6)
    assert experiment.criterion() == experiment.criterion(session.points["train"])


def test_painting_other_points_counts_the_classes_anew():
    data = Own.like(datasets["blobs"](classes=3, n_points=60), 3)
    balanced = {"kind": "cross_entropy", "class_weights": "balanced"}
    session = Session(Experiment(data=data, loss=balanced, network=()))
    fewer = Own.like(datasets["blobs"](classes=3, n_points=40), 5)
    assert session.change(session.experiment.model_copy(update={"data": fewer}))
    counts = np.bincount(session.points["train"].y, minlength=3)
    assert session.criterion.weight.numpy() == pytest.approx(counts.sum() / (3 * counts), rel=1e-6)
