"""What a thousand saved runs cost: until the gallery is drawn, and until two of them are compared."""

from __future__ import annotations

import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, sync_playwright

from dlcore.bench import Figure
from dlcore.data import Task
from dlcore.experiment import Experiment, Seeds
from dlcore.link import dumps
from dlcore.optimizers import Adam
from dlcore.owner import hashed
from dlcore.presets import PRESETS
from dlcore.record import Arrays, Record
from dlcore.store import MEASURES, Store, StoreSettings
from pages.parts.visitor import COOKIE, owner
from tests.bench.browser import FLAGS, WINDOW, chromium
from tests.bench.server import serving

N_RUNS = 1000
N_ROWS = 300
N_CHECKPOINTS = 3
TIMES = 7
SIDE = 48
HOUR_S = 3600.0


def fill(store: Store, whose: str, n_runs: int = N_RUNS, n_checkpoints: int = N_CHECKPOINTS) -> list[str]:
    """Save runs as workers would: of every preset, with histories, pictures and checkpoints; their ids."""
    now = time.time()
    ids = [f"{hashed(whose)[:16]}-{k:05d}" for k in range(n_runs)]
    for k, run in enumerate(ids):
        for record in records(run, whose, k, now - (n_runs - k) * HOUR_S / 4, n_checkpoints):
            store.file(record)
    return ids


def records(run: str, whose: str, k: int, begun: float, n_checkpoints: int) -> Iterator[Record]:
    """What the worker of a run writes down, one record for each checkpoint."""
    rng = np.random.default_rng(k)
    experiment = example(k)
    epochs = np.arange(N_ROWS)
    rows = learnt(epochs, rng)
    clock = np.stack([epochs, 25 * epochs, 0.01 * epochs], 1).astype(np.float64)
    for share in np.linspace(0, 1, n_checkpoints + 1)[1:]:
        epoch = int(share * (N_ROWS - 1))
        facts = {
            "experiment": dumps(experiment),
            "epoch": epoch,
            "step": 25 * epoch,
            "marks": [],
            "saved": {
                "id": run,
                "owner": hashed(whose),
                "line": f"line-{run}",
                "life": 1,
                "begun": begun,
                "saved": begun + 0.01 * epoch,
                "state": "paused" if share < 1 else "finished",
                "message": "",
                "seconds": 0.01 * epoch,
                "parent": "",
                "parent_step": 0,
                "sweep": "",
                "turns": [],
                "forgotten": False,
                "measures": dict(zip(MEASURES, map(float, rows[epoch]), strict=True)),
            },
        }
        arrays = {
            "history.epoch": epochs[: epoch + 1],
            "history.rows": rows[: epoch + 1],
            "clock": clock[: epoch + 1],
            "weights": rng.standard_normal(3 * experiment.n_parameters()).astype(np.float32),
        }
        pictured = {f"picture.{name}": array for name, array in picture(experiment.task, share, rng).items()}
        yield Record(facts, {**arrays, **pictured})


def example(k: int) -> Experiment:
    """One of the presets, with another learning rate and other seeds."""
    rate = round(10 ** -(1 + k % 7 / 3), 5)
    changes = {"optimizer": Adam(learning_rate=rate), "seeds": Seeds(init=k % 1000)}
    return PRESETS[k % len(PRESETS)].experiment.model_copy(update=changes)


