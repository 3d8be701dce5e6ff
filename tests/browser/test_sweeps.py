"""Sweeps in a real browser: cells fill while it runs, a click tells of one, everybody can use the page."""

import pytest

from dlcore.sweeps import encode
from tests.browser.conftest import until
from tests.browser.test_accessibility import findings, found
from tests.pages.test_sweeps import SMALL

pytestmark = pytest.mark.browser
MAP = ".glassbox-plot .nsewdrag"


def test_cells_fill_and_a_click_on_one_opens_its_run(visit):
    page = visit(f"/sweeps?s={encode(SMALL)}", plots=1)
    page.evaluate("document.querySelector('.glassbox-plot').mark = true")
    page.locator(".st-key-sweep-run button").first.click()
    until(page, "s.state === 'finished' && s.done === '8'")
    page.get_by_text("Best: learning rate").wait_for()
    assert page.evaluate("document.querySelector('.glassbox-plot').mark")
    box = page.locator(MAP).first.bounding_box()
    page.mouse.click(
        box["x"] + 0.75 * box["width"], box["y"] + 0.3 * box["height"]
    )  # the cell on the upper right
    page.get_by_text("learning rate 0.1, units of every layer 4: validation").wait_for()
    page.get_by_role("button", name="Open in the playground").click()
    page.locator(".st-key-play button").first.wait_for()
    until(page, "s.state === 'finished' && s.epoch === '2'")
    assert "/sweeps" not in page.url


def test_the_page_can_be_used_by_everybody_and_on_a_narrow_screen(visit):
    page = visit("/sweeps", plots=1)
    assert findings(page) == []
    page.set_viewport_size({"width": 800, "height": 900})
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 800
    assert found(page) == []
