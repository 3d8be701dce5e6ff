"""For who cannot use a mouse, or sees less than others."""

from pathlib import Path

import axe_playwright_python
import pytest

from dlcore.lesson import Goal, Lesson
from dlcore.lesson import encode as encode_lesson
from dlcore.link import encode
from dlcore.presets import PRESETS
from tests.browser.conftest import GROUND, THEMES, press, until
from tests.browser.test_diagram import place

pytestmark = pytest.mark.browser
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
FOCUS = (Path(__file__).parent / "focus.js").read_text()
EXCUSED = [
    # Streamlit's own elements, which take no tabindex; browsers let the keyboard into scrollers by themselves
    ["scrollable-region-focusable", ".katex-display"],
    ["scrollable-region-focusable", "[data-testid=stCode] pre"],
]
FINDINGS = """
async ({ excused, within, rules }) => {
  // what would be loaded before is for rules that are off
  const how = {resultTypes: ["violations"], elementRef: true, preload: false, ...(rules && {runOnly: rules})}
  const found = await axe.run(within ?? document, how)
  return found.violations.filter((rule) => ["serious", "critical"].includes(rule.impact)).flatMap((rule) =>
    rule.nodes
      .filter((node) => !excused.some(([id, which]) => id === rule.id && node.element?.matches(which)))
      .map((node) => `${rule.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`))
}
"""
OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that may find the same page at fault in one appearance and not in the other."""
POPOVERS = "[data-testid=stPopoverButton]:visible"
DEAD = encode(PRESETS[6].experiment)
LESSON = encode_lesson(Lesson(name="A", text="*Do* `this`.", hidden=("data",), locked=("loss",), goal=Goal()))


def found(page, within=None, rules=None):
    """What axe finds serious or critical on the page as it is, or within what a selector names."""
    page.evaluate(f"window.axe || (() => {{ {AXE} }})()")
    return page.evaluate(FINDINGS, {"excused": EXCUSED, "within": within, "rules": rules})


def turn(page):
    """From light to dark, or back."""
    other = next(name for name, ground in THEMES.items() if ground != page.evaluate(GROUND))
    page.emulate_media(color_scheme=other)
    page.wait_for_function(f"{GROUND} === '{THEMES[other]}'")


def findings(page, within=None):
    """What axe finds serious or critical there, and in the other appearance by its colours."""
    before = found(page, within)
    turn(page)
    return before + found(page, within, OF_COLOURS)


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


DIALOG = "[role=dialog]"
NETWORK = ".st-key-network"


@pytest.mark.parametrize(
    ("address", "come", "within"),
    [
        ("/", as_opened, None),
        ("/", with_a_neuron_open, NETWORK),
        ("/", with_a_weight_open, NETWORK),
        ("/", making_a_lesson, DIALOG),
        ("/", uploading, DIALOG),
        ("/", in_the_gallery, DIALOG),
        ("/", with_the_formulas, ".st-key-explain"),
        ("/", playing, None),
        (f"/?play=1&x={DEAD}", with_advice, ".st-key-advice"),
        (f"/?lesson={LESSON}", as_opened, None),
        ("/?present=1", as_opened, None),
        ("/?embed=true", as_opened, None),
    ],
)
def test_axe_finds_nothing_serious(visit, address, come, within):
    page = visit(address, anew=False)
    come(page)
    assert findings(page, within) == []


def test_axe_finds_nothing_serious_in_any_popover(visit):
    page = visit(anew=False)
    body = page.locator("[data-testid=stPopoverBody]")
    n_popovers = page.locator(POPOVERS).count()
    assert n_popovers > 8
    for rules in (None, OF_COLOURS):
        for i in range(n_popovers):
            page.locator(POPOVERS).nth(i).click()
            body.locator("*").first.wait_for()
            assert found(page, "[data-testid=stPopoverBody]", rules) == []
            page.keyboard.press("Escape")
            body.wait_for(state="detached")
        turn(page)


def missed(page, within):
    """The controls there that Tab has not come by."""
    return page.evaluate(f"(within) => {{ {FOCUS} return missed(within) }}", within)


def walk(page):
    """Press Tab until it comes round; where the focus cannot be seen is told."""
    hidden, known = [], 0
    page.evaluate(f"() => {{ {FOCUS} every(document).forEach((element) => {{ element.reached = false }}) }}")
    for _ in range(200):
        page.keyboard.press("Tab")
        at = page.evaluate(f"() => {{ {FOCUS} return focused() }}")
        known = known + 1 if at["again"] else 0
        if known == 6:  # a box of code keeps the focus for a few presses
            break
        if not at["name"].startswith("BODY") and (at["px"] < 2 or at["contrast"] < 3):
            hidden.append(at)
    return hidden


@pytest.mark.parametrize(("theme", "address"), [("light", "/"), ("dark", "/"), ("dark", "/?present=1")])
def test_tab_reaches_every_control_and_shows_where_it_is(visit, theme, address):
    page = visit(address, anew=False, theme=theme)
    assert walk(page) == []
    assert missed(page, ".st-key-playground") == []


@pytest.mark.parametrize("come", [making_a_lesson, uploading, in_the_gallery])
def test_tab_reaches_every_control_of_a_dialog(visit, come):
    page = visit(anew=False, theme="dark")
    come(page)
    assert walk(page) == []
    assert missed(page, "[role=dialog]") == []


def test_a_popover_is_opened_walked_and_closed_by_keyboard(visit):
    page = visit(anew=False)
    body = page.locator("[data-testid=stPopoverBody]")
    for name in ("View", "Axes", "Adam", "Stop", "Branch"):
        page.locator(POPOVERS).filter(has_text=name).focus()
        page.keyboard.press("Enter")
        body.locator("*").first.wait_for()
        assert walk(page) == [], name
        assert missed(page, "[data-testid=stPopoverBody]") == [], name
        page.keyboard.press("Escape")
        body.wait_for(state="detached")


def test_arrow_keys_choose_among_segments(visit):
    page = visit(anew=False)
    page.locator(".st-key-curve-controls [role=radio]").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.locator(".st-key-curve-controls [role=radio][aria-checked=true]").get_by_text("accuracy").wait_for()


def test_a_run_that_comes_to_another_state_is_said_aloud(visit):
    page = visit(anew=False)
    said = page.locator(".st-key-status-strip [role=status]")
    assert said.inner_text() == ""
    press(page, "play")
    said.get_by_text("learning").wait_for()
    press(page, "play")
    said.get_by_text("paused, epoch").wait_for()
    assert "loss" in said.inner_text()
