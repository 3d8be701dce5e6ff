"""The lab of gradient descent in a real browser."""

import pytest

from tests.browser.conftest import press, until

pytestmark = pytest.mark.browser
PLANE = ".st-key-descent-plane .glassbox-plot"
DRAWN = f"document.querySelector('{PLANE}').figure"


def test_a_click_on_the_surface_sets_the_start_and_the_race_begins_there(visit):
    page = visit("/gradient_descent?guess=1", plots=3)
    box = page.locator(PLANE).bounding_box()
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.3 * box["height"])
    until(page, "s.state === 'playing' && +s.step > 3")
    press(page, "play")
    until(page, "s.state === 'paused'")
    x = float(page.get_by_role("spinbutton", name="Start x").input_value())
    y = float(page.get_by_role("spinbutton", name="Start y").input_value())
    assert -1 < x < 3
    assert 1 < y < 5
    # every path is drawn from there
    starts = page.evaluate(
        f"{DRAWN}.data.filter((each) => each.mode?.startsWith('lines'))"
        ".map((each) => [each.x, each.y].map((a) => a.bdata ? numbersOf(a)[0] : a[0]))".replace(
            "numbersOf(a)", "new Float32Array(Uint8Array.from(atob(a.bdata), (c) => c.charCodeAt(0)).buffer)"
        )
    )
    assert len(starts) == 6
    assert all(abs(a - x) < 1e-3 and abs(b - y) < 1e-3 for a, b in starts)
    page.get_by_text("was within 1 % of the bottom").or_(page.get_by_text("nobody is within 1 %")).wait_for()


def test_from_the_playground_the_loss_of_its_network_is_one_click_away(visit):
    page = visit()
    press(page, "step")
    until(page, "+s.step === 1")
    page.locator(".st-key-loss-surface button").first.click()
    page.wait_for_selector(f"{PLANE}[data-updates]")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Go on", exact=True).click()
    page.wait_for_function("!document.querySelector('[data-testid=stProgress]')")
    heights = page.evaluate(f"{DRAWN}.data[0].z.shape")
    assert heights.replace(" ", "") == "60,60"
    page.locator(".st-key-lab-guess [role=radio]").first.click()
    page.wait_for_function("!document.querySelector('.st-key-play button').disabled")
    press(page, "step")
    until(page, "+s.step === 1")
