import pytest

from dlcore.data import Own
from dlcore.experiment import Experiment
from dlcore.link import encode
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


SHADE = """
([x, y]) => {
    const root = document.querySelector(".st-key-boundary .glassbox-plot")
    const { xaxis, yaxis } = root.plot._fullLayout
    const place = [xaxis._offset + xaxis.d2p(x), yaxis._offset + yaxis.d2p(y)]
    const pixel = root.map.getContext("2d").getImageData(...place, 1, 1).data
    return [...pixel.slice(0, 3)]
}
"""


def test_the_map_has_the_colours_of_the_networks_answer(visit):
    e = Experiment(network=(), inputs=("x1",), held=({"layer": 0, "unit": 0, "source": 0, "value": 9.0},))
    page = visit(f"/?x={encode(e)}")
    right, left = (page.evaluate(SHADE, [x, 0.5]) for x in (5, -5))
    assert right[2] > right[0], "blue is class 1"
    assert left[0] > left[2], "orange is class 0"


def test_the_pointer_is_told_the_newest_answer_though_the_map_is_drawn_without_plotly(visit):
    page = visit("/?play=1")
    until(page, "s.epoch > 1")
    page.mouse.move(*place(page, 0.5, 5.5))
    said = "document.querySelector('.st-key-boundary .hoverlayer')?.textContent ?? ''"
    page.wait_for_function(f"{said}.includes('class 1 over class 0')")
    drawn, newest = page.evaluate(
        """() => { const root = document.querySelector(".st-key-boundary .glassbox-plot")
             return [root.plot.data[0], root.figure.data[0]].map((trace) => JSON.stringify(trace.z)) }"""
    )
    assert drawn == newest


def in_space(page):
    page.locator(".st-key-view-controls [data-testid=stPopoverButton]").click()
    page.locator("[data-testid=stPopoverBody] [data-testid=stSelectbox] input").click()
    page.get_by_text("layer 2: the plane as it sees it").click()
    page.wait_for_function(
        "document.querySelector('.st-key-boundary .plot')?.ariaLabel?.includes('layer 2 sees it')"
    )
    page.locator("[data-testid=stPopoverBody]").get_by_text("In three dimensions").click()
    page.wait_for_function(
        "document.querySelector('.st-key-boundary .plot')?.ariaLabel?.includes('in three dimensions')"
    )


def test_the_plane_is_seen_in_space_and_stays_as_it_was_turned(visit):
    page = visit()
    in_space(page)
    page.keyboard.press("Escape")
    plot = "document.querySelector('.st-key-boundary .plot')"
    page.wait_for_function(f"{plot}?._fullLayout?.scene?._scene?.glplot")
    assert page.evaluate(f"{plot}.data.map((t) => t.type)") == ["scatter3d"] * 3
    camera = f"{plot}._fullLayout.scene._scene.getCamera().eye"
    first = page.evaluate(camera)
    box = page.locator(".st-key-boundary .glassbox-plot").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(60):  # a slow machine draws, and turns, only a few of the places the pointer comes by
        page.mouse.move(x + 2 * i, y + i / 2)
        if page.evaluate(f"Math.abs({camera}.x - {first['x']}) > 0.05"):
            break
    page.mouse.up()
    page.wait_for_function(f"Math.abs({camera}.x - {first['x']}) > 0.05")
    page.wait_for_function(  # it rolls on for a moment
        f"(([was, is]) => (window.was = is) === was)([window.was, JSON.stringify({camera})])",
        polling=300,
    )
    turned = page.evaluate(camera)
    press(page, "play")
    until(page, "s.epoch > 3")
    assert page.evaluate(camera) == pytest.approx(turned, abs=1e-3)


def test_without_webgl_a_sentence_says_so(visit, chromium):
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    context.add_init_script(
        """const given = HTMLCanvasElement.prototype.getContext
           HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
               return kind.includes("webgl") ? null : given.call(this, kind, ...rest)
           }"""
    )
    page = visit(context=context)
    in_space(page)
    page.locator(".st-key-boundary .words").get_by_text("WebGL is off").wait_for()
    context.close()


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
