import base64

import numpy as np
import pytest

from dlcore.data import Digits, Iris, OwnTable, OwnText, Spiral
from dlcore.data.series import Sunspots
from dlcore.data.tables import Diabetes
from dlcore.data.text import SurnameLetters, Surnames
from dlcore.data.tokens import Addition, Brackets, Reverse
from dlcore.experiment import Experiment
from dlcore.layers import GRU, Conv2d, Dense, Embedding, Flatten
from dlcore.link import encode
from dlcore.losses import MeanSquared
from pages.parts.tried import tried
from pages.parts.views import try_image
from tests.engine.conftest import until
from tests.pages.test_playground import close_runs, here, opened  # noqa: F401  # a fixture for all

FILE = "pages/builder.py"
READS = (Embedding(size=4), GRU(units=4))
STEPS = (Embedding(size=4), GRU(units=4, keep="all steps"))
EXPERIMENTS = {
    "plane": Experiment(data=Spiral(n_points=50), network=(Dense(units=4),)),
    "iris": Experiment(data=Iris(), network=(Dense(units=4),)),
    "values": Experiment(data=Diabetes(), network=(Dense(units=4),), loss=MeanSquared()),
    "own table": Experiment(data=OwnTable(), network=(Dense(units=4),)),
    "digits": Experiment(data=Digits(n_images=200), network=(Conv2d(channels=2), Flatten())),
    "name": Experiment(data=Surnames(n_each=20), network=READS),
    "brackets": Experiment(data=Brackets(n_strings=200), network=READS),
    "reverse": Experiment(data=Reverse(n_strings=200, length=4), network=STEPS),
    "addition": Experiment(data=Addition(n_strings=200), network=STEPS),
    "letters": Experiment(data=SurnameLetters(n_each=20, country="Finland"), network=STEPS),
    "lines": Experiment(data=OwnText(tokens="words"), network=STEPS),
    "series": Experiment(data=Sunspots(window=12, horizon=2), network=(GRU(units=4),), loss=MeanSquared()),
}


def trying(name):
    at = opened(FILE, x=encode(EXPERIMENTS[name]))
    here(at).tab = "Try it"
    at.run()
    assert not at.exception
    return at


def mine(at):
    return tried(here(at))


def said(at):
    """The answer in its sentence, and the captions."""
    return " ".join([each.body for each in at.get("html")] + [each.value for each in at.caption])


def widget(found, ending):
    return next(each for each in found if each.key and each.key.endswith(ending))


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_kind_of_data_can_be_tried_before_anything_is_learnt(name):
    at = trying(name)
    assert "Nothing has been learnt yet" in said(at)
    assert not at.error


def test_a_slider_moves_a_feature_and_the_answer_with_it():
    at = trying("iris")
    before = mine(at).told["share"].copy()
    assert "Begun from test sample 0" in said(at)
    slider = widget(at.slider, ":2")
    assert (slider.label, slider.min) == ("petal length", 1.0)
    slider.set_value(5.0).run()
    assert not at.exception
    assert mine(at).row[2] == 5.0
    assert not np.array_equal(mine(at).told["share"], before)
    assert "Changed" in said(at)
    widget(at.button, f"back:{mine(at).begun}").click().run()
    assert "Begun from test sample 0" in said(at)
    np.testing.assert_array_equal(mine(at).told["share"], before)


def test_a_slider_reaches_both_of_its_ends():
    at = trying("iris")
    for i in range(4):
        slider = widget(at.slider, f":{i}")
        for end in (slider.min, slider.max):
            widget(at.slider, f":{i}").set_value(end).run()
            assert mine(at).row[i] == end


def test_a_sample_as_it_is_is_answered_as_the_network_answers_the_sample():
    at = trying("iris")
    told = here(at).run.answer(here(at).points["test"].x[:1], 20)["share"]
    np.testing.assert_allclose(mine(at).told["share"], told, atol=1e-6)


def test_a_missing_number_is_filled_in_and_marked():
    at = trying("own table")
    widget(at.toggle, ":missing").set_value(True).run()
    assert not at.exception
    assert np.isnan(mine(at).row[2])
    assert mine(at).row[-1] == 1.0
    assert "what fills gaps stands in for it" in said(at)


def test_a_category_is_chosen():
    at = trying("own table")
    widget(at.selectbox, ":3").set_value(2).run()
    assert not at.exception
    np.testing.assert_array_equal(mine(at).row[3:6], [0, 0, 1])


def test_a_point_of_the_plane_is_moved():
    at = trying("plane")
    widget(at.slider, ":0").set_value(3.0).run()
    expected = here(at).run.answer(np.array([[3.0, 0.0]], np.float32), 20)["share"]
    np.testing.assert_allclose(mine(at).told["share"], expected, atol=1e-6)


