"""Numbers of an opened network to be computed by hand: which one is asked, and what an answer is worth."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass

from dlcore.chain import Chain, Row, places
from dlcore.experiment import Experiment

LEVELS = ("Forward", "Slopes", "One link", "The whole way")
TOLERANCE = 0.03
"""Relative: what is computed from three digits each may be off by a little."""
NOTHING = 5e-4
"""What counts as 0 where 0 is right."""
LONGEST = 40

Numbers = Mapping[str, float]
"""Values and gradients by their reference, ``v:place`` and ``g:place``."""


@dataclass(frozen=True)
class Exercise:
    """One number to compute, and what is told for it."""

    row: Row
    known: tuple[str, ...]
    hint: str


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and what is said about it."""

    right: bool
    said: str


HINTS = {
    "Forward": "Add up each input times its weight, and the bias; or put the sum into the activation.",
    "Slopes": "Put the numbers into the rule of the slope.",
    "One link": "Multiply what has arrived by the derivative of this one link.",
    "The whole way": "Multiply along each way from the loss to the weight, and add up the ways.",
}


def exercise(e: Experiment, level: str, number: int) -> Exercise:
    """The exercise of a level with a number; the same number gives the same one.

    Raises ``KeyError`` for a level that there is not.
    """
    found = list(_exercises(e, level))
    turn, k = divmod(number, len(found))
    random.Random(turn).shuffle(found)
    return found[k]


def _exercises(e: Experiment, level: str) -> list[Exercise]:
    chain, hint = Chain(e), HINTS[level]
    if level == "The whole way":
        known = (*(f"v:{place}" for place in places(e)), f"g:{chain.answer}")
        firsts = [place for place in places(e) if place.startswith("w.0.")]
        return [Exercise(chain.paths(place), known, hint) for place in firsts]
    known = tuple(f"v:{place}" for place in places(e) if place[0] in "xwby")
    found = []
    for step in chain.steps():
        for row in step.rows:
            kind, place = row.ref.split(":")
            fits = {
                "Forward": kind == "v" and place[0] in "zaL",
                "Slopes": (kind == "v" and place[0] == "s") or row.ref == f"g:{chain.answer}",
                "One link": kind == "g" and place[0] in "waz" and row.ref != f"g:{chain.answer}",
            }[level]
            if fits:
                found.append(Exercise(row, known, hint))
            known += (row.ref,)
    return found


def judged(typed: str, row: Row, numbers: Numbers) -> Verdict:
    """What a typed answer is worth against the number that a row stands for."""
    truth = numbers[row.ref]
    try:
        answer = float(typed.strip()[:LONGEST].replace("−", "-").replace(",", "."))
    except ValueError:
        return Verdict(False, "That is no number.  Type one like 0.145 or -2.1e-4.")
    if _near(answer, truth):
        return Verdict(True, "Right.")
    if _near(-answer, truth):
        return Verdict(False, "The size is right, the sign is not.")
    left_out = _left_out(answer, row, numbers)
    if left_out:
        return Verdict(False, f"Nearly: only {left_out} is left out.")
    for factor, said in ((10.0, "too large"), (0.1, "too small")):
        if _near(answer / factor, truth):
            return Verdict(False, f"The digits are right, but it is ten times {said}.")
    return Verdict(False, "Not yet.")


def _near(answer: float, truth: float) -> bool:
    return abs(answer - truth) <= (TOLERANCE * abs(truth) if truth else NOTHING)


def _left_out(answer: float, row: Row, numbers: Numbers) -> str:
    """The one factor, or of a sum the one term, without which the answer would be what was typed."""
    products = []
    for term in row.terms:
        worths = []
        for factor in term.factors:
            ref = re.fullmatch(r"\{(.+)\}", factor.number)
            if not ref and factor.number != "1":
                return ""
            worths.append(numbers[ref[1]] if ref else 1.0)
        products.append(worths)
    if len(products) == 1:
        for k, factor in enumerate(row.terms[0].factors):
            rest = _product(products[0][:k] + products[0][k + 1 :])
            if len(products[0]) > 1 and _near(answer, rest):
                return f"{factor.symbol}/{factor.under}".removesuffix("/").replace("_", "")
        return ""
    whole = sum(map(_product, products))
    for worths, term in zip(products, row.terms, strict=True):
        if _near(answer, whole - _product(worths)):
            return "the " + (term.factors[0].words if len(term.factors) == 1 else "way over one neuron")
    return ""


def _product(numbers: list[float]) -> float:
    total = 1.0
    for number in numbers:
        total *= number
    return total
