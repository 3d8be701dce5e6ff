"""Descents and surfaces that a run's worker works out piece by piece, a little with each picture."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlcore.engine import Run
from dlcore.optimizers import Optimizer
from dlcore.planes import Plane, coarse_to_fine, filled, filter_plane, path_plane, window
from dlcore.record import Arrays, Record

PIECE = 60
"""Steps asked for at a time."""
SIDE = 60
"""Points of a network's surface in each direction."""
POINTS_A_PIECE = 400
PROBED = 12
"""Steps of a path at which the sharpness is measured."""
MOST_KEPT = 4_000_000
"""Weights that the paths of one network may hold together."""
STEPS_OF_NETWORK, FEWEST_STEPS = 120, 10
MOST_PIECES = 20
"""Pieces after which an eigenvalue is taken as it is."""
PATIENCE_S = 5.0
FAR = 3.0
"""A loss that is so many times the first is no part of the surface that is shown."""


class Late(Exception):
    """The worker has not answered in time; it is asked again with the next picture."""


def answered(run: Run, name: str, arrays: Arrays, **facts: Any) -> Record:
    """Ask a worker.  Raises ``Late``, and ``ValueError``, in words, where it refuses."""
    answer = run.ask(name, arrays, PATIENCE_S, **facts)
    if answer is None:
        raise Late
    return answer


@dataclass
class Descent:
    """The way of one rule as far as it is known."""

    rule: Optimizer
    arrays: Arrays = field(default_factory=dict)
    """As the worker gives them: places or weights (n + 1, …), losses (n + 1,), and what was kept (n, 2)."""
    memory: Record | None = None
    gone: bool = False

    @property
    def n_steps(self) -> int:
        """How many steps are known."""
        return max(len(self.arrays.get("loss", ())) - 1, 0)

    def go_on(self, run: Run, question: str, start: Arrays, n_steps: int, **facts: Any) -> None:
        """Ask for up to ``n_steps`` further ones."""
        known = self.memory or Record({}, start)
        told = answered(
            run,
            question,
            known.arrays,
            rule=self.rule.compact(),
            begun=dict(known.facts),
            n_steps=n_steps,
            **facts,
        )
        self.gone = bool(told.facts["gone"])
        for name, array in told.arrays.items():
            if name.startswith("optimizer."):
                continue
            before = self.arrays.get(name)
            overlap = 1 if name in {"place", "weights", "loss"} else 0
            self.arrays[name] = array if before is None else np.concatenate([before, array[overlap:]])
        last = {name: array[-1:] for name, array in told.arrays.items() if name in {"place", "weights"}}
        kept = {name: array for name, array in told.arrays.items() if name.startswith("optimizer.")}
        facts_of = {name: told.facts[name] for name in ("step", "optimizer")}
        self.memory = Record(facts_of, {**last, **kept})

    def kept(self, step: int) -> dict[str, NDArray[np.float64]]:
        """What the rule kept after a step, under torch's names; nothing before the first."""
        return {
            name.removeprefix("kept."): array[step - 1]
            for name, array in self.arrays.items()
            if name.startswith("kept.") and 0 < step <= len(array)
        }


@dataclass
class Race:
    """Rules on a formula from one start, each as far as somebody has looked."""

    formula: str
    start: tuple[float, float]
    noise_std: float
    seed: int
    descents: dict[str, Descent] = field(default_factory=dict)

    def matches(self, formula: str, start: tuple[float, float], noise_std: float, seed: int) -> bool:
        """Whether it is this race that is wanted."""
        return (self.formula, self.start, self.noise_std, self.seed) == (formula, start, noise_std, seed)

    def take(self, rules: dict[str, Optimizer]) -> None:
        """Have these rules race: those that have not changed keep their ways."""
        self.descents = {
            name: kept if (kept := self.descents.get(name)) and kept.rule == rule else Descent(rule)
            for name, rule in rules.items()
        }

    def reach(self, run: Run, n_steps: int, budget_s: float) -> int:
        """Go on until all have made ``n_steps`` or the budget is used up; how far all of them are."""
        until = time.monotonic() + budget_s
        start = {"place": np.array(self.start)}
        facts = {"formula": self.formula, "noise_std": self.noise_std, "seed": self.seed}
        while time.monotonic() < until:
            waiting = [each for each in self.descents.values() if each.n_steps < n_steps and not each.gone]
            if not waiting:
                break
            try:
                min(waiting, key=lambda each: each.n_steps).go_on(run, "race", start, PIECE, **facts)
            except Late:
                break
        return min((each.n_steps for each in self.descents.values() if not each.gone), default=n_steps)


