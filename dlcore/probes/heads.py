"""Every head of a network at once: whom each looks at, and what each is good for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dlcore.blocks import SelfAttention
from dlcore.data import Task
from dlcore.experiment import Experiment
from dlcore.limits import n_judged
from dlcore.probes.attention import MOST_STEPS, attending, attends, looks
from dlcore.probes.base import Probe, add
from dlcore.probes.samples import SHARE, chosen, whole
from dlcore.record import Arrays
from dlcore.training.answering import shares_of
from dlcore.training.look import looking
from dlcore.training.metrics import decisions, score
from dlcore.training.session import Session

MOST_HEADS = 64


class _Attentive(Probe):
    """A probe of networks in which steps look at each other."""

    def applies(self, experiment: Experiment) -> bool:
        return any(attends(layer) for layer in experiment.stack())


@add
class Heads(_Attentive):
    """Whom each head of each attention looks at, for one test sample or for a string of one's own.

    For all heads, those of the first attention first, at most 64: ``weight`` (A, T, T) int8, ±127 standing
    for ±``scale`` (A,) float32, queries in rows, keys in columns, at most the first 64 steps, −128 past the
    end of a shorter attention; ``layer`` and ``head`` (A,) int32, whose they are; ``silenced`` (A,) uint8, 1
    where one is switched off.  Of what the network answers, where it answers with classes: ``best`` (T,)
    int32, the likeliest at each step, or (1,), and ``share`` of the same shape float32, what it gets.
    """

    kind = "heads"
    sample: int = 0
    typed: int = 0

    def read(self, session: Session) -> Arrays:
        found = attending(session)
        x = chosen(session, self.sample, self.typed)
        with looking(session.network.module):
            outputs, given = _given([module for _, module in found], session.network.module, x)
            seen = [
                looks(module, each).weight[:, :MOST_STEPS, :MOST_STEPS]
                for (_, module), each in zip(found, given, strict=True)
            ]
            answers = shares_of(session, outputs)[0]  # (T, K), (K,) or nothing
        most = max(each.shape[1] for each in seen)
        maps = torch.cat(
            [nn.functional.pad(each, [0, most - each.shape[1]] * 2, value=torch.nan) for each in seen]
        )
        maps, places = maps[:MOST_HEADS], list(_places(session))[:MOST_HEADS]
        weight, scale = whole(maps)
        arrays: Arrays = {
            "weight": weight,
            "scale": scale,
            "layer": np.array([layer for layer, _, _ in places], np.int32),
            "head": np.array([head for _, _, head in places], np.int32),
            "silenced": np.array([head in module.silenced for _, module, head in places], np.uint8),
        }
        if answers.numel():
            share, best = answers.reshape(-1, answers.shape[-1])[:MOST_STEPS].max(-1)
            arrays["best"], arrays["share"] = best.numpy().astype(np.int32), share.numpy().astype(np.float32)
        return arrays


@add
class Ablation(_Attentive):
    """What the test samples' score would be with one head more switched off, or with none; twice a second.

    ``without`` (A,) float32, the score (accuracy, or R²) where that head says nothing and the others are as
    they are, in the order of :class:`Heads`; ``now`` and ``whole`` (1,) float32, as it is, and with all heads
    on.  Of tokens also ``now_steps`` and ``whole_steps`` (T,) float32, the accuracy at each step, nan where
    nothing is asked.  Of a large network on the first samples.  Michel et al., 2019.
    """

    kind = "ablation"
    every_s = 0.5

    def read(self, session: Session) -> Arrays:
        e = session.experiment
        data = session.tensors[SHARE].first(n_judged(e.multiply_adds()))
        network = session.network.module
        modules = [module for _, module in attending(session)]

        def answers() -> Tensor:
            return network(data.x)  # type: ignore[no-any-return]  # nn.Module promises nothing

        with looking(network):
            now = untouched = answers()
            if any(module.silenced for module in modules):
                with ExitStack() as all_on:
                    for module in modules:
                        all_on.enter_context(_silenced(module, ()))
                    untouched = answers()
            without = []
            for _, module, head in list(_places(session))[:MOST_HEADS]:
                if head in module.silenced:
                    without.append(score(now, data.truth, e.data.task))
                    continue
                with _silenced(module, (*module.silenced, head)):
                    without.append(score(answers(), data.truth, e.data.task))
        arrays: Arrays = {
            "without": np.array(without, np.float32),
            "now": np.array([score(now, data.truth, e.data.task)], np.float32),
            "whole": np.array([score(untouched, data.truth, e.data.task)], np.float32),
        }
        if e.data.task is Task.TOKENS:
            arrays["now_steps"] = _by_step(now, data.truth)
            arrays["whole_steps"] = _by_step(untouched, data.truth)
        return arrays


def _places(session: Session) -> Iterator[tuple[int, SelfAttention, int]]:
    """Every head with its attention and the number of its layer."""
    for layer, module in attending(session):
        yield from ((layer, module, head) for head in range(module.heads))


def _given(modules: list[SelfAttention], network: nn.Module, x: Tensor) -> tuple[Tensor, list[Tensor]]:
    """What a network answers, and what each of some modules in it was given on the way."""
    caught: dict[int, Tensor] = {}
    with ExitStack() as hooks:
        for i, module in enumerate(modules):

            def catch(_: nn.Module, arguments: tuple[Tensor, ...], i: int = i) -> None:
                caught[i] = arguments[0]

            hooks.callback(module.register_forward_pre_hook(catch).remove)
        outputs = network(x)
    return outputs, [caught[i] for i in range(len(modules))]


@contextmanager
def _silenced(module: SelfAttention, heads: tuple[int, ...]) -> Iterator[None]:
    """An attention with other heads switched off for a while."""
    before, module.silenced = module.silenced, heads
    try:
        yield
    finally:
        module.silenced = before


def _by_step(outputs: Tensor, truth: Tensor) -> NDArray[np.float32]:
    """The accuracy at each step: outputs (N, T, K), truth (N, T) → (T,), nan where nothing is asked."""
    right, asked = decisions(outputs, Task.TOKENS) == truth, truth >= 0
    counts = asked.sum(0)
    return torch.where(counts > 0, (right & asked).sum(0) / counts, torch.nan).numpy().astype(np.float32)
