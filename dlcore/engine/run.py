"""The page's side of one run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

from numpy.typing import NDArray

from dlcore.engine.protocol import LAST_WORD, Frame, State
from dlcore.experiment import Experiment
from dlcore.link import dumps, loads
from dlcore.record import Arrays, Record

PATIENCE_S = 0.02
"""How long a page may wait for a picture that is not ready; then it shows the last one."""
FRESH_PATIENCE_S = 0.25
FIRST_PATIENCE_S = 5.0
WATCH_MEMORY_S = 3.0
LOST = "The process that trained this run has ended unexpectedly: it was killed, or ran out of memory."


class Run:
    """A run as pages see it.  Safe to use from several threads: two tabs may watch the same run."""

    def __init__(
        self,
        run_id: str,
        owner: str,
        experiment: Experiment,
        connection: Connection,
        pid: int,
        *,
        background: bool = False,
    ) -> None:
        self.id = run_id
        self.owner = owner
        self.experiment = experiment
        self.pid = pid
        self.ended = ""
        self.background = background
        """Whether it makes way for runs that are watched."""
        self._connection = connection
        self._lock = threading.Lock()
        self._sent = 0
        self._answered = 0
        self._frame = Frame(State.IDLE)
        self._watched: dict[str, float] = {}
        self._awaited = 0
        self._answer: Record | None = None
        self.asked = time.monotonic()

    @property
    def saved_as(self) -> str:
        """The id under which it is saved, as its last picture says; "" before there is one."""
        return self._frame.saved_as

    @property
    def lost(self) -> bool:
        """Whether the worker is gone."""
        return bool(self.ended)

    def frame(self, watch: Iterable[str], *, fresh: bool = False) -> Frame:
        """The newest picture, with the arrays of the probes named.

        Never waits for a training step: what is not there after 20 ms comes with the next call, and one more
        is asked for in advance, lest a quick answer be followed by a call that finds nothing newer.
        ``fresh`` waits up to 250 ms for a picture taken after everything that was done before this call.
        Where there is no last picture, or none of a probe newly watched, the first is waited for, up to 5 s.
        """
        with self._lock:
            now = time.monotonic()
            self.asked = now
            self._watched.update(dict.fromkeys(watch, now))
            self._collect(self._sent, 0.0)  # an answer that came late is newer than nothing
            if fresh or self._answered == self._sent:
                self._request(now)
            self._collect(self._sent, FRESH_PATIENCE_S if fresh else PATIENCE_S)
            if not set(watch) <= set(self._frame.watched):
                # the first picture, or the first of something newly watched: there is no last one to show
                self._request(now)
                self._collect(self._sent, FIRST_PATIENCE_S)
            if self._answered == self._sent:
                self._request(now)
            if self.lost:
                return replace(
                    self._frame, state=State.LOST, message=self.ended, steps_per_s=0.0, epochs_per_s=0.0
                )
            return self._frame

    def rest(self) -> None:
        """Hear what the worker said, and let go of the last picture: nobody has looked for a while."""
        with self._lock:
            self._collect(self._sent, 0.0)
            self._frame = replace(self._frame, arrays={}, watched=[])

    def _request(self, now: float) -> None:
        wanted = [kind for kind, when in self._watched.items() if now - when < WATCH_MEMORY_S]
        self._send({"verb": "frame", "watch": wanted})

    def do(self, name: str, **settings: Any) -> None:
        """Tell the worker to ``play``, ``pause``, ``step``, ``epoch``, ``reset`` or keep a ``pace``."""
        with self._lock:
            self._send({"verb": "do", "name": name, **settings}, expects_answer=False)

    def change(self, experiment: Experiment) -> None:
        """Go on with another experiment: live where every difference is live, else from its beginning."""
        self.experiment = experiment
        self.do("change", experiment=dumps(experiment))

    def checkpoint(self, at: int | None = None, patience_s: float = 5.0) -> Record:
        """Ask for a checkpoint: of now, or of the kept moment nearest to step ``at``.

        Raises ``ConnectionError`` when the worker does not answer in time.
        """
        answer = self._ask({"name": "checkpoint", "at": at}, patience_s)
        if answer is None:
            raise ConnectionError(self.ended or "the run does not answer")
        return answer

    def weights(self, at: int | None = None, patience_s: float = 5.0) -> Record:
        """Ask for the weights that are judged and shown, of now or of the kept moment nearest to step ``at``.

        They bear the names of the exported script's ``state_dict``.  Raises ``ConnectionError`` when the
        worker does not answer in time.
        """
        answer = self._ask({"name": "weights", "at": at}, patience_s)
        if answer is None:
            raise ConnectionError(self.ended or "the run does not answer")
        return answer

    def look(self, at: int, watch: Iterable[str], patience_s: float = FRESH_PATIENCE_S) -> Frame | None:
        """The picture of the kept moment nearest to step ``at``; None when it is not there in time."""
        answer = self._ask({"name": "look", "at": at, "watch": list(watch)}, patience_s)
        return None if answer is None else Frame.read(Record(answer.facts["look"], answer.arrays))

    def phases(self, point: int | None = None, patience_s: float = 1.0) -> Record | None:
        """The step to come, phase by phase; None when it is not there in time, no facts once stopped.

        ``point`` is the training point that is traced; None for the first of the batch.
        """
        answer = self._ask({"name": "phases", "point": point}, patience_s)
        return None if answer is None else Record(answer.facts["phases"], answer.arrays)

    def timing(self, patience_s: float = 2.0) -> dict[str, float]:
        """How many seconds a step and an epoch take (``step_s``, ``epoch_s``); empty when it is late."""
        answer = self._ask({"name": "timing"}, patience_s)
        return {} if answer is None else dict(answer.facts["timing"])

    def ask(
        self, name: str, arrays: Arrays | None = None, patience_s: float = 1.0, **facts: Any
    ) -> Record | None:
        """Ask one of :data:`dlcore.engine.questions.QUESTIONS`; None when the answer is not there in time.

        Raises ``ValueError``, in words, where the worker refuses.
        """
        answer = self._ask({**facts, "name": name}, patience_s, arrays)
        _arrays(answer)
        return answer

    def answer(self, x: NDArray[Any], patience_s: float = 1.0, at: int | None = None) -> Arrays | None:
        """What the network says of samples x (N, *sample_shape); None when it is not there in time.

        The network is that of now, or of the kept moment nearest to step ``at``.  The arrays of
        :func:`dlcore.training.answering.answer`.  Raises ``ValueError``, in words, for what the
        network cannot be given.
        """
        return _arrays(self._ask({"name": "answer", "at": at}, patience_s, {"x": x}))

    def extend(
        self, window: NDArray[Any], n_steps: int, patience_s: float = 1.0, at: int | None = None
    ) -> Arrays | None:
        """How the network, of now or of step ``at``, goes on with a series after a window (T, 1).

        ``value`` (n_steps,); None when it is not there in time.  Raises ``ValueError``, in words, where it is
        no window of the run's series.
        """
        return _arrays(self._ask({"name": "extend", "at": at, "n_steps": n_steps}, patience_s, {"x": window}))

    def generate(
        self,
        n_strings: int = 8,
        temperature: float = 1.0,
        top_k: int = 0,
        seed: int = 0,
        prompt: str = "",
        patience_s: float = 1.0,
        at: int | None = None,
    ) -> list[str] | None:
        """Strings that the network, of now or of step ``at``, makes up; None when they are not there in time.

        As :func:`dlcore.training.generate.generate`, which also says when ``ValueError`` is raised.
        """
        how = {"n_strings": n_strings, "temperature": temperature, "top_k": top_k, "seed": seed}
        answer = self._ask({"name": "generate", "at": at, "prompt": prompt, **how}, patience_s)
        if answer is None or _arrays(answer) is None:
            return None
        return list(answer.facts["strings"])

    def _ask(
        self, question: dict[str, Any], patience_s: float, arrays: Arrays | None = None
    ) -> Record | None:
        with self._lock:
            self._send({"verb": "ask", **question}, record=Record({}, arrays or {}))
            self._answer, self._awaited = None, self._sent
            self._collect(self._awaited, patience_s)
            answer, self._answer, self._awaited = self._answer, None, 0
            return answer

    def restore(self, record: Record) -> None:
        """Go back to a checkpoint, and to its experiment."""
        self.experiment = loads(record.facts["experiment"])
        with self._lock:
            facts = {**record.facts, "verb": "do", "name": "restore"}
            self._send(facts, expects_answer=False, record=record)

    def close(self) -> None:
        """Hang up; the worker ends."""
        with self._lock:
            self.ended = self.ended or "This run has been closed."
            self._connection.close()

    def _send(
        self, facts: dict[str, Any], *, expects_answer: bool = True, record: Record | None = None
    ) -> None:
        if self.lost:
            return
        number = self._sent + 1 if expects_answer else self._sent
        try:
            self._connection.send_bytes(
                Record({**facts, "id": number}, record.arrays if record else {}).to_bytes()
            )
            self._sent = number
        except OSError:
            self._hear_the_rest()

    def _collect(self, number: int, patience_s: float) -> None:
        """Take in what has arrived, waiting for answer ``number`` no longer than ``patience_s``."""
        until = time.monotonic() + patience_s
        while not self.lost:
            left_s = until - time.monotonic() if self._answered < number else 0.0
            try:
                if not self._connection.poll(max(left_s, 0.0)):
                    return
                self._take(Record.from_bytes(self._connection.recv_bytes()))
            except (EOFError, OSError):
                self.ended = LOST

    def _hear_the_rest(self) -> None:
        """The worker has hung up; what it said before is still to be read."""
        self._collect(self._sent, 0.0)
        self.ended = self.ended or LOST

    def _take(self, record: Record) -> None:
        number = record.facts["id"]
        if number == LAST_WORD:
            self.ended = str(record.facts["ended"])
            return
        self._answered = number
        if "state" in record.facts:
            self._frame = Frame.read(record)
        elif number == self._awaited:  # one that comes too late is waited for by nobody
            self._answer = record


def _arrays(answer: Record | None) -> Arrays | None:
    """The arrays of an answer.  Raises ``ValueError`` where the worker has refused."""
    if answer is not None and "refused" in answer.facts:
        raise ValueError(answer.facts["refused"])
    return None if answer is None else answer.arrays
