import numpy as np
import pytest
import torch
from sklearn import metrics
from sklearn.calibration import calibration_curve

from dlcore.data import Task
from dlcore.probes import opened, probes
from dlcore.probes.answers import answers
from dlcore.probes.quality import calibration, confusion, roc
from dlcore.training.session import Session
from tests.probes.cases import AHEAD, IMAGES, TOKENS


def random_answers(n=400):
    rng = np.random.default_rng(4)
    truth = rng.random(n) < 0.3
    share = np.clip(rng.normal(0.4 + 0.2 * truth, 0.2), 0, 1).round(2)  # rounded, so that there are ties
    return truth, share


def test_a_roc_curve_and_its_area_are_scikit_learns():
    truth, share = random_answers()
    corners, area = roc(truth, share)
    assert area == pytest.approx(metrics.roc_auc_score(truth, share))
    false, true, _ = metrics.roc_curve(truth, share, drop_intermediate=False)
    curve = np.stack([false, true], 1)
    assert all(np.abs(curve - corner).sum(1).min() < 1e-12 for corner in corners)
    assert corners[0].tolist() == [0, 0]
    assert corners[-1].tolist() == [1, 1]


@pytest.mark.parametrize("truth", [[True, True], [False, False], []])
def test_there_is_no_roc_curve_without_both_classes(truth):
    _, area = roc(np.array(truth, bool), np.linspace(0, 1, len(truth)))
    assert np.isnan(area)


def test_calibration_is_scikit_learns():
    truth, share = random_answers()
    mean, accuracy, count = calibration(truth, share).T
    # scikit-learn's bins are closed on the other side: numbers on an edge are left out
    inside = np.abs(share * 10 - np.round(share * 10)) > 1e-9
    mean, accuracy, count = calibration(truth[inside], share[inside]).T
    expected, predicted = calibration_curve(truth[inside], share[inside], n_bins=10)
    np.testing.assert_allclose(accuracy[count > 0], expected)
    np.testing.assert_allclose(mean[count > 0], predicted)
    assert count.sum() == inside.sum()


def test_a_confusion_matrix_is_scikit_learns_and_what_is_left_out_is_counted():
    rng = np.random.default_rng(5)
    truth, answer = rng.integers(0, 6, (2, 300))
    classes = np.array([0, 2, 3, 5])
    counts, elsewhere = confusion(truth, answer, classes)
    expected = metrics.confusion_matrix(truth, answer, labels=range(6))
    np.testing.assert_array_equal(counts, expected[np.ix_(classes, classes)])
    np.testing.assert_array_equal(elsewhere, expected[classes][:, [1, 4]].sum(1))


@pytest.mark.parametrize("experiment", [IMAGES, TOKENS])
def test_what_is_read_of_a_session_is_scikit_learns_of_its_answers(experiment):
    session = Session(experiment)
    session.advance(30)
    record = probes["quality"]().read(session)
    data = session.tensors["test"]
    with torch.no_grad():
        shares = session.network.module.eval()(data.x).softmax(-1).numpy()
    session.network.module.train()
    truth = data.truth.numpy()
    asked = truth >= 0
    truth, shares = truth[asked], shares[asked]
    classes = range(shares.shape[1])
    np.testing.assert_array_equal(
        record["confusion"], metrics.confusion_matrix(truth, shares.argmax(1), labels=classes)
    )
    for k, area in zip(record["curve"], record["area"], strict=True):
        assert area == pytest.approx(metrics.roc_auc_score(truth == k, shares[:, k]), abs=1e-5)
    assert record["count"].tolist() == [len(truth)]


def test_several_values_are_judged_each_by_itself():
    session = Session(AHEAD)
    session.advance(50)
    record = probes["quality"]().read(session)
    data = session.tensors["test"]
    with torch.no_grad():
        answer = session.network.module.eval()(data.x).numpy()
    session.network.module.train()
    expected = metrics.r2_score(data.truth.numpy(), answer, multioutput="raw_values")
    np.testing.assert_allclose(record["determination"], expected, rtol=1e-4)
    assert record["which"][:4].tolist() == [0, 1, 2, 0]
    np.testing.assert_allclose(record["answer"], answer.ravel(), rtol=1e-5)


def test_the_worst_come_first_and_confident_mistakes_are_mistakes():
    session = Session(IMAGES)
    session.advance(4)
    truth, answer, shares = (each.numpy() for each in answers(session))
    of_truth = shares[np.arange(len(truth)), truth]
    worst = opened("worst?order=0").read(session)
    assert worst["sample"][0] == of_truth.argmin()
    assert (np.diff(worst["surprise"]) <= 0).all()
    np.testing.assert_allclose(worst["surprise"], -np.log(of_truth[worst["sample"]]), rtol=1e-4)
    sure = opened("worst?order=1").read(session)
    assert (sure["truth"] != sure["answer"]).all()
    assert sure["share"][0] == pytest.approx(shares.max(1)[truth != answer].max())
    assert sure["count"].tolist() == [len(truth), int((truth != answer).sum())]


def test_of_values_the_worst_are_furthest_off():
    session = Session(AHEAD)
    record = opened("worst").read(session)
    truth, answer, _ = (each.numpy() for each in answers(session))
    off = np.square(truth - answer).mean(1)
    assert record["sample"][0] == off.argmax()
    assert np.isnan(record["share"]).all()


@pytest.mark.parametrize("experiment", [IMAGES, TOKENS, AHEAD])
def test_mistakes_are_one_answer_after_the_other(experiment):
    session = Session(experiment)
    record = probes["mistakes"]().read(session)
    truth = np.concatenate(
        [session.tensors[share].truth.numpy().ravel() for share in ("train", "validation", "test")]
    )
    if experiment.data.task is Task.TOKENS:
        truth = truth[truth >= 0]
    np.testing.assert_array_equal(record["truth"], truth.astype(np.float32))
    assert len(record["answer"]) == len(record["share"]) == len(truth)
