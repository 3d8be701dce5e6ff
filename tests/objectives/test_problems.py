"""What an objective refuses, and that its remedy mends it."""

import pytest

from dlcore.data import Digits, datasets
from dlcore.experiment import Experiment
from dlcore.layers import GRU, Conv2d, Embedding, Flatten, GaussianCode, Residual, SelfAttention
from dlcore.link import nearest
from dlcore.objectives import Reconstruction, Variational
from dlcore.stack import rows
from tests.objectives.cases import TWO, foretold, given_back


@pytest.mark.parametrize(
    ("e", "where"),
    [
        (
            Experiment(
                data=datasets["surnames"](), network=(Embedding(), Flatten()), objective=Reconstruction()
            ),
            "Objective",
        ),
        (given_back(Reconstruction(), TWO, loss="cross_entropy"), "Loss"),
        (given_back(Reconstruction(), TWO, augmentation={"flip": True}), "Augmentation"),
        (given_back(Reconstruction(noise=0.1), TWO, optimizer="lbfgs"), "Optimizer"),
        (given_back(Variational(), TWO), "Network"),
        (given_back(Variational(), GaussianCode(off=True)), "Network"),
        (
            Experiment(
                data=Digits(),
                network=(Conv2d(channels=1, stride=4), Conv2d()),
                objective=Variational(),
                loss="mean_squared",
            ),
            "Network",
        ),
        (foretold(Embedding(), Residual(inside=(SelfAttention(),))), "Network"),
        (foretold(Embedding(), GRU(keep="all steps", both_ways=True)), "Network"),
        (foretold(Embedding()).model_copy(update={"data": Digits()}), "Objective"),
    ],
    ids=[
        "tokens",
        "loss",
        "augmentation",
        "search",
        "no code",
        "code is off",
        "images",
        "attention ahead",
        "reading backwards",
        "no text",
    ],
)
def test_what_does_not_fit_is_refused_in_words_and_mended_by_its_remedy(e, where):
    problem = e.problems()[0]
    assert problem.where == where
    assert problem.what.endswith(".")
    assert problem.next.endswith(".")
    mended = e
    for _ in range(6):
        found = mended.problems()
        if not found:
            break
        mended = mended.model_copy(update=dict(found[0].remedy))
    assert mended.problems() == []


def test_a_gaussian_code_takes_the_place_of_the_narrowest_dense_layer():
    e = given_back(Variational(), TWO)
    mended = e.model_copy(update=dict(e.problems()[0].remedy))
    assert [each.kind_name() for each in mended.network] == [
        "flatten", "dense", "gaussian_code", "dense",
    ]  # fmt: skip
    assert rows(mended)[2].after == (2,)


def test_an_objective_from_outside_that_nobody_knows_is_set_aside():
    opened = nearest({"objective": "guessing"})
    assert opened.experiment == Experiment()
    assert opened.set_aside
