import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from dlcore.data import Task, datasets
from dlcore.data.tables import Fraud

REAL = {"iris": load_iris, "wine": load_wine, "breast_cancer": load_breast_cancer, "diabetes": load_diabetes}


@pytest.mark.parametrize("kind", list(REAL))
def test_a_real_table_is_that_of_sklearn_with_a_name_for_every_column_and_class(kind):
    data, found = datasets[kind](), REAL[kind]()
    x, y = data.draw(1)
    np.testing.assert_array_equal(x, found.data.astype(np.float32))
    np.testing.assert_array_equal(y, found.target)
    assert x.shape == (data.size, *data.sample_shape)
    assert len(data.columns) == x.shape[1] == len(set(data.columns))
    assert len(data.class_names) == data.n_classes == (0 if kind == "diabetes" else len(set(y)))
    assert data.task is (Task.REGRESSION if kind == "diabetes" else data.task)


def test_the_columns_of_iris_and_of_breast_cancer_stand_in_sklearn_s_order():
    assert [name.replace(" (cm)", "") for name in load_iris().feature_names] == list(datasets["iris"].columns)
    theirs = [name.replace(" error", "").replace("worst ", "") for name in load_breast_cancer().feature_names]
    ours = [name.replace("error of ", "").replace("worst ", "") for name in datasets["breast_cancer"].columns]
    assert ours == theirs


@pytest.mark.parametrize("positives", [1, 5, 20])
def test_as_many_payments_are_fraud_as_asked_for(positives):
    _, y = Fraud(n_rows=3000, positives=positives).draw(4)
    assert y.sum() == 3000 * positives / 100
    assert y[: len(y) // 2].sum() < y.sum(), "they are mixed among the others"


def test_there_is_always_a_fraud_to_be_found():
    _, y = Fraud(n_rows=100, positives=1).draw(1)
    assert y.sum() == 2


def test_the_seed_alone_decides_the_payments():
    (x, y), (again, same), (other, _) = Fraud().draw(1), Fraud().draw(1), Fraud().draw(2)
    assert np.array_equal(x, again)
    assert np.array_equal(y, same)
    assert not np.array_equal(x, other)


def test_a_few_columns_tell_fraud_and_the_others_do_not():
    x, y = Fraud(n_rows=5000, positives=20, disguised=0).draw(1)
    separation = [abs(roc_auc_score(y, column) - 0.5) for column in x.T]
    assert min(separation[i] for i in (0, 1, 2, 3, 4, 5)) > 0.15
    assert max(separation[i] for i in (6, 7, 8)) < 0.03


def test_disguised_fraud_is_harder_to_find():
    def found(disguised):
        x, y = Fraud(n_rows=5000, positives=10, disguised=disguised).draw(1)
        x = (x - x.mean(0)) / x.std(0)
        return roc_auc_score(y, LogisticRegression().fit(x, y).decision_function(x))

    assert found(0) > 0.97 > found(30) > found(60) > 0.6
