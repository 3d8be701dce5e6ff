"""Lines of one's own, letter by letter or word by word."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dlcore.data.base import datasets
from dlcore.data.shelf import Shelved
from dlcore.data.text import END, PAD, START, Drawn, Generator, NextToken

UNKNOWN = "�"
MARKS = (PAD, START, END, UNKNOWN)
MAX_BYTES = 1_000_000
MAX_LINES = 5_000
MIN_LINES = 20
LONGEST = 60
"""Letters of a line; longer ones are wrapped between words."""
MOST = {"letters": 120, "words": 1_000}
"""Tokens of a vocabulary; the rarest beyond it are all the same to the network."""
PATTERNS = {"letters": r".", "words": r"\w+|[^\w\s]"}
"""How a line becomes tokens: what each of them looks like."""
ANIMALS, DEEDS = ("cat", "dog", "fox", "hen", "owl"), ("sees", "hears", "follows", "feeds")
EXAMPLE = tuple(f"the {a} {does} the {b}" for a in ANIMALS for does in DEEDS for b in ANIMALS if a != b)

Tokens = Literal["letters", "words"]


class TextError(ValueError):
    """Refuse a text, in one sentence and what next."""


def about(lines: Sequence[str]) -> dict[str, Any]:
    """The facts that :class:`OwnText` goes by: how many lines, and of each way to split them, the
    vocabulary, the most frequent token first, and how many tokens the longest line has."""
    facts: dict[str, Any] = {"holds": "text", "lines": len(lines)}
    for name, pattern in PATTERNS.items():
        rows = [re.findall(pattern, line) for line in lines]
        counts = Counter(token for row in rows for token in row)
        known = [token for token, _ in counts.most_common(MOST[name])]
        facts[name] = {"vocabulary": known, "longest": max(map(len, rows))}
    return facts


@dataclass(frozen=True)
class Lines:
    """Lines that can be learnt from, and what was done to make them so."""

    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What goes on the shelf: ``lines`` (N,) of text."""
        return {"lines": np.array(self.lines)}


def read_lines(data: bytes | str) -> Lines:
    """Read a text of at most 1 MB: one string for each line, in small letters, long ones wrapped, none twice.

    Raises ``TextError``, in words, for what is no text or too little of it.
    """
    if len(data) > MAX_BYTES:
        raise TextError(f"The text is larger than {MAX_BYTES // 1_000_000} MB.  Take a part of it.")
    text = (_decoded(data) if isinstance(data, bytes) else data).lower()
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    whole = [" ".join(_shown(row).split()) for row in rows]
    pieces = [piece for row in whole for piece in textwrap.wrap(row, LONGEST)]
    lines = list(dict.fromkeys(pieces))
    notes = []
    if any(len(row) > LONGEST for row in whole):
        notes.append(f"Lines of more than {LONGEST} letters are wrapped.")
    if len(lines) < len(pieces):
        notes.append(f"{len(pieces) - len(lines):,} lines that were there before are left out.")
    if len(lines) > MAX_LINES:
        notes.append(f"The text has {len(lines):,} lines; the first {MAX_LINES:,} are used.")
    if len(lines) < MIN_LINES:
        raise TextError(f"It takes {MIN_LINES} lines, each another, and here are {len(lines)}.  Add some.")
    return Lines(tuple(lines[:MAX_LINES]), tuple(notes))


def _decoded(data: bytes) -> str:
    if b"\0" in data:
        raise TextError("This is no text.  Save it as plain text in UTF-8 and choose that.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TextError("The letters cannot be read.  Save the text in UTF-8.") from error


def _shown(row: str) -> str:
    """A row without what cannot be shown, and without the marks that mean something of their own."""
    return "".join(letter if letter.isprintable() and letter not in MARKS else " " for letter in row)


@datasets.add
class OwnText(Shelved, NextToken):
    """Lines of your own: foretell each letter, or each word, from those before it.

    While nothing is uploaded, eighty sentences of a small grammar.
    """

    kind: Literal["own_text"] = "own_text"
    title = "Own lines of text"
    holds = "text"
    example = about(EXAMPLE)
    tokens: Tokens = Field("letters", description="What a line is split into")

    @property
    def size(self) -> int:
        return int(self.facts["lines"])

    def at_most(self, n_points: int) -> OwnText:
        return self

    @property
    def vocabulary(self) -> tuple[str, ...]:
        return (*MARKS, *self.facts[self.tokens]["vocabulary"])

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return (int(self.facts[self.tokens]["longest"]) + 1,)

    @property
    def unasked(self) -> tuple[int, ...]:
        return (MARKS.index(UNKNOWN),)

    def split_up(self, text: str) -> list[str]:
        known = set(self.facts[self.tokens]["vocabulary"])
        return [token for token in re.findall(PATTERNS[self.tokens], text.lower()) if token in known]

    def written(self, tokens: Iterable[str]) -> str:
        if self.tokens == "letters":
            return "".join(tokens)
        return re.sub(r" ([.,;:!?…)])", r"\1", " ".join(tokens))

    def arguments(self) -> dict[str, Any]:
        found = {
            "lines": [] if self.upload else list(EXAMPLE),
            "pattern": PATTERNS[self.tokens],
            "vocabulary": list(self.vocabulary),
            "length": self.sample_shape[0],
        }
        return {"file": super().arguments()["file"], **found}

    @staticmethod
    def sample(
        rng: Generator, file: str, lines: list[str], pattern: str, vocabulary: list[str], length: int
    ) -> Drawn:
        import re

        if file:
            with np.load(file) as opened:
                lines = opened["lines"].tolist()
        number = {token: i for i, token in enumerate(vocabulary)}
        x, y = np.zeros((len(lines), length), int), np.full((len(lines), length), -100)
        for row, line in enumerate(lines):
            # 3 stands for every token that is too rare to have a number of its own, and is not asked for
            numbers = [number.get(token, 3) for token in re.findall(pattern, line)]
            x[row, : len(numbers) + 1] = [1, *numbers]
            y[row, : len(numbers) + 1] = [*(-100 if n == 3 else n for n in numbers), 2]
        return x, y
