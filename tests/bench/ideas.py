"""What the labs' defaults come to within a minute: the figures that their questions rest on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from dlcore.bench import Figure, local_engine
from dlcore.engine import Frame, LocalEngine
from dlcore.experiment import Experiment
from dlcore.guides import autoencoder, gan, memory
from dlcore.guides.gradient_descent import GUIDE, NETWORK, name_of
from pages.parts.labs.descents import SIDE, Scene

MINUTE_S = 60.0
ASKED_EVERY_S = 0.2
KNOWS, GUESSES = 0.95, 0.75
"""Accuracies from which a memory knows the first letter, and below which it does not."""


def figures() -> Iterator[Figure]:
    """Memory, autoencoder, GAN and loss surface, each from its start on engines of their own."""
    with local_engine() as engine:
        yield from remembering(engine)
        yield from encoding(engine)
        yield from forging(engine)
        yield surface(engine)


def play(
    engine: LocalEngine,
    experiments: dict[str, Experiment],
    watch: tuple[str, ...],
    enough: Callable[[dict[str, Frame]], bool],
) -> tuple[dict[str, Frame], float]:
    """Play all of them at once and look five times a second, until it is enough or a minute is over."""
    runs = {name: engine.start(each, "bench") for name, each in experiments.items()}
    begun = time.perf_counter()
    for run in runs.values():
        run.do("play")
    while True:
        frames = {name: run.frame(watch) for name, run in runs.items()}
        passed_s = time.perf_counter() - begun
        if passed_s > MINUTE_S or enough(frames):
            break
        time.sleep(ASKED_EVERY_S)
    for run in runs.values():
        engine.end(run)
    return frames, passed_s


def remembering(engine: LocalEngine) -> Iterator[Figure]:
    """How long LSTM and GRU take to know the first of 25 letters, and what the RNN knows in the end."""
    solved_s: list[float] = []

    def known(frames: dict[str, Frame]) -> dict[str, float]:
        return {name: frame.measures.get("test_score", 0.0) for name, frame in frames.items()}

    begun = time.perf_counter()

    def note(frames: dict[str, Frame]) -> bool:
        if min(known(frames)["LSTM"], known(frames)["GRU"]) >= KNOWS:
            solved_s.append(time.perf_counter() - begun)
        return False

    frames, passed_s = play(engine, memory.GUIDE.experiments(memory.GUIDE.settings), ("curves",), note)
    print("    recall: " + ", ".join(f"{name} {share:.3f}" for name, share in known(frames).items()))
    name = f"LSTM and GRU know the first of 25 letters ({KNOWS:.0%})"
    yield Figure.at_most(name, next(iter(solved_s), passed_s), MINUTE_S, "s")
    yield Figure.at_most("the RNN's accuracy after a minute", known(frames)["RNN"], GUESSES)


def encoding(engine: LocalEngine) -> Iterator[Figure]:
    """How well digits lie apart in a code of two numbers, and how surely the stranger is found."""
    watch = ("neighbours", "strangers")

    def read(frames: dict[str, Frame]) -> tuple[float, float]:
        frame = next(iter(frames.values()))
        known, strange = frame.probe("neighbours"), frame.probe("strangers")
        return (float(known["share"][0]), float(strange["area"][0])) if known and strange else (0.0, 0.0)

    def enough(frames: dict[str, Frame]) -> bool:
        return read(frames)[0] >= 0.8 and read(frames)[1] >= 0.9

    frames, passed_s = play(engine, autoencoder.GUIDE.experiments(autoencoder.GUIDE.settings), watch, enough)
    share, area = read(frames)
    print(f"    autoencoder: after {passed_s:.1f} s")
    yield Figure.at_least("5-NN accuracy in the code of two numbers", share, 0.70)
    yield Figure.at_least("area under the ROC of the stranger", area, 0.85)


def forging(engine: LocalEngine) -> Iterator[Figure]:
    """How many of the ring's eight clouds the generator finds, as the lab opens and cured."""

    def covered(frames: dict[str, Frame]) -> int:
        record = next(iter(frames.values())).probe("rivals")
        return int(record["covered"].sum()) if "covered" in record else 0

    frames, _ = play(engine, gan.GUIDE.experiments(gan.GUIDE.settings), ("rivals",), lambda frames: False)
    yield Figure.at_most("clouds of 8 found within a minute, as the lab opens", covered(frames), 7)
    cured = next(each.settings for each in gan.GUIDE.tries if each.name == "Cure it")
    frames, passed_s = play(
        engine, gan.GUIDE.experiments(cured), ("rivals",), lambda frames: covered(frames) == 8
    )
    yield Figure.at_least(f"… and cured, after {passed_s:.0f} s", covered(frames), 8)


def surface(engine: LocalEngine) -> Figure:
    """How long the loss at 60 × 60 places around the playground's first network takes."""
    settings = GUIDE.settings.model_copy(update={"tab": NETWORK})
    run = engine.start(Experiment(), "bench")
    rules = {name_of(rule): rule for rule in settings.trainers}
    scene = Scene(run, True, settings.network_batch, True, settings.seed, rules, next(iter(rules)))
    while scene.plane is None and not scene.said:
        scene.work(0.01)
    begun = time.perf_counter()
    while scene.n_heights < SIDE**2 and not scene.said:
        scene.work(0.16)
    passed_s = time.perf_counter() - begun
    engine.end(run)
    if scene.said:
        raise ValueError(scene.said)
    return Figure.at_most(f"a loss surface of {SIDE} × {SIDE} places", passed_s, 3, "s")
