"""Experiments worth a look, each with the question it asks."""

from __future__ import annotations

from dataclasses import dataclass

from dlcore.activations import ELU, ReLU, Tanh
from dlcore.data import features
from dlcore.data.points import Circle, GaussianBumps, Rings, Spiral, Xor
from dlcore.experiment import Experiment
from dlcore.layers import Dense
from dlcore.losses import MeanSquared
from dlcore.optimizers import SGD, Adam


@dataclass(frozen=True)
class Preset:
    """An experiment with a name and the question that makes it worth trying."""

    name: str
    question: str
    experiment: Experiment


PRESETS = (
    Preset(
        "XOR without a hidden layer",
        "A single line cannot part opposite corners.  How many neurons does it take?",
        Experiment(data=Xor(), network=(), optimizer=SGD()),
    ),
    Preset(
        "Features instead of depth",
        "With sin x₁ and sin x₂ for inputs, how small a network learns the spiral?",
        Experiment(
            data=Spiral(),
            inputs=tuple(features[kind]() for kind in ("x1", "x2", "sin_x1", "sin_x2")),
            network=(Dense(units=6, activation=Tanh()),),
            optimizer=Adam(),
        ),
    ),
    Preset(
        "A rate that is too high",
        "The loss leaps about and never settles.  Lower the learning rate while it runs.",
        Experiment(
            data=Circle(), network=(Dense(units=4, activation=ReLU()),), optimizer=SGD(learning_rate=3.0)
        ),
    ),
    Preset(
        "Three rings, three classes",
        "Each class has an output of its own.  Which neurons find the edges?",
        Experiment(data=Rings(), network=(Dense(units=8, activation=ELU()),) * 2),
    ),
    Preset(
        "Hills and hollows",
        "Not classes but values: the map becomes a landscape.",
        Experiment(
            data=GaussianBumps(),
            network=(Dense(units=12, activation=Tanh()),) * 2,
            loss=MeanSquared(),
            optimizer=Adam(),
        ),
    ),
)
