"""For who cannot use a mouse, or sees less than others."""

from pathlib import Path

import axe_playwright_python
import pytest

from dlcore.lesson import Goal, Lesson
from dlcore.lesson import encode as encode_lesson
from dlcore.link import encode
from dlcore.presets import PRESETS
from tests.browser.conftest import press, until
from tests.browser.test_diagram import place

pytestmark = pytest.mark.browser
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
EXCUSED = [
    # Streamlit's own elements, which take no tabindex; browsers let the keyboard into such scrollers by themselves
    ["scrollable-region-focusable", ".katex-display"],
    ["scrollable-region-focusable", "[data-testid=stCode] pre"],
]
FINDINGS = """
async (excused) => {
  const found = await axe.run(document, {resultTypes: ["violations"], elementRef: true})
  return found.violations.filter((rule) => ["serious", "critical"].includes(rule.impact)).flatMap((rule) =>
    rule.nodes
      .filter((node) => !excused.some(([id, which]) => id === rule.id && node.element?.matches(which)))
      .map((node) => `${rule.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`))
}
"""
POPOVERS = "[data-testid=stPopoverButton]:visible"
DEAD = encode(PRESETS[6].experiment)
LESSON = encode_lesson(Lesson(name="A", text="*Do* `this`.", hidden=("data",), locked=("loss",), goal=Goal()))


def findings(page):
    """What axe finds serious or critical on the page as it is."""
    page.evaluate(f"window.axe || (() => {{ {AXE} }})()")
    return page.evaluate(FINDINGS, EXCUSED)


def as_opened(page):
    return page


def playing(page):
    press(page, "play")
    until(page, "s.epoch > 5")


def with_a_neuron_open(page):
    page.mouse.click(*place(page, 1, 0))
    page.locator(".st-key-network .panel").wait_for()


def with_a_weight_open(page):
    with_a_neuron_open(page)
    page.locator(".st-key-network .panel .bar").first.click()
    page.locator(".st-key-network .panel input[type=number]").wait_for()


def making_a_lesson(page):
    press(page, "teach-open")
    page.get_by_role("dialog").get_by_text("Set a goal").click()
    page.get_by_role("dialog").get_by_label("Threshold").wait_for()


def uploading(page):
    press(page, "upload-open")
    page.get_by_role("dialog").get_by_text("CSV file").first.wait_for()


def in_the_gallery(page):
    press(page, "gallery")
    page.locator(".picker.cards button").first.wait_for()


def with_the_formulas(page):
    page.locator(".st-key-explain summary").click()
    page.locator(".st-key-explain .katex").first.wait_for()


