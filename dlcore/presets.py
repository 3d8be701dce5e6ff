"""Experiments worth a look, each with the question it asks."""

from __future__ import annotations

from dataclasses import dataclass

from dlcore.activations import ELU, Activation, ReLU, Sigmoid, Sine, Step, Tanh
from dlcore.data import Feature, features
from dlcore.data.points import (
    Blobs,
    Checkerboard,
    Circle,
    GaussianBumps,
    Heart,
    Moons,
    Rings,
    Ripple,
    Spiral,
    TwoGaussians,
    Xor,
)
from dlcore.data.split import Split
from dlcore.experiment import Experiment, Seeds
from dlcore.initializers import He, Uniform, Zeros
from dlcore.layers import Dense, Dropout
from dlcore.losses import MeanSquared
from dlcore.optimizers import SGD, Adam
from dlcore.regularisation import Regularisation
from dlcore.schedules import WarmupCosine


@dataclass(frozen=True)
class Preset:
    """An experiment with a name and the question that makes it worth trying."""

    name: str
    question: str
    experiment: Experiment
    epochs: int = 80
    """How many epochs its thumbnail is trained."""


def _dense(units: int, activation: Activation, n_layers: int = 1) -> tuple[Dense, ...]:
    return (Dense(units=units, activation=activation),) * n_layers


def _inputs(*kinds: str) -> tuple[Feature, ...]:
    return tuple(features[kind]() for kind in kinds)


NOISY = Experiment(
    data=Moons(n_points=300, noise=0.35),
    split=Split(train=40, validation=20),
    network=_dense(40, ReLU(), 3),
    optimizer=Adam(learning_rate=0.003),
)
DEEP_SIGMOID = Experiment(data=Circle(), network=_dense(6, Sigmoid(), 6), optimizer=SGD(learning_rate=0.1))

