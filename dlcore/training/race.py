"""Optimizers on a surface of two numbers: torch's own, step by step, with what they keep in mind."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dlcore.formula import Formula
from dlcore.optimizers import Optimizer
from dlcore.record import Record
from dlcore.training import optimizer_state
from dlcore.training.optimizer import build_optimizer

FAR = 1e9
"""Where a descent that has left for good is given up."""


def race(
    formula: Formula,
    rule: Optimizer,
    begun: Record,
    n_steps: int,
    noise_std: float = 0.0,
    seed: int = 0,
    budget_s: float = math.inf,
) -> Record:
    """Descend ``formula`` by up to ``n_steps`` steps from where ``begun`` left off.

    ``begun`` holds the array ``place`` (2,) float64 and, from a later step on, the facts and arrays under
    which this function gave the end of the piece before.  The noise of a step, added to its gradient, depends
    on the seed and the step's number alone, so that all rules meet the same.

    Gives, for n steps made: ``place`` (n + 1, 2), ``loss`` (n + 1,), ``gradient`` (n, 2) as the rule was
    given it, and ``kept.NAME`` (n, 2) for each pair of numbers it kept after a step; all float64.  The facts
    say ``step``, the number of the last one, and ``gone`` where the descent has left the plane.
    """
    until = time.perf_counter() + budget_s
    place = nn.Parameter(torch.tensor(begun.arrays["place"].reshape(-1, 2)[-1].astype(np.float64)))
    optimizer = build_optimizer(rule, [place])
    first = int(begun.facts.get("step", 0))
    if first:
        optimizer_state.read(optimizer, begun.arrays, begun.facts["optimizer"])
        state = optimizer.state[place]
        for name in state:
            # torch has brought them all to the precision of the place, and NAdam multiplies in its own
            if isinstance(state[name], Tensor):
                state[name] = torch.tensor(begun.arrays[f"optimizer.0.{name}"])
    places, losses, gradients = [_pair(place)], [_height(formula, place).item()], []
    kept: dict[str, list[tuple[float, float]]] = {}
    gone = False
    for step in range(first, first + n_steps):
        look = _Look(formula, place, optimizer, _noise(noise_std, seed, step))
        if rule.searches:
            optimizer.step(look)
        else:
            look()
            optimizer.step()
        places.append(_pair(place))
        with torch.no_grad():
            losses.append(_height(formula, place).item())
        gradients.append(look.first)
        for name, value in optimizer.state[place].items():
            if isinstance(value, Tensor) and value.shape == (2,):
                kept.setdefault(name, []).append(_pair(value))
        gone = not (math.isfinite(losses[-1]) and max(map(abs, places[-1])) < FAR)
        if gone or time.perf_counter() > until:
            break
    arrays, numbers = optimizer_state.written(optimizer)
    arrays |= {"place": np.array(places), "loss": np.array(losses)}
    arrays["gradient"] = np.array(gradients).reshape(-1, 2)
    arrays |= {
        f"kept.{name}": np.array(pairs) for name, pairs in kept.items() if len(pairs) == len(gradients)
    }
    facts = {"step": first + len(gradients), "gone": gone, "optimizer": numbers}
    return Record(facts, arrays)


class _Look:
    """The height where the place is, whose gradient is left in it; the noise of a step tilts its surface."""

    def __init__(
        self, formula: Formula, place: nn.Parameter, optimizer: torch.optim.Optimizer, tilt: Tensor | None
    ) -> None:
        self.formula, self.place, self.optimizer, self.tilt = formula, place, optimizer, tilt
        self.first: tuple[float, float] | None = None
        """The gradient that was seen first: a rule that searches looks several times."""

    def __call__(self) -> Any:
        height = _height(self.formula, self.place)
        self.optimizer.zero_grad()
        tilted = height if self.tilt is None else height + (self.tilt * self.place).sum()
        tilted.backward()
        if self.first is None:
            self.first = (0.0, 0.0) if self.place.grad is None else _pair(self.place.grad)
        return height


def _height(formula: Formula, place: Tensor) -> Any:
    return formula(torch, place[0], place[1])


def _pair(value: Tensor) -> tuple[float, float]:
    first, second = value.tolist()
    return first, second


def _noise(std: float, seed: int, step: int) -> Tensor | None:
    """What a step's gradient is off by, (2,)."""
    return torch.from_numpy(np.random.default_rng((seed, step)).normal(0, std, 2)) if std > 0 else None