def with_advice(page):
    page.locator(".st-key-advice").get_by_role("button", name="Repair").first.wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("address", "come"),
    [
        ("/", as_opened),
        ("/", playing),
        ("/", with_a_neuron_open),
        ("/", with_a_weight_open),
        ("/", making_a_lesson),
        ("/", uploading),
        ("/", in_the_gallery),
        ("/", with_the_formulas),
        (f"/?play=1&x={DEAD}", with_advice),
        (f"/?lesson={LESSON}", as_opened),
        ("/?present=1", as_opened),
        ("/?embed=true", as_opened),
    ],
)
def test_axe_finds_nothing_serious(visit, theme, address, come):
    page = visit(address, theme=theme)
    come(page)
    assert findings(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_any_popover(visit, theme):
    page = visit(theme=theme)
    body = page.locator("[data-testid=stPopoverBody]")
    n_popovers = page.locator(POPOVERS).count()
    assert n_popovers > 8
    for i in range(n_popovers):
        page.locator(POPOVERS).nth(i).click()
        body.locator("*").first.wait_for()
        assert findings(page) == []
        page.keyboard.press("Escape")
        body.wait_for(state="detached")


FOCUSED = """
() => {
  let element = document.activeElement
  while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
  const before = element.reached
  element.reached = true
  const parent = (e) => e.parentElement ?? e.getRootNode().host
  // a slider's or a switch's own field is out of sight: what stands for it is marked
  const seen = [element, element.closest("[data-focus-visible]")].find((e) => e && getComputedStyle(e).outlineStyle !== "none"
    && e.getBoundingClientRect().width > 4 && !e.parentElement?.style.clipPath)
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number)
  const light = (text) => rgb(text).slice(0, 3).map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + [0.2126, 0.7152, 0.0722][i] * c, 0)
  let ground = seen && parent(seen)
  while (ground && (rgb(getComputedStyle(ground).backgroundColor)[3] ?? 1) === 0) ground = parent(ground)
  const line = seen && getComputedStyle(seen)
  const shades = seen ? [line.outlineColor, getComputedStyle(ground ?? document.body).backgroundColor].map(light).sort() : [0, 0]
  return {
    again: Boolean(before) && element !== document.body,
    name: element.tagName + " " + (element.ariaLabel ?? element.innerText ?? "").slice(0, 40),
    px: seen ? parseFloat(line.outlineWidth) : 0,
    contrast: (shades[1] + 0.05) / (shades[0] + 0.05),
  }
}
"""
MISSED = """
(within) => {
  const every = (root) => [...root.querySelectorAll("*")].flatMap((e) => [e, ...(e.shadowRoot ? every(e.shadowRoot) : [])])
  const all = every(document.querySelector(within))
  const controls = all.filter((e) => e.matches("button, input, select, textarea, a[href], summary, [tabindex='0']")
    && !e.disabled && !e.closest("[aria-hidden=true]") && e.checkVisibility({visibilityProperty: true, opacityProperty: true}))
  // a part of a composite is reached by arrow keys from the part that Tab reaches
  const composite = "[role=radiogroup], [role=group], [role=toolbar], .picker, [data-testid=stNumberInput]"
  const byArrows = (e) => (e.tabIndex < 0 || e.role === "radio") && [...(e.closest(composite)?.querySelectorAll("*") ?? [])].some((each) => each.reached)
  return controls.filter((e) => !e.reached && !byArrows(e)).map((e) => e.outerHTML.slice(0, 200))
}
"""


def walk(page):
    """Press Tab until it comes round; where the focus cannot be seen is told."""
    hidden = []
    for _ in range(200):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at["again"]:
            break
        if not at["name"].startswith("BODY") and (at["px"] < 2 or at["contrast"] < 3):
            hidden.append(at)
    return hidden


@pytest.mark.parametrize(("theme", "address"), [("light", "/"), ("dark", "/"), ("dark", "/?present=1")])
def test_tab_reaches_every_control_and_shows_where_it_is(visit, theme, address):
    page = visit(address, theme=theme)
    assert walk(page) == []
    assert page.evaluate(MISSED, ".st-key-playground") == []


@pytest.mark.parametrize("come", [making_a_lesson, uploading, in_the_gallery])
def test_tab_reaches_every_control_of_a_dialog(visit, come):
    page = visit(theme="dark")
    come(page)
    assert walk(page) == []
    assert page.evaluate(MISSED, "[role=dialog]") == []


@pytest.mark.parametrize("name", ["View", "Axes", "Adam", "Stop", "Branch"])
def test_a_popover_is_opened_walked_and_closed_by_keyboard(visit, name):
    page = visit()
    button = page.locator(POPOVERS).filter(has_text=name)
    button.focus()
    page.keyboard.press("Enter")
    body = page.locator("[data-testid=stPopoverBody]")
    body.locator("*").first.wait_for()
    assert walk(page) == []
    assert page.evaluate(MISSED, "[data-testid=stPopoverBody]") == []
    page.keyboard.press("Escape")
    body.wait_for(state="detached")


def test_arrow_keys_choose_among_segments(visit):
    page = visit()
    page.locator(".st-key-curve-controls [role=radio]").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.locator(".st-key-curve-controls [role=radio][aria-checked=true]").get_by_text("accuracy").wait_for()
