"""The next step, phase by phase on the diagram."""

import numpy as np
import pytest

from dlcore.experiment import Experiment
from dlcore.link import encode
from tests.browser.conftest import press, status, until

pytestmark = pytest.mark.browser

WALK = ".st-key-network .walk"
NUMBERS = """
(walk) => Object.fromEntries(Object.entries(walk.closest(".network").arrays)
    .filter(([name]) => /^(weights|phase)\\.\\d+\\.(weight|bias)/.test(name))
    .map(([name, { values }]) => [name, [...values]]))
"""


PLACE = """({ plot: { _fullLayout: { xaxis, yaxis } } }, [x, y]) =>
    [xaxis._offset + xaxis.d2p(x), yaxis._offset + yaxis.d2p(y)]"""


def entered(page):
    press(page, "phases")
    page.wait_for_selector(WALK)
    until(page, "s.state === 'paused' || s.state === 'idle'")
    return page.locator(WALK)


def test_the_step_goes_forward_to_the_loss_back_and_is_then_really_made(visit):
    page = visit("/?play=1")
    until(page, "s.epoch > 0")
    walk = entered(page)
    said = [walk.locator("p").inner_text()]
    while walk.get_by_text("Next", exact=True).is_enabled():
        walk.get_by_text("Next", exact=True).click()
        said.append(walk.locator("p").inner_text())
    assert len(said) == 1 + 4 + 1 + 4 + 1
    assert "goes in: x₁ = " in said[0]
    assert "the loss (cross-entropy) is " in said[5]
    assert "chain rule" in said[6]
    assert "moves every weight by −η" in said[-1]
    before, step = walk.evaluate(NUMBERS), int(status(page)["step"])
    assert f"Step {step + 1}," in said[0]
    walk.get_by_text("Do the step").click()
    until(page, f"s.step === '{step + 1}'")
    walk.get_by_text(f"Step {step + 2}, 1 of").wait_for()
    after = walk.evaluate(NUMBERS)
    for name in [name for name in before if name.startswith("phase.") and name.endswith("_after")]:
        shown = name.removeprefix("phase.").removesuffix("_after")
        np.testing.assert_array_equal(before[name], after[f"weights.{shown}"])
        np.testing.assert_array_equal(after[f"phase.{shown}"], before[name])


def test_the_keyboard_alone_goes_through_the_step_and_leaves(visit):
    page = visit()
    page.locator(".st-key-phases button").first.focus()
    page.keyboard.press("Enter")
    walk = page.locator(WALK)
    walk.wait_for()
    page.wait_for_function("document.activeElement?.shadowRoot?.activeElement?.textContent === 'Next'")
    page.keyboard.press("Enter")
    walk.get_by_text("2 of 11").wait_for()
    page.keyboard.press("ArrowRight")
    walk.get_by_text("3 of 11").wait_for()
    page.keyboard.press("ArrowLeft")
    walk.get_by_text("2 of 11").wait_for()
    assert status(page)["step"] == "0", "the arrow keys mean the stages here, not the step"
    page.keyboard.press("Escape")
    walk.wait_for(state="detached")
    page.locator(".st-key-phases").get_by_text("Phase by phase").first.wait_for()


def test_the_pointer_tells_the_numbers_of_the_stage(visit):
    from tests.browser.test_diagram import place

    page = visit(f"/?x={encode(Experiment(network=()))}")
    walk = entered(page)
    tip = page.locator(".st-key-network .tip")
    page.mouse.move(*place(page, 0, 0))
    assert "answers" in tip.inner_text()
    walk.get_by_text("Next", exact=True).click()
    (x1, y1), (x2, y2) = place(page, 0, 0), place(page, 1, 0)
    page.mouse.move((x1 + x2) / 2, (y1 + y2) / 2)
    assert "·" in tip.inner_text()
    assert "=" in tip.inner_text()
    walk.get_by_text("Update").click()
    page.mouse.move((x1 + x2) / 2, (y1 + y2) / 2 + 1)
    assert "a change of" in tip.inner_text()


def test_play_leaves_the_phases(visit):
    page = visit()
    entered(page)
    press(page, "play")
    until(page, "s.epoch > 0")
    page.wait_for_selector(WALK, state="detached")


def test_a_point_is_chosen_by_its_number_and_by_a_click_on_the_plane(visit):
    page = visit()
    walk = entered(page)
    box = walk.get_by_label("Training point to trace")
    box.fill("7")
    box.press("Enter")
    walk.get_by_text("Training point 7").wait_for()
    ring = "document.querySelector('.st-key-boundary .glassbox-plot').traces.find((t) => t.name === 'traced')"
    page.wait_for_function(f"{ring} !== undefined")
    x, y = page.evaluate(f"[{ring}.x[0], {ring}.y[0]]")
    plane = page.locator(".st-key-boundary .glassbox-plot")
    box = plane.bounding_box()
    # the other side of the plane: another point is nearest there
    at = plane.evaluate(PLACE, [-x, -y])
    page.mouse.click(box["x"] + at[0], box["y"] + at[1])
    page.wait_for_function(f"({ring}).x[0] !== {x}")
    said = walk.locator("p").inner_text()
    assert "Training point" in said
    assert "Training point 7 " not in said
    walk.get_by_text("First of the batch").click()
    walk.get_by_text("number 1 of the 10 points of this batch").wait_for()
