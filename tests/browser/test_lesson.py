"""What opens from a lesson's link, on a projector and inside another page."""

import io
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import zxingcpp
from PIL import Image

from dlcore.experiment import Experiment
from dlcore.lesson import Goal, Lesson, decode, encode
from dlcore.link import encode as encode_experiment
from tests.browser.conftest import PATIENCE_MS, press, status, until

pytestmark = pytest.mark.browser
HOSTILE = (
    "Look: <img src='https://spy.example/a.png' onerror='alert(1)'> <script>alert(2)</script>\n\n"
    "![a](https://spy.example/b.png) [b](javascript:alert(3)) [c](data:text/html,x) "
    "[d][e] <javascript:alert(4)> <iframe src='https://spy.example'></iframe>\n\n[e]: javascript:alert(5)"
)


def test_a_strangers_text_is_text(visit):
    page = visit(f"/?lesson={encode(Lesson(name='<b>x</b>', text=HOSTILE))}")
    lesson = page.locator(".st-key-lesson")
    assert lesson.locator("img, script, iframe, b").count() == 0
    targets = lesson.locator("a").evaluate_all("(all) => all.map((a) => new URL(a.href).protocol)")
    assert set(targets) <= {"http:", "https:"}
    assert "<script>alert(2)</script>" in lesson.inner_text()


def test_a_learner_reaches_the_goal_and_is_told(visit):
    goal = Goal(measure="test_loss", comparison="under", threshold=0.1, neurons=8)
    easy = Lesson(goal=goal, hidden=("data",), locked=("learning_rate",))
    e = Experiment(data="two_gaussians", network=({"kind": "dense", "units": 4},))
    page = visit(f"/?x={encode_experiment(e)}&lesson={encode(easy)}")
    assert page.locator(".st-key-datasets").count() == 0
    assert page.locator(".st-key-settings").get_by_text("Two gaussians").count() == 1
    page.locator(".st-key-goal").get_by_text("not yet met").wait_for()
    press(page, "play")
    page.locator(".st-key-goal").get_by_text("Goal met:").wait_for()


def test_a_ready_lesson_opens_with_its_task_and_its_goal(visit):
    page = visit()
    press(page, "lessons")
    address = page.get_by_role("link", name="Why hidden layers").get_attribute("href")
    learner = visit("/?" + address.partition("?")[2])
    assert "one straight line" in learner.locator(".st-key-lesson").inner_text()
    learner.locator(".st-key-goal").get_by_text("not yet met").wait_for()


def test_the_network_cannot_be_edited_where_it_is_locked(visit):
    page = visit(f"/?lesson={encode(Lesson(locked=('diagram',)))}")
    controls = page.locator(".st-key-network button, .st-key-network select")
    assert controls.count() > 10
    assert controls.evaluate_all("(all) => all.every((each) => each.disabled)")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_qr_code_holds_the_link_that_opens_the_lesson(visit, theme):
    page = visit(theme=theme)
    press(page, "teach-open")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title").fill("One straight line")
    dialog.get_by_label("Title").press("Enter")
    opener = dialog.get_by_role("link", name="Open it as a learner")
    before = f"lesson={encode(Lesson())}"
    page.wait_for_function(
        f"[...document.querySelectorAll('[role=dialog] a')].some((a) => !a.href.includes('{before}'))"
    )
    address = opener.get_attribute("href")
    assert decode(address.split("lesson=")[1])[0].name == "One straight line"
    assert dialog.get_by_test_id("stCode").inner_text().strip() == address
    picture = dialog.get_by_role("img", name="QR code")
    picture.evaluate("(image) => image.decode()")
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.screenshot())))
    assert read.text == address


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_presentation_fits_the_screen(visit, theme):
    page = visit("/?present=1", anew=False, theme=theme)
    for name in ("transport", "network", "boundary", "loss"):
        box = page.locator(f".st-key-{name}").first.bounding_box()
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= 1400, name
        assert box["y"] + box["height"] <= 900, name
    assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") > 16
    label = page.locator(".st-key-network").get_by_label("Input x₁", exact=True)
    assert label.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)") >= 16


@pytest.fixture
def school(server, tmp_path):
    """Another site's page with the app in a frame."""
    frame = f"<iframe src='{server.address}/?embed=true&play=1' width='1300' height='900'></iframe>"
    (tmp_path / "index.html").write_text(f"<h1>School</h1>{frame}")
    files = partial(SimpleHTTPRequestHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), files) as site:
        thread = Thread(target=site.serve_forever)
        thread.start()
        yield f"http://localhost:{site.server_port}/"
        site.shutdown()
        thread.join()


def test_it_plays_inside_another_page(chromium, school):
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    try:
        page = context.new_page()
        page.set_default_timeout(4 * PATIENCE_MS)  # a frame of another site loads everything anew
        page.goto(school)
        inside = page.frame_locator("iframe")
        inside.locator("#run-status[data-state=playing]").wait_for(state="attached")
        inner = page.frames[1]
        until(inner, "s.epoch > 3")
        assert "embed=true" in inner.evaluate("location.search")
        assert inner.locator("[data-testid=stToolbar]").count() == 0
        press(inner, "play")
        until(inner, "s.state === 'paused'")
        assert status(inner)["run"]
    finally:
        context.close()
