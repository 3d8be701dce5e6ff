"""Control over time, as a person has it."""

import pytest

from dlcore.experiment import Experiment
from dlcore.link import encode
from tests.browser.conftest import press, status, until
from tests.browser.test_playground import shown

pytestmark = pytest.mark.browser


def marks(page):
    data = "document.querySelector('.st-key-loss .plot').data"
    traces = page.evaluate(f"{data}.filter((t) => t.name === 'changes').map((t) => t.text)")
    return sorted({text for trace in traces for text in trace})


def test_a_typed_learning_rate_stays_while_it_plays_and_is_one_mark(visit):
    page = visit("/?play=1")
    until(page, "s.epoch > 5")
    box = page.get_by_label("Learning rate, typed")
    box.fill("0.02")
    box.press("Enter")
    page.wait_for_function(
        "document.querySelector('.st-key-loss .plot').data.some((t) => t.name === 'changes')"
    )
    seen = int(status(page)["epoch"])
    until(page, f"s.epoch > {seen + 40}")
    assert shown(page).optimizer.learning_rate == 0.02
    assert [mark.partition("<br>")[2] for mark in marks(page)] == ["learning rate 0.003 → 0.02"]


def test_control_z_undoes_and_redoes_but_not_while_typing(visit):
    page = visit()
    page.locator(".st-key-network").get_by_label("Remove a neuron from layer 2").click()
    page.wait_for_function(f"!location.search.includes('{encode(Experiment())}&')")
    page.get_by_label("Learning rate, typed").click()
    page.keyboard.press("Control+z")
    page.locator("#run-status").click()
    page.keyboard.press("Control+z")
    page.wait_for_function(f"location.search.includes('{encode(Experiment())}&')")
    page.wait_for_function("document.querySelector('.st-key-redo button')?.disabled === false")
    page.keyboard.press("Control+Shift+Z")
    page.wait_for_function(f"!location.search.includes('{encode(Experiment())}&')")
    assert shown(page).network[1].units == 7


def test_the_slider_scrubs_the_pictures_by_mouse_and_keyboard_and_the_run_plays_on(visit):
    page = visit("/?play=1")
    until(page, "s.epoch > 40")
    slider = page.get_by_label("Look back")
    slider.press("Home")
    until(page, "s.at === '0' && s.step === '0' && s.state === 'playing'")
    assert page.locator(".timeline .then").inner_text() == "epoch 0"
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    until(page, "+s.step > 0 && s.at === s.step")
    page.get_by_role("button", name="Back to now").click()
    until(page, "s.at === '' && s.epoch > 40")


def test_a_branch_is_drawn_beside_the_main_run_and_can_be_closed(visit):
    page = visit()
    for i in range(3):
        press(page, "step")
        until(page, f"s.step === '{i + 1}'")
    page.get_by_label("Look back").press("Home")
    until(page, "s.at === '0'")
    press(page, "branch")
    page.get_by_role("button", name="Branch off").click()
    page.wait_for_function("document.querySelectorAll('.glassbox-plot[data-updates]').length === 3")
    page.get_by_text("Learning rate 0.009").first.wait_for()
    lines = "document.querySelector('.st-key-loss .plot').data.map((t) => t.line.color)"
    page.wait_for_function(f"new Set({lines}).size === 2")
    press(page, "close-branch")
    page.wait_for_function("document.querySelectorAll('.glassbox-plot[data-updates]').length === 2")


def test_a_branch_with_another_start_begins_at_epoch_0_beside_the_run(visit):
    page = visit()
    press(page, "epoch")
    until(page, "s.epoch === '1' && s.state !== 'playing'")
    press(page, "branch")
    page.get_by_label("Setting").click()
    page.get_by_role("option", name="Initialisation").click()
    page.get_by_text("starts at epoch 0").wait_for()
    page.get_by_role("button", name="Branch off").click()
    page.wait_for_function("document.querySelectorAll('.glassbox-plot[data-updates]').length === 3")
    page.get_by_text(", from epoch 0").first.wait_for()
    traces = "document.querySelector('.st-key-loss .plot')._fullData"
    page.wait_for_function(f"{traces}.find((trace) => trace.name.startsWith('Init'))?.x[0] === 0")
