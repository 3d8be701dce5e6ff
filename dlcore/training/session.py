"""A session: one run with its network, data, optimizer and history."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch

from dlcore.changes import label
from dlcore.data import Parts, prepare
from dlcore.experiment import Experiment, diff
from dlcore.link import dumps, loads
from dlcore.model import Network, build, layer_calls
from dlcore.record import Arrays, Record
from dlcore.spec import Call
from dlcore.training import adjust, intervene, objective, optimizer_state, rebuild
from dlcore.training.augment import augmenting
from dlcore.training.averages import Averages
from dlcore.training.cuts import Cuts
from dlcore.training.events import EpochEnd, StepEnd
from dlcore.training.history import Evaluation, History, is_due
from dlcore.training.judge import Judge
from dlcore.training.loop import Plan, train
from dlcore.training.marks import Marks
from dlcore.training.metrics import tensors
from dlcore.training.optimizer import build_optimizer, retune
from dlcore.training.postmortem import Fault, first_fault
from dlcore.training.stops import Stops

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
        self._written = experiment, dumps(experiment)
        self._load()
        self.network: Network = build(experiment)
        self.criterion = objective.build_criterion(experiment, experiment.criterion(self.points["train"]))
        self.optimizer = build_optimizer(experiment.optimizer, self.network.module.parameters())
        self.epoch = 0
        self.seen = 0
        self.step = 0
        self.batch_loss = math.nan
        self.failure = ""
        self.history = History()
        self.marks = Marks()
        self.stops = Stops(experiment.stop)
        self.averages: Averages | None = None
        self.cuts: Cuts | None = None
        self._watch()
        self.carried = ""
        """What the network brought along from before it was built anew, in a sentence."""
        self._evaluated: tuple[int, Evaluation] | None = None
        self._silences: list[Callable[[], None]] = []
        self._random = torch.Generator().manual_seed(experiment.seeds.batches).get_state()
        self._plan()
        self.history.add(0, self.evaluate())

    def _load(self) -> None:
        """Draw the points, share them out, and compute what the network is given of them."""
        e = self.experiment
        self.points: dict[str, Parts] = prepare(e.data, e.split, e.seeds.data, e.seeds.split)
        self.tensors = {share: tensors(e, part) for share, part in self.points.items()}
        self._judge = Judge([self.tensors[share] for share in SHARES], e.multiply_adds(), e)

    def _watch(self) -> None:
        """Set up what goes along with the run where it is asked for: averaged weights, cuts of the rate."""
        e, module = self.experiment, self.network.module
        self.averages = Averages.going_on(self.averages, e.regularisation, module, self._judge.known)
        self.cuts = Cuts.going_on(self.cuts, e.schedule)

    def judged(self) -> AbstractContextManager[None]:
        """The network as it is judged and shown: with its averaged weights, where it has some."""
        return self.averages.in_place() if self.averages else nullcontext()

    def _plan(self) -> None:
        """Set the loop up from where the run is; called again after every change that a run can take."""
        experiment, module, optimizer = self.experiment, self.network.module, self.optimizer
        intervene.freeze(self.network, experiment)
        for undo in self._silences:
            undo()
        self._silences = intervene.silence(self.network, experiment)
        self._evaluated = None
        pull = experiment.regularisation
        rate = experiment.optimizer.learning_rate
        plan = Plan(
            experiment.seeds.batches,
            experiment.batch_size,
            adjust.before_update(module, optimizer, self.cuts or experiment.schedule, rate, pull),
            (
                *adjust.after_update(module, optimizer, pull),
                *intervene.hold(self.network, experiment.held),
                *([self.averages.end_step] if pull.average == "EMA" and self.averages else []),
            ),
            experiment.optimizer.searches,
            augmenting(experiment),
            self.criterion.learn if experiment.objective.learns else None,
        )
        self.loss_of = objective.loss_of(experiment, self.criterion)
        """The loss of a batch, without penalties: of a network, x (B, *input_shape) and y (B, …)."""
        loss_of = adjust.penalised(self.loss_of, module, pull)
        data = self.tensors["train"]
        self._events: Iterator[StepEnd | EpochEnd] = train(
            module, loss_of, optimizer, data.x, data.y, plan, self.epoch, self.seen
        )
        self._remembered: tuple[float, Record] | None = None
        self._fault: Fault | None = None

    @property
    def ending(self) -> str:
        """Which of the experiment's own stopping rules has been met, in a sentence; "" when none has."""
        return self.stops.why(self.epoch)

    @property
    def finished(self) -> bool:
        """Whether one of the experiment's own stopping rules has been met."""
        return bool(self.ending)

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
                    self._end_epoch()
                    if self.finished or enough():
                        break
                else:
                    self.step += 1
                    self.seen, self.batch_loss = event.seen, event.loss
                    objective.note(self.experiment, self.criterion, event.loss)
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

    def _end_epoch(self) -> None:
        """Remember and watch what has to be remembered and watched."""
        if self.averages:
            self.averages.end_epoch(self.epoch)
        if is_due(self.epoch):
            self.history.add(self.epoch, self.evaluate())
        if self.stops.watching:
            now = self.evaluate()
            with self.judged():
                self.stops.end_epoch(self.epoch, now, self.network.module)
            self._settle()
        if self.cuts:
            now = self.evaluate()
            self.cuts.end_epoch(now.validation_loss if len(self.points["validation"]) else now.train_loss)

    def _settle(self) -> None:
        """Where the run has stopped on a plateau, it ends with its best weights."""
        if self.stops.settle(self.epoch, self.network.module):
            self._begin_averages_anew()
            self.marks.add(self.epoch, f"weights of epoch {self.stops.best_epoch} are back")

    def _begin_averages_anew(self) -> None:
        """After somebody has put the weights where they are."""
        self._evaluated = None
        if self.averages:
            self.averages.begin_anew()

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
        """Losses and scores on every share, as the network stands; costs one forward pass, once a step.

        Of a large network on the first samples of each share: how many depends on the experiment alone.
        """
        if self._evaluated is None or self._evaluated[0] != self.step:
            with self.judged():
                now = self._judge.evaluation(self.network.module, self.criterion, self.loss_of)
            self._evaluated = self.step, now
        return self._evaluated[1]

    def latest(self) -> Evaluation:
        """The evaluation of now, or where that takes longer than a few steps, of the last epoch's end."""
        return self.evaluate() if self._evaluated is None or self._judge.quick else self._evaluated[1]

    def change(self, experiment: Experiment) -> bool:
        """Take another experiment: go on where every difference is live, else build it anew.

        What is built anew begins at epoch 0; once something has been learnt, layers that have not changed
        keep their weights (:mod:`dlcore.training.rebuild`), and :meth:`reset` gives the experiment's own
        start.  Returns whether the run went on.
        """
        changes = diff(self.experiment, experiment)
        if not all(change.live for change in changes):
            self._rebuild(experiment)
            return False
        if self.step:
            passed = self.epoch + self.seen / len(self.tensors["train"].x)
            self.marks.add(passed, label(self.experiment, experiment))
        self.stops.take(experiment.stop)
        before = self.experiment
        same_rule = type(experiment.optimizer) is type(before.optimizer)
        other_points = experiment.data != self.experiment.data
        self.experiment = experiment
        if other_points:
            self._load()
            self.criterion = objective.for_points(experiment, self.points["train"], self.criterion)
            self.seen = 0  # the points of this epoch are not the ones it began with
        objective.retune(self.criterion, before, experiment)
        if same_rule:
            retune(self.optimizer, experiment.optimizer)
        else:
            self.optimizer = build_optimizer(experiment.optimizer, self.network.module.parameters())
        for module, was, call in zip(self.network.module, _calls(before), _calls(experiment), strict=True):
            rebuild.retune(module, was, call)
        self._watch()
        if experiment.held != before.held:
            self._begin_averages_anew()
        self._plan()
        self._settle()
        return True

    def _rebuild(self, experiment: Experiment) -> None:
        network, criterion, before = self.network, self.criterion, self.experiment
        learnt = (self.step or self.carried) and not self.failure
        self._start(experiment)
        if not learnt or not rebuild.keeps_weights(before, experiment):
            return
        kept = rebuild.carry(network, before, self.network, experiment)
        objective.carry(criterion, before, self.criterion, experiment)
        self.carried = rebuild.sentence(kept, experiment)
        if self.carried:
            self._evaluated = None
            self.history = History()
            self.history.add(0, self.evaluate())
            self.marks.add(0, self.carried.partition(".")[0])

    def set_weight(self, layer: int, unit: int, source: int, value: float) -> None:
        """Put one weight, or with source −1 one bias, where a person wants it.  Raises ``ValueError``."""
        intervene.set_weight(self.network, layer, unit, source, value)
        self._begin_averages_anew()

    def reset(self) -> None:
        """Go back to the same start."""
        self._start(self.experiment)

    def written(self) -> str:
        """The experiment as JSON, written once."""
        if self._written[0] is not self.experiment:
            self._written = self.experiment, dumps(self.experiment)
        return self._written[1]

    def checkpoint(self) -> Record:
        """Write down everything that decides how the run goes on."""
        record = self.snapshot()
        history = {f"history.{name}": column for name, column in self.history.exact().items()}
        return Record(record.facts, {**history, **record.arrays})

    def snapshot(self) -> Record:
        """Write down a checkpoint but for its history, which is cheap."""
        arrays: Arrays = {}
        for i, parameter in enumerate(self.network.module.parameters()):
            arrays[f"parameter.{i}"] = parameter.detach().numpy().copy()
        for i, buffer in enumerate(self.network.module.buffers()):
            arrays[f"buffer.{i}"] = buffer.numpy().copy()
        remembered, numbers = optimizer_state.written(self.optimizer)
        arrays.update(remembered)
        further: optimizer_state.Numbers = {}
        if self.experiment.objective.learns:
            learnt, further = objective.written(self.criterion)
            arrays.update(learnt)
        arrays.update(self.stops.arrays())
        arrays.update(self.averages.arrays() if self.averages else {})
        arrays["random"] = self._random.numpy().copy()
        arrays["batch_loss"] = np.array([self.batch_loss])
        facts = {
            "experiment": self.written(),
            "names": self.network.names,
            "epoch": self.epoch,
            "seen": self.seen,
            "step": self.step,
            "failure": self.failure,
            "optimizer": numbers,
            "criterion": further,
            "marks": self.marks.pairs,
            "stops": self.stops.facts(),
            "cuts": self.cuts.facts() if self.cuts else None,
            "averaged": self.averages.n if self.averages else 0,
            "carried": self.carried,
        }
        return Record(facts, arrays)

    def weights(self) -> Record:
        """The network as it is judged and shown, under the names of its ``state_dict``."""
        with self.judged():
            arrays = {
                name: tensor.detach().numpy().copy()
                for name, tensor in self.network.module.state_dict().items()
            }
        return Record({"experiment": self.written(), "epoch": self.epoch, "step": self.step}, arrays)

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
            for i, buffer in enumerate(self.network.module.buffers()):
                buffer.copy_(torch.from_numpy(arrays[f"buffer.{i}"].copy()))
        optimizer_state.read(self.optimizer, arrays, facts["optimizer"])
        if self.experiment.objective.learns:
            objective.read(self.criterion, arrays, facts["criterion"])
        self.epoch, self.seen, self.step = facts["epoch"], facts["seen"], facts["step"]
        self.failure, self.carried = facts["failure"], facts["carried"]
        self.marks = Marks(facts["marks"])
        self.stops = Stops.restored(self.experiment.stop, facts["stops"], arrays)
        if self.cuts:
            self.cuts = Cuts.restored(self.cuts.schedule, facts["cuts"])
        if self.averages:
            self.averages.read(facts["averaged"], arrays)
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


def _calls(experiment: Experiment) -> list[Call]:
    return [call for layer in layer_calls(experiment) for call in layer]
