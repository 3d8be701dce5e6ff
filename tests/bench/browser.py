"""What a person sees, measured in a headless Chromium on the same machine."""

from __future__ import annotations

import io
import os
import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image
from playwright.sync_api import FloatRect, Page, sync_playwright

from dlcore.bench import DEFAULT, NETS, Figure
from dlcore.experiment import Experiment
from dlcore.link import encode
from tests.bench.server import Server, serving

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run", "--disable-quic")  # fmt: skip
WINDOW = {"width": 1280, "height": 800}
SETTLE_S = 2.0
MEASURE_S = 10.0
SCREENSHOTS = 60
PRESSES = 7
STANDS_STILL_MS = 2500
"""Longer than the heartbeat of a paused page, so that a step made after Pause would be seen."""
WANTED_EPOCHS_PER_S = dict(zip(NETS, (130, 110), strict=True))
PICTURES = (".st-key-boundary", ".st-key-network")
UNIFORM = 0.995
"""A picture in which so large a share of the pixels has one colour is blank."""

IN_PAGE = """
() => {
  const status = () => document.querySelector("#run-status").dataset
  const below = (node) => [...node.querySelectorAll("*")].flatMap((each) =>
    each.shadowRoot ? [each, ...below(each.shadowRoot)] : [each])
  const kept = () => below(document.body).filter((each) => each.matches(".glassbox-plot, .network"))
  const bench = (window.glassboxBench = { seen: [], clicked: 0 })

  /** Facts as they are right after the epoch on the page has changed. */
  bench.atNextEpoch = () => new Promise((resolve) => {
    const first = status().epoch
    const look = () => {
      if (status().epoch === first) return void setTimeout(look, 1)
      const plots = [...document.querySelectorAll(".glassbox-plot")]
      const updates = plots.map((plot) => Number(plot.dataset.updates))
      resolve({ at: performance.now(), epoch: Number(status().epoch), updates })
    }
    look()
  })
  bench.tag = () => kept().map((each) => (each.glassboxTagged = true)).length
  bench.tagged = () => kept().filter((each) => each.glassboxTagged).length

  /** From now on write down every change of the status strip and every press of Play or Pause. */
  bench.listen = () => {
    const note = () => {
      const now = document.querySelector("#run-status")
      if (!now) return
      const { epoch, step, state } = now.dataset
      const last = bench.seen.at(-1)
      if (last && last.step === Number(step) && last.state === state) return
      bench.seen.push({ at: performance.now(), epoch: Number(epoch), step: Number(step), state })
    }
    new MutationObserver(note).observe(document.body, {
      subtree: true, childList: true, attributes: true,
      attributeFilter: ["data-step", "data-epoch", "data-state"],
    })
    document.addEventListener("click", (event) => {
      if (event.target.closest(".st-key-play")) {
        bench.clicked = performance.now()
        bench.seen.length = 0
      }
    }, true)
  }
}
"""


