"""Lessons that come with the playground: each an experiment, what to do, and a goal that can be reached."""

from __future__ import annotations

from dataclasses import dataclass

from dlcore.activations import Tanh
from dlcore.data.points import Circle, Spiral, Xor
from dlcore.experiment import Experiment
from dlcore.layers import Dense
from dlcore.lesson import Goal, Lesson
from dlcore.optimizers import SGD, Adam

REST = ("loss", "schedule", "regularisation", "start", "batch_size")


@dataclass(frozen=True)
class Ready:
    """A lesson and the experiment it begins with."""

    lesson: Lesson
    experiment: Experiment


LESSONS = (
    Ready(
        Lesson(
            name="Why hidden layers",
            text="Press **Play**: without a hidden layer the network draws one straight line, and two of the "
            "four corners stay wrong.  Press **+ layer** on the diagram, give it neurons with **+** and "
            "**−**, and play again.  What is the least that does it?",
            goal=Goal(threshold=0.95, neurons=4),
            hidden=REST,
            locked=("data",),
        ),
        Experiment(data=Xor(noise=0.05), network=(), optimizer=Adam(learning_rate=0.03)),
    ),
    Ready(
        Lesson(
            name="A rate that fits",
            text="The **learning rate** is how far each step goes.  This one is too small: the loss hardly "
            "falls.  Find one that gets there in 40 epochs; press **Reset** before each try.  What do you "
            "see when it is too large?",
            goal=Goal(measure="test_loss", comparison="under", threshold=0.1, epochs=40),
            hidden=REST,
            locked=("data", "diagram", "optimizer"),
        ),
        Experiment(
            data=Circle(), network=(Dense(units=6, activation=Tanh()),), optimizer=SGD(learning_rate=0.001)
        ),
    ),
    Ready(
        Lesson(
            name="Features instead of depth",
            text="A spiral takes a deep network, or **inputs** that fit.  Switch some on at the left of the "
            "diagram and find those with which one small layer is enough.",
            goal=Goal(threshold=0.9, neurons=8, layers=1),
            hidden=REST,
            locked=("data",),
        ),
        Experiment(
            data=Spiral(), network=(Dense(units=8, activation=Tanh()),), optimizer=Adam(learning_rate=0.01)
        ),
    ),
)
