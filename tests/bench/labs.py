"""The labs as a student meets them: how soon there is a picture, and how many a second while it runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page, sync_playwright

from dlcore.bench import Figure
from dlcore.guides import GUIDES, Guide
from tests.bench.browser import FLAGS, SETTLE_S, chromium, press
from tests.bench.server import Server, serving

WINDOW = {"width": 1400, "height": 900}
MEASURE_S = 6.0
DRAWN = """
(() => {
  const below = (node) => [...node.querySelectorAll("*")].flatMap((each) =>
    each.shadowRoot ? [each, ...below(each.shadowRoot)] : [each])
  return below(document.querySelector(".st-key-lab")).filter((each) => Number(each.dataset?.updates) > 0)
})()
"""
"""Every plot and canvas of the lab that has been drawn."""


def figures() -> Iterator[Figure]:
    """Three figures of each lab, each opened by a browser that knows the app already."""
    program = chromium()
    if program is None:
        print("    no Chromium found: the labs' figures are left out (GLASSBOX_CHROMIUM names one)")
        return
    with serving() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=list(FLAGS))
        page = browser.new_page(viewport=WINDOW)  # type: ignore[arg-type]  # a plain dict is what it takes
        page.set_default_timeout(60_000)
        page.goto(server.address)
        page.wait_for_selector("#run-status[data-state]", state="attached")
        for guide in GUIDES:
            yield from one(page, server, guide)
        browser.close()


def one(page: Page, server: Server, guide: Guide[Any]) -> Iterator[Figure]:
    """Open a lab twice, the second time by the clock; predict, play, and count its pictures."""
    for _ in range(2):
        page.goto("about:blank")
        begun = time.perf_counter()
        page.goto(f"{server.address}/{guide.name}")
        page.wait_for_function(f"document.querySelector('.st-key-lab') && {DRAWN}.length > 0", polling=20)
        first_s = time.perf_counter() - begun
        page.wait_for_load_state("networkidle")
    yield Figure.at_most(f"{guide.title}: first picture", first_s, 2, "s")
    page.locator(".st-key-lab-guess [role=radio]").first.click()
    page.wait_for_function("!document.querySelector('.st-key-play button').disabled")
    press(page, "playing")
    time.sleep(SETTLE_S)
    page.evaluate(f"{DRAWN}.forEach((each) => (each.glassboxTagged = true))")
    count = f"Math.max(...{DRAWN}.map((each) => Number(each.dataset.updates)))"
    before, begun = page.evaluate(count), time.perf_counter()
    time.sleep(MEASURE_S)
    drawn = (page.evaluate(count) - before) / (time.perf_counter() - begun)
    replaced = page.evaluate(f"{DRAWN}.filter((each) => !each.glassboxTagged).length")
    page.click(".st-key-play button")  # one that went on unwatched would slow the next lab down
    page.wait_for_selector("#run-status:not([data-state=playing])", timeout=10_000)
    yield Figure.at_least(f"{guide.title}: pictures while it runs", drawn, 5, "1/s")
    yield Figure.at_most(f"{guide.title}: plots mounted anew", replaced, 0)
