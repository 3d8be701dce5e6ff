import xml.etree.ElementTree as ET

import pytest

from dlcore.data import Own, datasets
from dlcore.experiment import Experiment
from dlcore.lesson import PARTS, Goal, Lesson, decode, encode
from dlcore.link import encode as encode_experiment
from dlcore.presets import TRY
from pages.parts.data import _choose
from pages.parts.network import _edit
from tests.pages.test_playground import close_runs, here, keys, opened  # noqa: F401  # the fixture ends the runs

HIDES = {
    "learning_rate": "set:optimizer.learning_rate",
    "batch_size": "set:batch_size",
    "loss": "kind:loss",
    "optimizer": "kind:optimizer",
    "schedule": "kind:schedule",
    "regularisation": "set:regularisation.l1",
    "start": "kind:init",
    "step": "step",
    "reset": "reset",
    "reseed": "reseed",
    "speed": "speed",
    "data": "split",
    "try": f"try:{TRY[0].name}",
}


def lesson(**settings):
    return opened(lesson=encode(Lesson(**settings)))


def widget(at, key):
    found = [*at.slider, *at.select_slider, *at.selectbox, *at.toggle, *at.number_input, *at.button]
    return next(each for each in found if each.key == key)


def test_a_lesson_is_in_the_address_and_stays_there():
    at = lesson(name="Lines", goal=Goal())
    at.button(key="step").click().run()
    assert decode(at.query_params["lesson"])[0] == Lesson(name="Lines", goal=Goal())


@pytest.mark.parametrize("part", HIDES)
def test_what_is_hidden_is_not_there_and_the_rest_is(part):
    at = lesson(hidden=(part,))
    assert not at.exception
    shown = keys(at)
    assert HIDES[part] not in shown
    assert set(HIDES.values()) - shown == {HIDES[part]}


@pytest.mark.parametrize("part", HIDES)
def test_what_is_locked_is_there_and_cannot_be_used(part):
    at = lesson(locked=(part,))
    assert not at.exception
    disabled = {key for key in HIDES.values() if widget(at, key).disabled}
    assert disabled == {HIDES[part]}


def test_with_everything_hidden_the_page_still_plays_and_tells_its_numbers():
    at = lesson(hidden=tuple(PARTS))
    assert not at.exception
    assert {"play", "teach-open", "present"} <= keys(at)
    assert not [key for key in keys(at) if key.startswith(("set:", "typed:", "kind:", "try:", "branch"))]
    said = next(each.value for each in at.caption if each.value.startswith("Set for this lesson"))
    for number in ("0.003", "batch size 10", "500", "50 %", "init 1"):
        assert number in said.replace("\\", "")
    at.button(key="play").click().run()
    assert at.button(key="play").label == "Pause"


def test_what_is_locked_is_refused_on_the_server_too():
    at = lesson(locked=("data", "diagram", "learning_rate", "batch_size"))
    mine = here(at)
    mine.set("batch_size", 77)
    mine.set("data.noise", 0.5)
    mine.set("optimizer.learning_rate", 0.5)
    _choose(mine, "moons")
    _edit(mine, {"op": "add"})
    assert mine.experiment == Experiment()
    assert len(set(mine.notices)) == 2


def test_another_optimizer_keeps_the_locked_learning_rate():
    at = opened(
        x=encode_experiment(Experiment(optimizer={"kind": "adam", "learning_rate": 0.077})),
        lesson=encode(Lesson(locked=("learning_rate",))),
    )
    at.selectbox(key="kind:optimizer").set_value("sgd").run()
    assert here(at).experiment.optimizer.kind_name() == "sgd"
    assert here(at).experiment.optimizer.learning_rate == 0.077


def test_a_goal_is_judged_while_it_runs():
    at = lesson(goal=Goal(measure="train_loss", comparison="under", threshold=0.0))
    assert "Goal, not yet met:" in at.markdown[0].value
    at = lesson(goal=Goal(measure="train_loss", comparison="under", threshold=900))
    at.button(key="step").click().run()
    assert "check_circle: **Goal met:**" in at.markdown[0].value


@pytest.mark.parametrize("token", ["", "1", "2x", "x" * 100_000, "1q64FAA\x00"])
def test_a_broken_lesson_opens_the_page_with_a_sentence(token):
    at = opened(lesson=token)
    assert not at.exception
    assert here(at).lesson == Lesson()
    assert "lesson" in at.toast[0].value


def test_the_dialog_makes_the_link_of_the_lesson():
    at = opened()
    at.button(key="teach-open").click().run()
    at.text_input(key="teach-name").set_value("Six neurons").run()
    at.multiselect(key="teach-hidden").set_value(["code", "data"]).run()
    at.toggle(key="teach-goal").set_value(True).run()
    at.number_input(key="teach-neurons").set_value(6).run()
    assert not at.exception
    address = next(code.value for code in at.code if "lesson=" in code.value)
    made = decode(address.partition("lesson=")[2])[0]
    assert made == Lesson(name="Six neurons", hidden=("code", "data"), goal=Goal(neurons=6))
    assert here(at).lesson == Lesson(), "who makes a lesson is not bound by it"


def test_a_link_that_is_too_long_for_a_qr_code_says_so():
    at = opened()
    here(at).set("data", Own.like(datasets["blobs"](n_points=1000, noise=0.5), 1))
    at.run()
    at.button(key="teach-open").click().run()
    assert not at.exception
    assert any("too long for a QR code" in caption.value for caption in at.caption)


def test_the_qr_code_is_a_picture_of_lines_and_nothing_else():
    import segno

    picture = ET.fromstring(segno.make("https://example.org/?x=1" + "a" * 2800, error="l").svg_inline())
    assert {each.tag.rpartition("}")[2] for each in picture.iter()} <= {"svg", "path", "g"}


def test_presentation_leaves_the_transport_and_the_pictures():
    at = opened(present="1")
    assert not at.exception
    assert keys(at) == {"play", "step", "epoch", "reset", "reseed", "speed", "present"}
    assert at.query_params["present"] == "1"
    at.button(key="present").click().run()
    assert "present" not in at.query_params
    assert "split" in keys(at)
