"""Many seeds of one experiment trained at once: each weight a row of a larger tensor."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.func import stack_module_state

from dlcore.data import Task, prepare
from dlcore.ensembles import member, n_numbers, why_not
from dlcore.experiment import Experiment
from dlcore.interventions import BIAS
from dlcore.limits import n_judged
from dlcore.model import Network, build
from dlcore.training import adjust, intervene
from dlcore.training.averages import Averages
from dlcore.training.chances import Chances
from dlcore.training.history import Evaluation, is_due
from dlcore.training.loop import Adjustment, epoch_order
from dlcore.training.metrics import Tensors, decisions, tensors
from dlcore.training.objective import build_criterion
from dlcore.training.optimizer import build_optimizer
from dlcore.training.together import answers_of, losses_of, training_losses_of

SHARES = ("train", "validation", "test")
AT_ONCE = 2_000_000
"""Numbers that all members together make at a time while they answer."""


class Ensemble:
    """Train n members of an experiment, each as a :class:`Session` of its own would.

    Member i has the seeds of :func:`dlcore.ensembles.member`, and with them its own first weights, its own
    order of the points and its own dropout.  No number of one member enters into another.
    """

    def __init__(self, experiment: Experiment, n: int) -> None:
        """Raises ``ValueError``, in words, where the experiment cannot be trained many times at once."""
        refusal = why_not(experiment, n)
        if refusal:
            raise ValueError(refusal)
        e = self.experiment = experiment
        self.n = n
        self.members = tuple(member(e, number) for number in range(n))
        self.points = prepare(e.data, e.split, e.seeds.data, e.seeds.split)
        self.tensors = {share: tensors(e, part) for share, part in self.points.items()}
        self.criterion = build_criterion(e, e.criterion(self.points["train"]))
        self.epoch = self.seen = self.step = 0
        self.failed = torch.zeros(n, dtype=torch.bool)
        """Which members broke down: the loss of one of their batches was not finite."""
        self.epochs: list[int] = []
        self.rows: list[Evaluation] = []
        """For each of ``epochs`` the losses and scores of the members, each (n,)."""
        self._build()
        self._judged_by = [self.tensors[share].first(n_judged(max(e.multiply_adds(), 1))) for share in SHARES]
        self._note()

    def _build(self) -> None:
        e = self.experiment
        networks = [build(each) for each in self.members]
        self.stacked = _stacked([each.module for each in networks])
        """The network with the weights of all members: each parameter is (n, …)."""
        network = Network(self.stacked, networks[0].ends)
        alone = networks[0].module
        self._chances = Chances(
            alone, [each.seeds.batches for each in self.members], self.tensors["train"].x[:1]
        )
        intervene.silence(Network(alone, networks[0].ends), e)
        intervene.freeze(network, e)
        self.optimizer = build_optimizer(e.optimizer, self.stacked.parameters())
        # clipping is each member's own, by the length of its own gradient
        pull = e.regularisation.model_copy(update={"max_norm": 0.0})
        self._pulled = adjust.weights(self.stacked) if pull.how == "penalty" and (pull.l1 or pull.l2) else []
        self.averages = Averages.going_on(None, pull, self.stacked, self.tensors["train"].x[:0])
        rate = e.optimizer.learning_rate
        self._before = adjust.before_update(self.stacked, self.optimizer, e.schedule, rate, pull)
        self._after = (
            *adjust.after_update(self.stacked, self.optimizer, pull),
            *self._hold(network),
            *([self.averages.end_step] if pull.average == "EMA" and self.averages else []),
        )
        self._given = {**dict(self.stacked.named_parameters()), **dict(self.stacked.named_buffers())}
        self._alone = alone

        self._answer = answers_of(alone, alike=True)
        self._compare = losses_of(self.criterion)
        self._losses = training_losses_of(alone, self.criterion)

    def advance(self, n_steps: int = 1) -> None:
        """Make ``n_steps`` updates of every member."""
        last = self.step + n_steps
        self._run(lambda: self.step >= last, math.inf)

    def advance_epoch(self) -> None:
        """Go on to the end of the present epoch."""
        self._run(lambda: False, self.epoch + 1)

    def advance_for(self, budget_s: float, last_epoch: float = math.inf) -> None:
        """Make updates for about ``budget_s`` seconds, at least one, and none past ``last_epoch``."""
        until = time.perf_counter() + budget_s
        self._run(lambda: time.perf_counter() >= until, last_epoch)

    def _run(self, enough: Callable[[], bool], last_epoch: float) -> None:
        """The textbook loop, with a batch of each member's own in every step."""
        data, e = self.tensors["train"], self.experiment
        n_points = len(data.x)
        while self.epoch < last_epoch:
            order = self._order(n_points)
            while self.seen < n_points:
                batch = order[:, self.seen : self.seen + e.batch_size]  # (n, B)
                self._update(data.x[batch], data.y[batch], self.epoch + self.seen / n_points)
                self.seen += batch.shape[1]
                self.step += 1
                # the last batch of an epoch is not left before the epoch is closed
                if self.seen < n_points and enough():
                    return
            self.epoch, self.seen = self.epoch + 1, 0
            if self.averages:
                self.averages.end_epoch(self.epoch)
            if is_due(self.epoch):
                self._note()
            if enough():
                return

    def _order(self, n_points: int) -> Tensor:
        """The order in which each member looks at the points in this epoch: (n, N)."""
        if self._ordered is None or self._ordered[0] != self.epoch:
            orders = [epoch_order(each.seeds.batches, self.epoch, n_points) for each in self.members]
            self._ordered = self.epoch, torch.stack(orders)
        return self._ordered[1]

    _ordered: tuple[int, Tensor] | None = None

    def _update(self, x: Tensor, y: Tensor, passed: float) -> None:
        """One step of every member on its own batch: x (n, B, *input_shape), y (n, B, …)."""
        self._alone.train()
        losses = self._losses({**self._given, **self._chances.draw(x.shape[1])}, x, y)  # (n,)
        if self._pulled:
            losses = losses + self._penalty()
        self.optimizer.zero_grad()
        # the gradient of the sum with regard to one member's weights is that of its own loss
        losses.sum().backward()  # type: ignore[no-untyped-call]  # torch ships it without annotations
        self.failed |= ~losses.detach().isfinite()
        if self.experiment.regularisation.max_norm:
            self._clip(self.experiment.regularisation.max_norm)
        for adjustment in self._before:
            adjustment(passed)
        self.optimizer.step()
        for adjustment in self._after:
            adjustment(passed)

    def _penalty(self) -> Tensor:
        """λ₁ Σ|w| + λ₂/2 Σw² of each member: (n,)."""
        pull, found = self.experiment.regularisation, torch.zeros(self.n)
        for weight in self._pulled:
            if pull.l1:
                found = found + pull.l1 * weight.abs().flatten(1).sum(1)
            if pull.l2:
                found = found + pull.l2 / 2 * weight.square().flatten(1).sum(1)
        return found

    @torch.no_grad()
    def _clip(self, max_norm: float) -> None:
        """Shorten the gradient of each member that is longer, as ``clip_grad_norm_`` does for one."""
        gradients = [each.grad for each in self.stacked.parameters() if each.grad is not None]
        if not gradients:
            return
        length = torch.stack([each.flatten(1).square().sum(1) for each in gradients]).sum(0).sqrt()  # (n,)
        share = (max_norm / (length + 1e-6)).clamp(max=1.0)
        for each in gradients:
            each.mul_(share.view(-1, *[1] * (each.dim() - 1)))

    def _hold(self, network: Network) -> tuple[Adjustment, ...]:
        """Put held weights where they are held, now and after every update."""
        held, linears = self.experiment.held, dict(network.linears())
        if not held:
            return ()

        @torch.no_grad()
        def put(epoch: float) -> None:
            for each in held:
                if each.source == BIAS:
                    linears[each.layer].bias[:, each.unit] = each.value
                else:
                    linears[each.layer].weight[:, each.unit, each.source] = each.value

        put(0.0)
        return (put,)

    def judged(self) -> AbstractContextManager[None]:
        """The networks as they are judged and shown: with their averaged weights, where they have some."""
        return self.averages.in_place() if self.averages else nullcontext()

    @torch.no_grad()
    def answers(self, x: Tensor) -> Tensor:
        """What every member answers to the same samples: (N, *input_shape) → (n, N, …)."""
        self._alone.eval()
        piece = max(1, AT_ONCE // (self.n * n_numbers(self.experiment)))
        with self.judged():
            return torch.cat([self._answer(self._given, part) for part in torch.split(x, piece)], 1)

    @torch.no_grad()
    def evaluate(self) -> Evaluation:
        """Losses and scores of every member on every share, as the networks stand: each (n,) float32."""
        parts, task = self._judged_by, self.experiment.task
        outputs = self.answers(torch.cat([part.x for part in parts]))
        shares = torch.split(outputs, [len(part.x) for part in parts], 1)
        found: list[NDArray[np.float32]] = []
        for part, out in zip(parts, shares, strict=True):
            truth = part.y.expand(self.n, *part.y.shape)
            found.append(self._compare(out, truth).numpy() if len(part.x) else self._none())
        found += [
            scored(out, part, task) if len(part.x) else self._none()
            for part, out in zip(parts, shares, strict=True)
        ]
        return Evaluation(*found)  # type: ignore[arg-type]  # of every member at once

    def _none(self) -> NDArray[np.float32]:
        return np.full(self.n, np.nan, np.float32)

    def _note(self) -> None:
        self.epochs.append(self.epoch)
        self.rows.append(self.evaluate())


def scored(outputs: Tensor, part: Tensors, task: Task) -> NDArray[np.float32]:
    """The accuracy or R² of each member, as :func:`dlcore.training.metrics.score` has it of one: (n,)."""
    truth = part.truth
    said = decisions(outputs.flatten(0, 1), task).reshape(len(outputs), *truth.shape)
    if task is Task.REGRESSION:
        left = (truth - said).square().flatten(1).sum(1)
        spread = (truth - truth.mean()).square().sum()
        return (1 - left / spread if spread else (left == 0).float()).numpy()
    right = (said == truth).float()
    return (right[:, truth >= 0] if task is Task.TOKENS else right).flatten(1).mean(1).numpy()


def _stacked(modules: list[nn.Sequential]) -> nn.Sequential:
    """A module like these whose parameters and buffers are all of theirs, one beside the other."""
    parameters, buffers = stack_module_state(modules)
    made = copy.deepcopy(modules[0])
    for name, parameter in parameters.items():
        owner, _, last = name.rpartition(".")
        made.get_submodule(owner).register_parameter(last, nn.Parameter(parameter.detach()))
    for name, buffer in buffers.items():
        owner, _, last = name.rpartition(".")
        made.get_submodule(owner).register_buffer(last, buffer)
    return made
