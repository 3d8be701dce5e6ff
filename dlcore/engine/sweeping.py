"""One sweep that is being trained, in the background, through the engine's own calls."""

from __future__ import annotations

import queue
import secrets
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from dlcore.engine.local import EngineFull, LocalEngine
from dlcore.engine.protocol import Frame, State
from dlcore.engine.run import Run
from dlcore.engine.search import Asked, Search, rungs
from dlcore.engine.slots import Slots
from dlcore.experiment import Experiment
from dlcore.hyperparameters import Value
from dlcore.outcomes import MEASURES, End, Outcomes, Training, Trial, by_number
from dlcore.sweeps import Sweep

LOOK_EVERY_S = 0.25
FIRST_LOOK_S = 0.02
"""A training that takes a fraction of a second is not kept waiting for the next look."""
FORGOTTEN_AFTER_S = 1800.0
"""Once its owner has not looked for so long, wherever they are in the app, a sweep pauses."""
FULL_AGAIN_S = 2.0
STOP_PATIENCE_S = 5.0
ATTEMPTS = 3
"""A worker may be lost, or have to make room; the training then begins again, and comes to the same."""
DONE = (State.FINISHED, State.FAILED)
FORGOTTEN = "Paused, because nobody has looked for half an hour."
BEHIND = "Given up: behind the median of those before it."
STOPPED = "Stopped before all were trained."
Doing = Literal["ready", "running", "paused", "stopped", "finished", "failed"]


@dataclass(frozen=True)
class Progress:
    """How far a sweep has come."""

    doing: Doing
    done: int
    """Trainings that are over, or not needed any more."""
    n: int
    now: tuple[tuple[tuple[Value, ...], int, int], ...] = ()
    """What is being trained: its setting, which start, and the epoch it has come to."""
    share: float = 0.0
    """The share of all epochs that is done, 0 to 1."""
    left_s: float | None = None
    """How many seconds it will take from here, as far as can be told."""
    message: str = ""
    """Why it stands still, in a sentence; "" where nothing is to be said."""


