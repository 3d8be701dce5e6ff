import pytest

from dlcore.chain import places
from dlcore.guides.backpropagation import BackpropagationSettings
from dlcore.spec.share import pack
from pages.parts.labs.backpropagation_chain import description, take
from pages.parts.labs.backpropagation_quiz import numbers
from pages.parts.labs.backpropagation_words import FIRST, LAST, SAME, choice, power, times
from tests.pages.test_playground import close_runs, keys, opened  # noqa: F401  # a fixture for all

FILE = "pages/backpropagation.py"


def visit(settings=None, **query):
    at = opened(FILE, **({"s": pack(settings.compact())} if settings else {}), **query)
    assert not at.exception
    return at


def lab(at):
    return at.session_state["lab:backpropagation"]


def after(at):
    at.run()
    assert not at.exception
    return at


def reading(at):
    e, arrays = lab(at).kept["drawn"]
    return dict(zip(places(e), arrays["values"].tolist(), strict=True))


def edit(at, number=1, **what):
    take(lab(at), {"from": "test", "edits": [{"id": number, **what}]})
    return after(at)


def test_the_picture_is_there_before_play_which_waits_for_a_prediction():
    at = visit()
    assert reading(at)["x.0"] == pytest.approx(1.5, abs=0.002)
    assert at.button(key="play").disabled
    at.segmented_control(key="lab:guess").set_value(1)
    after(at)
    assert not at.button(key="play").disabled
    assert {"set:view", "set:layers", "set:units", "set:activation", "set:loss", "set:rate"} <= keys(at)


def test_any_weight_bias_input_and_answer_can_be_put_elsewhere():
    at = visit()
    edit(at, 1, op="put", place="w.1.0.1", value=0.25)
    edit(at, 2, op="put", place="b.2.0", value=-1)
    edit(at, 3, op="put", place="x.1", value=2.0)
    edit(at, 4, op="put", place="y", value=-1)
    now = reading(at)
    assert now["w.1.0.1"] == 0.25
    assert now["b.2.0"] == -1
    assert now["x.1"] == pytest.approx(2, abs=0.002)
    assert now["y"] == -1, "the squared error asks for class 0 as −1"
    assert lab(at).settings.answer == 0


def test_what_a_browser_makes_up_changes_nothing():
    at = visit()
    before, settings = reading(at), lab(at).settings
    for k, what in enumerate(
        (
            {"op": "put", "place": "w.9.9.9", "value": 1},
            {"op": "put", "place": "z.0.0", "value": 1},
            {"op": "put", "place": "w.0.0.0", "value": "1"},
            {"op": "put", "place": "w.0.0.0", "value": float("nan")},
            {"op": "put", "place": ["w"], "value": True},
            {"op": "choose", "place": "L"},
            {"op": "step"},
            {"op": "leave"},
        )
    ):
        edit(at, k + 1, **what)
    take(lab(at), {"from": None, "edits": "all"})
    take(lab(at), {"edits": [None, {"id": True, "op": "put", "place": "w.0.0.0", "value": 3}]})
    assert reading(after(at)) == before
    assert lab(at).settings == settings
    edit(at, 99, op="put", place="w.0.0.0", value=1e9)
    assert reading(at)["w.0.0.0"] == 10, "within its bounds"


def test_a_step_of_the_drawing_is_told_once_and_made_once():
    at = visit(guess="1")
    edit(at, 5, op="step")
    edit(at, 5, op="step")
    assert lab(at).here.newest.step == 1


def test_another_network_has_its_own_drawing_and_an_edit_of_the_input_keeps_what_was_reseeded():
    at = visit()
    edit(at, 1, op="choose", place="w.1.1.1")
    assert lab(at).kept["chosen"] == "w.1.1.1"
    at.slider(key="set:units").set_value(1)
    after(at)
    assert lab(at).kept["chosen"] == "w.0.0.0", "what was chosen has gone"
    at.button(key="reseed").click()
    after(at)
    weight = reading(at)["w.0.0.0"]
    edit(at, 2, op="put", place="x.0", value=-2.0)
    assert reading(at)["w.0.0.0"] == weight


def test_the_description_is_whole_for_every_choice():
    at = visit()
    e = lab(at).experiment
    for chosen in (place for place in places(e) if place[0] in "wbxy"):
        told = description(e, chosen)
        assert (told["chosen_row"] is None) == (chosen == "y")
        assert told["steps"][-1]["rows"][0]["ref"].startswith("u:")
    assert description(e, "b.1.0")["steps"][-1]["rows"][0]["ref"] == "u:b.1.0"


def answering(at, text):
    at.text_input(key="quiz:typed").set_value(text)
    next(each for each in at.button if each.label == "Check").click()
    return after(at)


def test_a_number_is_asked_hinted_at_judged_and_counted():
    at = visit(BackpropagationSettings(view="You compute"))
    quiz = lab(at).kept["quiz"]
    at.segmented_control(key="quiz:level").set_value("One link")
    after(at)
    row = lab(at).here.keep("exercise", (lab(at).experiment, "One link", 0), lambda: None).row
    right = numbers(lab(at))[row.ref]
    answering(at, repr(right + 1))
    assert (quiz.right, quiz.asked, quiz.told) == (0, 1, 0)
    at.button(key="quiz-hint").click()
    after(at)
    assert quiz.told == 1
    answering(at, repr(right))
    assert (quiz.right, quiz.asked, quiz.told) == (1, 1, 3)
    assert any("Right." in each.value for each in at.markdown)
    at.button(key="quiz-next").click()
    after(at)
    assert (quiz.number, quiz.told, quiz.verdict) == (1, 0, None)
    for _ in range(3):
        at.button(key="quiz-hint").click()
        after(at)
    assert (quiz.right, quiz.asked, quiz.told) == (1, 2, 3), "told the solution, it counts as asked"
    assert at.button(key="quiz-hint").disabled


def test_deep_networks_stand_beside_each_other_and_are_judged_by_the_first():
    at = visit(BackpropagationSettings(view="Vanishing gradients", depth=8), guess="1")
    assert list(lab(at).heres) == ["sigmoid", "tanh", "ReLU"]
    assert "set:bend" not in keys(at), "what is compared need not be chosen"
    at.button(key="step").click()
    after(at)
    assert any("As you predicted: In the last layer" in each.value for each in at.markdown)
    at.segmented_control(key="set:compare").set_value("wiring")
    after(at)
    assert list(lab(at).heres) == ["plain", "skip", "norm", "skip + norm"]


def test_gradients_are_compared_in_words():
    assert (choice(1.0, 10.0), choice(10.0, 1.0), choice(1.0, 2.0)) == (LAST, FIRST, SAME)
    assert times(1e-9, 0.1) == "1.0·10⁸ times as much in the last layer"
    assert times(0.2, 0.1) == "alike within a factor of 2"
    assert times(0.0, 0.1) == "nothing reaches the first layer"
    assert times(0.1, 0.0) == "nothing reaches the last layer"
    assert [power(each) for each in (0, 0.25, -2.2e-15, 12_345)] == ["0", "0.25", "−2.2·10⁻¹⁵", "1.2·10⁴"]
