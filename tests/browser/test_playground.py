import io
import json
import os
import signal

import numpy as np
import psutil
import pytest
from PIL import Image

from dlcore.experiment import Experiment
from dlcore.link import decode, encode
from tests.browser.conftest import press, status, until

pytestmark = pytest.mark.browser


def shown(page):
    """The experiment in the address of the page."""
    return decode(page.url.split("x=")[1].split("&")[0]).experiment


def test_a_stranger_presses_play_and_sees_it_learn(visit):
    page = visit()
    assert status(page)["state"] == "idle"
    first = float(status(page)["trainLoss"])
    press(page, "play")
    until(page, "s.state === 'playing' && s.epoch > 20")
    press(page, "play")
    until(page, "s.state === 'paused'")
    assert float(status(page)["trainLoss"]) < first


def test_the_pictures_are_there_before_play(visit):
    page = visit(anew=False)
    for name in ("boundary", "network", "loss"):
        picture = Image.open(io.BytesIO(page.locator(f".st-key-{name}").first.screenshot())).convert("L")
        assert np.asarray(picture).std() > 5, name


def test_the_first_screen_needs_no_scrolling(visit):
    page = visit(anew=False)
    for name in ("transport", "data", "network", "boundary", "loss", "curve-controls", "time", "settings"):
        box = page.locator(f".st-key-{name}").first.bounding_box()
        assert box["y"] + box["height"] <= 900, name


def test_the_code_can_be_read_and_downloaded(visit):
    page = visit(anew=False)
    press(page, "code")
    page.get_by_text("Runs by itself").wait_for()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="PyTorch script").click()
    assert "nn.Linear" in waiting.value.path().read_text()


def test_the_weights_of_the_moment_can_be_taken_along(visit):
    page = visit(anew=False)
    press(page, "step")
    until(page, "s.step === '1'")
    press(page, "code")
    page.get_by_role("tab", name="Trained weights").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="JSON").click()
    told = json.loads(waiting.value.path().read_text())
    assert told["step"] == 1
    assert len(told["layers"][0]["weight"][0]) == 2


def test_no_picture_is_mounted_anew_and_none_is_blank_while_it_plays(visit):
    page = visit("/?play=1")
    until(page, "s.epoch > 0")
    page.evaluate(
        "document.querySelectorAll('.glassbox-plot, #run-status').forEach((n) => (n.tagged = true))"
    )
    before = page.evaluate("+document.querySelector('.glassbox-plot').dataset.updates")
    for _ in range(10):
        picture = Image.open(io.BytesIO(page.locator(".st-key-boundary").screenshot())).convert("L")
        assert np.asarray(picture).std() > 5
    assert page.evaluate("+document.querySelector('.glassbox-plot').dataset.updates") > before
    tags = page.evaluate(
        "[...document.querySelectorAll('.glassbox-plot, #run-status')].map((n) => !!n.tagged)"
    )
    assert tags == [True, True, True]


def test_zoom_stays_while_it_plays(visit):
    page = visit(anew=False)
    box = page.locator(".st-key-boundary .plot").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for _ in range(4):
        page.mouse.wheel(0, -400)
    axis = "document.querySelector('.st-key-boundary .plot')._fullLayout.xaxis.range"
    page.wait_for_function(f"{axis}[0] > -5")
    zoomed = page.evaluate(axis)
    press(page, "play")
    until(page, "s.epoch > 10")
    assert page.evaluate(axis) == pytest.approx(zoomed)


def test_the_keyboard_plays_steps_and_resets(visit):
    page = visit()
    page.keyboard.press("ArrowRight")
    until(page, "s.step === '1'")
    page.keyboard.press(" ")
    until(page, "s.state === 'playing' && s.step > 1")
    page.keyboard.press(" ")
    until(page, "s.state === 'paused'")
    page.keyboard.press("r")
    until(page, "s.state === 'idle' && s.step === '0'")


def test_a_killed_worker_leaves_the_picture_and_the_way_on(visit, server):
    page = visit()
    press(page, "epoch")
    until(page, "s.epoch === '1'")
    workers = [
        p
        for p in psutil.Process(server.pid).children(recursive=True)
        if "forkserver" in " ".join(p.cmdline())
    ]
    newest = max(workers, key=lambda process: process.create_time())
    os.kill(newest.pid, signal.SIGKILL)
    until(page, "s.state === 'lost'")
    assert page.locator(".st-key-boundary .greyed").count() == 1
    press(page, "revive")
    until(page, "s.state === 'playing' && s.epoch > 1")


def test_the_diagram_changes_the_network(visit):
    page = visit()
    network = page.locator(".st-key-network")
    acts = (
        lambda: network.get_by_label("Add a neuron to layer 1").click(),
        lambda: network.get_by_label("Activation of layer 2").select_option("relu"),
        lambda: network.get_by_label("Dropout after layer 3").select_option("0.2"),
        lambda: network.get_by_label("Input sin x₁").click(),
        lambda: network.get_by_label("Add a hidden layer").click(),
    )
    for act in acts:
        before = page.url
        act()
        page.wait_for_url(lambda url, before=before: url != before)
    network.get_by_label("Activation of layer 4").wait_for()
    e = shown(page)
    assert [each.kind_name() for each in e.inputs] == ["x1", "x2", "sin_x1"]
    assert [layer.kind_name() for layer in e.network] == ["dense", "dense", "dense", "dropout", "dense"]
    assert e.network[0].units == 9
    assert e.network[1].activation.kind_name() == "relu"


