import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dlcore.data import Task
from dlcore.experiment import Experiment
from dlcore.lesson import PARTS, Goal, Lesson, clean, decode, encode, part_of, told
from dlcore.spec.share import pack

SIX = Experiment(network=({"kind": "dense", "units": 4}, {"kind": "dropout"}, {"kind": "dense", "units": 2}))
LESSON = Lesson(
    name="One line is not enough",
    text="Press **Play**, then add neurons.",
    goal=Goal(threshold=0.9, neurons=6),
    hidden=("data", "code"),
    locked=("learning_rate",),
)


def test_a_lesson_comes_back_from_its_link():
    assert decode(encode(LESSON)) == (LESSON, "")
    assert decode(encode(Lesson())) == (Lesson(), "")


@settings(max_examples=100, deadline=None)
@given(st.builds(Lesson, name=st.text(max_size=80), text=st.text(max_size=300),
                 hidden=st.lists(st.sampled_from(list(PARTS)), max_size=5).map(tuple)))  # fmt: skip
def test_any_lesson_comes_back_from_its_link(lesson):
    assert decode(encode(lesson)) == (lesson, "")


@pytest.mark.parametrize("token", ["", "2abc", "1", "1!!", "x" * 9000, pack([1]), pack("x"), pack(None)])
def test_a_damaged_lesson_is_a_sentence(token):
    lesson, said = decode(token)
    assert lesson == Lesson()
    assert said.startswith("The lesson could not be opened: ")


def test_what_cannot_be_read_is_set_aside_and_the_rest_kept():
    lesson, said = decode(
        pack({"name": "Kept", "goal": {"threshold": "x"}, "hidden": ["nothing"], "more": 1})
    )
    assert lesson == Lesson(name="Kept")
    assert said == "Set aside from the lesson: goal, hidden, more could not be read."


@pytest.mark.parametrize(
    "wrong",
    [{"name": "x" * 81}, {"text": "x" * 2001}, {"hidden": ["everything"]}, {"goal": {"neurons": -1}},
     {"goal": {"threshold": float("nan")}}, {"goal": {"measure": "__class__"}},
     {"goal": {"comparison": "="}},
     {"goal": 3}],
)  # fmt: skip
def test_what_lies_outside_is_refused(wrong):
    with pytest.raises(ValidationError):
        Lesson(**wrong)


HARMLESS = [
    "Read [this](https://example.org/a?b=c) and **that**, $a < b$, `x > y`.",
    "[Next](?x=1abc&lesson=1def) and [up](#top)",
    "[x]( https://example.org )",
    "# Heading\n\n1. one\n2. two",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_plain_markdown_stays_as_it_is(text):
    assert clean(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x]( JaVaScRiPt:alert(1))",
        "[x](<javascript:alert(1)>)",
        "[x](\njavascript:alert(1))",
        "[x](data:text/html,hi)",
        "[x](java&#115;cript:alert(1))",
        "[x][y]\n\n[y]: javascript:alert(1)",
        "[x][y]\n\n[y]:\n  <vbscript:x>",
        "<javascript:alert(1)>",
        "[x](file:///etc/passwd)",
        "<javas<javascript:x>cript:alert(1)>",
    ],
)
def test_a_link_of_a_foreign_scheme_leads_nowhere(text):
    cleaned = clean(text)
    for scheme in ("javascript:", "data:", "vbscript:", "file:", "java&#"):
        assert scheme not in cleaned.lower().replace("\n", "")


@pytest.mark.parametrize(
    "text",
    ["![x](https://spy.example/a.png)", "![x][y]", "!![x](a)", "!<data:x>[x](/a)", "a![x](data:image/png,)"],
)
def test_a_picture_is_never_loaded(text):
    assert "![" not in clean(text)


def judged(goal, score, epoch=10, experiment=SIX):
    return goal.judge(experiment, epoch, {"test_score": score, "test_loss": 0.2})


@pytest.mark.parametrize(
    ("goal", "score", "met"),
    [
        (Goal(threshold=0.95), 0.96, True),
        (Goal(threshold=0.95), 0.95, False),
        (Goal(threshold=0.95), float("nan"), False),
        (Goal(threshold=0.95), None, False),
        (Goal(measure="test_loss", comparison="under", threshold=0.25), 0.0, True),
        (Goal(measure="test_loss", comparison="under", threshold=0.2), 0.0, False),
        (Goal(measure="train_loss", comparison="under", threshold=0.2), 0.0, False),
        (Goal(neurons=6), 0.96, True),
        (Goal(neurons=5), 0.96, False),
        (Goal(layers=2), 0.96, True),
        (Goal(layers=1), 0.96, False),
        (Goal(parameters=25), 0.96, True),
        (Goal(parameters=24), 0.96, False),
        (Goal(epochs=10), 0.96, True),
        (Goal(epochs=9), 0.96, False),
    ],
)
def test_a_goal_is_met_when_all_of_it_is(goal, score, met):
    # 2·4 + 4, 4·2 + 2 and 2·1 + 1 make 25 parameters; dropout is no layer of neurons
    verdict = judged(goal, score)
    assert verdict.met is met
    assert bool(verdict.missing) is not met


def test_a_verdict_names_everything_that_is_missing():
    assert judged(Goal(neurons=5, epochs=9), 0.5).missing == (
        "now 0.5", "6 neurons, 5 allowed", "10 epochs, 9 allowed"
    )  # fmt: skip


def test_a_goal_reads_as_a_sentence():
    assert Goal(neurons=6).words(Task.BINARY) == "test accuracy over 0.95 with at most 6 neurons"
    assert (
        Goal(layers=1, epochs=50).words(Task.REGRESSION)
        == "test R² over 0.95 with at most 1 layer and at most 50 epochs"
    )
    assert (
        Goal(measure="train_loss", comparison="under", threshold=0.1).words(Task.CLASSES)
        == "train loss under 0.1"
    )


def test_every_setting_belongs_to_a_part():
    parts = {name: part_of(name) for name in Experiment.settings()}
    assert set(parts.values()) <= set(PARTS)
    assert part_of("optimizer.learning_rate") == "learning_rate"
    assert part_of("optimizer.beta1") == "optimizer"
    assert part_of("seeds.data") == "data"
    assert part_of("seeds.init") == "start"


@pytest.mark.parametrize("part", PARTS)
def test_what_is_hidden_still_tells_its_numbers(part):
    e = Experiment(
        optimizer={"kind": "adam", "learning_rate": 0.0123},
        batch_size=17,
        data={"kind": "spiral", "noise": 0.35},
    )
    said = told(e, part)
    number = {
        "learning_rate": "0.0123",
        "batch_size": "17",
        "data": "0.35",
        "optimizer": "0.999",
        "start": "init 1",
    }
    assert number.get(part, "") in said
    assert bool(said) == (
        part in {part_of(name) for name in Experiment.settings()} - {"diagram"} | {"learning_rate"}
    )


def test_what_is_locked_or_hidden_may_not_be_changed():
    assert not LESSON.allows_setting("data.noise")
    assert not LESSON.allows_setting("optimizer.learning_rate")
    assert LESSON.allows_setting("optimizer")
    assert LESSON.shows("learning_rate")
    assert not LESSON.shows("data")
