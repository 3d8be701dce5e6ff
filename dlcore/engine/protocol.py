"""What crosses between a page and a worker: records, over one connection per run.

The page sends ``{"id", "verb", …}`` and the worker answers ``{"id", …}``:

====== ============================== =======================================================
verb   carries                        answer
====== ============================== =======================================================
start  an experiment or a checkpoint  ``{"id", "pid"}``, or ``{"id", "refused"}``
frame  ``watch``: probes              the facts of :class:`Frame` and the probes' arrays
do     ``name`` and its settings      none; frames asked for later show its effect
ask    ``name`` of a question         a record of its own
====== ============================== =======================================================

Questions: ``checkpoint``, of now or of the moment nearest to step ``at``; ``weights``, those that are shown,
of the same, under the names of the ``state_dict``; ``look``, a frame of the moment
nearest to step ``at``, under ``look``; ``phases``, the numbers of the step to come and of training point
``point``, under ``phases``; ``timing``, how long a step takes, under ``timing``; ``answer``, what the
network says of the samples in the array ``x``; ``extend``, how it goes on for ``n_steps`` after the window
of a series in the array ``x``; ``generate``, strings it makes up, under ``strings``: these three of now, or
of the moment nearest to step ``at``.  What cannot be answered
is ``refused``, in words.  Which moments there are, a frame tells with the arrays ``past.step`` and
``past.epoch`` where ``past`` is watched.

Unasked, a worker says only ``{"id": −1, "ended": why}``, as its last word.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from enum import StrEnum
from multiprocessing.connection import Connection
from typing import Any

from dlcore.record import Arrays, Record

LAST_WORD = -1


def send_at_once(connection: Connection) -> Connection:
    """Keep a loopback connection from holding small messages back for 40 ms (Nagle's algorithm)."""
    line = socket.socket(fileno=connection.fileno())
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.detach()
    return connection


def orders(
    *,
    pause_after_s: float,
    end_after_s: float,
    file: str = "",
    line: str = "",
    owner: str = "",
    life: int = 0,
    sweep: str = "",
    parent: tuple[str, int] = ("", 0),
    continues: bool = False,
    nice: int = 0,
) -> dict[str, Any]:
    """What a worker is told with its experiment or checkpoint when it starts.

    The ``file`` it writes its run down in, "" for none; the id of the engine's run, ``line``; a hash of its
    ``owner``; its ``life``, a number that only grows from worker to worker; the ``sweep`` it belongs to, the
    saved run and its step that the checkpoint is of, ``parent``; whether it ``continues`` that very run, and
    by how much it is ``nice`` to the others.
    """
    return {
        "verb": "start",
        "id": 0,
        "pause_after_s": pause_after_s,
        "end_after_s": end_after_s,
        "file": file,
        "line": line,
        "owner": owner,
        "life": life,
        "sweep": sweep,
        "parent": parent[0],
        "parent_step": parent[1],
        "continues": continues,
        "nice": nice,
    }


class State(StrEnum):
    """What a run is doing."""

    IDLE = "idle"
    PLAYING = "playing"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    LOST = "lost"


@dataclass(frozen=True)
class Frame:
    """One look at a run.  Losses and scores are None where they are not finite numbers."""

    state: State
    message: str = ""
    notice: str = ""
    """What the last change did besides what was asked for: said once per revision."""
    revision: int = 0
    """Counts the starts, changes and resets of the run."""
    epoch: int = 0
    step: int = 0
    learning_rate: float = 0.0
    steps_per_s: float = 0.0
    epochs_per_s: float = 0.0
    measures: dict[str, float | None] = field(default_factory=dict)
    """``train_loss``, ``validation_loss``, ``test_loss`` and the scores, of the network as it stands."""
    marks: list[tuple[float, str]] = field(default_factory=list)
    """Epochs at which something was changed, with what it was; sent with the curves."""
    arrays: Arrays = field(default_factory=dict)
    """The probes' arrays, named ``probe.array``."""
    watched: list[str] = field(default_factory=list)
    """The probes that were asked for, whether or not they apply."""
    seconds: float = 0.0
    """How long it has trained."""
    saved_as: str = ""
    """The id under which the run is saved."""
    unsaved: str = ""
    """Why it could not be written down just now, in a sentence."""

    def record(self, number: int) -> Record:
        """Write the frame as the answer to request ``number``."""
        return Record({"id": number, **self.facts()}, self.arrays)

    def facts(self) -> dict[str, Any]:
        """Everything but the arrays."""
        return {name: value for name, value in vars(self).items() if name != "arrays"}

    @classmethod
    def read(cls, record: Record) -> Frame:
        """Read back what :meth:`record` wrote."""
        facts = {name: value for name, value in record.facts.items() if name != "id"}
        return cls(**{**facts, "state": State(facts["state"])}, arrays=record.arrays)

    def probe(self, watch: str) -> Arrays:
        """The arrays of one probe, by their own names; empty when it was not asked for."""
        start = f"{watch}."
        return {
            name.removeprefix(start): array for name, array in self.arrays.items() if name.startswith(start)
        }
