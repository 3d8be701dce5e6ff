"""Every lab in a real browser: a picture at once, nothing plays before a prediction, pictures keep coming."""

import pytest

from dlcore.guides import GUIDES
from tests.bench.labs import DRAWN
from tests.browser.conftest import press, until
from tests.browser.test_accessibility import findings, found

pytestmark = pytest.mark.browser
EVERY = pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name, scope="module")
"""One lab after another: what is opened for the first test of a lab serves its second."""
MARK = f"{DRAWN}.forEach((each) => {{ each.mark = true }})"
REMOUNTED = f"{DRAWN}.filter((each) => !each.mark).length"
CUT_OFF = """
() => [...document.querySelectorAll(".st-key-lab *")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 && each.checkVisibility())
  .map((each) => each.className).slice(0, 5)
"""


def entered(visit, guide):
    """A lab with its first picture, be it a plot or a canvas."""
    page = visit(f"/{guide.name}", anew=False, plots=0)
    page.locator(".st-key-lab-tail").wait_for()
    page.wait_for_function(f"{DRAWN}.length > 0")
    page.wait_for_timeout(500)
    return page


def predict(page):
    """Say what is expected: the first of the choices."""
    page.locator(".st-key-lab-guess [role=radio]").first.click()
    page.wait_for_function("!document.querySelector('.st-key-play button').disabled")


@EVERY
def test_a_lab_can_be_used_by_everybody_and_on_a_narrow_screen(visit, guide):
    page = entered(visit, guide)
    assert findings(page) == []
    page.set_viewport_size({"width": 800, "height": 900})
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 800
    assert found(page) == []


@EVERY
def test_a_lab_waits_for_a_prediction_and_then_plays_without_mounting_a_plot_anew(visit, guide):
    page = entered(visit, guide)
    assert page.locator(".st-key-play button").first.is_disabled()
    predict(page)
    page.wait_for_timeout(500)
    page.evaluate(MARK)
    press(page, "play")
    until(page, "s.state === 'playing' && +s.step > 0")
    step = int(page.locator("#run-status").get_attribute("data-step"))
    until(page, f"+s.step > {step}")
    assert page.evaluate(REMOUNTED) == 0
    press(page, "play")
    until(page, "s.state !== 'playing'")
