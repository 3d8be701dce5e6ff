"""The backpropagation lab: walked through by the keyboard, edited, stepped; and a number computed by hand."""

import re

import pytest

from tests.browser.conftest import until

pytestmark = pytest.mark.browser

PAGE = "/backpropagation?guess=1"


def number(text):
    head, _, power = text.replace("−", "-").partition("·10")
    raised = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return float(head) * 10 ** int(raised or 0)


def told(page):
    """The numbers of the first equation below the drawing: the result, then its factors."""
    cells = page.locator(".chain .equation").first.locator(".cell:not(.operator) .number")
    return [number(each) for each in cells.all_inner_texts()]


def test_the_walk_goes_there_and_back_by_the_keyboard_and_the_step_is_made(visit):
    page = visit(PAGE, plots=0)
    chain = page.locator(".chain")
    chain.locator(".equation").first.wait_for()
    assert "27 of 27 gradients agree" in chain.locator(".checked").inner_text()
    page.get_by_role("button", name="Next ▸").focus()
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    assert "step 9 of 18" in chain.locator(".where").inner_text()
    result, *factors = told(page)
    assert result == pytest.approx(factors[0] * factors[1], rel=0.02)
    assert "✓ finite difference" in chain.locator(".equation .result .words").first.inner_text()
    weight = chain.locator("[data-place='w.2.0.0']")
    assert re.search(r"gradient −1\.\d+", weight.get_attribute("aria-label"))
    assert "gradient" not in chain.locator("[data-place='w.0.0.0']").get_attribute("aria-label")
    page.get_by_role("button", name="Update", exact=True).click()
    chain.get_by_text("Do the step").click()
    until(page, "s.step === '1'")
    page.keyboard.press("Escape")
    weight.focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Value of w Co")
    field.fill("0.5")
    field.press("Enter")
    page.wait_for_function(
        "document.querySelector(\"[data-place='w.2.0.0']\").ariaLabel.startsWith('w Co 0.500')"
    )


def test_what_is_hidden_is_computed_and_found_right(visit):
    page = visit(PAGE, plots=0)
    page.get_by_role("radio", name="You compute").click()
    page.get_by_role("radio", name="One link").click()
    page.wait_for_function("document.querySelectorAll('.chain text.asked').length === 1")
    page.get_by_role("button", name="Hint: the rule").click()
    page.get_by_role("button", name="Hint: its numbers").click()
    page.get_by_role("button", name="Solution").wait_for()
    terms = page.locator(".chain .equation").first.evaluate(
        """(equation) => [...equation.querySelectorAll(".cell:not(.result)")].map((cell) =>
            cell.querySelector(".number").textContent)"""
    )
    total, sign = 0.0, 1.0
    product = None
    for text in terms:
        if text in "=+−·":
            if text != "·" and product is not None:
                total, product = total + sign * product, None
            continue
        product = number(text) * (1.0 if product is None else product)
    total += sign * product
    page.get_by_label("Your number").fill(f"{total:.4g}")
    page.get_by_role("button", name="Check").click()
    page.get_by_text("Right.").wait_for()
    page.get_by_text("Score 1 of 1").wait_for()