def test_a_name_is_typed_and_shown_letter_by_letter():
    at = trying("name")
    widget(at.text_input, ":text").set_value("Nováková").run()
    assert not at.exception
    assert "<td class=''>á" in said(at)
    assert mine(at).told["share"].shape == (1, 8)


@pytest.mark.parametrize(
    ("name", "typed", "problem"),
    [
        ("name", "Müller7", "does not know “7”"),
        ("name", "a" * 30, "30 long"),
        ("reverse", "ab", "exactly 4"),
        ("addition", "twelve", "two whole numbers"),
        ("addition", "100+1", "2 digits at most"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(name, typed, problem):
    at = trying(name)
    widget(at.text_input, ":text").set_value(typed).run()
    assert not at.exception
    assert any(problem in each.value for each in at.info)


def test_a_string_is_answered_step_by_step_beside_what_is_right():
    at = trying("reverse")
    widget(at.text_input, ":text").set_value("abcd").run()
    assert "of 4 steps are right" in said(at)
    assert ">right</th><td class=''>d</td>" in said(at)


def test_strings_are_made_up_with_the_settings_chosen():
    at = trying("letters")
    widget(at.text_input, ":text").set_value("ko").run()
    widget(at.number_input, ":n_strings").set_value(5).run()
    widget(at.slider, ":temperature").set_value(0.5).run()
    widget(at.slider, ":top_k").set_value(3).run()
    widget(at.number_input, ":seed").set_value(7).run()
    assert not at.exception
    assert mine(at).strings == here(at).run.generate(5, 0.5, 3, 7, "ko", patience_s=20)
    assert len(mine(at).strings) == 5


def test_a_series_goes_on_from_where_one_likes_for_as_long_as_one_likes():
    at = trying("series")
    widget(at.slider, ":steps").set_value(30).run()
    widget(at.slider, ":place").set_value(100).run()
    assert not at.exception
    assert mine(at).told["value"].shape == (30,)
    assert mine(at).place == 100


def test_another_data_set_starts_afresh():
    at = trying("name")
    widget(at.text_input, ":text").set_value("schmidt").run()
    here(at).replace(EXPERIMENTS["brackets"])
    at.run()
    assert not at.exception
    assert set(mine(at).text) <= set("()[]")


def test_an_empty_sheet_says_what_to_do_and_a_test_sample_is_given_as_it_is():
    at = trying("digits")
    assert any("Draw something" in each.value for each in at.info)
    widget(at.button, "try:sample").click().run()
    assert not at.exception
    x = here(at).points["test"].x[:1]
    np.testing.assert_allclose(mine(at).told["share"], here(at).run.answer(x, 20)["share"], atol=1e-6)


def stroke(at, number=1, change=lambda ink: ink):
    ink = np.zeros((80, 80, 1), np.uint8)
    ink[10:40, 30:36] = 255
    told = base64.b64encode(change(ink).tobytes()).decode()
    try_image.take(here(at), {"begun": mine(at).begun, "number": number, "ink": told})


def test_a_drawing_is_centred_and_answered():
    at = trying("digits")
    stroke(at)
    at.run()
    assert not at.exception
    x = try_image.given(here(at), mine(at))
    assert x.shape == (1, 8, 8)
    assert x[0].max(1).min() > 0, "as high as the picture"
    columns = x[0].sum(0)
    assert abs((columns * np.arange(8)).sum() / columns.sum() - 3.5) < 0.6
    np.testing.assert_allclose(mine(at).told["share"], here(at).run.answer(x[None], 20)["share"], atol=1e-6)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"begun": "other", "number": 1, "ink": ""},
        {"number": 1, "ink": "###"},
        {"number": 1, "ink": "AAAA"},
        {"number": float("nan"), "ink": "A" * 100_000},
        {"number": "much", "ink": None},
    ],
)
def test_what_is_no_drawing_is_left_alone(told):
    at = trying("digits")
    before = mine(at).ink
    try_image.take(here(at), {"begun": mine(at).begun, **told})
    assert mine(at).ink is before


def test_a_look_back_is_answered_by_the_network_of_then():
    at = trying("iris")
    first = mine(at).told["share"].copy()
    here(at).do("epoch")
    until(lambda: here(at).run.frame(()).epoch == 1)
    at.run()
    assert not np.allclose(mine(at).told["share"], first)
    here(at).look_at(0)
    at.run()
    np.testing.assert_allclose(mine(at).told["share"], first, atol=1e-6)
    assert "The network of epoch 0 answers" in said(at)