def test_a_data_set_is_chosen_by_its_picture_and_by_keyboard(visit):
    page = visit()
    page.locator(".st-key-data").get_by_role("radio", name="Moons").click()
    page.wait_for_function(f"!location.search.includes('{encode(Experiment())}&')")
    assert shown(page).data.kind_name() == "moons"
    page.locator(".st-key-data").get_by_role("radio", name="Moons").press("ArrowRight")
    page.locator(".st-key-data").get_by_role("radio", name="Checkerboard", checked=True).wait_for()
    assert shown(page).data.kind_name() == "checkerboard"


@pytest.mark.parametrize("data", ["rings", "ripple"])
def test_more_classes_and_values_are_drawn_too(visit, data):
    loss = "mean_squared" if data == "ripple" else "cross_entropy"
    page = visit(f"/?x={encode(Experiment(data=data, loss=loss))}&play=1")
    until(page, "s.epoch > 5")
    picture = Image.open(io.BytesIO(page.locator(".st-key-boundary").screenshot())).convert("RGB")
    assert np.asarray(picture).std(axis=(0, 1)).min() > 5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 800])
def test_nothing_overlaps_and_nothing_is_cut_off(visit, width, theme):
    page = visit(anew=False, width=width, theme=theme)
    names = (
        "transport",
        "status-strip",
        "advice",
        "data",
        "network",
        "view-controls",
        "boundary",
        "loss",
        "curve-controls",
        "time",
        "time-acts",
        "settings",
        "explain",
    )
    boxes = {name: page.locator(f".st-key-{name}").first.bounding_box() for name in names}
    for name, box in boxes.items():
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= width, name
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    assert [(a, b) for a, b in pairs if overlap(boxes[a], boxes[b]) > 2] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_transport_stays_in_reach_on_a_narrow_screen(visit, theme):
    page = visit(anew=False, width=800, theme=theme)
    page.locator(".stMain").evaluate("(main) => main.scrollTo(0, main.scrollHeight)")
    page.wait_for_function("document.querySelector('.st-key-transport').getBoundingClientRect().y < 5")
    ground = "(e) => getComputedStyle(e).backgroundColor"
    assert page.locator(".st-key-transport").evaluate(ground) == page.locator(".stApp").evaluate(ground)


@pytest.mark.parametrize("width", [1400, 800])
def test_no_control_lies_on_another(visit, width):
    page = visit("/?play=1", width=width)
    page.locator(".st-key-advice p").first.wait_for()
    boxes = page.evaluate(
        """() => {
          const every = (root) => [...root.querySelectorAll("*")]
            .flatMap((e) => [e, ...(e.shadowRoot ? every(e.shadowRoot) : [])])
          return every(document.querySelector(".st-key-playground"))
            .filter((e) => e.matches("button, select, input:not([type=range]), output, .item, label p"))
            .filter((e) => e.checkVisibility({visibilityProperty: true}))
            .map((e) => [e.ariaLabel ?? e.innerText, e.getBoundingClientRect().toJSON()])
        }"""
    )
    assert len(boxes) > 50
    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :]]
    assert [(a[0], b[0]) for a, b in pairs if overlap(a[1], b[1]) > 2] == []


def overlap(a, b):
    """How many px two boxes reach into each other, on the shorter of both sides."""
    wide = min(a["x"] + a["width"], b["x"] + b["width"]) - max(a["x"], b["x"])
    high = min(a["y"] + a["height"], b["y"] + b["height"]) - max(a["y"], b["y"])
    return min(wide, high)


def test_looking_into_the_settings_changes_none_of_them(visit):
    e = Experiment(
        loss="hinge",
        optimizer={"kind": "adamw", "weight_decay": 0.25, "beta1": 0.5},
        schedule={"kind": "one_cycle", "epochs": 77, "rising": 0.5},
        regularisation={"l1": 0.001, "l2": 0.01, "how": "decoupled decay", "max_norm": 2.0},
        init={"kind": "normal", "std": 0.7},
        seeds={"data": 5, "split": 6, "init": 7, "batches": 8},
    )
    page = visit(f"/?x={encode(e)}")
    press(page, "step")
    until(page, "s.step === '1'")
    buttons = page.locator(".st-key-settings [data-testid=stPopoverButton]")
    assert buttons.count() == 7
    for i in range(7):
        buttons.nth(i).click()
        page.locator("[data-testid=stPopoverBody]").wait_for()
        page.wait_for_timeout(400)
        page.keyboard.press("Escape")
        assert shown(page) == e


def test_a_broken_address_says_so_and_opens(visit):
    page = visit("/?x=broken&run=nobody")
    page.get_by_text("Set aside").wait_for()
    assert status(page)["state"] == "idle"


def test_a_preset_from_the_gallery_is_played_exactly_while_another_run_plays(visit):
    from dlcore.presets import PRESETS

    page = visit("/?play=1")
    until(page, "s.state === 'playing'")
    for preset in (PRESETS[6], PRESETS[12], PRESETS[16]):
        press(page, "gallery")
        page.click(f'.picker.cards button[data-kind="{preset.name}"]')
        page.wait_for_selector("[role=dialog]", state="detached")
        token = encode(preset.experiment)
        page.wait_for_function(f"location.href.includes('x={token}')")
        page.wait_for_timeout(1500)  # late reports of the widgets' old values would come now
        assert shown(page) == preset.experiment
        until(page, "s.state === 'playing'")


def test_a_dead_layer_is_named_and_repaired(visit):
    from dlcore.presets import PRESETS

    page = visit(f"/?play=1&x={encode(PRESETS[6].experiment)}")
    page.wait_for_selector(".st-key-advice :text('answer 0 at every training point')")
    page.click(".st-key-advice button:has-text('Repair')")
    page.wait_for_selector(".st-key-advice :text('answer 0 at every training point')", state="detached")
    page.evaluate("0")
    assert {layer.activation.kind_name() for layer in shown(page).network} == {"leaky_relu"}
