from dlcore.experiment import Experiment, with_value
from pages.parts.undo import DEEPEST, Undo
from tests.pages.test_playground import close_runs, here, opened  # noqa: F401  # the fixture tidies up

EMPTY, OTHER, THIRD = (Experiment(batch_size=size) for size in (10, 20, 30))


def test_undo_and_redo_go_back_and_forth():
    edits = Undo()
    edits.edited(EMPTY)
    edits.edited(OTHER)
    assert edits.back(THIRD) == OTHER
    assert edits.back(OTHER) == EMPTY
    assert edits.back(EMPTY) == EMPTY
    assert edits.forth(EMPTY) == OTHER
    assert edits.forth(OTHER) == THIRD
    assert edits.forth(THIRD) == THIRD


def test_a_new_edit_forgets_what_was_undone():
    edits = Undo()
    edits.edited(EMPTY)
    assert edits.back(OTHER) == EMPTY
    edits.edited(EMPTY)
    assert edits.forth(THIRD) == THIRD


def test_only_so_many_edits_are_kept():
    edits = Undo()
    for size in range(1, 200):
        edits.edited(Experiment(batch_size=size))
    assert len(edits.before) == DEEPEST
    assert edits.back(EMPTY).batch_size == 199


def test_the_buttons_undo_and_redo_settings_in_the_run_itself():
    at = opened()
    assert at.button(key="undo").disabled
    assert at.button(key="redo").disabled
    here(at).set("batch_size", 33)
    here(at).set("optimizer.learning_rate", 0.5)
    at.run()
    at.button(key="undo").click().run()
    assert here(at).run.experiment == with_value(Experiment(), "batch_size", 33)
    assert here(at).run.frame((), fresh=True).learning_rate == Experiment().optimizer.learning_rate
    at.button(key="undo").click().run()
    assert here(at).experiment == Experiment()
    assert at.button(key="undo").disabled
    at.button(key="redo").click().run()
    at.button(key="redo").click().run()
    assert here(at).run.frame((), fresh=True).learning_rate == 0.5
    assert at.button(key="redo").disabled
    assert not at.exception


def test_a_setting_that_stays_as_it_is_is_no_edit():
    at = opened()
    here(at).set("batch_size", Experiment().batch_size)
    assert at.run().button(key="undo").disabled