PRESETS = (
    Preset(
        "XOR without a hidden layer",
        "One straight line cannot part opposite corners.  How many neurons does it take?",
        Experiment(data=Xor(), network=(), optimizer=SGD()),
    ),
    Preset(
        "Features instead of depth",
        "With sin x₁ and sin x₂ for inputs, how small a network learns the spiral?",
        Experiment(
            data=Spiral(),
            inputs=_inputs("x1", "x2", "sin_x1", "sin_x2"),
            network=_dense(6, Tanh()),
            optimizer=Adam(),
        ),
        150,
    ),
    Preset(
        "A rate that is too high",
        "The loss leaps about and never settles.  Lower the learning rate while it runs.",
        Experiment(data=Circle(), network=_dense(4, Tanh()), optimizer=SGD(learning_rate=9.0)),
    ),
    Preset(
        "One straight line",
        "Two clouds need no hidden layer.  What do the two weights and the bias mean?",
        Experiment(data=TwoGaussians(), network=(), optimizer=SGD()),
    ),
    Preset(
        "XOR with four neurons",
        "Each hidden neuron draws a line of its own.  Can you find all of them?",
        Experiment(data=Xor(), network=_dense(4, Tanh()), optimizer=Adam()),
    ),
    Preset(
        "A rate that explodes",
        "Steps grow until a number is too large to write.  Which layer goes first, and at which step?",
        Experiment(
            data=Ripple(), network=_dense(8, ReLU(), 3), loss=MeanSquared(), optimizer=SGD(learning_rate=10.0)
        ),
        5,
    ),
    Preset(
        "Dead ReLUs",
        "A few steps that are too long, and most neurons answer 0 for ever.  What brings them back?",
        Experiment(data=Circle(), network=_dense(8, ReLU(), 3), optimizer=SGD(learning_rate=3.0)),
        20,
    ),
    Preset(
        "Vanishing gradients",
        "Six layers of sigmoids: why does the first one hardly move?  Try ELU.",
        DEEP_SIGMOID,
        40,
    ),
    Preset(
        "The same depth with ELU",
        "Six layers again, and they learn.  What is different about the slope?",
        DEEP_SIGMOID.model_copy(update={"network": _dense(6, ELU(), 6), "init": He()}),
        40,
    ),
    Preset(
        "All weights start at zero",
        "Nothing tells the neurons apart.  What is the least that would?",
        Experiment(data=Circle(), network=_dense(6, Tanh(), 2), init=Zeros(), optimizer=SGD()),
        20,
    ),
    Preset(
        "A step cannot learn",
        "The first artificial neurons fired or did not.  Why was that hard to train?",
        Experiment(data=Heart(), network=_dense(8, Step(), 2), optimizer=SGD()),
    ),
    Preset(
        "Learning the noise by heart",
        "The loss in training falls, the one on new points rises.  From which epoch on?",
        NOISY,
        150,
    ),
    Preset(
        "Dropout against it",
        "The same net and points, with half of the neurons silenced at each step.  Is the map smoother?",
        NOISY.model_copy(
            update={"network": tuple(each for layer in NOISY.network for each in (layer, Dropout(p=0.5)))}
        ),
        150,
    ),
    Preset(
        "Too few points",
        "Twelve points to learn from.  What does the net make up between them?",
        Experiment(
            data=Circle(n_points=40, noise=0.2),
            split=Split(train=30, validation=10),
            network=_dense(16, Tanh(), 2),
            optimizer=Adam(),
        ),
        150,
    ),
    Preset(
        "Rolling through a ravine",
        "x₁² is up to 25 times as large as x₁: a narrow valley.  What does momentum do?  Set it to 0.",
        Experiment(
            data=Circle(noise=0.2),
            inputs=_inputs("x1", "x2", "x1_squared", "x2_squared"),
            network=(),
            optimizer=SGD(learning_rate=0.01, momentum=0.95),
            batch_size=250,
        ),
        100,
    ),
    Preset(
        "Waves on a checkerboard",
        "Sines repeat by themselves.  How does a net of ReLUs fare with as many neurons?",
        Experiment(
            data=Checkerboard(n_points=1000),
            network=_dense(16, Sine(), 2),
            init=Uniform(a=0.5),
            optimizer=Adam(learning_rate=0.01),
        ),
        100,
    ),
    Preset(
        "L1 clears the board",
        "Ten inputs, and only two are needed.  Which weights are left?",
        Experiment(
            data=Circle(),
            inputs=tuple(cls() for cls in features),
            network=(),
            regularisation=Regularisation(l1=0.05, how="decoupled decay"),
            optimizer=SGD(learning_rate=0.03),
        ),
        150,
    ),
    Preset(
        "Warm up first",
        "The rate rises for 20 epochs and then sinks.  Take the rise away: what becomes of the ReLUs?",
        Experiment(
            data=Moons(),
            network=_dense(12, ReLU(), 4),
            optimizer=SGD(learning_rate=1.0),
            schedule=WarmupCosine(warmup=20, epochs=80),
            seeds=Seeds(init=4, batches=4),
        ),
    ),
    Preset(
        "Six clouds, six classes",
        "Each class has an output of its own.  Where is the network unsure?",
        Experiment(data=Blobs(classes=6, noise=0.15), network=_dense(8, ELU(), 2)),
    ),
    Preset(
        "Three rings, three classes",
        "Straight edges make a ring.  Which neurons find them?",
        Experiment(data=Rings(), network=_dense(8, ELU(), 2)),
    ),
    Preset(
        "Hills and hollows",
        "Not classes but values: the map becomes a landscape.",
        Experiment(data=GaussianBumps(), network=_dense(12, Tanh(), 2), loss=MeanSquared(), optimizer=Adam()),
        150,
    ),
    Preset(
        "A ripple from its radius",
        "Given only the distance from the middle, it is a curve.  Give x₁ and x₂ instead: how much harder?",
        Experiment(
            data=Ripple(),
            inputs=_inputs("radius"),
            network=_dense(8, Tanh(), 2),
            loss=MeanSquared(),
            optimizer=Adam(),
        ),
        100,
    ),
)
TRY = PRESETS[:3]
"""Three things to try, in the open; the others are in the gallery."""
