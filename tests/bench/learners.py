"""Twenty learners at once, each a websocket client of its own; and what they leave behind in the server."""

from __future__ import annotations

import asyncio
import json
import math
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from dlcore.bench import Figure
from tests.bench.server import Server, serving

LEARNERS = 20
UPDATE_EVERY_S = 0.5
SETTLE_S = 3.0
MEASURE_S = 20.0
RUNS_CLOSED = 200
FORGOTTEN_AFTER_S = 25.0
"""How long a closed session is kept (.streamlit/config.toml), and a little more."""
PATIENCE_S = 30.0


class NotHeard(RuntimeError):
    """The server did not say what it had to."""


@dataclass
class Learner:
    """One tab that speaks Streamlit's protocol: protobuf messages over a websocket."""

    server: Server
    query: str = ""
    """The part of the address after the question mark."""
    cookie: str = ""
    run: str = ""
    step: int = 0
    epoch: int = 0
    state: str = ""
    clock: str = ""
    """The fragment that draws the live pictures."""
    play_button: str = ""
    page_name: str = ""
    """The page that is opened, as its address has it; "" for the playground."""
    page: str = ""
    finished: int = -1
    errors: list[str] = field(default_factory=list)
    answers_s: list[float] = field(default_factory=list)
    """From asking for a picture until the page has sent one."""
    latencies_s: list[float] = field(default_factory=list)
    """From asking for a picture until there is a newer one: showing the old one again is no update."""

    async def __aenter__(self) -> Learner:
        self.socket: ClientConnection = await connect(
            self.server.stream, subprotocols=["streamlit"], max_size=None, compression=None,
            additional_headers={"Cookie": self.cookie} if self.cookie else {}, ping_timeout=None,
        )  # fmt: skip
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.socket.close()

    async def arrive(self) -> None:
        """Open the page, as a browser does that has no cookie yet."""
        await self.rerun()
        if not self.play_button or not self.clock:
            raise NotHeard(f"no button to play, or no live pictures; {self.errors}")

    async def press_play(self) -> None:
        """Play, or pause."""
        await self.rerun(pressed=self.play_button)

    async def update(self) -> None:
        """Ask for the next picture, as the browser's clock does."""
        await self.rerun(fragment=self.clock)

    async def rerun(self, *, pressed: str = "", fragment: str = "") -> None:
        """Send a rerun and take in what comes until it is over."""
        state = ClientState(
            query_string=self.query,
            page_name=self.page_name,
            page_script_hash=self.page,
            fragment_id=fragment,
        )
        if pressed:
            state.widget_states.CopyFrom(WidgetStates(widgets=[WidgetState(id=pressed, trigger_value=True)]))
        await self.socket.send(BackMsg(rerun_script=state).SerializeToString())
        self.finished = -1
        async with asyncio.timeout(PATIENCE_S):
            # a run that ends early is followed by the one it made room for
            while self.finished in (-1, ForwardMsg.FINISHED_EARLY_FOR_RERUN):
                data = await self.socket.recv()
                assert isinstance(data, bytes)
                self.take(ForwardMsg.FromString(data))

    def take(self, message: ForwardMsg) -> None:
        """Take in one message of the server."""
        kind = message.WhichOneof("type")
        if kind == "delta":
            self.take_delta(message.delta)
        elif kind == "new_session":
            self.page = message.new_session.page_script_hash
        elif kind == "navigation":
            self.page = message.navigation.page_script_hash
        elif kind == "script_finished":
            self.finished = message.script_finished
            if self.finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                self.errors.append("the page could not be run")
        elif kind == "session_event" and message.session_event.HasField("script_compilation_exception"):
            self.errors.append(message.session_event.script_compilation_exception.message)

    def take_delta(self, delta: Delta) -> None:
        """Take in one element: only the play button, the status strip and exceptions matter."""
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.errors.append(f"{element.exception.type}: {element.exception.message}")
        elif kind == "button" and element.button.id.endswith("-play"):
            self.play_button = element.button.id
        elif kind == "bidi_component" and element.bidi_component.component_name.endswith("glassbox_status"):
            marks = json.loads(element.bidi_component.json)["marks"]
            self.epoch, self.state = int(marks["epoch"]), marks["state"]
            self.step, self.run = int(marks["step"]), marks["run"]
            self.clock = delta.fragment_id

    async def watch(self, seconds: float) -> None:
        """Update twice a second; note how long it takes to an answer, and to a newer picture."""
        due = time.perf_counter()
        end = due + seconds
        asked = 0.0
        while due < end:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            before, sent = self.epoch, time.perf_counter()
            asked = asked or sent
            await self.update()
            self.answers_s.append(time.perf_counter() - sent)
            if self.epoch > before:
                self.latencies_s.append(time.perf_counter() - asked)
                asked = 0.0
            due = max(due + UPDATE_EVERY_S, time.perf_counter())