class Sweeping:
    """Train what a sweep asks for, a few at a time, and keep what came out.

    It goes on while its owner is elsewhere, until it is done, paused or stopped.  What is ``known`` already,
    of a sweep that was begun before, is not trained again.  Safe to use from several threads.
    """

    def __init__(
        self,
        engine: LocalEngine,
        sweep: Sweep,
        owner: str,
        slots: Slots,
        *,
        sweep_id: str = "",
        known: Iterable[Trial] = (),
        keep: Callable[[Sweeping, bool], None] = lambda sweeping, final: None,
    ) -> None:
        self.sweep = sweep
        self.owner = owner
        self.id = sweep_id or secrets.token_urlsafe(12)
        self.unsaved = ""
        """Why what came out could not be written down just now, in a sentence."""
        self._engine = engine
        self._slots = slots
        self._keep = keep
        self._trials = {trial.number: trial for trial in known}
        self._epochs: dict[tuple[tuple[Value, ...], int], int] = {}
        self._lock = threading.Lock()
        self._going = threading.Event()
        self._stopped = threading.Event()
        self._message = ""
        self._broken = ""
        self._asked = time.monotonic()
        self._busy_s, self._share_then = 0.0, 0.0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, or go on with what is missing."""
        if self.running and not self._stopped.is_set():
            self.go_on()
            return
        self.wait(STOP_PATIENCE_S)  # it was stopped a moment ago
        if self.running:
            return
        self._stopped.clear()
        self._message = self._broken = ""
        self._share_then, self._busy_s = self._share(), 0.0
        self.go_on()
        self._thread = threading.Thread(target=self._run, name="glassbox-sweep", daemon=True)
        self._thread.start()

    def pause(self, why: str = "Paused.") -> None:
        """Hold everything where it is, and let others have the cores."""
        self._message = why
        self._going.clear()

    def go_on(self) -> None:
        """Take up what was paused."""
        self._asked = time.monotonic()
        self._message = ""
        self._going.set()

    def stop(self) -> None:
        """Leave it; what is done stays, and what is missing can be trained later."""
        self.pause(STOPPED)
        self._stopped.set()

    def wait(self, patience_s: float) -> None:
        """Wait until it has ended, no longer than ``patience_s``."""
        if self._thread is not None:
            self._thread.join(patience_s)

    @property
    def running(self) -> bool:
        """Whether it is being trained, or paused in the middle."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def doing(self) -> Doing:
        """What it is doing, in a word."""
        if self.running:
            return "running" if self._going.is_set() else "stopped" if self._stopped.is_set() else "paused"
        if self._broken:
            return "failed"
        over = sum(trial.over(self.sweep.n_seeds) for trial in list(self._trials.values()))
        if over == self.sweep.n_settings:
            return "finished"
        return "stopped" if self._trials or self._thread is not None else "ready"

    @property
    def forgotten(self) -> bool:
        """Whether its owner has not looked for long."""
        return time.monotonic() - self._asked > FORGOTTEN_AFTER_S

    def outcomes(self) -> Outcomes:
        """What has come out so far."""
        return Outcomes(self.sweep, by_number(list(self._trials.values())))

    def progress(self) -> Progress:
        """How far it has come; asking is what keeps it from being forgotten."""
        self._asked = time.monotonic()
        doing, done = self.doing, self._n_done()
        now = tuple((values, seed, epoch) for (values, seed), epoch in list(self._epochs.items()))
        share = 1.0 if doing == "finished" else self._share()
        message = self._broken or self._message or (STOPPED if doing == "stopped" else "")
        return Progress(doing, done, self.sweep.n_trainings, now, share, self._left_s(share), message)

    def _n_done(self) -> int:
        """How many trainings are over, or not needed any more."""
        n_seeds, trials = self.sweep.n_seeds, list(self._trials.values())
        return sum(n_seeds if trial.over(n_seeds) else len(trial.trainings) for trial in trials)

    def _share(self) -> float:
        begun = sum(min(1.0, epoch / self.sweep.epochs) for epoch in list(self._epochs.values()))
        return min(1.0, (self._n_done() + begun) / self.sweep.n_trainings)

    def _left_s(self, share: float) -> float | None:
        """By the pace so far; None where there is none yet."""
        gained = share - self._share_then
        if gained <= 0.01:
            return None
        return self._busy_s / gained * (1 - share) / max(1, min(self._slots.n, len(self._epochs)))

    def spent(self, seconds: float) -> None:
        """Count seconds of training."""
        with self._lock:
            self._busy_s += seconds

    def _run(self) -> None:
        try:
            search = Search(self.sweep)
            while asked := search.next_round():
                self._train_all(asked)
                if self._stopped.is_set():
                    return
                search.tell(asked, self._trials)
        except Exception as error:  # told on the page and in the log: a thread has nobody else to tell
            traceback.print_exc()
            self._broken = f"The sweep broke off ({error}).  What is done is kept; go on to train the rest."
        finally:
            self._going.clear()
            self._epochs.clear()
            self._keep(self, True)

    def _train_all(self, asked: Iterable[Asked]) -> None:
        """Train a round, as many at a time as there are places."""
        waiting: queue.SimpleQueue[Asked] = queue.SimpleQueue()
        for each in asked:
            waiting.put(each)
        broken: list[Exception] = []

        def work() -> None:
            try:
                while not broken and not self._stopped.is_set():
                    self._try(waiting.get_nowait())
            except queue.Empty:
                return
            except Exception as error:
                broken.append(error)

        threads = [
            threading.Thread(target=work, daemon=True) for _ in range(min(self._slots.n, waiting.qsize()))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if broken:
            raise broken[0]

    def _try(self, asked: Asked) -> None:
        """Train one setting from every start that is missing, unless it is given up on the way."""
        known = self._trials.get(asked.number)
        if known is None or known.values != asked.values:
            n_parameters = self.sweep.trained(asked.values, 0).n_parameters()
            known = Trial(asked.number, asked.values, (), n_parameters)
        for training in known.trainings:
            for rung, value in training.rungs:
                asked.note(training.seed, rung, value)
        trial = known
        for seed in range(len(known.trainings), self.sweep.n_seeds):
            if trial.end is not None:
                return
            found = self._training(asked, seed)
            if found is None:
                return
            trial = replace(trial, trainings=(*trial.trainings, found))
            self._trials[asked.number] = trial
            self._keep(self, False)

    def _training(self, asked: Asked, seed: int) -> Training | None:
        """One training; None where the sweep was stopped."""
        experiment = self.sweep.trained(asked.values, seed)
        wrong = experiment.problems(self._engine.bounds)
        if wrong:
            return Training(seed, "failed", 0, message=str(wrong[0]))
        for _ in range(ATTEMPTS):
            try:
                found = _Follower(self, asked, seed, experiment).train()
            except ValueError as refusal:
                return Training(seed, "failed", 0, message=str(refusal))
            if found is not None or self._stopped.is_set():
                return found
        return Training(
            seed, "failed", 0, message="The process that trained it ended each time it was tried."
        )

    def place(self) -> bool:
        """Wait for a place among the cores; False where the sweep was stopped meanwhile."""
        while not self._stopped.is_set():
            if self._going.wait(LOOK_EVERY_S) and self._slots.take(self.owner, self.wanted):
                return True
        return False

    def wanted(self) -> bool:
        """Whether to go on just now; a sweep that nobody has looked at for long pauses itself."""
        if self._going.is_set() and self.forgotten:
            self.pause(FORGOTTEN)
        return self._going.is_set() and not self._stopped.is_set()


class _Follower:
    """Follows one training from its start to its end."""

    def __init__(self, sweeping: Sweeping, asked: Asked, seed: int, experiment: Experiment) -> None:
        self._of = sweeping
        self._asked = asked
        self._seed = seed
        self._experiment = experiment
        self._epochs = rungs(sweeping.sweep.epochs) if sweeping.sweep.prune else []
        self._rungs: list[tuple[int, float]] = []
        self._seconds = 0.0

    def train(self) -> Training | None:
        """What it came to; None where the sweep was stopped, or the worker lost.

        Raises ``ValueError`` where the worker refuses the experiment, ``OSError`` when none can be had.
        """
        of = self._of
        if not of.place():
            return None
        run, held = None, True
        try:
            run = self._started()
            while run is not None:
                since = time.monotonic()
                of._stopped.wait(min(LOOK_EVERY_S, max(FIRST_LOOK_S, self._seconds / 10)))
                passed_s = time.monotonic() - since
                self._seconds += passed_s
                of.spent(passed_s)
                if not of.wanted():
                    run.do("pause")
                    of._slots.give(of.owner)
                    held = of.place()
                    if not held:
                        return None
                    run.do("play")
                frame = run.frame(("curves",) if self._epochs else ())
                if run.lost:
                    return None
                of._epochs[self._asked.values, self._seed] = frame.epoch
                ended = self._ended(run, frame)
                if ended is not None:
                    return ended
            return None
        finally:
            of._epochs.pop((self._asked.values, self._seed), None)
            if held:
                of._slots.give(of.owner)
            if run is not None:
                of._engine.end(run)

    def _started(self) -> Run | None:
        """Its run; None where the sweep was stopped while the server was full."""
        of = self._of
        while not of._stopped.is_set():
            try:
                run = of._engine.start(self._experiment, of.owner, background=True, sweep=of.id)
            except EngineFull:
                of._stopped.wait(FULL_AGAIN_S)
                continue
            run.do("play")
            return run
        return None

    def _ended(self, run: Run, frame: Frame) -> Training | None:
        """How it ended; None while it goes on."""
        curves = frame.probe("curves")
        row = self._given_up(curves)
        if row is not None:
            # as it was at the rung, not as it is by now: the same sweep comes to the same
            then = {name: float(curves[name][row]) for name in MEASURES}
            measures = {name: value if np.isfinite(value) else None for name, value in then.items()}
            there = replace(frame, epoch=int(curves["epoch"][row]), measures=measures)
            return self._training("pruned", there, run, BEHIND)
        if frame.state is State.FAILED:
            return self._training("failed", frame, run, frame.message)
        if frame.state is State.FINISHED:
            lacking = frame.measures.get(self._of.sweep.judged_by) is None
            end: End = "failed" if lacking else "done"
            said = "What decides is no number at its end." if lacking else ""
            return self._training(end, frame, run, said)
        return None

    def _given_up(self, curves: Mapping[str, np.ndarray]) -> int | None:
        """The row of the curves at which it is behind; None as long as it is not.

        Judged by the rows at the rungs alone, however late they are seen: what is given up does not depend on
        how busy the machine is.
        """
        while self._epochs and curves and (late := curves["epoch"] >= self._epochs[0]).any():
            row = int(late.argmax())
            value = float(curves[self._of.sweep.judged_by][row])
            rung = len(rungs(self._of.sweep.epochs)) - len(self._epochs)
            self._epochs.pop(0)
            if np.isfinite(value):
                self._rungs.append((rung, value))
                if self._asked.hopeless(self._seed, rung, value):
                    return row
        return None

    def _training(self, end: End, frame: Frame, run: Run, message: str) -> Training:
        return Training(
            self._seed, end, frame.epoch, frame.seconds, dict(frame.measures), tuple(self._rungs),
            run.saved_as, message,
        )  # fmt: skip
