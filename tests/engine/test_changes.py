"""What a change does to a run and what the frames say about it."""

from dlcore.engine import State
from tests.engine.conftest import experiment, newest, until


def epoch(run):
    run.do("epoch")
    until(lambda: newest(run).state is not State.PLAYING)


def test_a_live_change_marks_the_curves(run):
    epoch(run)
    run.change(experiment(batch_size=33))
    frame = newest(run)
    assert frame.marks == [[1.0, "batch size 10 → 33"]]
    run.do("reset")
    assert newest(run).marks == []


def test_a_rebuild_says_once_what_it_kept(run):
    epoch(run)
    wider = ({"kind": "dense", "units": 5},)
    run.change(experiment(network=wider))
    frame = newest(run)
    assert (frame.state, frame.epoch) == (State.IDLE, 0)
    assert frame.notice == "Started over; all layers keep their weights.  Reset begins afresh."
    run.change(experiment(network=wider, batch_size=33))
    later = newest(run)
    assert later.notice == ""
    assert later.revision > frame.revision


def test_play_goes_on_with_the_weights_kept_and_a_run_that_plays_plays_on(run):
    epoch(run)
    kept = run.checkpoint().arrays["parameter.0"].copy()
    run.change(experiment(batch_size=10, data={"kind": "spiral", "noise": 0.3}))
    assert (run.checkpoint().arrays["parameter.0"] == kept).all()
    run.do("play")
    run.change(experiment())
    assert newest(run).state is State.PLAYING


def test_a_run_that_has_met_its_stop_says_why(run):
    run.change(experiment(stop={"epochs": 2}))
    run.do("play")
    until(lambda: newest(run).state is State.FINISHED)
    assert newest(run).message == "Stopped after 2 epochs, as asked."


def test_a_run_that_reaches_its_target_says_so(run):
    run.change(experiment(stop={"measure": "test loss", "target": 10}))
    run.do("play")
    until(lambda: newest(run).state is State.FINISHED)
    message = newest(run).message
    assert message.startswith("Stopped at epoch 1: the test loss is 0.")
    assert message.endswith("and 10 was the target.")
