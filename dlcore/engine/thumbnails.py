"""Small pictures of what experiments come to: trained for a moment, one after another, in one worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from dlcore.engine.local import EngineFull, LocalEngine
from dlcore.engine.protocol import State
from dlcore.engine.run import Run
from dlcore.experiment import Experiment, Stop
from dlcore.record import Arrays

OWNER = "thumbnails of this server"
LOOK_EVERY_S = 0.1
LONGEST_S = 10.0
"""What one experiment may take; then its picture is taken as it is."""


class Thumbnails:
    """Train each experiment for its epochs in the background; its boundary when it is done.

    ``wanted`` maps names to experiments and epochs.  Safe to use from several threads.
    """

    def __init__(self, engine: LocalEngine, wanted: Mapping[str, tuple[Experiment, int]]) -> None:
        self._engine = engine
        self._wanted = dict(wanted)
        self._ready: dict[str, Arrays] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def ready(self) -> dict[str, Arrays]:
        """What the boundary probe read of every experiment that is done, by name."""
        return dict(self._ready)

    @property
    def complete(self) -> bool:
        """Whether every picture is there."""
        return len(self._ready) == len(self._wanted)

    def start(self) -> None:
        """Go on with what is missing, unless it is being done already."""
        with self._lock:
            if self.complete or (self._thread is not None and self._thread.is_alive()):
                return
            self._thread = threading.Thread(target=self._make, name="glassbox-thumbnails", daemon=True)
            self._thread.start()

    def _make(self) -> None:
        missing = [name for name in self._wanted if name not in self._ready]
        try:
            run = self._engine.start(self._wanted[missing[0]][0], OWNER, kept=False)
        except (EngineFull, OSError, ValueError):
            return  # the next one to look at the gallery tries again
        try:
            for name in missing:
                picture = self._picture(run, *self._wanted[name])
                if picture is None:
                    return
                self._ready[name] = picture
        finally:
            self._engine.end(run)

    def _picture(self, run: Run, experiment: Experiment, epochs: int) -> Arrays | None:
        run.change(experiment.model_copy(update={"stop": Stop(epochs=epochs)}))
        run.do("reset")
        run.do("play")
        until = time.monotonic() + LONGEST_S
        frame = run.frame((), fresh=True)
        while frame.state is State.PLAYING and time.monotonic() < until:
            time.sleep(LOOK_EVERY_S)
            frame = run.frame((), fresh=True)
        run.do("pause")
        while not run.lost and time.monotonic() < until + LONGEST_S:
            boundary = run.frame(("boundary",), fresh=True).probe("boundary")
            if boundary:
                return boundary
        return None
