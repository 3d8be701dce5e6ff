"""Whether one setting is better than another, or only luckier."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
ROUNDS = 2000
MEANINGFUL = 0.75
"""The share of pairs from which on a difference matters in practice (Bouthillier et al., 2021)."""
LEVEL = (2.5, 97.5)


@dataclass(frozen=True)
class Comparison:
    """How the scores of a second group of seeds stand to those of a first."""

    better: float
    """The share of all pairs, one seed of each, in which the second's is better; a tie counts half."""
    low: float
    high: float
    """The 95 % interval of that share."""
    difference: float
    """Mean of the second less mean of the first, of the seeds that did not break down."""
    difference_low: float
    difference_high: float

    @property
    def sure(self) -> bool:
        """Whether luck alone is no likely reason: the interval leaves one half out."""
        return self.low > 0.5 or self.high < 0.5

    @property
    def meaningful(self) -> bool:
        """Whether the difference is sure, and may be one that matters."""
        if self.better >= 0.5:
            return self.low > 0.5 and self.high > MEANINGFUL
        return self.high < 0.5 and self.low < 1 - MEANINGFUL

    def sentence(self, first: str = "the first setting", second: str = "the second setting") -> str:
        """What was found, in a sentence or two."""
        if self.better >= 0.5:
            name, share, low, high = second, self.better, self.low, self.high
        else:
            name, share, low, high = first, 1 - self.better, 1 - self.high, 1 - self.low
        said = (
            f"In {_percent(share)} of pairs of seeds {name} is better "
            f"(95 % interval {_percent(low)} to {_percent(high)})"
        )
        if not self.sure:
            return f"{said}: no more than luck can make.  More seeds, or more epochs, may tell."
        if not self.meaningful:
            return f"{said}: more than luck, but so little that a single run of each misleads often."
        return f"{said}: more than luck."

    def apart(self) -> str:
        """By how much the means differ, with the interval, in few words; the larger less the smaller."""
        if not np.isfinite(self.difference):
            return "no mean is known"
        found = [self.difference, self.difference_low, self.difference_high]
        mean, *ends = found if self.difference >= 0 else [-each for each in found]
        low, high = sorted(ends)
        return f"{_short(mean)} ({_short(low)} to {_short(high)})"


def compare(first: Scores, second: Scores, seed: int = 0) -> Comparison | None:
    """Compare scores (n,) and (m,), larger being better; nan is a seed that broke down, worse than any other.

    The share of pairs is the statistic of Mann and Whitney (1947) over n m.  The intervals are percentiles of
    so many groups drawn anew from these (Efron, 1979).  None where a group is empty.
    """
    if not len(first) or not len(second):
        return None
    rng = np.random.default_rng(seed)
    wins = _wins(first, second)
    # how often each seed is drawn: (rounds, n) and (rounds, m)
    drawn = [_drawn(rng, len(each)) for each in (first, second)]
    shares = ((drawn[0] @ wins) * drawn[1]).sum(1) / wins.size
    means = [_means(each, times) for each, times in zip((first, second), drawn, strict=True)]
    here = [_means(each, np.ones((1, len(each)))) for each in (first, second)]
    low, high = np.percentile(shares, LEVEL)
    apart = means[1] - means[0]
    known = apart[np.isfinite(apart)]
    ends = np.percentile(known, LEVEL) if len(known) else (np.nan, np.nan)
    return Comparison(
        float(wins.mean()),
        float(low),
        float(high),
        float((here[1] - here[0])[0]),
        float(ends[0]),
        float(ends[1]),
    )


def _wins(first: Scores, second: Scores) -> NDArray[np.float64]:
    """1 where the seed of the second is better than that of the first, ½ at a tie: (n, m)."""
    a, b = (np.where(np.isnan(each), -np.inf, each) for each in (first, second))
    found: NDArray[np.float64] = np.less.outer(a, b) + 0.5 * np.equal.outer(a, b)
    return found


def _drawn(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """How often each of n seeds is drawn when n are drawn, so many rounds: (rounds, n)."""
    places = rng.integers(n, size=(ROUNDS, n)) + n * np.arange(ROUNDS)[:, None]
    return np.bincount(places.ravel(), minlength=ROUNDS * n).reshape(ROUNDS, n).astype(np.float64)


def _means(scores: Scores, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of the scores that are known, each counted so many times: (rounds, n) → (rounds,)."""
    known = np.isfinite(scores)
    total = times[:, known].sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = times[:, known] @ scores[known].astype(np.float64) / total
    return found


def told(scores: Scores, name: str) -> str:
    """How far seeds alone spread a score, in a sentence; nan is a seed that broke down."""
    known = scores[np.isfinite(scores)]
    broken = len(scores) - len(known)
    lost = f"{broken} of {len(scores)} broke down" if broken else ""
    if not len(known):
        return f"All {len(scores)} seeds broke down: a loss was not finite.  Take a smaller learning rate."
    low, middle, high = np.percentile(known, (5, 50, 95))
    said = (
        f"{len(scores)} seeds: median {name} {_short(middle)}, nine in ten between {_short(low)} and "
        f"{_short(high)}, worst {_short(known.min())}, best {_short(known.max())}"
    )
    return f"{said}; {lost}." if lost else f"{said}."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _short(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")
