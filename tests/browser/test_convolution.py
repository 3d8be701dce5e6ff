import numpy as np
import pytest

from dlcore.guides.convolution import GUIDE, ConvolutionSettings
from dlcore.spec.share import pack
from tests.browser.conftest import pause, press, until

pytestmark = pytest.mark.browser
STATE = """() => {
  const find = (root) => {
    for (const each of root.querySelectorAll("*")) {
      if (each.classList.contains("sliding")) return each
      const inside = each.shadowRoot && find(each.shadowRoot)
      if (inside) return inside
    }
  }
  const root = find(document)
  const plain = ({values, shape}) => ({values: [...values], shape})
  return {at: root.at, filled: root.filled === Infinity ? -1 : root.filled, window: root.window,
    bias: root.bias, image: plain(root.image), kernel: plain(root.kernel), output: plain(root.output),
    told: root.line.innerText, tables: [...root.querySelectorAll(".cells")].map((box) =>
      [...box.children].map((cell) => cell.value ?? cell.innerText))}
}"""


def array(told):
    return np.array(told["values"], np.float64).reshape(told["shape"])


def number(text):
    return float(text.replace("−", "-"))


def lab(visit, **settings):
    made = ConvolutionSettings(**settings)
    link = "" if made == GUIDE.settings else f"&s={pack(made.compact())}"
    page = visit(f"/convolution?guess=1{link}", plots=0)
    page.locator(".sliding[data-updates]").wait_for()
    return page


def shown(page, true):
    """What the page shows once something is true of it."""
    for _ in range(100):
        state = page.evaluate(STATE)
        if true(state):
            return state
        page.wait_for_timeout(100)
    raise AssertionError(f"it did not become true of {state['window']}, {state['told']}")


def add_up(state):
    """The sum under the window, by hand: from the numbers in the browser, place by place."""
    image, kernel, w = array(state["image"]), array(state["kernel"]), state["window"]
    padded = np.pad(image, ((0, 0), (w["padding"],) * 2, (w["padding"],) * 2))
    total = state["bias"]
    for channel in range(len(image)):
        for r in range(w["size"]):
            for c in range(w["size"]):
                row = state["at"][0] * w["stride"] + r * w["dilation"]
                column = state["at"][1] * w["stride"] + c * w["dilation"]
                total += padded[channel, row, column] * kernel[channel, r, c]
    return total


def test_every_number_under_the_window_adds_up_wherever_it_is_moved_and_whatever_is_typed(visit):
    page = lab(visit, picture="shape", sample=3, kernel="sharpen", stride=2, padding=1, dilation=2)
    output = page.locator(".sliding .output canvas")
    output.focus()
    page.keyboard.press("Home")
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    state = shown(page, lambda s: s["at"] == [2, 1])
    assert page.evaluate("document.querySelector('#run-status').dataset.step") == "0", (
        "arrows move the window"
    )
    box = output.bounding_box()
    for x, y in ((0.1, 0.1), (0.55, 0.4), (0.95, 0.95)):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        state = page.evaluate(STATE)
        row, column = state["at"]
        assert array(state["output"])[0, row, column] == pytest.approx(add_up(state), abs=1e-5)
        assert number(state["told"].split()[-1]) == pytest.approx(add_up(state), abs=0.006)
        seen, weights, products = ([number(text) for text in table] for table in state["tables"])
        np.testing.assert_allclose(np.array(seen) * weights, products, atol=0.02)
    field = page.get_by_label("Kernel, row 1, column 3")
    field.fill("2.5")
    state = shown(
        page,
        lambda s: (
            array(s["output"])[0][tuple(s["at"])] == pytest.approx(add_up(s), abs=1e-5)
            and s["kernel"]["values"][2] == 2.5
        ),
    )
    assert page.get_by_label("Kernel, row 1, column 3").input_value() == "2.5"
    page.get_by_role("button", name="Slide", exact=True).click()
    filling = shown(page, lambda s: s["filled"] >= 3)
    assert filling["at"][0] * state["output"]["shape"][2] + filling["at"][1] + 1 == filling["filled"]
    page.get_by_role("button", name="Stop", exact=True).click()


def test_windows_are_slid_while_they_are_learnt_and_a_digit_is_followed_into_one_of_its_maps(visit):
    page = lab(visit, kernel="learnt", channel=1, sample=7)
    before = page.evaluate(STATE)
    page.evaluate("document.querySelectorAll('canvas').forEach((canvas) => (canvas.tagged = true))")
    press(page, "play")
    until(page, "s.epoch >= 1")
    after = shown(page, lambda s: s["kernel"]["values"] != before["kernel"]["values"])
    assert after["output"]["values"] != before["output"]["values"]
    assert page.evaluate("[...document.querySelectorAll('canvas')].every((canvas) => canvas.tagged)")
    pause(page)
    page.locator(".st-key-convolution-controls").get_by_text("Watch it learn").click()
    page.locator(".glassbox-tiles .title", has_text="The start · neighbours agree").wait_for()
    page.locator(".glassbox-tiles .title", has_text="Now · neighbours agree").wait_for()
    page.locator(".st-key-convolution-controls").get_by_text("Follow a digit").click()
    page.locator(".try-answer").wait_for()
    layers = page.get_by_label("Maps of layer 3", exact=False)
    layers.click(position={"x": 20, "y": 20})
    page.locator(".sliding[data-updates]").wait_for()
    state = page.evaluate(STATE)
    assert state["image"]["shape"] == [8, 14, 14], "it lies on every map of the layer before"
    row, column = state["at"]
    assert array(state["output"])[0, row, column] == pytest.approx(add_up(state), abs=1e-4)
    page.locator(".st-key-convolution-controls").get_by_text("What it likes").click()
    page.locator(".glassbox-tiles .title", has_text="moves each answer most").wait_for()