def figures() -> Iterator[Figure]:
    """A class at once, then many visitors one after the other."""
    with serving() as server:
        yield from asyncio.run(class_at_once(server))
    with serving() as server:
        yield from asyncio.run(many_visits(server))


async def class_at_once(server: Server) -> list[Figure]:
    """Twenty learners play and watch; one more came before them, so that the server is warm."""
    await visit(server)
    learners = [Learner(server) for _ in range(LEARNERS)]
    gained = await asyncio.gather(*(attend(learner, 0.2 * i) for i, learner in enumerate(learners)))
    errors = [error for learner in learners for error in learner.errors]
    for error in dict.fromkeys(errors):
        print("   ", error)
    share = min(gained) / statistics.mean(gained) if any(gained) else 0.0
    answers = [each for learner in learners for each in learner.answers_s]
    latencies = [each for learner in learners for each in learner.latencies_s]
    per_s = len(latencies) / MEASURE_S / LEARNERS
    return [
        Figure.at_most(
            f"{LEARNERS} learners: update latency p95, to a newer picture", p95(latencies), 0.5, "s"
        ),
        Figure.at_most(f"{LEARNERS} learners: update latency p95, to any answer", p95(answers), 0.5, "s"),
        Figure.at_least(f"{LEARNERS} learners: slowest run's share of the mean", share, 0.5),
        Figure.at_most(f"{LEARNERS} learners: errors", max(len(errors), server.tracebacks()), 0),
        Figure.at_least(f"{LEARNERS} learners: newer pictures for each", per_s, 1.8, "1/s"),
    ]


def p95(values: list[float]) -> float:
    """The value that 95 % do not exceed; infinite where there are none."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1] if values else math.inf


async def attend(learner: Learner, late_s: float) -> int:
    """Come to class ``late_s`` after the first, play, watch; give the epochs made while all were there."""
    await asyncio.sleep(late_s)
    try:
        async with learner:
            await learner.arrive()
            await learner.press_play()
            await learner.watch(SETTLE_S + 0.2 * LEARNERS - late_s)
            learner.answers_s.clear()
            learner.latencies_s.clear()
            first = learner.epoch
            await learner.watch(MEASURE_S)
            gained = learner.epoch - first
            await learner.press_play()
            return gained
    except (NotHeard, ConnectionClosed, OSError, TimeoutError) as error:
        learner.errors.append(f"{type(error).__name__}: {error}")
        return 0


async def visit(server: Server) -> None:
    """Open the page, play, look, pause, leave."""
    async with Learner(server) as learner:
        await learner.arrive()
        await learner.press_play()
        await learner.watch(UPDATE_EVERY_S)
        await learner.press_play()
        if learner.errors:
            raise NotHeard(learner.errors[0])


async def many_visits(server: Server) -> list[Figure]:
    """Growth of the server over two hundred visitors, once Streamlit has let go of them."""
    await visit(server)
    before_mb = server.rss_mb()
    for _ in range(RUNS_CLOSED):
        await visit(server)
    at_once_mb = server.rss_mb() - before_mb
    await asyncio.sleep(FORGOTTEN_AFTER_S)
    await visit(server)
    print(f"    growth right after the last of {RUNS_CLOSED} visits: {at_once_mb:.1f} MB")
    return [
        Figure.at_most("files of torch mapped by the server", server.torch_files(), 0),
        Figure.at_most(
            f"growth of the server after {RUNS_CLOSED} runs", server.rss_mb() - before_mb, 20, "MB"
        ),
        Figure.at_most(f"tracebacks during {RUNS_CLOSED} runs", server.tracebacks(), 0),
    ]
