"""The worker: if playing, train a little; answer what has arrived; end when forgotten."""

from __future__ import annotations

import math
import os
import select
import time
import traceback
from collections import deque
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from dlcore.engine.autosave import Autosave
from dlcore.engine.memory import reuse
from dlcore.engine.past import Past
from dlcore.engine.picture import picture
from dlcore.engine.protocol import LAST_WORD, Frame, State
from dlcore.engine.questions import Questions
from dlcore.experiment import diff
from dlcore.link import loads
from dlcore.probes import Probe
from dlcore.record import Arrays, Record
from dlcore.training.phases import phases
from dlcore.training.session import Session
from dlcore.training.timing import timing

BUDGET_S = 0.005
RATE_WINDOW_S = 1.0
MOST_READINGS = 32
LOOKING = 0.05
"""The share of the time that one probe may take of a run that plays."""


def serve(connection: Connection) -> None:
    """Run the session that the first message asks for until its page hangs up, or nobody asks any more."""
    if hasattr(os, "nice"):
        os.nice(10)  # the page must answer before the training goes on
    try:
        order = Record.from_bytes(connection.recv_bytes())
        if hasattr(os, "nice"):
            os.nice(order.facts["nice"])  # what is watched goes before what is not
        try:
            worker = Worker(connection, order)
        except Exception as error:
            connection.send_bytes(Record({"id": order.facts["id"], "refused": str(error)}).to_bytes())
            raise
        try:
            connection.send_bytes(Record({"id": order.facts["id"], "pid": os.getpid()}).to_bytes())
            worker.loop()
        except (EOFError, ConnectionError):
            worker.leave()  # the page has hung up: nobody is left to tell
    except (EOFError, ConnectionError):
        return


