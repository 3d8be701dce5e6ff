import numpy as np
import pytest

from dlcore.engine import State
from dlcore.engine.past import OVERHEAD_BYTES, Past
from dlcore.experiment import Experiment, with_value
from dlcore.link import loads
from dlcore.record import Record
from dlcore.training.session import Session
from tests.engine.conftest import WATCH, experiment, newest, until

SMALL = Experiment(data={"kind": "moons", "n_points": 60}, network=({"kind": "dense"},), batch_size=7)


def kept(session, n_moments, **bounds):
    past = Past(session, **bounds)
    for _ in range(n_moments):
        session.advance(1)
        past.add(session)
    return past


def after(n_steps, e=SMALL):
    session = Session(e)
    for _ in range(n_steps):
        session.advance(1)
    return session


def test_every_moment_is_a_checkpoint_to_the_last_bit():
    session = after(0)
    past = kept(session, 20)
    for step in (0, 1, 7, 20):
        record = Record.from_bytes(past.checkpoint(session, step).to_bytes())
        assert record.to_bytes() == after(step).checkpoint().to_bytes()


@pytest.mark.parametrize("n_moments", [3, 200, 700])
def test_moments_are_few_and_the_older_the_further_apart(n_moments):
    past = kept(after(0), n_moments, most=50)
    steps = past.arrays()["step"]
    assert len(steps) == min(50, n_moments + 1)
    assert (steps[0], steps[-1]) == (0, n_moments)
    gaps = np.diff(steps)
    third = len(gaps) // 3
    assert (gaps > 0).all()
    assert gaps[:third].mean() >= gaps[-third:].mean()
    if n_moments == 700:
        assert gaps[-5:].max() <= 4
        assert gaps[:third].mean() > 4 * gaps[-third:].mean()


def test_moments_hold_no_more_bytes_than_they_may():
    session = after(0)
    one = Past(session).moments[0].n_bytes
    past = kept(session, 40, most_bytes=10 * (one + OVERHEAD_BYTES))
    assert sum(moment.n_bytes for moment in past.moments) <= 10 * (one + OVERHEAD_BYTES)
    assert 5 < len(past.moments) < 40
    assert past.arrays()["step"][-1] == 40


def test_one_step_is_one_moment_and_going_back_forgets_what_came_after():
    session = after(0)
    past = kept(session, 10)
    past.add(session)
    assert list(past.arrays()["step"]) == list(range(11))
    session.restore(past.checkpoint(session, 4))
    past.add(session)
    assert list(past.arrays()["step"]) == list(range(5))
    past.start(session)
    assert list(past.arrays()["step"]) == [4]


def test_looking_back_leaves_the_run_alone():
    session = after(0)
    past = kept(session, 10)
    then = past.session_at(session, 3)
    assert then.checkpoint().to_bytes() == after(3).checkpoint().to_bytes()
    assert past.session_at(session, 8).step == 8
    session.advance(5)
    assert session.checkpoint().to_bytes() == after(15).checkpoint().to_bytes()


def test_a_moment_before_a_live_change_has_the_experiment_of_then():
    session = after(5)
    past = Past(session)
    session.change(with_value(SMALL, "batch_size", 3))
    session.advance(1)
    past.add(session)
    assert past.session_at(session, 5).experiment == SMALL
    assert past.session_at(session, 6).experiment.batch_size == 3


def arrays(frame, but=()):
    return {
        name: array.tobytes()
        for name, array in frame.arrays.items()
        if name.split(".")[0] not in but and "grad" not in name
    }


def stepped(run, n_steps=6):
    for _ in range(n_steps):
        run.do("step")


def test_a_look_back_shows_the_pictures_of_then_and_the_run_goes_on_untouched(run):
    pictures = {}
    for step in range(1, 5):
        run.do("step")
        pictures[step] = newest(run)
    assert list(pictures[4].probe("past")["step"]) == [0, 1, 2, 3, 4]
    for step in (3, 1, 4):
        then = run.look(step, WATCH, patience_s=20)
        assert then.step == step
        assert then.measures == pictures[step].measures
        assert arrays(then) == arrays(pictures[step], but=["past"])
    assert newest(run).step == 4
    alone = after(4, experiment())
    assert arrays(run.checkpoint()) == arrays(alone.checkpoint())


def test_a_run_that_plays_keeps_moments_and_can_be_looked_at_meanwhile(run):
    run.do("play")
    until(lambda: len(run.frame(("past",), fresh=True).probe("past").get("step", ())) > 3)
    then = run.look(0, WATCH, patience_s=20)
    assert then.step == 0
    now = run.frame(("past",), fresh=True)
    assert now.state is State.PLAYING
    assert (np.diff(now.probe("past")["step"]) > 0).all()


def test_going_back_brings_back_the_experiment_the_history_and_the_weights(run):
    stepped(run, 3)
    run.change(experiment(batch_size=33))
    stepped(run, 3)
    run.restore(run.checkpoint(at=2))
    assert run.experiment == experiment()
    frame = newest(run)
    assert (frame.step, list(frame.probe("past")["step"])) == (2, [0, 1, 2])
    stepped(run, 3)
    assert arrays(run.checkpoint()) == arrays(after(5, experiment()).checkpoint())


def test_a_second_run_branches_off_with_one_setting_changed(engine, run):
    stepped(run, 6)
    record = run.checkpoint(at=4)
    e = with_value(loads(record.facts["experiment"]), "optimizer.learning_rate", 0.5)
    branch = engine.start(loads(record.facts["experiment"]), "me", record)
    branch.change(e)
    stepped(branch, 2)
    alone = after(4, experiment())
    alone.change(e)
    alone.advance(2)
    assert arrays(branch.checkpoint()) == arrays(alone.checkpoint())
    assert newest(run).step == 6
    engine.end(branch)


def test_reset_and_a_rebuild_begin_a_new_past(run):
    stepped(run, 3)
    run.do("reset")
    assert list(newest(run).probe("past")["step"]) == [0]
    stepped(run, 3)
    run.change(experiment(network=({"kind": "dense", "units": 5},)))
    assert list(newest(run).probe("past")["step"]) == [0]


def test_an_answer_that_came_too_late_is_forgotten(run):
    stepped(run, 3)
    run.look(1, WATCH, patience_s=0)
    assert run.look(2, WATCH, patience_s=20).step == 2
    assert run._answer is None
