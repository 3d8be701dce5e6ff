import pytest

from dlcore.data import Own
from tests.browser.conftest import press, status, until
from tests.browser.test_playground import shown

pytestmark = pytest.mark.browser


def tool(page, sign):
    page.locator(".st-key-view-controls").get_by_text(sign, exact=True).click()
    page.wait_for_function(
        "getComputedStyle(document.querySelector('.st-key-boundary .still')).pointerEvents === 'auto'"
    )


def place(page, x, y):
    box = page.locator(".st-key-boundary .glassbox-plot").bounding_box()
    at = page.evaluate(
        """([x, y]) => { const l = document.querySelector('.st-key-boundary .plot')._fullLayout
             return [l.xaxis._offset + l.xaxis.d2p(x), l.yaxis._offset + l.yaxis.d2p(y)] }""",
        [x, y],
    )
    return box["x"] + at[0], box["y"] + at[1]


def test_points_are_painted_while_it_trains_and_training_goes_on(visit):
    page = visit("/?play=1")
    until(page, "s.epoch > 2")
    tool(page, "■ 1")
    page.mouse.move(*place(page, -5, -5))
    page.mouse.down()
    page.mouse.move(*place(page, 5, -5), steps=12)
    page.mouse.up()
    page.get_by_text("points of your own").wait_for()
    page.wait_for_timeout(500)
    before = int(status(page)["step"])
    e = shown(page)
    assert isinstance(e.data, Own)
    assert e.data.size >= 505
    until(page, f"s.step > {before}")
    assert before > 0, "painting did not start the run over"


def test_a_click_adds_one_point_and_the_eraser_takes_it_away(visit):
    page = visit()
    tool(page, "● 0")
    page.mouse.click(*place(page, 5, -5.5))
    page.get_by_text("501 points of your own").wait_for()
    x, y = shown(page).data.read()
    assert x[-1] == pytest.approx((5, -5.5), abs=0.1)
    assert y[-1] == 0
    page.locator(".st-key-view-controls [data-testid=stButtonGroup] button").last.click()
    page.wait_for_timeout(500)
    page.mouse.click(*place(page, 5, -5.5))
    page.get_by_text("500 points of your own").wait_for()


def test_the_plane_is_seen_through_a_layer_and_mistakes_are_marked(visit):
    page = visit()
    page.locator(".st-key-view-controls [data-testid=stPopoverButton]").click()
    page.get_by_text("Mark mistakes").click()
    page.wait_for_function(
        "document.querySelector('.st-key-boundary .plot').data.some((t) => t.name === 'wrong')"
    )
    page.locator("[data-testid=stPopoverBody] [data-testid=stSelectbox] input").click()
    page.get_by_text("layer 2: the plane as it sees it").click()
    page.wait_for_function(
        "document.querySelector('.st-key-boundary .plot')?.ariaLabel?.includes('layer 2 sees it')"
    )


def test_the_confusion_matrix_stands_beside_the_curves(visit):
    page = visit()
    press(page, "epoch")
    page.locator(".st-key-curve-controls").get_by_text("confusion").click()
    page.wait_for_function("document.querySelector('.st-key-loss .plot')?.data?.[0].type === 'heatmap'")
    counts = page.evaluate("document.querySelector('.st-key-loss .plot').data[0].text")
    assert counts


def test_a_point_is_put_by_keyboard(visit):
    page = visit()
    tool(page, "● 0")
    page.locator(".st-key-boundary canvas.still").focus()
    for key in ("Shift+ArrowRight", "ArrowRight", "Shift+ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.get_by_text("501 points of your own").wait_for()
    x, y = shown(page).data.read()
    assert x[-1] == pytest.approx((1.25, -1), abs=0.1)
    assert y[-1] == 0
