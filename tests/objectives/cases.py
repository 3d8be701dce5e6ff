"""Experiments for every objective: a class without one here fails the tests."""

from dlcore.activations import Linear, ReLU
from dlcore.data import Digits, Iris, Spiral
from dlcore.data.features import X1, X2
from dlcore.data.points import Moons
from dlcore.data.text import SurnameLetters
from dlcore.experiment import Experiment
from dlcore.layers import GRU, Conv2d, Dense, Dropout, Embedding, Flatten, GaussianCode, TransformerBlock
from dlcore.losses import Huber, MeanSquared
from dlcore.objectives import Adversarial, NextToken, Reconstruction, Variational
from dlcore.optimizers import Adam

DIGITS = Digits(n_images=200)


def stack(*code):
    return (Flatten(), Dense(units=12, activation=ReLU()), *code, Dense(units=12, activation=ReLU()))


TWO = Dense(units=2, activation=Linear())


def given_back(objective, *code, **settings):
    return Experiment(
        data=DIGITS, network=stack(*code), objective=objective, **{"loss": MeanSquared(), **settings}
    )


PAIR = (Dense(units=8, activation=ReLU()),)


def game(data=Moons(n_points=200), **settings):  # noqa: B008  # it cannot change
    return Experiment(
        data=data,
        inputs=(X1(), X2()),
        network=PAIR,
        objective=Adversarial(discriminator=PAIR, **settings),
        loss=MeanSquared(),
        optimizer=Adam(learning_rate=0.01),
        batch_size=24,
    )


def foretold(*network):
    return Experiment(data=SurnameLetters(n_each=20), network=network, objective=NextToken())


CASES = {
    "adversarial": (
        game(),
        game(game="minimax", statistics=True, uniform=True, latent=3),
        game(game="Wasserstein", penalty=1.0, steps=3, optimizer="sgd"),
        game(game="least squares", spectral=True, every=2),
        game(DIGITS, statistics=True, spectral=True),
    ),
    "supervised": (Experiment(network=(Dense(units=4),)), Experiment(data=Iris(), network=(Dense(units=4),))),
    "reconstruction": (
        given_back(Reconstruction(), TWO),
        given_back(Reconstruction(noise=0.3, mask=0.2), TWO, loss=Huber(), batch_size=32),
        given_back(Reconstruction(), TWO, optimizer="lbfgs"),
        given_back(Reconstruction(), TWO, regularisation={"l2": 0.01, "average": "EMA"}, schedule="cosine"),
        Experiment(
            data=DIGITS,
            network=(Conv2d(channels=2), Flatten(), TWO),
            objective=Reconstruction(),
            loss=MeanSquared(),
        ),
        Experiment(data=Iris(), network=(TWO,), objective=Reconstruction(noise=0.1), loss=MeanSquared()),
        Experiment(data=Spiral(), network=(Dense(units=1),), objective=Reconstruction(), loss=MeanSquared()),
    ),
    "next_token": (
        foretold(Embedding(size=8), TransformerBlock(heads=2, causal=True)),
        foretold(Embedding(size=6), GRU(units=8, keep="all steps"), Dropout(p=0.2)),
    ),
    "variational": (
        given_back(Variational(), GaussianCode()),
        given_back(Variational(beta=1.5), GaussianCode(units=3), split={"validation": 0}),
    ),
}
ALL = [(kind, i) for kind, cases in CASES.items() for i in range(len(cases))]
