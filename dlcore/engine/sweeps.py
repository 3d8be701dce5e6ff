"""All sweeps of this server: begun, found again by their owner, gone on with."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from typing import Any, Protocol

from pydantic import ValidationError

from dlcore.engine.local import LocalEngine
from dlcore.engine.slots import Slots, spare_cores
from dlcore.engine.sweeping import Sweeping
from dlcore.outcomes import Trial
from dlcore.sweeps import Sweep

MOST_RUNNING = 2
MOST_KEPT = 20
"""Of one visitor so many sweeps are listed, the newest first."""


class SweepRefused(RuntimeError):
    """Refuse a sweep, in a sentence for the visitor."""


class Shelf(Protocol):
    """Where sweeps are written down, each for its owner alone."""

    def keep(self, owner: str, sweep_id: str, plan: Mapping[str, Any]) -> None:
        """Write one down, or anew."""

    def plans(self, owner: str) -> list[tuple[str, Mapping[str, Any]]]:
        """An owner's sweeps, ids and plans, the newest first."""

    def forget(self, owner: str, sweep_id: str) -> None:
        """Delete one."""


class Memory:
    """Keeps plans for as long as the server lives."""

    def __init__(self) -> None:
        self._plans: dict[str, dict[str, Mapping[str, Any]]] = {}

    def keep(self, owner: str, sweep_id: str, plan: Mapping[str, Any]) -> None:
        self._plans.setdefault(owner, {})[sweep_id] = plan

    def plans(self, owner: str) -> list[tuple[str, Mapping[str, Any]]]:
        return list(reversed(self._plans.get(owner, {}).items()))

    def forget(self, owner: str, sweep_id: str) -> None:
        self._plans.get(owner, {}).pop(sweep_id, None)


class Sweeps:
    """Start sweeps, and find them again; all of them share the cores that are to spare."""

    def __init__(self, engine: LocalEngine, shelf: Shelf | None = None, n_at_once: int = 0) -> None:
        self._engine = engine
        self._shelf = shelf or Memory()
        self._slots = Slots(n_at_once or spare_cores())
        self._known: dict[str, Sweeping] = {}
        self._lock = threading.Lock()

    def start(self, sweep: Sweep, owner: str) -> Sweeping:
        """Begin a sweep.  Raises ``SweepRefused``, in a sentence."""
        wrong = sweep.problems(self._engine.bounds)
        if wrong:
            raise SweepRefused(str(wrong[0]))
        self._make_room(owner)
        made = self._made(sweep, owner)
        with self._lock:
            self._known[made.id] = made
        self._keep(made)
        made.start()
        return made

    def go_on(self, sweeping: Sweeping) -> None:
        """Train what is missing of a sweep.  Raises ``SweepRefused``, in a sentence."""
        if not sweeping.running:
            self._make_room(sweeping.owner)
        sweeping.start()

    def of(self, owner: str) -> list[Sweeping]:
        """An owner's sweeps, the newest first, those of servers before this one among them."""
        found = []
        for sweep_id, plan in self._shelf.plans(owner)[:MOST_KEPT]:
            with self._lock:
                known = self._known.get(sweep_id)
            if known is None:
                known = self._read(owner, sweep_id, plan)
            if known is not None:
                found.append(known)
        return found

    def find(self, sweep_id: str, owner: str) -> Sweeping | None:
        """One of the owner's sweeps; None for anybody else's."""
        with self._lock:
            known = self._known.get(sweep_id)
        if known is not None:
            return known if secrets.compare_digest(known.owner.encode(), owner.encode()) else None
        return next((each for each in self.of(owner) if each.id == sweep_id), None)

    def forget(self, sweeping: Sweeping) -> None:
        """Stop a sweep and delete it."""
        sweeping.stop()
        with self._lock:
            self._known.pop(sweeping.id, None)
        self._shelf.forget(sweeping.owner, sweeping.id)

    def close(self) -> None:
        """Stop all of them; what is done stays written down."""
        for each in list(self._known.values()):
            each.stop()

    def _make_room(self, owner: str) -> None:
        running = [each for each in list(self._known.values()) if each.owner == owner and each.running]
        if len(running) >= MOST_RUNNING:
            raise SweepRefused(
                f"{len(running)} of your sweeps are under way, as many as one visitor may have.  "
                "Stop one, or wait until it is done."
            )

    def _made(self, sweep: Sweep, owner: str, sweep_id: str = "", known: tuple[Trial, ...] = ()) -> Sweeping:
        return Sweeping(
            self._engine, sweep, owner, self._slots, sweep_id=sweep_id, known=known, keep=self._keep
        )

    def _keep(self, sweeping: Sweeping) -> None:
        with self._lock:
            wanted = sweeping.id in self._known
        if wanted:  # one that was deleted while it ended is not written down again
            trials = [trial.facts() for trial in sweeping.outcomes().trials]
            self._shelf.keep(
                sweeping.owner,
                sweeping.id,
                {"sweep": sweeping.sweep.model_dump(mode="json"), "trials": trials},
            )

    def _read(self, owner: str, sweep_id: str, plan: Mapping[str, Any]) -> Sweeping | None:
        """A sweep of a server before this one; None where another version has written it."""
        try:
            sweep = Sweep.model_validate(plan["sweep"])
            trials = tuple(Trial.read(each) for each in plan["trials"])
            if sweep.problems(self._engine.bounds):
                return None
        except (ValidationError, KeyError, TypeError, ValueError):
            return None
        made = self._made(sweep, owner, sweep_id, trials)
        with self._lock:
            return self._known.setdefault(sweep_id, made)
