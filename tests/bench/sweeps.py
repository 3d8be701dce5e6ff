"""A learner plays while a sweep of 5 × 5 × 2 trains in the background of the same server."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

from streamlit.proto.Delta_pb2 import Delta

from dlcore.bench import Figure
from dlcore.sweeps import Axis, Sweep, encode
from tests.bench.learners import SETTLE_S, Learner, NotHeard, p95, visit
from tests.bench.server import Server, serving

SWEEP = Sweep(
    axes=(Axis(low=0.0003, high=0.1, log=True), Axis(path="units", values=(2, 4, 8, 16, 32))), epochs=60
)
LOOK_EVERY_S = 0.7
MOST_S = 180.0


@dataclass
class Sweeper(Learner):
    """A tab on the page of sweeps."""

    page_name: str = "sweeps"
    query: str = f"s={encode(SWEEP)}"
    done: int = 0

    def take_delta(self, delta: Delta) -> None:
        """Take in one element: only the button that runs it, the strip and exceptions matter."""
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.errors.append(f"{element.exception.type}: {element.exception.message}")
        elif kind == "button" and element.button.id.endswith("-sweep:run"):
            self.play_button = element.button.id
        elif kind == "bidi_component" and element.bidi_component.component_name.endswith("glassbox_status"):
            marks = json.loads(element.bidi_component.json)["marks"]
            self.state, self.done, self.clock = marks["state"], int(marks["done"]), delta.fragment_id

    async def look(self) -> None:
        """Keep looking until it is finished."""
        while self.state == "running":
            await asyncio.sleep(LOOK_EVERY_S)
            await self.update()


def figures() -> Iterator[Figure]:
    """How late the learner's pictures are while it trains, and how long it takes."""
    with serving() as server:
        yield from asyncio.run(beside(server))


async def beside(server: Server) -> list[Figure]:
    """One learner plays, another visitor sweeps and looks on, until all is trained."""
    await visit(server)
    async with Learner(server) as learner, Sweeper(server) as sweeper:
        await learner.arrive()
        await learner.press_play()
        await learner.watch(SETTLE_S)
        learner.latencies_s.clear()
        await sweeper.arrive()
        begun = time.perf_counter()
        await sweeper.press_play()
        if sweeper.state != "running":
            raise NotHeard(f"the sweep is {sweeper.state}; {sweeper.errors}")
        looking = asyncio.create_task(sweeper.look())
        while not looking.done() and time.perf_counter() - begun < MOST_S:
            await learner.watch(1.0)
        looking.cancel()
        took_s = time.perf_counter() - begun
        errors = learner.errors + sweeper.errors
        await learner.press_play()
    print("   ", f"{len(learner.latencies_s)} newer pictures in {took_s:.0f} s")
    return [
        Figure.at_most("sweep of 5×5×2: a learner's update latency p95", p95(learner.latencies_s), 0.5, "s"),
        Figure.at_least("sweep of 5×5×2: trainings done beside the learner", sweeper.done, SWEEP.n_trainings),
        Figure.at_most("sweep of 5×5×2: errors", max(len(errors), server.tracebacks()), 0),
    ]
