"""Saved runs in a real browser: found again, laid side by side, branched from; usable by everybody."""

import secrets

import pytest

from pages.parts import visitor
from tests.browser.conftest import press, until
from tests.browser.test_accessibility import findings, found
from tests.pages.saved.keep import keep, lucky

pytestmark = pytest.mark.browser
TRACES = "document.querySelector('.st-key-saved-curves .plot')?._fullData?.length"
WIDE = "document.documentElement.scrollWidth"


@pytest.fixture
def with_two_runs(visit):
    """The page of somebody who has saved two runs, each with its checkpoints."""
    page = visit("/")
    owner = visitor.owner({cookie["name"]: cookie["value"] for cookie in page.context.cookies()})
    for seed in (1, 2):
        keep(owner, secrets.token_urlsafe(12), lucky(seed), epochs=3)
    page.get_by_role("link", name="Runs").click()
    page.locator(".saved-cards li").nth(1).wait_for()
    return page


def test_runs_are_found_again_laid_side_by_side_and_branched_from(with_two_runs):
    page = with_two_runs
    for box in page.locator(".saved-cards input").all():
        box.focus()
        page.keyboard.press("Space")
    page.get_by_text("2 chosen").wait_for()
    page.get_by_role("button", name="Compare").first.click()
    page.wait_for_function(f"{TRACES} === 4")
    page.locator(".scrub figure").nth(1).wait_for()
    before = page.locator(".scrub img").first.get_attribute("src")
    page.locator(".scrub input").focus()
    page.keyboard.press("Home")
    page.wait_for_function("(src) => document.querySelector('.scrub img').src !== src", arg=before)
    page.reload()
    page.wait_for_function(f"{TRACES} === 4")
    page.get_by_role("button", name="Open").first.click()
    page.get_by_role("button", name="Branch at epoch").wait_for()
    slider = page.locator(".scrub input")
    slider.focus()
    page.keyboard.press("Home")
    page.get_by_role("button", name="Branch at epoch 1").click()
    until(page, "s.epoch === '1'")
    press(page, "runs")
    page.get_by_role("button", name="Open 1").click()
    until(page, "s.epoch === '3'")


def test_saved_runs_can_be_used_by_everybody_and_on_a_narrow_screen(with_two_runs):
    page = with_two_runs
    faults = found(page)
    page.locator(".saved-cards .open").first.click()
    page.locator(".scrub img").wait_for()
    faults += found(page)
    press(page, "saved-back")
    page.locator(".saved-cards input").first.check()
    page.locator(".saved-cards input").nth(1).check()
    page.get_by_role("button", name="Compare").first.click()
    page.wait_for_function(f"{TRACES} === 4")
    page.locator(".scrub img").first.wait_for()
    faults += findings(page)
    page.set_viewport_size({"width": 800, "height": 900})
    page.wait_for_timeout(300)
    assert page.evaluate(WIDE) <= 800
    press(page, "saved-back")
    page.locator(".saved-cards li").nth(1).wait_for()
    faults += found(page)
    assert faults == []
    assert page.evaluate(WIDE) <= 800
