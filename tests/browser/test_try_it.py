import pytest

from dlcore.data import Digits, Iris
from dlcore.data.text import Surnames
from dlcore.experiment import Experiment
from dlcore.layers import GRU, Conv2d, Dense, Embedding, Flatten
from tests.browser.conftest import pause, press, until
from tests.browser.test_accessibility import findings, missed, walk
from tests.browser.test_builder import build  # noqa: F401  # a fixture

pytestmark = pytest.mark.browser
DIGITS = Experiment(data=Digits(), network=(Conv2d(channels=8), Flatten(), Dense(units=32)), batch_size=32)
IRIS = Experiment(data=Iris(), network=(Dense(units=6),))
NAMES = Experiment(data=Surnames(n_each=40), network=(Embedding(size=4), GRU(units=6)))
ONE = [[(0.5, 0.15), (0.5, 0.85)]]
ZERO = [[(0.5, 0.1), (0.3, 0.25), (0.26, 0.5), (0.3, 0.75), (0.5, 0.9), (0.7, 0.75), (0.74, 0.5),
         (0.7, 0.25), (0.5, 0.1)]]  # fmt: skip
SHEET = ".st-key-try .sketch canvas"


@pytest.fixture
def trying(build):  # noqa: F811  # the fixture above
    def open_view(experiment, **how):
        page = build(experiment, **how)
        page.locator(".st-key-views").get_by_text("Try it").click()
        page.locator(".st-key-try").wait_for()
        return page

    return open_view


def draw(page, strokes):
    box = page.locator(SHEET).bounding_box()
    for stroke in strokes:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=6)
        page.mouse.up()


def answered(page, sentence):
    page.locator(".try-answer", has_text=sentence).first.wait_for()


def inked(page):
    sheet = page.locator(SHEET).element_handle()
    return sheet.evaluate("(canvas) => canvas.closest('.sketch').ink.values.filter((v) => v > 128).length")


def test_a_drawn_digit_is_answered_while_the_network_learns_and_the_bars_change(trying):
    page = trying(DIGITS)
    page.get_by_text("Draw something").wait_for()
    press(page, "play")
    until(page, "s.epoch >= 15")
    draw(page, ZERO)
    answered(page, "0, with")
    page.evaluate("document.querySelector('.st-key-try .glassbox-plot').tagged = true")
    page.locator(".st-key-try").get_by_role("button", name="Clear").click()
    page.get_by_text("Draw something").wait_for()
    draw(page, ONE)
    answered(page, "1, with")
    pause(page)


def test_a_stroke_is_answered_before_it_is_over_and_no_plot_is_mounted_anew(trying):
    page = trying(DIGITS)
    press(page, "play")
    until(page, "s.epoch >= 15")
    draw(page, ONE)
    answered(page, "1, with")
    page.evaluate("document.querySelector('.st-key-try .glassbox-plot').tagged = true")
    page.locator(".st-key-try").get_by_role("button", name="Rub out").click()
    box = page.locator(SHEET).bounding_box()
    before = page.locator(".try-answer").inner_text()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.6 * box["height"], steps=10)
    page.wait_for_function(f"document.querySelector('.try-answer').innerText !== {before!r}")
    page.mouse.up()
    assert page.evaluate("document.querySelector('.st-key-try .glassbox-plot').tagged") is True


def test_the_keyboard_draws_and_a_drawing_outlives_another_tab(trying):
    page = trying(DIGITS)
    page.locator(SHEET).focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.down(" ")
    for _ in range(10):
        page.keyboard.press("ArrowDown")
    page.keyboard.up(" ")
    page.locator(".try-answer").wait_for()
    drawn = inked(page)
    assert drawn > 100
    assert page.evaluate("document.querySelector('#run-status').dataset.state") == "idle", (
        "space does not play"
    )
    page.locator(".st-key-views").get_by_text("Learn", exact=True).click()
    page.locator(".st-key-try").wait_for(state="detached")
    page.locator(".st-key-views").get_by_text("Try it").click()
    page.locator(".try-answer").wait_for()
    assert inked(page) == drawn


def test_a_slider_is_moved_by_the_keyboard_and_the_answer_goes_with_it(trying):
    page = trying(IRIS)
    press(page, "play")
    until(page, "s.epoch >= 60")
    pause(page)
    slider = page.locator(".st-key-try").get_by_role("slider").nth(2)
    slider.focus()
    page.keyboard.press("Home")
    other = page.locator(".st-key-try").get_by_role("slider").nth(3)
    other.focus()
    page.keyboard.press("Home")
    answered(page, "setosa, with")
    page.keyboard.press("End")
    slider.focus()
    page.keyboard.press("End")
    answered(page, "virginica, with")
    page.get_by_role("button", name="Back to the sample").click()
    page.get_by_text("Move a slider").wait_for()


def test_a_name_is_answered_letter_by_letter_while_it_is_typed(trying):
    page = trying(NAMES)
    box = page.locator(".st-key-try input[type=text]")
    box.fill("")
    box.press_sequentially("novák7", delay=30)
    page.get_by_text("does not know “7”").wait_for()
    box.press("Backspace")
    page.locator(".try-tokens td", has_text="á").wait_for()
    assert page.locator(".try-tokens td").count() == 5


@pytest.mark.parametrize("experiment", [DIGITS, IRIS, NAMES], ids=["image", "row", "text"])
def test_axe_finds_nothing_serious_where_one_tries(trying, experiment):
    page = trying(experiment)
    if experiment is DIGITS:
        page.get_by_role("button", name="Begin with test sample").click()
    page.locator(".try-answer").wait_for()
    page.wait_for_timeout(500)
    assert findings(page) == []


def test_tab_reaches_everything_there_is_to_try(trying):
    page = trying(DIGITS)
    assert walk(page) == []
    assert missed(page, ".st-key-try") == []


@pytest.mark.parametrize("experiment", [DIGITS, IRIS, NAMES], ids=["image", "row", "text"])
def test_nothing_is_cut_off_on_a_narrow_screen(trying, experiment):
    page = trying(experiment, width=800, height=1000)
    page.wait_for_timeout(500)
    for part in page.locator(".st-key-try canvas, .st-key-try .stSlider, .st-key-try .try-answer").all():
        box = part.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 800