class Worker:
    """A session, what it is told to do, and when it was last asked for."""

    def __init__(self, connection: Connection, order: Record) -> None:
        self.connection = connection
        facts = order.facts
        self.session = Session.restored(order) if order.arrays else Session(loads(facts["experiment"]))
        reuse(self.session.experiment)
        self.past = Past(self.session)
        self.pause_after_s = float(facts["pause_after_s"])
        self.end_after_s = float(facts["end_after_s"])
        self.playing = False
        self.message = ""
        self.notice = ""
        self.revision = 1
        self.last_epoch = math.inf
        self.steps_per_s_wanted = 0.0
        now = time.monotonic()
        self.asked = now
        self.next_step = now
        self.pace: deque[tuple[float, int, int]] = deque()
        self.readings: dict[Probe, tuple[float, int, Arrays, float]] = {}
        self.questions = Questions(LOOKING)
        self.autosave = Autosave(facts, self.session, order)

    def loop(self) -> None:
        """Go on until nobody has asked for a long while."""
        while True:
            pause_s = self._train()
            self.hear(pause_s)
            now = time.monotonic()
            if self.autosave.due():
                self._save()
            if now - self.asked > self.pause_after_s and self.playing:
                self.playing = False
                self.message = "Paused, because nobody was watching."
                self._save()
            forgotten = now - self.asked > self.pause_after_s and self.session.step == 0  # nothing to lose
            if forgotten or now - self.asked > self.end_after_s:
                self.leave()
                self.connection.send_bytes(
                    Record({"id": LAST_WORD, "ended": "nobody was watching"}).to_bytes()
                )
                return

    def leave(self) -> None:
        """Write the run down before this worker ends."""
        self.playing = False
        self._save()

    def hear(self, pause_s: float) -> None:
        """Wait for mail no longer than ``pause_s``, and answer all there is."""
        while self._has_mail(pause_s):
            self._answer(Record.from_bytes(self.connection.recv_bytes()))
            pause_s = 0.0

    def _has_mail(self, pause_s: float) -> bool:
        # Connection.poll makes a selector each time: 40 µs, where a whole step may take 120
        return bool(select.select([self.connection], [], [], pause_s)[0])

    def _train(self) -> float:
        """Train for a little; return how long the loop may then wait for mail, in seconds."""
        if not self.playing:
            return min(1.0, self.pause_after_s, self.end_after_s)
        session, begun = self.session, time.perf_counter()
        if self.steps_per_s_wanted:
            wait_s = self.next_step - time.monotonic()
            if wait_s > 0:
                return min(wait_s, 0.1)
            self.next_step = max(self.next_step, time.monotonic() - 0.25) + 1 / self.steps_per_s_wanted
            session.advance(1)
        else:
            session.advance_for(BUDGET_S, self.last_epoch)
        self.autosave.clock.add(time.perf_counter() - begun, session)
        self.past.add_when_due(session)
        if session.stopped or session.epoch >= self.last_epoch:
            self.playing = False
            self.past.add(session)
            self._save()
        return 0.0

    def _save(self) -> None:
        self.autosave.save(self.session, self.state, self._why())

    def _why(self) -> str:
        """Why the run stands still, where that was not its visitor's doing."""
        return self.session.failure or self.session.ending or self.message

    def _answer(self, mail: Record) -> None:
        self.asked = time.monotonic()
        facts = mail.facts
        if facts["verb"] == "frame":
            self.connection.send_bytes(self.frame(facts["watch"]).record(facts["id"]).to_bytes())
        elif facts["verb"] == "ask":
            self.connection.send_bytes(self._tell(mail).to_bytes())
        else:
            self._do(facts, mail)

    def _tell(self, mail: Record) -> Record:
        facts: Any = mail.facts
        name, step = facts["name"], facts.get("at")
        if name == "checkpoint":
            record = self.session.checkpoint() if step is None else self.past.checkpoint(self.session, step)
            return Record({**record.facts, "id": facts["id"]}, record.arrays)
        if name == "weights":
            then = self.session if step is None else self.past.session_at(self.session, step)
            record = then.weights()
            return Record({**record.facts, "id": facts["id"]}, record.arrays)
        if name == "look":
            seen = picture(self.past.session_at(self.session, step), facts["watch"], state=State.PAUSED)
            return Record({"id": facts["id"], "look": seen.facts()}, seen.arrays)
        if name == "phases":
            told = phases(self.session, facts.get("point"))
            return Record({"id": facts["id"], "phases": told.facts}, told.arrays)
        if name == "timing":
            return Record({"id": facts["id"], "timing": timing(self.session)})
        of = self.revision if self.playing else None
        then = self.session if step is None else self.past.session_at(self.session, step)
        told = self.questions.answer(then, mail, of)
        return Record({**told.facts, "id": facts["id"]}, told.arrays)

    def _do(self, facts: Any, mail: Record) -> None:
        name = facts["name"]
        self.message = ""
        if name == "play":
            self.last_epoch = math.inf
            self._play()
        elif name == "pause":
            self.playing = False
            self.past.add(self.session)
            self._save()
        elif name == "step":
            self.playing = False
            self.session.advance(1)
            self.past.add(self.session)
        elif name == "epoch":
            self.last_epoch = self.session.epoch + 1
            self._play()
        elif name == "weight":
            with suppress(ValueError):  # the network may have become another while the word was on its way
                self.session.set_weight(facts["layer"], facts["unit"], facts["source"], facts["value"])
            self.autosave.soon()
        elif name == "pace":
            self.steps_per_s_wanted = float(facts["steps_per_s"])
            self.next_step = time.monotonic()
        else:
            self._restart(name, facts, mail)

    def _play(self) -> None:
        self.playing = not self.session.stopped
        self.next_step = time.monotonic()
        self.pace.clear()
        self._save()  # from here on there is something to lose

    def _restart(self, name: str, facts: Any, mail: Record) -> None:
        """The commands after which the run may be another."""
        self.revision += 1
        self.notice = ""
        anew = self._starts_over(name, facts, mail)
        if anew:
            self.autosave.begin_anew(self.session, self._rested(), self._why())
        if name == "reset":
            self.playing = False
            self.session.reset()
            self.past.start(self.session)
        elif name == "change":
            went_on = self.session.change(loads(facts["experiment"]))
            self.playing = self.playing and not self.session.stopped
            if went_on:
                self.past.add(self.session)
            else:
                self.pace.clear()
                self.past.start(self.session)
                self.notice = self.session.carried
        elif name == "restore":
            if mail.facts["experiment"] == self.session.written():
                self.session.restore(mail)
            else:
                self.session = Session.restored(mail)
            if not anew:
                self.autosave.turned(self.session)
            self.playing = False
            self.past.add(self.session)
        reuse(self.session.experiment)
        self.autosave.soon()

    def _starts_over(self, name: str, facts: Any, mail: Record) -> bool:
        """Whether a command ends the run, and begins another."""
        if name == "change":
            return not all(each.live for each in diff(self.session.experiment, loads(facts["experiment"])))
        return name == "reset" or mail.facts["experiment"] != self.session.written()

    def _rested(self) -> State:
        """What the run does, or would do once it is paused."""
        return State.PAUSED if self.state is State.PLAYING else self.state

    @property
    def state(self) -> State:
        """What the run is doing."""
        if self.session.failure:
            return State.FAILED
        if self.session.finished:
            return State.FINISHED
        if self.playing:
            return State.PLAYING
        return State.PAUSED if self.session.step else State.IDLE

    def frame(self, watch: list[str]) -> Frame:
        """The present picture."""
        steps_per_s, epochs_per_s = self._rates()
        frame = picture(
            self.session,
            watch,
            self._read,
            state=self.state,
            message=self._why(),
            seconds=self.autosave.clock.seconds,
            saved_as=self.autosave.id,
            unsaved=self.autosave.trouble,
            notice=self.notice,
            revision=self.revision,
            steps_per_s=steps_per_s,
            epochs_per_s=epochs_per_s,
        )
        if "past" in watch:
            frame.arrays.update({f"past.{name}": array for name, array in self.past.arrays().items()})
        return frame

    def _read(self, probe: Probe) -> Arrays:
        """What a probe reads; while playing, its last reading for as long as that is good enough.

        What takes long to read is read the less often, lest watching keep the run from learning.
        """
        now, revision = time.monotonic(), self.revision
        if self.playing and probe in self.readings:
            then, of, arrays, rest_s = self.readings[probe]
            if of == revision and now - then < max(probe.every_s, rest_s):
                return arrays
        begun = time.thread_time()
        arrays = probe.read(self.session)
        self.readings.pop(probe, None)
        self.readings[probe] = now, revision, arrays, (time.thread_time() - begun) / LOOKING
        if len(self.readings) > MOST_READINGS:
            del self.readings[next(iter(self.readings))]
        return arrays

    def _rates(self) -> tuple[float, float]:
        """Steps and epochs per second over about the last second of play."""
        if not self.playing:
            return 0.0, 0.0
        now = time.monotonic()
        self.pace.append((now, self.session.step, self.session.epoch))
        while len(self.pace) > 2 and now - self.pace[0][0] > RATE_WINDOW_S:
            self.pace.popleft()
        then, step, epoch = self.pace[0]
        passed_s = now - then
        if passed_s <= 0:
            return 0.0, 0.0
        return (self.session.step - step) / passed_s, (self.session.epoch - epoch) / passed_s


def report_crash() -> None:
    """Write what happened to the engine's log before the process ends."""
    traceback.print_exc()
