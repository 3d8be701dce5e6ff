"""A session: one run with its network, data, optimizer and history."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch

from dlcore.data import Parts, prepare
from dlcore.experiment import Experiment, diff
from dlcore.link import dumps, loads
from dlcore.model import Network, build, layer_calls
from dlcore.record import Arrays, Record
from dlcore.training import adjust
from dlcore.training.events import EpochEnd, StepEnd
from dlcore.training.history import Evaluation, History, is_due
from dlcore.training.look import looking
from dlcore.training.loop import Plan, train
from dlcore.training.metrics import score, tensors
from dlcore.training.postmortem import Fault, first_fault

REMEMBER_EVERY_S = 0.5
"""How far back, in seconds of training, a run that has broken down is repeated to find out why."""
SHARES = ("train", "validation", "test")


class Session:
    """Train one experiment, step by step.

    The public attributes are there for probes to read.  Two sessions of the same experiment that made the
    same number of steps are equal to the last bit, however they were watched, interrupted or resumed.
    """

    def __init__(self, experiment: Experiment) -> None:
        self._start(experiment)

    def _start(self, experiment: Experiment) -> None:
        self.experiment = experiment
        seeds = experiment.seeds
        self.points: dict[str, Parts] = prepare(experiment.data, experiment.split, seeds.data, seeds.split)
        self.tensors = {share: tensors(experiment, part) for share, part in self.points.items()}
        self._all_x = torch.cat([self.tensors[share].x for share in SHARES])
        self.network: Network = build(experiment)
        self.criterion = experiment.loss.call(experiment.data.task).build()
        self.optimizer: torch.optim.Optimizer = experiment.optimizer.call().build(
            self.network.module.parameters()
        )
        self.epoch = 0
        self.seen = 0
        self.step = 0
        self.batch_loss = math.nan
        self.failure = ""
        self.history = History()
        self._evaluated: tuple[int, Evaluation] | None = None
        self._random = torch.Generator().manual_seed(seeds.batches).get_state()
        self._plan()
        self.history.add(0, self.evaluate())

    def _plan(self) -> None:
        """Set the loop up from where the run is; called again after every change that a run can take."""
        experiment, module, optimizer = self.experiment, self.network.module, self.optimizer
        pull = experiment.regularisation
        rate = experiment.optimizer.learning_rate
        plan = Plan(
            experiment.seeds.batches,
            experiment.batch_size,
            adjust.before_update(module, optimizer, experiment.schedule, rate, pull),
            adjust.after_update(module, optimizer, pull),
        )
        loss_of = adjust.penalised(self.criterion, module, pull)
        data = self.tensors["train"]
        self._events: Iterator[StepEnd | EpochEnd] = train(
            module, loss_of, optimizer, data.x, data.y, plan, self.epoch, self.seen
        )
        self._remembered: tuple[float, Record] | None = None
        self._fault: Fault | None = None

    @property
    def finished(self) -> bool:
        """Whether the experiment's own stopping rule has been met."""
        return 0 < self.experiment.stop.epochs <= self.epoch

    @property
    def stopped(self) -> bool:
        """Whether no further step can be made."""
        return bool(self.failure) or self.finished

    def advance(self, n_steps: int = 1) -> None:
        """Make up to ``n_steps`` updates; fewer when the run stops."""
        last = self.step + n_steps
        self._run(lambda: self.step >= last)

    def advance_epoch(self) -> None:
        """Go on to the end of the present epoch."""
        last = self.epoch + 1
        self._run(lambda: self.epoch >= last)

    def advance_for(self, budget_s: float, last_epoch: float = math.inf) -> None:
        """Make updates for about ``budget_s`` seconds, at least one, and none past ``last_epoch``."""
        until = time.perf_counter() + budget_s
        clock = time.perf_counter
        self._run(lambda: clock() >= until or self.epoch >= last_epoch)

    def _run(self, enough: Callable[[], bool]) -> None:
        if self.stopped:
            return
        self._remember()
        n_points = len(self.tensors["train"].x)
        outside = torch.get_rng_state()
        torch.set_rng_state(self._random)
        try:
            for event in self._events:
                if isinstance(event, EpochEnd):
                    self.epoch, self.seen = event.epoch, 0
                    if is_due(event.epoch):
                        self.history.add(event.epoch, self.evaluate())
                    if self.finished or enough():
                        break
                else:
                    self.step += 1
                    self.seen, self.batch_loss = event.seen, event.loss
                    if not math.isfinite(event.loss):
                        self.failure = (
                            f"The loss became {event.loss} at step {self.step}, in epoch {self.epoch + 1}."
                        )
                        break
                    # the last batch of an epoch is not left before the epoch is closed
                    if event.seen < n_points and enough():
                        break
        finally:
            self._random = torch.get_rng_state()
            torch.set_rng_state(outside)

    def _remember(self) -> None:
        now = time.perf_counter()
        if self._remembered is None or now - self._remembered[0] > REMEMBER_EVERY_S:
            self._remembered = now, self.checkpoint()

    def fault(self) -> Fault | None:
        """The first number that was not finite, where the run broke down; found when first asked for."""
        if self.failure and self._fault is None and self._remembered is not None:
            self._fault = first_fault(self._remembered[1], self.step, type(self))
        return self._fault

    def random_state(self) -> torch.Tensor:
        """The random state with which the next step begins."""
        return self._random.clone()

    def evaluate(self) -> Evaluation:
        """Losses and scores on every share, as the network stands; costs one forward pass, once a step."""
        if self._evaluated is None or self._evaluated[0] != self.step:
            self._evaluated = self.step, self._evaluation()
        return self._evaluated[1]

    def _evaluation(self) -> Evaluation:
        task = self.experiment.data.task
        with looking(self.network.module):
            outputs = self.network.module(self._all_x).split([len(self.points[share]) for share in SHARES])
            parts = [(out, self.tensors[share]) for share, out in zip(SHARES, outputs, strict=True)]
            losses = [self.criterion(out, part.y).item() if len(out) else math.nan for out, part in parts]
            return Evaluation(*losses, *(score(out, part.truth, task) for out, part in parts))

    def change(self, experiment: Experiment) -> bool:
        """Take another experiment: go on where every difference is live, else start it from its beginning.

        Returns whether the run went on.
        """
        changes = diff(self.experiment, experiment)
        if not all(change.live for change in changes):
            self._start(experiment)
            return False
        same_rule = type(experiment.optimizer) is type(self.experiment.optimizer)
        self.experiment = experiment
        if same_rule:
            self._update_optimizer()
        else:
            self.optimizer = experiment.optimizer.call().build(self.network.module.parameters())
        calls = [call for layer in layer_calls(experiment) for call in layer]
        for module, call in zip(self.network.module, calls, strict=True):
            for name, value in call.kwargs:
                setattr(module, name, value)
        self._plan()
        return True

    def _update_optimizer(self) -> None:
        for group in self.optimizer.param_groups:
            group.update(self.experiment.optimizer.hyperparameters())
            if group.get("momentum"):
                # RMSprop makes its buffer with its first step only, and would miss one asked for later
                for parameter, state in self.optimizer.state.items():
                    state.setdefault("momentum_buffer", torch.zeros_like(parameter))

    def reset(self) -> None:
        """Go back to the same start."""
        self._start(self.experiment)

    def checkpoint(self) -> Record:
        """Write down everything that decides how the run goes on."""
        arrays: Arrays = {f"history.{name}": column for name, column in self.history.exact().items()}
        for i, parameter in enumerate(self.network.module.parameters()):
            arrays[f"parameter.{i}"] = parameter.detach().numpy().copy()
        scalars: dict[str, float] = {}
        for i, state in self.optimizer.state_dict()["state"].items():
            for name, value in state.items():
                if isinstance(value, torch.Tensor):
                    arrays[f"optimizer.{i}.{name}"] = value.detach().numpy().copy()
                elif value is not None:
                    scalars[f"{i}.{name}"] = value
        arrays["random"] = self._random.numpy().copy()
        arrays["batch_loss"] = np.array([self.batch_loss])
        facts = {
            "experiment": dumps(self.experiment),
            "epoch": self.epoch,
            "seen": self.seen,
            "step": self.step,
            "failure": self.failure,
            "optimizer": scalars,
        }
        return Record(facts, arrays)

    @classmethod
    def restored(cls, record: Record) -> Session:
        """Go on from a checkpoint, to the last bit as if nothing had happened."""
        session = cls(loads(record.facts["experiment"]))
        session.restore(record)
        return session

    def restore(self, record: Record) -> None:
        """Put this session where a checkpoint of the same experiment left off."""
        facts, arrays = record.facts, record.arrays
        with torch.no_grad():
            for i, parameter in enumerate(self.network.module.parameters()):
                parameter.copy_(torch.from_numpy(arrays[f"parameter.{i}"].copy()))
        state: dict[int, dict[str, object]] = {}
        for name, array in arrays.items():
            if name.startswith("optimizer."):
                _, index, key = name.split(".", 2)
                state.setdefault(int(index), {})[key] = torch.from_numpy(array.copy())
        for name, value in facts["optimizer"].items():
            index, key = name.split(".", 1)
            state.setdefault(int(index), {})[key] = value
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})
        self.epoch, self.seen, self.step = facts["epoch"], facts["seen"], facts["step"]
        self.failure = facts["failure"]
        self.batch_loss = float(arrays["batch_loss"][0])
        self._random = torch.from_numpy(arrays["random"].copy())
        self.history = History.from_exact(
            {
                name.removeprefix("history."): array
                for name, array in arrays.items()
                if name.startswith("history.")
            }
        )
        self.optimizer.zero_grad()
        self._evaluated = None
        self._plan()
