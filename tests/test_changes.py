import pytest

from dlcore.changes import label
from dlcore.data import Own
from dlcore.experiment import Experiment, with_value

DEEP = Experiment(network=({"kind": "dense"}, {"kind": "dropout", "p": 0.2}))


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("optimizer.learning_rate", 0.01, "learning rate 0.003 → 0.01"),
        ("optimizer", {"kind": "sgd"}, "optimizer Adam → SGD"),
        ("network.1.p", 0.5, "dropout 0.2 → 0.5"),
        ("regularisation.l2", 1e-4, "L2 0 → 0.0001"),
        ("batch_size", 3, "batch size 10 → 3"),
        ("schedule", "cosine", "schedule Constant → Cosine"),
        ("stop.epochs", 50, ""),
        ("seeds.init", 7, "init seed 1 → 7"),
        ("network.0.units", 6, "layer 1 units 4 → 6"),
        ("network.1", {"kind": "dense", "units": 3}, "layer 2 Dropout → 3 Tanh"),
        ("network", ({"kind": "dense"},), "network (4 Tanh, Dropout) → (4 Tanh)"),
        ("inputs", ({"kind": "x1"},), "inputs (x₁, x₂) → (x₁)"),
        ("silenced", ({"layer": 0, "unit": 1},), "silenced () → 1"),
    ],
)
def test_a_label_says_what_changed_from_what_to_what(path, value, words):
    assert label(DEEP, with_value(DEEP, path, value)) == words


def test_many_changes_at_once_are_cut_short():
    other = Experiment(network=DEEP.network, batch_size=3, regularisation={"l1": 0.1, "l2": 0.1})
    assert label(DEEP, other) == "L1 0 → 0.1, L2 0 → 0.1 and 1 more"


def test_as_many_changes_are_named_as_are_asked_for():
    other = Experiment(network=DEEP.network, batch_size=3, regularisation={"l1": 0.1, "l2": 0.1})
    assert label(DEEP, other, named=3) == "L1 0 → 0.1, L2 0 → 0.1, batch size 10 → 3"


def test_packed_points_are_not_spelt_out():
    one = Own()
    two = Own(points=one.points[: len(one.points) // 2 // 16 * 16])
    assert label(Experiment(data=one), Experiment(data=two)) == "other points"
