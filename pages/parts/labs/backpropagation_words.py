"""The gradients of the first and the last layer against each other, in words."""

from __future__ import annotations

import math

from pages.parts.transport import short

ALIKE = 5.0
"""Gradients are called alike within such a factor of each other."""
FIRST, LAST, SAME = range(3)
"""The choices of the lab's prediction."""
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def choice(first: float, last: float) -> int:
    """Which of the two layers feels more."""
    if first > ALIKE * last:
        return FIRST
    return LAST if last > ALIKE * first else SAME


def times(first: float, last: float) -> str:
    """By how much."""
    if not first:
        return "nothing reaches the first layer"
    if not last:
        return "nothing reaches the last layer"
    if choice(first, last) == SAME:
        return f"alike within a factor of {short(max(first, last) / min(first, last))}"
    more, factor = ("first", first / last) if first > last else ("last", last / first)
    return f"{power(factor)} times as much in the {more} layer"


def power(value: float) -> str:
    """A number as people read it, a large or a tiny one as a power of ten: 5.4·10¹¹."""
    if value and math.isfinite(value) and not 1e-3 <= abs(value) < 1e3:
        head, exponent = f"{value:.1e}".split("e")
        return f"{head}·10{str(int(exponent)).translate(RAISED)}".replace("-", "−")
    return short(value)