@dataclass
class Scene:
    """The loss of a network around its weights: descents, a plane through them, the surface over it, the
    sharpness along one of them.  Worked out in this order, a piece at a time."""

    run: Run
    first: bool
    batch_size: int
    through_paths: bool
    seed: int
    rules: dict[str, Optimizer]
    looked: str
    centre: NDArray[np.float32] | None = None
    rows: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    plane: Plane | None = None
    window: tuple[float, float, float, float] = (-1.0, 1.0, -1.0, 1.0)
    heights: NDArray[np.float32] = field(default_factory=lambda: np.full((SIDE, SIDE), np.nan, np.float32))
    n_heights: int = 0
    descents: dict[str, Descent] = field(default_factory=dict)
    shadows: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = field(default_factory=dict)
    """Of each path where it lies over the plane (n, 2), and how much of its way lies in it (n,)."""
    sharp: dict[int, tuple[float, bool]] = field(default_factory=dict)
    """The largest eigenvalue by step of the path that is looked at, and whether it was found to 1 %."""
    stopped: bool = False
    said: str = ""
    """What the worker refused."""
    _work: Iterator[None] | None = None

    def matches(self, other: Scene) -> bool:
        """Whether it shows the same, whatever has been worked out."""
        return self._wanted() == other._wanted()

    def _wanted(self) -> tuple[Any, ...]:
        return (
            self.run.id,
            self.first,
            self.batch_size,
            self.through_paths,
            self.seed,
            self.rules,
            self.looked,
        )

    def inherit(self, other: Scene) -> None:
        """Take over what another scene of the same network has already worked out."""
        if (other.run.id, other.first) != (self.run.id, self.first) or other.centre is None:
            return
        self.centre, self.rows = other.centre, other.rows
        if other.batch_size == self.batch_size:
            self.descents = {
                name: each
                for name, each in other.descents.items()
                if self.rules.get(name) == each.rule and (each.n_steps >= self.n_steps or each.gone)
            }
        same_plane = self.through_paths == other.through_paths and self.seed == other.seed
        if same_plane and (
            not self.through_paths or (self.rules, self.batch_size) == (other.rules, other.batch_size)
        ):
            self.plane, self.window, self.shadows = other.plane, other.window, dict(other.shadows)
            if other.rules == self.rules and other.batch_size == self.batch_size:
                self.heights, self.n_heights = other.heights, other.n_heights
        if self.looked == other.looked and self.descents.get(self.looked) is other.descents.get(self.looked):
            self.sharp = other.sharp

    @property
    def n_steps(self) -> int:
        """How many steps the paths have: fewer for a network of many weights."""
        n_weights = len(self.centre) if self.centre is not None else 1
        return min(STEPS_OF_NETWORK, MOST_KEPT // (n_weights * len(self.rules)))

    @property
    def done(self) -> bool:
        """Whether all is worked out, or nothing will be any more."""
        return self.share > 1 - 1e-9 or bool(self.said)

    @property
    def share(self) -> float:
        """How much is worked out, between 0 and 1."""
        n = self.n_steps
        steps = sum(n if each.gone else min(each.n_steps, n) for each in self.descents.values())
        paths = steps / max(n * len(self.rules), 1)
        sharp = len(self.sharp) / max(len(self.probed()), 1) if self.probed() else 0.0
        return 0.3 * paths + 0.6 * self.n_heights / SIDE**2 + 0.1 * sharp

    @property
    def stage(self) -> str:
        """What is being worked out."""
        if self.plane is None or not self.shadows:
            return f"Descending with {len(self.rules)} rules"
        if self.n_heights < SIDE**2:
            return f"Loss at {self.n_heights:,} of {SIDE**2:,} places".replace(",", "\u2009")
        return f"Sharpness along the way, {len(self.sharp)} of {len(self.probed())}"

    def work(self, budget_s: float) -> None:
        """Go on for about as long as the budget says."""
        until = time.monotonic() + budget_s
        self._work = self._work or self._pieces()
        try:
            while not self.stopped and not self.said and time.monotonic() < until:
                if next(self._work, "over") == "over":
                    break
        except Late:
            self._work = None  # begun anew, with what is known by now
        except ValueError as refusal:
            self.said = str(refusal)

    def _pieces(self) -> Iterator[None]:
        if self.centre is None:
            told = answered(self.run, "landscape weights", {}, first=self.first).arrays
            self.centre, self.rows = told["weights"], told["rows"]
            yield
        if self.n_steps < FEWEST_STEPS:
            raise ValueError("This network has too many weights for its paths.  Take layers, or rules, away.")
        if not self.through_paths and self.plane is None:
            self.plane, self.window = filter_plane(self.centre, self.rows, self.seed), (-1.0, 1.0, -1.0, 1.0)
        for name, rule in self.rules.items():
            descent = self.descents.setdefault(name, Descent(rule))
            while descent.n_steps < self.n_steps and not descent.gone:
                left = min(PIECE, self.n_steps - descent.n_steps)
                descent.go_on(
                    self.run, "landscape descend", {"weights": self.centre}, left, batch_size=self.batch_size
                )
                yield
        if self.plane is None:
            self.plane = path_plane(self.centre, [self.sane(each) for each in self.descents.values()])
        self.shadows = {
            name: self.plane.project(each.arrays["weights"]) for name, each in self.descents.items()
        }
        if self.through_paths and not self.n_heights:
            sane = [at[: len(self.sane(self.descents[name]))] for name, (at, _) in self.shadows.items()]
            self.window = window(sane)
        yield
        yield from self._heights(self.plane)
        yield from self._sharpness()

    def sane(self, descent: Descent) -> NDArray[np.float32]:
        """The weights (n, P) of a path up to where its loss towers over the first."""
        losses = descent.arrays["loss"]
        high = np.flatnonzero(~(losses < FAR * max(float(losses[0]), 1e-3)))
        return descent.arrays["weights"][: int(high[0]) if len(high) else len(losses)]

    def _heights(self, plane: Plane) -> Iterator[None]:
        order, (left, right, low, high) = coarse_to_fine(SIDE), self.window
        xs, ys = np.linspace(left, right, SIDE), np.linspace(low, high, SIDE)
        while self.n_heights < SIDE**2:
            points = order[self.n_heights : self.n_heights + POINTS_A_PIECE]
            at = np.stack([xs[points[:, 1]], ys[points[:, 0]]], 1).astype(np.float32)
            given = {"centre": plane.centre, "directions": plane.directions, "at": at}
            losses = answered(self.run, "landscape heights", given).arrays["loss"]
            rows, columns = points[: len(losses)].T
            self.heights[rows, columns] = losses
            self.n_heights += len(losses)
            yield

    def _sharpness(self) -> Iterator[None]:
        descent = self.descents[self.looked]
        vector: Arrays = {}
        for step in self.probed():
            if step in self.sharp:
                continue
            for found in self._eigenvalue(step, descent.arrays["weights"][step], vector):
                vector = found
                yield

    def top(self, step: int) -> float:
        """The sharpness after a step of the path that is looked at, measured now where that was not done yet.

        Raises ``Late`` and ``ValueError``.
        """
        descent = self.descents.get(self.looked)
        if step in self.sharp or descent is None or not descent.n_steps:
            return self.sharp.get(step, (0.0, False))[0]
        for _ in self._eigenvalue(step, descent.arrays["weights"][step], {}):
            pass
        return self.sharp[step][0]

    def _eigenvalue(self, step: int, weights: NDArray[np.float32], vector: Arrays) -> Iterator[Arrays]:
        """Measure the sharpness at a step, from the vector of one nearby on; gives the vector so far."""
        told = Record({}, vector)
        for _ in range(MOST_PIECES):
            given = {"centre": weights, **told.arrays}
            told = answered(self.run, "landscape sharpness", given, begun=dict(told.facts))
            if told.facts["found"]:
                break
            yield told.arrays
        self.sharp[step] = float(told.facts["value"]), bool(told.facts["found"])
        yield told.arrays

    def probed(self) -> list[int]:
        """The steps at which the sharpness is measured, the first among them."""
        descent = self.descents.get(self.looked)
        if descent is None or not descent.n_steps:
            return []
        n = len(self.sane(descent)) - 1
        return sorted({round(step) for step in np.linspace(0, max(n, 0), PROBED)})

    def drawn(self) -> NDArray[np.float32]:
        """The heights, with blocks where they are not known yet."""
        return filled(self.heights)


def hessian_top(formula: Callable[..., Any], x: float, y: float, reach: float) -> float:
    """The largest eigenvalue of a formula's Hessian, by central differences over 1e-4 of ``reach``."""
    h = 1e-4 * reach
    steps = np.array([-h, 0.0, h])
    with np.errstate(all="ignore"):
        f = formula(np, x + steps[:, None] + 0 * steps, y + steps + 0 * steps[:, None])  # (3, 3)
    xx = (f[2, 1] - 2 * f[1, 1] + f[0, 1]) / h**2
    yy = (f[1, 2] - 2 * f[1, 1] + f[1, 0]) / h**2
    xy = (f[2, 2] - f[2, 0] - f[0, 2] + f[0, 0]) / (4 * h**2)
    return float((xx + yy) / 2 + np.hypot((xx - yy) / 2, xy))