def chromium() -> str | None:
    """The browser to measure in: ``GLASSBOX_CHROMIUM``, or the first that is installed."""
    return os.environ.get("GLASSBOX_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def figures() -> Iterator[Figure]:
    """Speed, pictures, remounts, blank frames, and how quickly Play and Pause act."""
    program = chromium()
    if program is None:
        print("    no Chromium found: the browser's figures are left out (GLASSBOX_CHROMIUM names one)")
        return
    for name, experiment in NETS.items():
        with serving() as server, opened(program, server, experiment) as page:
            yield from training(page, name)
    with serving() as server, opened(program, server, DEFAULT) as page:
        yield from presses(page)


@contextmanager
def opened(program: str, server: Server, experiment: Experiment) -> Iterator[Page]:
    """The page of an experiment, drawn once, on a server that has started a run before."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=list(FLAGS))
        try:
            page = browser.new_page(viewport=WINDOW)  # type: ignore[arg-type]  # a plain dict is what it takes
            page.goto(f"{server.address}/?x={encode(experiment)}")
            page.wait_for_selector("#run-status[data-state=idle]", timeout=60_000)
            page.wait_for_function(
                "() => { const plots = [...document.querySelectorAll('.glassbox-plot')];"
                " return plots.length === 2 && plots.every((plot) => plot.dataset.updates > 0) }"
            )
            page.wait_for_load_state("networkidle")
            page.evaluate(IN_PAGE)
            yield page
        finally:
            browser.close()


def training(page: Page, net: str, how: str = "") -> Iterator[Figure]:
    """Watch one run: its speed, its pictures, its nodes, its screenshots."""
    name = f"{net}, {how}" if how else net
    n_nodes = page.evaluate("glassboxBench.tag()")
    press(page, "playing")
    time.sleep(SETTLE_S)
    first = page.evaluate("glassboxBench.atNextEpoch()")
    time.sleep(MEASURE_S)
    last = page.evaluate("glassboxBench.atNextEpoch()")
    passed_s = (last["at"] - first["at"]) / 1000
    blank = sum(blank_frames(page))
    press(page, "paused")
    replaced = n_nodes - page.evaluate("glassboxBench.tagged()")
    drawn = [after - before for before, after in zip(first["updates"], last["updates"], strict=True)]
    epochs_per_s = (last["epoch"] - first["epoch"]) / passed_s
    yield Figure.at_least(
        f"training speed in Chromium, {name}", epochs_per_s, WANTED_EPOCHS_PER_S[net], "epochs/s"
    )
    yield Figure.at_least(f"pictures of the slower plot, {name}", min(drawn) / passed_s, 8, "1/s")
    yield Figure.at_most(f"plots and diagrams remounted, {n_nodes} there, {name}", replaced, 0)
    yield Figure.at_most(f"blank frames in {SCREENSHOTS} screenshots, {name}", blank, 0)


def press(page: Page, state: str) -> None:
    """Press Play or Pause and wait until the page says so."""
    page.click(".st-key-play button")
    page.wait_for_selector(f"#run-status[data-state={state}]", timeout=10_000)


def blank_frames(page: Page) -> Iterator[bool]:
    """Take screenshots while the run goes on: whether any of the pictures in them is blank."""
    boxes = [page.locator(selector).bounding_box() for selector in PICTURES]
    for _ in range(SCREENSHOTS):
        shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        yield any(box is None or uniformity(shot, box) > UNIFORM for box in boxes)


def uniformity(shot: Image.Image, box: FloatRect) -> float:
    """The share of a picture's pixels that have its commonest colour; its rim, where titles are, left out."""
    left, top, width, height = box["x"], box["y"], box["width"], box["height"]
    inner = shot.crop((int(left + 0.15 * width), int(top + 0.15 * height),
                       int(left + 0.85 * width), int(top + 0.85 * height)))  # fmt: skip
    pixels = np.asarray(inner, np.int64) // 8 @ np.array([1 << 16, 1 << 8, 1])
    return float(np.unique(pixels, return_counts=True)[1].max() / pixels.size)


def presses(page: Page) -> Iterator[Figure]:
    """From the click on Play to the first learnt epoch, and from that on Pause to the last new step."""
    page.evaluate("glassboxBench.listen()")
    starts_ms, stops_ms = [], []
    for _ in range(PRESSES):
        press(page, "playing")
        page.wait_for_function(
            "glassboxBench.seen.some((each) => each.epoch > 0)", polling=20, timeout=10_000
        )
        seen, clicked = page.evaluate("[glassboxBench.seen, glassboxBench.clicked]")
        starts_ms.append(next(each["at"] for each in seen if each["epoch"] > 0) - clicked)
        time.sleep(1)
        press(page, "paused")
        page.wait_for_timeout(STANDS_STILL_MS)
        seen, clicked = page.evaluate("[glassboxBench.seen, glassboxBench.clicked]")
        last_step = max(each["step"] for each in seen)
        stops_ms.append(next(each["at"] for each in seen if each["step"] == last_step) - clicked)
        page.click(".st-key-reset button")
        page.wait_for_selector("#run-status[data-state=idle][data-epoch='0']", timeout=10_000)
    yield Figure.at_most(
        f"Play to epoch > 0, median of {PRESSES}", statistics.median(starts_ms) / 1000, 0.4, "s"
    )
    yield Figure.at_most(f"Play to epoch > 0, slowest of {PRESSES}", max(starts_ms) / 1000, 0.4, "s")
    yield Figure.at_most(
        f"Pause to the last step, median of {PRESSES}", statistics.median(stops_ms) / 1000, 0.2, "s"
    )
    yield Figure.at_most(f"Pause to the last step, slowest of {PRESSES}", max(stops_ms) / 1000, 0.2, "s")