def learnt(epochs: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Losses that fall and scores that rise, with noise: (R,) → (R, 6)."""
    fall = 0.05 + 0.65 * np.exp(-epochs / rng.uniform(20, 120))
    noise = 1 + 0.05 * rng.standard_normal((3, len(epochs)))
    losses = fall * noise * np.array([[1.0], [1.15], [1.2]])
    return np.concatenate([losses, 1 - losses / 2]).T.astype(np.float64)


def picture(task: Task, share: float, rng: np.random.Generator) -> Arrays:
    """A small picture of smooth areas, as busy as a real one."""
    x, y = np.meshgrid(*[np.linspace(-3, 3, SIDE)] * 2)
    a, b, c = rng.uniform(-2, 2, 3)
    value = np.tanh(3 * share * np.sin(a * x + b * y + c * x * y / 3))
    if task is Task.CLASSES:
        sure = (255 * np.abs(value)).astype(np.uint8)
        return {"map": (np.digitize(value, [-0.5, 0, 0.5])).astype(np.uint8), "sure": sure}
    return {"map": ((value + 1) * 127.5).astype(np.uint8)}


FROM_CLICK = """
([element, drawn]) => new Promise((resolve) => {
  const begun = performance.now()
  const look = () => {
    if (eval(drawn)) return void resolve(performance.now() - begun)
    if (performance.now() - begun > 20000) return void resolve(20000)
    setTimeout(look, 1)
  }
  element.click()
  look()
})
"""
CARDS = """(() => {
  const pictures = [...document.querySelectorAll(".saved-cards img")]
  return pictures.length === 24 && pictures.every((each) => each.complete && each.naturalWidth > 0)
})()"""
CURVES = """(() => {
  const plot = document.querySelector(".st-key-saved-curves .glassbox-plot[data-updates] .plot")
  return Boolean(plot?._fullData?.length >= 4 && plot.querySelectorAll(".scatterlayer .trace").length >= 4)
})()"""


def figures() -> Iterator[Figure]:
    """From a click on Runs to the last card, and from one on Compare to the curves; SQLite."""
    program = chromium()
    if program is None:
        print("    no Chromium found: the figures of saved runs are left out (GLASSBOX_CHROMIUM names one)")
        return
    with tempfile.TemporaryDirectory(prefix="glassbox-bench-") as folder:
        token = secrets.token_urlsafe(32)
        begun = time.perf_counter()
        store = Store(StoreSettings(database_url=f"sqlite:///{Path(folder) / 'glassbox.db'}"))
        fill(store, owner({COOKIE: token}))
        store.close()
        print(f"    {N_RUNS} runs with {N_ROWS} rows were saved in {time.perf_counter() - begun:.0f} s")
        with serving(GLASSBOX_DATA_DIR=folder) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, headless=True, args=list(FLAGS))
            try:
                context = browser.new_context(viewport=WINDOW)  # type: ignore[arg-type]  # takes a plain dict
                context.add_cookies([{"name": COOKIE, "value": token, "url": server.address}])
                page = context.new_page()
                page.goto(server.address)
                page.wait_for_selector(".glassbox-plot[data-updates]", timeout=60_000)
                page.wait_for_load_state("networkidle")
                yield from waits(page)
            finally:
                browser.close()


def waits(page: Page) -> Iterator[Figure]:
    """Come from the playground and compare, again and again."""
    opened_s, compared_s = [], []
    for _ in range(TIMES + 1):
        page.wait_for_timeout(1500)
        opened_s.append(after_click(page, '.st-key-pages a:has-text("Runs")', CARDS))
        for k in (0, 1):
            page.locator(".saved-cards input").nth(k).check()
        page.locator(".st-key-saved-compare button:not(:disabled)").first.wait_for()
        page.wait_for_timeout(1000)
        compared_s.append(after_click(page, ".st-key-saved-compare button", CURVES))
        page.click(".st-key-saved-back button")
        page.wait_for_selector(".saved-cards")
        page.click(".st-key-saved-clear button")
        page.locator(".st-key-saved-compare").wait_for(state="detached")
        page.click(".st-key-pages a:has-text('Playground')")
        page.wait_for_selector("#run-status[data-state]")
    print(f"    gallery, s: {' '.join(f'{s:.2f}' for s in opened_s)}")
    print(f"    comparison, s: {' '.join(f'{s:.2f}' for s in compared_s)}")
    for name, taken, most in (
        (f"click on Runs to 24 cards with pictures, {N_RUNS} runs", opened_s, 1.0),
        ("click on Compare to the curves of two runs", compared_s, 0.5),
    ):
        yield Figure.at_most(f"{name}, the first time", taken[0], most, "s")
        yield Figure.at_most(f"{name}, median of {TIMES} more", statistics.median(taken[1:]), most, "s")


def after_click(page: Page, selector: str, drawn: str) -> float:
    """Seconds from a click until something is drawn."""
    ms: Any = page.evaluate(FROM_CLICK, [page.locator(selector).first.element_handle(), drawn])
    return float(ms) / 1000


if __name__ == "__main__":
    for figure in figures():
        print(figure.name, figure.shown, figure.wanted)
