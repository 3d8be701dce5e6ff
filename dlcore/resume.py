"""A saved run goes on without a page: from its last checkpoint, as if nothing had happened."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from dlcore.engine.autosave import Autosave
from dlcore.engine.protocol import State
from dlcore.record import Record, RecordError
from dlcore.store import Saved, Store
from dlcore.store.claim import Claim
from dlcore.store.keeper import SERVER, SUFFIX
from dlcore.training.session import Session

BUDGET_S = 0.1
FRESH_S = 20.0
"""A run that says it plays and was saved so lately is trained somewhere."""


@dataclass(frozen=True)
class Resumed:
    """What came of it: the session as it stands, and under which id it is saved."""

    session: Session
    run: str
    seconds: float
    """Seconds of training, those of before among them."""


def held_by(saved: Saved, running: Path) -> str:
    """Why a run cannot go on here, in a sentence: a server holds it; "" where none does.

    ``running`` is the folder in which the servers of this machine have their workers write.
    """
    for file in running.glob(f"*/{saved.line}{SUFFIX}"):
        claim = None
        with suppress(OSError):
            claim = Claim.take(file.parent / SERVER)
        if claim is not None:
            claim.release()
            continue  # its server has ended
        with suppress(OSError, RecordError, KeyError):
            if Record.from_bytes(file.read_bytes()).facts["saved"]["id"] == saved.id:
                return "A server on this machine holds this run.  Stop the server, or go on in its page."
    age_s = time.time() - saved.saved.timestamp()
    if saved.state == State.PLAYING and age_s < FRESH_S:
        return f"This run was learning when it was saved {age_s:.0f} s ago: a server has it.  Pause it there."
    return ""


def resume(
    store: Store,
    saved: Saved,
    checkpoint: Record,
    epochs: int,
    told: Callable[[Session], None],
    *,
    branch: bool = False,
) -> Resumed:
    """Train ``epochs`` more, or with 0 until the run's own stop, and file what it comes to.

    It is filed as the run it was, or as a ``branch`` of it: a run of its own.  Raises ``ValueError`` where
    the run is over, ``StoreError`` where it cannot be filed, ``InterruptedError`` where somebody else has
    gone on with the run meanwhile.  What was trained until a ``KeyboardInterrupt`` is filed.
    """
    session = Session.restored(checkpoint)
    last = session.epoch + epochs if epochs else float("inf")
    e = session.experiment
    if epochs and 0 < e.stop.epochs < last:
        further = e.stop.model_copy(update={"epochs": session.epoch + epochs})
        session.change(e.model_copy(update={"stop": further}))
    if session.stopped:
        raise ValueError(session.failure or session.ending)
    with TemporaryDirectory(prefix="glassbox-resume-") as folder:
        file = Path(folder) / f"{saved.line}{SUFFIX}"
        autosave = Autosave(_orders(saved, checkpoint, file, branch), session, checkpoint)
        try:
            while not session.stopped and session.epoch < last:
                begun = time.perf_counter()
                session.advance_for(BUDGET_S, last)
                autosave.clock.add(time.perf_counter() - begun, session)
                told(session)
                if autosave.due():
                    _file(store, autosave, session, State.PLAYING, file)
        finally:
            over = State.FAILED if session.failure else State.FINISHED if session.finished else State.PAUSED
            _file(store, autosave, session, over, file)
        return Resumed(session, autosave.id, autosave.clock.seconds)


def _orders(saved: Saved, checkpoint: Record, file: Path, branch: bool) -> dict[str, object]:
    before = checkpoint.facts["saved"]
    parent = (saved.id, checkpoint.facts["step"]) if branch else (saved.parent, saved.parent_step)
    return {
        "file": str(file),
        "line": before["line"],
        "owner": before["owner"],
        "life": time.time_ns(),
        "continues": not branch,
        "sweep": "" if branch else saved.sweep,
        "parent": parent[0],
        "parent_step": parent[1],
    }


def _file(store: Store, autosave: Autosave, session: Session, state: State, file: Path) -> None:
    autosave.save(session, state, session.failure or session.ending)
    if autosave.trouble:
        raise OSError(autosave.trouble)
    if file.exists() and not store.file(Record.from_bytes(file.read_bytes())):
        raise InterruptedError("Somebody else has gone on with this run meanwhile, so it is left to them.")
