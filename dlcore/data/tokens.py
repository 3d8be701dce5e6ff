"""Strings made by a rule.  Every ``sample`` is printed whole into the exported script.

No string is drawn twice, so that those of the test share are ones the network has never seen.
"""

from __future__ import annotations

import string
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dlcore.data.base import Dataset, Task, datasets

Drawn = tuple[NDArray[Any], NDArray[Any]]
Generator = np.random.Generator

NOT_ASKED = -100
"""The answer at a step where nothing is asked: what torch's cross-entropy leaves out."""


class Strings(Dataset):
    """Rows of tokens, as many as asked for where the rule makes so many."""

    n_strings: int = Field(
        2000,
        ge=100,
        le=5000,
        title="Strings",
        description="How many strings are drawn, each another; fewer where the rule makes no more",
        json_schema_extra={"step": 100},
    )

    @property
    def planar(self) -> bool:
        return False

    @property
    def n_possible(self) -> int:
        """How many strings there are."""
        raise TypeError("strings say how many there are of them")

    @property
    def size(self) -> int:
        return min(self.n_strings, self.n_possible)

    def at_most(self, n_points: int) -> Strings:
        return self.model_copy(update={"n_strings": max(100, n_points)})


class Alphabetic(Strings):
    """Strings of letters that are answered by letters."""

    symbols: int = Field(10, ge=4, le=26, description="How many different letters there are")

    @property
    def n_classes(self) -> int:
        return self.symbols

    @property
    def class_names(self) -> tuple[str, ...]:
        return tuple(string.ascii_lowercase[: self.symbols])

    @property
    def vocabulary(self) -> tuple[str, ...]:
        return self.class_names


class Letters(Alphabetic):
    """Strings of letters, with one answer at each step."""

    length: int = Field(8, ge=4, le=12, description="How many letters a string has")

    @property
    def n_possible(self) -> int:
        return int(self.symbols**self.length)

    @property
    def task(self) -> Task:
        return Task.TOKENS

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return (self.length,)

    @property
    def answer_shape(self) -> tuple[int, ...]:
        return self.sample_shape


@datasets.add
class Copy(Letters):
    """Say each letter again, at once or so many steps later (Hochreiter and Schmidhuber, 1997).

    With a delay of 3, ``abca___`` is answered ``···abca``: a network that reads from left to right has to
    remember; one with attention only has to look back.  A dot stands where nothing is asked.
    """

    kind: Literal["copy"] = "copy"
    delay: int = Field(0, ge=0, le=12, description="How many steps later each letter is asked for")

    @property
    def vocabulary(self) -> tuple[str, ...]:
        return (*self.class_names, "_")

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return (self.length + self.delay,)

    @staticmethod
    def sample(rng: Generator, n_strings: int, length: int, symbols: int, delay: int) -> Drawn:
        numbers = rng.choice(symbols**length, min(n_strings, symbols**length), replace=False)
        letters = numbers[:, None] // symbols ** np.arange(length) % symbols
        blanks = np.full((len(letters), delay), symbols)
        return np.hstack([letters, blanks]), np.hstack([np.full_like(blanks, -100), letters])


@datasets.add
class Reverse(Letters):
    """Say the letters backwards: ``abcd`` is answered ``dcba``.

    The first answer is the last letter, so no network that only looks back can do it; attention does it by
    looking along the anti-diagonal.
    """

    kind: Literal["reverse"] = "reverse"

    @staticmethod
    def sample(rng: Generator, n_strings: int, length: int, symbols: int) -> Drawn:
        numbers = rng.choice(symbols**length, min(n_strings, symbols**length), replace=False)
        letters = numbers[:, None] // symbols ** np.arange(length) % symbols
        return letters, letters[:, ::-1]


@datasets.add
class Sort(Letters):
    """Say the letters in the order of the alphabet: ``dbca`` is answered ``abcd``."""

    kind: Literal["sort"] = "sort"

    @staticmethod
    def sample(rng: Generator, n_strings: int, length: int, symbols: int) -> Drawn:
        numbers = rng.choice(symbols**length, min(n_strings, symbols**length), replace=False)
        letters = numbers[:, None] // symbols ** np.arange(length) % symbols
        return letters, np.sort(letters, axis=1)


