"""The lab of attention in a real browser: from noise to the anti-diagonal, and back along the slider."""

import re

import pytest

from tests.browser.conftest import press, until

pytestmark = pytest.mark.browser


def said(page, pattern):
    """Wait for a sentence of what happened, and give what its groups hold."""
    page.wait_for_function(
        "(pattern) => new RegExp(pattern).test(document.querySelector('.st-key-lab-happened')?.textContent)",
        arg=pattern,
    )
    return re.search(pattern, page.locator(".st-key-lab-happened").text_content()).groups()


def test_a_head_is_switched_off_missed_and_back_and_the_past_is_looked_at(visit):
    page = visit("/attention?guess=1", plots=1)
    page.wait_for_selector(".st-key-attention-time input")
    press(page, "play")
    until(page, "+s.step > 330")
    press(page, "play")
    until(page, "s.state === 'paused'")
    said(page, r"As you predicted: The last")
    page.get_by_role("button", name="Switch head 1.1 off").click()
    now, whole = said(page, r"After \d+ steps (\d+) % .* without head 1\.1, and (\d+) % with all heads")
    assert int(now) < int(whole)
    page.get_by_role("button", name="Switch head 1.1 on").click()
    (again,) = said(page, r"steps (\d+) % of the answers are right\.")
    assert again == whole
    page.get_by_label("Look back").press("Home")
    until(page, "s.at === '0'")
    page.get_by_text("without 1.1").wait_for()
    assert "100 %" not in page.locator(".missed").text_content()
    assert page.locator("#run-status").get_attribute("data-step") == "0"
