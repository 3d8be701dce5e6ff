"""The builder's figures: a LeNet that is looked into while it learns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import torch

from dlcore.activations import ReLU
from dlcore.bench import ASKED_EVERY_S, Figure, bare_speed, local_engine
from dlcore.data import Mnist, Split
from dlcore.engine import LocalEngine, Run
from dlcore.experiment import Experiment
from dlcore.layers import Conv2d, Dense, Flatten, layers
from dlcore.link import encode
from dlcore.optimizers import Adam
from dlcore.training.look import looking
from dlcore.training.metrics import score
from dlcore.training.session import Session
from tests.bench.browser import IN_PAGE, SETTLE_S, chromium, press
from tests.bench.server import serving

LENET = Experiment(
    data=Mnist(),
    split=Split(train=80, validation=5),
    network=(
        Conv2d(channels=6, kernel=5, padding=2),
        layers["max_pool"](),
        Conv2d(channels=16, kernel=5, padding=0),
        layers["max_pool"](),
        Flatten(),
        Dense(units=120, activation=ReLU()),
        Dense(units=84, activation=ReLU()),
    ),
    optimizer=Adam(learning_rate=0.002),
    batch_size=64,
)
"""LeNet-5 (LeCun et al., 1998) with ReLUs and the largest of each window, on 4,000 of MNIST's digits."""
WIDE = LENET.model_copy(update={"network": (Conv2d(channels=32, kernel=5, padding=2), *LENET.network[1:])})
"""The same with 32 channels to look at."""
WATCH = ("curves", "health", "features?layer=0&sample=3&channel=2", "strongest?layer=0")
"""What the page watches while the feature maps are open."""
BLOCK_S = 6.0
ROUNDS = 5
LEARN_S = 30.0
MEASURE_S = 10.0


def figures() -> Iterator[Figure]:
    """How fast and how well a LeNet learns while it is watched, and how fast its maps are drawn."""
    yield from lenet()
    yield from maps()


def lenet() -> Iterator[Figure]:
    """Examples per second, watched with feature maps, over those of a bare loop; and accuracy after 30 s."""
    with local_engine() as engine:
        yield speed(engine)
        yield accuracy(engine)


def speed(engine: LocalEngine) -> Figure:
    """Each block of the run lies between two blocks of the bare loop; the median of their ratios."""
    run, ratios = engine.start(LENET, "speed"), []
    watched_speed(run, 2.0)
    before = bare_speed(LENET, BLOCK_S)
    for _ in range(ROUNDS):
        pace = watched_speed(run, BLOCK_S)
        after = bare_speed(LENET, BLOCK_S)
        ratios.append(pace / ((before + after) / 2))
        before = after
    engine.end(run)
    print(f"    LeNet: {before * LENET.batch_size:.0f} examples/s in the bare loop; ratios "
          + ", ".join(f"{ratio:.3f}" for ratio in ratios))  # fmt: skip
    return Figure.at_least("LeNet watched with feature maps over a bare loop", statistics.median(ratios), 0.9)


def watched_speed(run: Run, seconds: float) -> float:
    """Play for so long and ask for ten pictures a second; steps per second."""
    first, begun = run.frame((), fresh=True).step, time.perf_counter()
    run.do("play")
    watch(run, seconds)
    last, passed_s = run.frame((), fresh=True).step, time.perf_counter() - begun
    run.do("pause")
    return (last - first) / passed_s


def watch(run: Run, seconds: float) -> None:
    """Ask for what the page shows, ten times a second."""
    begun = due = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        run.frame(WATCH)
        due += ASKED_EVERY_S
        time.sleep(max(0.0, due - time.perf_counter()))


def accuracy(engine: LocalEngine) -> Figure:
    """The share of all test samples that are answered right after 30 s of Play while watched."""
    run = engine.start(LENET, "accuracy")
    run.do("play")
    watch(run, LEARN_S)
    run.do("pause")
    session = Session.restored(run.checkpoint())
    engine.end(run)
    test = session.tensors["test"]
    with looking(session.network.module), torch.inference_mode():
        right = score(session.network.module(test.x), test.truth, LENET.data.task)
    name = f"LeNet's accuracy on {len(test.x)} test digits after {LEARN_S:.0f} s"
    return Figure.at_least(name, right, 0.96)


def maps() -> Iterator[Figure]:
    """Pictures per second with the feature maps of 32 channels open, and nodes that were mounted anew."""
    program = chromium()
    if program is None:
        print("    no Chromium found: the figures of the maps are left out (GLASSBOX_CHROMIUM names one)")
        return
    from playwright.sync_api import sync_playwright

    with serving() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, headless=True, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(f"{server.address}/builder?x={encode(WIDE)}")
        page.wait_for_selector("#run-status[data-state=idle]", timeout=60_000)
        page.get_by_role("radio", name="Feature maps").click()
        page.wait_for_selector(".glassbox-tiles[data-updates]", timeout=60_000)
        page.evaluate(IN_PAGE)
        page.evaluate("document.querySelectorAll('.glassbox-tiles, .glassbox-tiles canvas')"
                      ".forEach((node) => (node.benchTagged = true))")  # fmt: skip
        press(page, "playing")
        time.sleep(SETTLE_S)
        count = "Number(document.querySelector('.glassbox-tiles').dataset.updates)"
        first, begun = page.evaluate(count), time.perf_counter()
        time.sleep(MEASURE_S)
        drawn = (page.evaluate(count) - first) / (time.perf_counter() - begun)
        replaced = page.evaluate("[...document.querySelectorAll('.glassbox-tiles, .glassbox-tiles canvas')]"
                                 ".filter((node) => !node.benchTagged).length")  # fmt: skip
        browser.close()
    yield Figure.at_least("pictures with the feature maps of 32 channels open", drawn, 4, "1/s")
    yield Figure.at_most("nodes of the feature maps mounted anew", replaced, 0)
