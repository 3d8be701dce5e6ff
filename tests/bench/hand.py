"""How the page follows a person's hand: a wide network, every panel open, looking back, adding points."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from playwright.sync_api import Page

from dlcore.activations import Tanh
from dlcore.bench import DEFAULT, Figure
from dlcore.experiment import Experiment
from dlcore.layers import Dense
from tests.bench.browser import MEASURE_S, SETTLE_S, chromium, opened, press, training
from tests.bench.server import serving

WIDE = Experiment(network=(Dense(units=16, activation=Tanh()),) * 8)
TRIES = 12

IN_PAGE = """
() => {
  const hand = (window.glassboxHand = {})
  const plot = () => document.querySelector(".st-key-boundary .glassbox-plot")
  const status = () => document.querySelector("#run-status").dataset
  const points = () => JSON.parse(plot().still).reduce((sum, trace) => sum + trace.x.length, 0)
  const once = (true_) => new Promise((resolve) => {
    const look = () => (true_() ? resolve(performance.now()) : setTimeout(look, 1))
    look()
  })

  /** Drag the slider to a place between 0 and 1; milliseconds until the plane of then is drawn. */
  hand.scrub = async (place) => {
    const timelines = [...document.querySelectorAll("*")].filter((each) => each.shadowRoot)
    const slider = timelines.map((each) => each.shadowRoot.querySelector(".timeline input")).find(Boolean)
      ?? document.querySelector(".timeline input")
    const before = status().at
    const begun = performance.now()
    slider.value = String(Math.round(place * (slider.max - 1)))
    slider.dispatchEvent(new Event("input", { bubbles: true }))
    const seen = await once(() => status().at !== before && status().at !== "")
    const updates = plot().dataset.updates
    // the strip and the plane come with one answer, in either order; a plane that comes later counts later
    const later = await once(() => plot().dataset.updates !== updates || performance.now() - seen > 150)
    return (plot().dataset.updates === updates ? seen : later) - begun
  }

  const seen = []
  new MutationObserver(() => {
    const epoch = Number(status().epoch)
    if (seen.at(-1)?.epoch !== epoch) seen.push({ at: performance.now(), epoch })
  }).observe(document.querySelector("#run-status"), { attributes: true, attributeFilter: ["data-epoch"] })

  /** The epoch of the last mark on the loss chart: where in its course the run took the last change. */
  const marked = () => {
    const { data } = JSON.parse(document.querySelector(".st-key-loss .glassbox-plot").latest)
    const written = data.find((trace) => trace.name === "changes")?.x.bdata ?? ""
    const bytes = Uint8Array.from(atob(written), (letter) => letter.charCodeAt(0))
    return new Float32Array(bytes.buffer).at(-1) ?? -1
  }
  /** When the run was at an epoch, by the pictures before and after it, which come a little later. */
  const timeOf = (epoch) => {
    const i = seen.findIndex((each) => each.epoch >= epoch)
    const [before, after] = [seen[i - 1], seen[i]]
    const share = (epoch - before.epoch) / (after.epoch - before.epoch)
    return before.at + share * (after.at - before.at)
  }

  /** From the next press of the pointer until the run has one point more, and until that is drawn, in ms. */
  hand.listen = () => {
    hand.added = new Promise((resolve) => {
      document.addEventListener("pointerdown", async () => {
        const begun = performance.now()
        const [before, mark] = [points(), marked()]
        await once(() => points() > before)
        const drawn = performance.now() - begun
        await once(() => marked() > mark && seen.at(-1).epoch >= marked())
        resolve({ drawn, taken: timeOf(marked()) - begun })
      }, { capture: true, once: true })
    })
  }
}
"""


def figures() -> Iterator[Figure]:
    """What the page still does when a person asks much of it."""
    program = chromium()
    if program is None:
        return
    with serving() as server, opened(program, server, WIDE) as page:
        yield wide(page)
    with serving() as server, opened(program, server, DEFAULT) as page:
        open_panels(page)
        yield from training(page, "default 8-8-8", "every panel open")
    with serving() as server, opened(program, server, DEFAULT) as page:
        page.evaluate(IN_PAGE)
        press(page, "playing")
        page.wait_for_timeout(5000)
        yield from scrubbing(page)
        page.get_by_role("button", name="Back to now").click()
        page.wait_for_selector("#run-status[data-at='']")
        yield from adding(page)


def wide(page: Page) -> Figure:
    """Pictures per second with 8 × 16 neurons drawn."""
    press(page, "playing")
    time.sleep(SETTLE_S)
    first = page.evaluate("glassboxBench.atNextEpoch()")
    time.sleep(MEASURE_S)
    last = page.evaluate("glassboxBench.atNextEpoch()")
    drawn = min(after - before for before, after in zip(first["updates"], last["updates"], strict=True))
    return Figure.at_least("pictures of 8 × 16 neurons", drawn / (last["at"] - first["at"]) * 1000, 5, "1/s")


def open_panels(page: Page) -> None:
    """Open what can stay open: the formulas, the mistakes, the code."""
    page.get_by_text("What you see, and the formulas behind it").click()
    page.locator(".st-key-formulas .katex").first.wait_for()
    page.locator(".st-key-view-controls [data-testid=stPopoverButton]").click()
    page.get_by_text("Mark mistakes").click()
    page.keyboard.press("Escape")
    page.locator(".st-key-code button").first.click()
    page.get_by_text("Runs by itself").wait_for()


def scrubbing(page: Page) -> Iterator[Figure]:
    """Look back at places all over the run's past."""
    places = [(i * 5 % TRIES + 0.5) / TRIES for i in range(TRIES)]
    taken_ms = []
    for place in places:
        taken_ms.append(page.evaluate("(place) => glassboxHand.scrub(place)", place))
        page.wait_for_timeout(300)
    yield from both("scrubbed to a picture", taken_ms, 0.2)


def adding(page: Page) -> Iterator[Figure]:
    """Click points into the plane while it trains."""
    page.locator(".st-key-view-controls").get_by_text("■ 1", exact=True).click()
    page.wait_for_function(
        "getComputedStyle(document.querySelector('.st-key-boundary .still')).pointerEvents === 'auto'"
    )
    taken = []
    for i in range(TRIES):
        page.wait_for_timeout(700)
        page.evaluate("glassboxHand.listen()")
        box = page.locator(".st-key-boundary .plot .nsewdrag").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + (i + 1) * box["width"] / (TRIES + 2), box["y"] + 0.1 * box["height"])
        taken.append(page.evaluate("glassboxHand.added"))
    yield from both("point added to the run's having it", [each["taken"] for each in taken], 0.3)
    print(f"    until it was drawn: {statistics.median(each['drawn'] for each in taken):.0f} ms, at most "
          f"{max(each['drawn'] for each in taken):.0f}")  # fmt: skip


def both(name: str, taken_ms: list[float], bound: float) -> Iterator[Figure]:
    """Median and slowest."""
    yield Figure.at_most(f"{name}, median of {TRIES}", statistics.median(taken_ms) / 1000, bound, "s")
    yield Figure.at_most(f"{name}, slowest of {TRIES}", max(taken_ms) / 1000, bound, "s")