@datasets.add
class Addition(Strings):
    """Add two numbers, a digit at each step: ``12+34=___`` is answered ``046`` in the places of the blanks.

    All digits of the sum are answered at once, each in its blank, as words are filled in where they were
    masked (Devlin et al., 2019).  The digits are not given back to the network as it goes on, so that one
    which looks both ways cannot read the answer off its input.
    """

    kind: Literal["addition"] = "addition"
    digits: int = Field(2, ge=2, le=4, description="How many digits each of the two numbers has")

    @property
    def n_possible(self) -> int:
        return int(100**self.digits)

    @property
    def task(self) -> Task:
        return Task.TOKENS

    @property
    def n_classes(self) -> int:
        return 10

    @property
    def vocabulary(self) -> tuple[str, ...]:
        return (*string.digits, "+", "=", "_")

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return (3 * self.digits + 3,)

    @property
    def answer_shape(self) -> tuple[int, ...]:
        return self.sample_shape

    @staticmethod
    def sample(rng: Generator, n_strings: int, digits: int) -> Drawn:
        numbers = rng.choice(100**digits, min(n_strings, 100**digits), replace=False)
        a, b = numbers // 10**digits, numbers % 10**digits

        def written(number: NDArray[Any], places: int) -> NDArray[Any]:
            return number[:, None] // 10 ** np.arange(places)[::-1] % 10

        one = np.ones((len(numbers), 1), int)
        answer = written(a + b, digits + 1)
        asked = np.hstack([written(a, digits), 10 * one, written(b, digits), 11 * one])
        return np.hstack([asked, 12 + 0 * answer]), np.hstack([-100 + 0 * asked, answer])


@datasets.add
class Recall(Alphabetic):
    """Say which letter came first, once so many others have passed: ``dabca`` is answered ``d``.

    All letters are drawn from the same alphabet, so that nothing but its place tells the first from those
    that only distract.  After the long time lag tasks of Hochreiter and Schmidhuber, 1997.
    """

    kind: Literal["recall"] = "recall"
    title = "Recall the first"
    steps: int = Field(25, ge=3, le=100, description="How many letters pass before the first is asked for")
    symbols: int = Field(4, ge=4, le=10, description="How many different letters there are")

    @property
    def n_possible(self) -> int:
        return int(self.symbols ** (self.steps + 1))

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return (self.steps + 1,)

    @staticmethod
    def sample(rng: Generator, n_strings: int, steps: int, symbols: int) -> Drawn:
        # strings that differ in their first letters differ; all their letters would be too large a number
        first = min(steps + 1, 12)
        numbers = rng.choice(symbols**first, min(n_strings, symbols**first), replace=False)
        begun = numbers[:, None] // symbols ** np.arange(first) % symbols
        rest = rng.integers(0, symbols, (len(begun), steps + 1 - first))
        return np.hstack([begun, rest]), begun[:, 0]


@datasets.add
class Brackets(Strings):
    """Tell whether every bracket is closed by its like, in the right order.

    Half of the strings have been spoilt by swapping two of their brackets, so that counting them does not
    help.  The language of Dyck; Chomsky and Schützenberger, 1963.
    """

    kind: Literal["brackets"] = "brackets"
    title = "Matching brackets"
    length: int = Field(
        16, ge=12, le=32, description="How many brackets a string has at most", json_schema_extra={"step": 2}
    )
    kinds: int = Field(2, ge=2, le=4, description="How many kinds of brackets there are")

    @property
    def n_possible(self) -> int:
        return 5000

    @property
    def n_classes(self) -> int:
        return 2

    @property
    def class_names(self) -> tuple[str, ...]:
        return ("broken", "matching")

    @property
    def vocabulary(self) -> tuple[str, ...]:
        return tuple("·()[]{}<>"[: 2 * self.kinds + 1])

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return (self.length,)

    @staticmethod
    def sample(rng: Generator, n_strings: int, length: int, kinds: int) -> Drawn:
        half, n_drawn = n_strings // 2, 3 * n_strings

        def matching(strings: NDArray[Any]) -> NDArray[Any]:
            stack, depth = np.zeros((len(strings), length + 1), int), np.zeros(len(strings), int)
            row, fine = np.arange(len(strings)), np.ones(len(strings), bool)
            for token in strings.T:
                opens, closes = token % 2 == 1, (token > 0) & (token % 2 == 0)
                fine &= ~closes | (stack[row, depth] == token - 1)
                depth = np.maximum(depth + opens - closes, 0)
                stack[row[opens], depth[opens]] = token[opens]
            return np.asarray(fine & (depth == 0))

        # brackets open and close by chance, as long as all can still be closed; strings end at the right edge
        drawn, stack = np.zeros((n_drawn, length), int), np.zeros((n_drawn, length + 1), int)
        row, depth = np.arange(n_drawn), np.zeros(n_drawn, int)
        lengths = 2 * rng.integers(2, length // 2 + 1, n_drawn)
        for t in range(length):
            begun = lengths >= length - t
            opens = begun & ((depth == 0) | (depth < length - t) & (rng.random(n_drawn) < 0.5))
            closes = begun & ~opens
            drawn[opens, t] = 2 * rng.integers(0, kinds, opens.sum()) + 1
            drawn[closes, t] = stack[row, depth][closes] + 1
            depth = depth + opens - closes
            stack[row[opens], depth[opens]] = drawn[opens, t]
        good = rng.permutation(np.unique(drawn, axis=0))[:half]
        first = length - lengths
        one, other = (rng.integers(first, length) for _ in range(2))
        swapped = drawn.copy()
        swapped[row, one], swapped[row, other] = drawn[row, other], drawn[row, one]
        broken = rng.permutation(np.unique(swapped[~matching(swapped)], axis=0))[: len(good)]
        x = np.vstack([good, broken])
        return x, np.arange(len(x)) < len(good)
