"""What people ask the network themselves: to answer a sample and to show how, to go on with a series, to make
up strings, to say what it likes."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

from dlcore.engine import ensembles, landscapes
from dlcore.probes.liked import climb
from dlcore.probes.trace import trace
from dlcore.probes.windows import window_of
from dlcore.record import Record
from dlcore.training.answering import answer, extend, given
from dlcore.training.generate import generate
from dlcore.training.session import Session

MOST_KEPT = 8
LONGEST_PROMPT = 200


class Questions:
    """Answers questions; of a run that plays, once more with the last answer where a new one takes long.

    ``share`` is the part of the time that one question, asked again and again, may take from the training.
    """

    def __init__(self, share: float) -> None:
        self.share = share
        self._told: dict[Hashable, tuple[float, int, Record, float]] = {}

    def answer(self, session: Session, mail: Record, playing: int | None) -> Record:
        """Answer a question, or say in words, under ``refused``, why not.

        ``playing`` is the revision of a run that plays, and None of one that rests.
        """
        if playing is None:
            return _answered(session, mail)
        now, key = time.monotonic(), _key(mail)
        if key in self._told:
            then, of, told, rest_s = self._told.pop(key)
            if of == playing and now - then < rest_s:
                self._told[key] = then, of, told, rest_s
                return told
        begun = time.thread_time()
        told = _answered(session, mail)
        self._told[key] = now, playing, told, (time.thread_time() - begun) / self.share
        if len(self._told) > MOST_KEPT:
            del self._told[next(iter(self._told))]
        return told


def _key(mail: Record) -> Hashable:
    """What makes a question the same as another."""
    facts = tuple(sorted((name, str(value)) for name, value in mail.facts.items() if name != "id"))
    return facts, tuple((name, x.dtype.str, x.shape, x.tobytes()) for name, x in mail.arrays.items())


def _answered(session: Session, mail: Record) -> Record:
    try:
        asked = QUESTIONS.get(str(mail.facts["name"]))
        return (
            asked(session, mail)
            if asked
            else Record({"refused": f"no question is called {mail.facts['name']!r}"})
        )
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        return Record({"refused": str(error) or "The question cannot be read."})


def _answer(session: Session, mail: Record) -> Record:
    return Record({}, answer(session, mail.arrays["x"]))


def _extend(session: Session, mail: Record) -> Record:
    return Record({}, extend(session, mail.arrays["x"], int(mail.facts["n_steps"])))


def _generate(session: Session, mail: Record) -> Record:
    facts = mail.facts
    with session.judged():
        strings = generate(
            session,
            int(facts["n_strings"]),
            float(facts["temperature"]),
            int(facts["top_k"]),
            int(facts["seed"]),
            str(facts["prompt"])[:LONGEST_PROMPT],
        )
    return Record({"strings": strings})


def _trace(session: Session, mail: Record) -> Record:
    with session.judged():
        return Record({}, trace(session, given(session, mail.arrays["x"][:1])))


def _window(session: Session, mail: Record) -> Record:
    x = given(session, mail.arrays["x"][:1])
    return Record({}, window_of(session, int(mail.facts["layer"]), int(mail.facts["channel"]), x))


def _climb(session: Session, mail: Record) -> Record:
    layer, first, n_steps = (int(mail.facts[name]) for name in ("layer", "first", "n_steps"))
    return Record({}, climb(session, layer, mail.arrays["x"], first, n_steps))


QUESTIONS: dict[str, Callable[[Session, Record], Record]] = {
    "answer": _answer,
    "extend": _extend,
    "generate": _generate,
    **landscapes.QUESTIONS,
    **ensembles.QUESTIONS,
    "trace": _trace,
    "window": _window,
    "climb": _climb,
}
"""What may be asked, by name.  An answer may take about 50 ms; what takes longer is asked for in pieces."""
