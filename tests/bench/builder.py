"""What the builder does, measured in a headless Chromium on the same machine."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from playwright.sync_api import sync_playwright

from dlcore.bench import Figure
from dlcore.data import Mnist
from dlcore.experiment import Experiment
from dlcore.layers import Activate, BatchNorm, Conv2d, Flatten, MaxPool
from dlcore.link import encode
from tests.bench.browser import FLAGS, WINDOW, chromium
from tests.bench.server import serving

BLOCK = (Conv2d(channels=8), BatchNorm(), Activate())
DEEP = Experiment(
    data=Mnist(n_images=500),
    network=(*BLOCK * 3, MaxPool(), *BLOCK * 3, MaxPool(), *BLOCK * 3, Flatten()),
    batch_size=32,
)
"""30 layers."""
EDITS = 15
CHANGE = """
([value]) => new Promise((resolve) => {
  const below = (node) => [...node.querySelectorAll("*")].flatMap((each) =>
    each.shadowRoot ? [each, ...below(each.shadowRoot)] : [each])
  const root = below(document.body).find((each) => each.matches(".stack"))
  const input = root.querySelector(".card.open input[type=number]")
  const before = root.querySelector(".totals").textContent
  const begun = performance.now()
  const look = () => {
    const now = root.querySelector(".totals").textContent
    if (now && now !== before) return void resolve([performance.now() - begun, now])
    if (performance.now() - begun > 10000) return void resolve([10000, now])
    setTimeout(look, 1)
  }
  input.value = value
  input.dispatchEvent(new Event("change"))
  look()
})
"""


def figures() -> Iterator[Figure]:
    """From an edit of a stack of 30 layers to the new shapes and totals on the page."""
    yield from edits()


def edits() -> Iterator[Figure]:
    """Change the channels of the first layer again and again: every shape below it and the totals change."""
    program = chromium()
    if program is None:
        print("    no Chromium found: the builder's figures are left out (GLASSBOX_CHROMIUM names one)")
        return
    with serving() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=list(FLAGS))
        try:
            page = browser.new_page(viewport=WINDOW)  # type: ignore[arg-type]  # a plain dict is what it takes
            page.goto(f"{server.address}/builder?x={encode(DEEP)}")
            page.wait_for_selector("#run-status[data-state=idle]", timeout=60_000)
            page.locator(".st-key-layers .card .name").first.click()
            page.locator(".st-key-layers .card.open input[type=number]").first.wait_for()
            taken_ms = []
            for i in range(EDITS + 2):
                ms, _ = page.evaluate(CHANGE, [9 + i])
                taken_ms.append(ms)
                page.wait_for_timeout(700)
        finally:
            browser.close()
    taken_ms = taken_ms[2:]  # the first ones wake what sleeps
    print(f"    edit of {len(DEEP.network)} layers, ms: {' '.join(f'{ms:.0f}' for ms in taken_ms)}")
    yield Figure.at_most(
        f"edit of {len(DEEP.network)} layers to new shapes and totals, median of {EDITS}",
        statistics.median(taken_ms), 150, "ms",
    )  # fmt: skip


if __name__ == "__main__":
    for figure in figures():
        print(figure.name, figure.shown, figure.wanted)
