"""Every lesson that comes with the playground begins short of its goal, and its goal can be reached."""

import pytest

from dlcore.data import features
from dlcore.experiment import with_value
from dlcore.layers import Dense
from dlcore.lesson import decode, encode
from dlcore.lessons import LESSONS
from dlcore.training.session import Session

EPOCHS = 150
ANSWERS = {
    "Why hidden layers": {"network": (Dense(units=4),)},
    "A rate that fits": {"optimizer.learning_rate": 0.3},
    "Features instead of depth": {
        "inputs": tuple(features[kind]() for kind in ("x1", "x2", "sin_x1", "sin_x2"))
    },
}


def verdict(ready, experiment):
    session = Session(experiment)
    goal = ready.lesson.goal
    for _ in range(goal.epochs or EPOCHS):
        session.advance_epoch()
    measured = session.evaluate()
    return goal.judge(experiment, session.epoch, {goal.measure: getattr(measured, goal.measure)})


def answered(ready):
    experiment = ready.experiment
    for path, value in ANSWERS[ready.lesson.name].items():
        assert ready.lesson.allows_setting(path)
        experiment = with_value(experiment, path, value)
    return experiment


@pytest.mark.parametrize("ready", LESSONS, ids=lambda ready: ready.lesson.name)
def test_a_lesson_is_not_done_before_anything_is_changed(ready):
    assert ready.experiment.problems() == []
    assert not verdict(ready, ready.experiment).met


@pytest.mark.parametrize("ready", LESSONS, ids=lambda ready: ready.lesson.name)
def test_a_learner_who_finds_the_answer_reaches_the_goal(ready):
    found = verdict(ready, answered(ready))
    assert found.met, found


@pytest.mark.parametrize("ready", LESSONS, ids=lambda ready: ready.lesson.name)
def test_a_lesson_travels_in_its_link(ready):
    assert decode(encode(ready.lesson)) == (ready.lesson, "")
