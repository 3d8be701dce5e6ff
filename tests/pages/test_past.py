import numpy as np
import pytest

from dlcore.experiment import Experiment, diff, with_value
from dlcore.link import encode
from dlcore.model import build
from pages.parts import past
from pages.parts.state import engine
from tests.engine.conftest import newest, until
from tests.pages.test_playground import close_runs, here, keys, opened  # noqa: F401  # the fixture tidies up


def stepped(at, n_steps=5):
    for _ in range(n_steps):
        here(at).do("step")
    newest(here(at).run)
    return at.run()


def shown(at):
    """The picture on the page, once the worker has answered."""
    until(lambda: here(at).at is None or here(at)._past(("boundary", "curves", "past")) is not None)
    return here(at).frame(("boundary", "curves", "past"))


def test_the_slider_brings_the_pictures_back_and_the_run_stays_where_it_is():
    at = stepped(opened())
    now = shown(at)
    here(at).look_at(2)
    at.run()
    then = shown(at)
    assert (now.step, then.step) == (5, 2)
    assert not np.array_equal(now.arrays["boundary.value"], then.arrays["boundary.value"])
    assert here(at).newest.step == 5
    here(at).look_at(-1)
    assert shown(at).step == 5
    assert not at.exception


@pytest.mark.parametrize("command", ["play", "step", "epoch", "reset"])
def test_whatever_moves_the_run_shows_it(command):
    at = stepped(opened())
    here(at).look_at(2)
    at.run()
    at.button(key=command).click().run()
    assert here(at).at is None


def test_go_back_puts_the_run_there_and_its_experiment_too():
    at = stepped(opened())
    here(at).set("batch_size", 33)
    at = stepped(at)
    here(at).look_at(3)
    at.button(key="go-back").click().run()
    assert newest(here(at).run).step == 3
    assert here(at).experiment == Experiment()
    at.button(key="undo").click().run()
    assert here(at).run.experiment.batch_size == 33
    assert not at.exception


def branched(at=None):
    at = at or stepped(opened())
    here(at).look_at(3)
    at.number_input(key="branch:optimizer.learning_rate").set_value(0.5).run()
    at.button(key="branch-off").click().run()
    assert not at.exception
    return at


def test_a_branch_is_a_second_run_from_there_with_one_setting_changed():
    at = branched()
    branch = here(at).branch
    assert branch.name == "Learning rate 0.5"
    assert branch.run.experiment == with_value(Experiment(), "optimizer.learning_rate", 0.5)
    assert here(at).run.experiment == Experiment()
    assert branch.run is not here(at).run
    assert newest(branch.run).step >= 3
    assert {"promote", "close-branch"} <= keys(at)


def test_both_runs_pause_and_step_together():
    at = branched()
    at.button(key="play").click().run()
    runs = here(at).run, here(at).branch.run
    before = [newest(run).step for run in runs]
    at.button(key="step").click().run()
    assert [newest(run).step for run in runs] == [step + 1 for step in before]


def test_a_branch_can_become_the_main_run_or_be_closed():
    at = branched()
    main, branch = here(at).run, here(at).branch.run
    at.button(key="promote").click().run()
    assert here(at).run is branch
    assert here(at).branch is None
    assert here(at).experiment == branch.experiment
    assert at.query_params["run"] == branch.id
    assert not engine().alive(main.id)
    at = branched(stepped(at))
    at.button(key="close-branch").click().run()
    assert here(at).branch is None
    assert engine().n_runs == 1


@pytest.mark.parametrize("path", [path for path in past.OFFERED if path not in past.STARTS])
def test_every_setting_offered_to_a_branch_can_be_taken(path):
    at = stepped(opened(), 2)
    at.selectbox(key="branch-setting").set_value(path).run()
    at.button(key="branch-off").click().run()
    assert not at.exception
    assert not here(at).notices
    assert here(at).branch.run.experiment != Experiment()
    assert newest(here(at).branch.run).step >= 2, "the branch went on, it did not start over"


@pytest.mark.parametrize("path", sorted(past.STARTS))
def test_a_branch_with_another_start_has_its_own_first_weights_and_begins_at_epoch_0(path):
    at = stepped(opened())
    at.selectbox(key="branch-setting").set_value(path).run()
    at.button(key="branch-off").click().run()
    branch = here(at).branch
    assert branch.since == 0
    assert branch.name.endswith(", from epoch 0")
    assert [change.path.split(".")[0] for change in diff(Experiment(), branch.run.experiment)] == [
        path.split(".")[0]
    ]
    at.button(key="play").click().run()  # both pause
    first = branch.run.look(0, ("weights",), patience_s=20)
    fresh = build(branch.run.experiment).linears()
    np.testing.assert_array_equal(first.probe("weights")["0.weight"], fresh[0][1].weight.detach())
    assert here(at).run.experiment == Experiment()
    assert newest(here(at).run).step >= 5, "the main run went on"


@pytest.mark.parametrize(
    ("path", "value", "offered"),
    [
        ("batch_size", 500, 166),
        ("batch_size", 400, 500),
        ("seeds.init", 0, 1),
        ("seeds.init", 999_999, 999_998),
    ],
)
def test_a_branch_is_offered_another_value_within_its_bounds(path, value, offered):
    at = opened(x=encode(with_value(Experiment(), path, value)))
    at.selectbox(key="branch-setting").set_value(path).run()
    assert not at.exception
    assert at.number_input(key=f"branch:{path}").value == offered


def test_a_server_that_is_full_says_so_instead_of_branching(monkeypatch):
    from dlcore.engine import EngineFull

    at = stepped(opened())

    def full(*_, **__):
        raise EngineFull("This server is full.")

    monkeypatch.setattr("dlcore.engine.LocalEngine.start", full)
    at.button(key="branch-off").click().run()
    assert here(at).branch is None
    assert at.toast[0].value == "This server is full."
