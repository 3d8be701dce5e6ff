"""What a person types, as the tokens that a network is given, and what would be right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlcore.data.base import Dataset
from dlcore.data.text import PAD, START, NextToken
from dlcore.data.tokens import NOT_ASKED, Addition, Brackets, Copy, Letters, Recall, Reverse

MOST_TYPED = 200


@dataclass(frozen=True)
class Typed:
    """A row of tokens x (T,), or the reason in one sentence why there is none."""

    x: NDArray[np.int64] | None
    problem: str = ""


def read(data: Dataset, text: str) -> Typed:
    """Read what was typed as one sample of a data set with a vocabulary."""
    text = text[:MOST_TYPED]
    if isinstance(data, Addition):
        return _sum(data, text)
    (length,) = data.sample_shape
    if isinstance(data, NextToken):
        tokens = data.split_up(text)[: length - 1]
        return Typed(_row(data, [START, *tokens], length, left=False))
    text = text.strip()
    if not isinstance(data, Brackets):
        text = text.lower()
    padded = data.vocabulary[0] == PAD
    known = data.vocabulary[1:] if padded else data.class_names
    unknown = dict.fromkeys(letter for letter in text if letter not in known)
    if unknown:
        named = ", ".join(f"“{letter}”" for letter in list(unknown)[:5])
        return Typed(None, f"The network does not know {named}: it was taught {_spelt(known)}.")
    most = data.length if isinstance(data, Letters) else length
    if len(text) > most:
        return Typed(None, f"That is {len(text)} long, and the network reads {most} at most.")
    if not text:
        return Typed(None, "Type something that the network is to read.")
    if not padded and len(text) < most:
        return Typed(None, f"That is {len(text)} long, and the network reads exactly {most}.")
    # nothing is asked before the delay is over: blanks stand there
    blanks = ["_"] * (length - len(text)) if isinstance(data, Copy) else []
    return Typed(_row(data, [*text, *blanks], length, left=True))


def numbered(data: Dataset, x: NDArray[np.int64]) -> int:
    """A row of tokens x (T,) as one number from 1 on, by which a probe is asked to look at it."""
    size, number = len(data.vocabulary), 0
    for token in x.tolist()[::-1]:
        number = number * size + int(token)
    return number + 1


def unnumbered(data: Dataset, number: int) -> NDArray[np.int64]:
    """The row of tokens (T,) that a number from 1 on stands for; every such number stands for one."""
    size, tokens = len(data.vocabulary), []
    number -= 1
    for _ in range(data.sample_shape[0]):
        number, token = divmod(number, size)
        tokens.append(token)
    return np.array(tokens, np.int64)


def right(data: Dataset, x: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """What is right for a row of tokens x (T,), where the rule is known: y (T,), −100 where nothing is
    asked, or () for one answer; None where nobody knows."""
    if isinstance(data, Copy):
        return np.concatenate([np.full(data.delay, NOT_ASKED), x[: data.length]])
    if isinstance(data, Reverse):
        return x[::-1].copy()
    if isinstance(data, Letters):
        return np.sort(x)
    if isinstance(data, Addition):
        n = data.digits
        total = int("".join(map(str, x[:n]))) + int("".join(map(str, x[n + 1 : 2 * n + 1])))
        asked = [int(digit) for digit in f"{total:0{n + 1}d}"]
        return np.array([NOT_ASKED] * (2 * n + 2) + asked)
    if isinstance(data, Recall):
        return np.array(x[0])
    if isinstance(data, Brackets):
        return np.array(int(_matching([data.vocabulary[token] for token in x if token])))
    return None


def example(data: Dataset, x: NDArray[np.int64]) -> str:
    """A row of tokens as somebody would type it."""
    tokens = [data.vocabulary[int(token)] for token in x]
    if isinstance(data, Addition):
        return "".join(tokens[: 2 * data.digits + 1])
    if isinstance(data, NextToken):
        return data.written(token for token in tokens if token not in data.vocabulary[:3])
    return "".join(token for token in tokens if token != PAD and (token != "_" or "_" in data.class_names))


def unknown(data: NextToken, text: str) -> list[str]:
    """What of a text to go on with the network does not know, and is left out: letters, or words."""
    pieces = text.lower().split() if " " not in data.vocabulary else [*text.lower()]
    return [piece for piece in dict.fromkeys(pieces) if piece.strip() and not data.split_up(piece)]


def _sum(data: Addition, text: str) -> Typed:
    text = re.sub(r"[\s=_]", "", text)
    found = re.fullmatch(r"([0-9]+)\+([0-9]+)", text)
    if found is None:
        return Typed(None, "Type two whole numbers with a plus between them, such as 12+34.")
    if max(map(len, found.groups())) > data.digits:
        return Typed(None, f"The network adds numbers of {data.digits} digits at most.")
    a, b = (number.zfill(data.digits) for number in found.groups())
    written = f"{a}+{b}={'_' * (data.digits + 1)}"
    return Typed(_row(data, list(written), data.sample_shape[0], left=True))


def _row(data: Dataset, tokens: list[str], length: int, left: bool) -> NDArray[np.int64]:
    """Tokens as their numbers, the row filled up on its left or on its right."""
    number = {token: i for i, token in enumerate(data.vocabulary)}
    fill: list[Any] = [0] * (length - len(tokens))
    numbers = [number[token] for token in tokens]
    return np.array([*fill, *numbers] if left else [*numbers, *fill], np.int64)


def _matching(brackets: list[str]) -> bool:
    open_ones: list[str] = []
    pairs = {")": "(", "]": "[", "}": "{", ">": "<"}
    for bracket in brackets:
        if bracket not in pairs:
            open_ones.append(bracket)
        elif not open_ones or open_ones.pop() != pairs[bracket]:
            return False
    return not open_ones


def _spelt(known: tuple[str, ...]) -> str:
    """The letters that are known, in a few words."""
    if len(known) > 30:
        return "small letters, some of them with accents"
    return " ".join(known)
