import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_score, recall_score

from dlcore.charts import boundary, confusion, spaces
from dlcore.charts.theme import DARK, LIGHT
from dlcore.data import Task
from dlcore.experiment import Experiment
from dlcore.probes import probes
from dlcore.training.session import Session

RNG = np.random.default_rng(0)
TRUTH, ANSWER = RNG.integers(0, 4, 300).astype(np.float32), RNG.integers(0, 4, 300).astype(np.float32)


def test_a_layer_is_drawn_in_space_with_titled_axes_and_a_grid():
    session = Session(Experiment(data="rings"))
    record = probes["solids"]().read(session)
    figure = spaces.solid(record, 1, session.points["train"].y, session.experiment.data.task, LIGHT)
    assert [trace.type for trace in figure.data] == ["scatter3d"] * 4
    assert len({trace.marker.symbol for trace in figure.data[1:]}) == 3, "classes differ in shape, too"
    scene = figure.layout.scene
    assert all(axis.title.text for axis in (scene.xaxis, scene.yaxis, scene.zaxis))
    assert scene.uirevision == "keep"


def test_the_matrix_is_that_of_scikit_learn():
    assert (confusion.matrix(TRUTH, ANSWER, 4) == confusion_matrix(TRUTH, ANSWER)).all()


def test_precision_and_recall_are_those_of_scikit_learn():
    precision, recall = confusion.precision_and_recall(confusion.matrix(TRUTH, ANSWER, 4))
    assert precision == pytest.approx(precision_score(TRUTH, ANSWER, average=None))
    assert recall == pytest.approx(recall_score(TRUTH, ANSWER, average=None))


def test_a_class_that_is_never_answered_has_no_precision():
    precision, recall = confusion.precision_and_recall(np.array([[3, 0], [2, 0]]))
    assert np.isnan(precision[1])
    assert recall.tolist() == [1.0, 0.0]


CASES = {"spiral": "cross_entropy", "rings": "cross_entropy", "ripple": "mean_squared"}


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("kind", CASES)
def test_real_records_are_drawn_with_titled_axes(kind, theme):
    e = Experiment(data=kind, loss=CASES[kind])
    session = Session(e)
    session.advance(50)
    task, n_classes = e.data.task, e.data.n_classes
    mistakes = probes["mistakes"]().read(session)
    figures = [
        confusion.figure(mistakes, task, e.data.class_names, theme),
        spaces.figure(probes["spaces"]().read(session), 1, session.points["train"].y, task, theme),
        *(
            boundary.figure(probes["boundary"]().read(session), task, n_classes, theme, how=how)
            for how in ("answer", "decision", "unsure")
        ),
        boundary.neuron_figure(probes["neurons"]().read(session), 5, "answer", theme),
    ]
    for figure in figures:
        assert figure.layout.xaxis.title.text
        assert figure.layout.yaxis.title.text
        assert figure.to_json()


def test_a_cross_is_on_every_mistake_and_on_nothing_else():
    session = Session(Experiment())
    session.advance(100)
    record = probes["mistakes"]().read(session)
    trace = boundary.mistakes(record, Task.BINARY, ("train", "test"), LIGHT)
    accuracy = session.evaluate()
    n_train, n_test = len(session.points["train"]), len(session.points["test"])
    wrong = round(n_train * (1 - accuracy.train_score)) + round(n_test * (1 - accuracy.test_score))
    assert len(trace.x) == wrong


def test_the_decision_leaves_nothing_between():
    record = {"value": np.linspace(-1, 1, 64 * 64, dtype=np.float32).reshape(64, 64)}
    z = boundary.figure(record, Task.BINARY, 2, LIGHT, how="decision").data[0].z
    assert set(np.unique(z)) == {-1.0, 1.0}
