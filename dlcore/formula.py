"""Formulas f(x, y) that a person types: read into a small tree, never executed.

The tree is worked out with numpy, where it is drawn, and with torch, where it is differentiated.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

LONGEST = 160
MOST_PARTS = 120
DEEPEST = 24
LARGEST_EXPONENT = 10
LARGEST_NUMBER = 1e6
VARIABLES = ("x", "y")
NUMBERS = {"pi": math.pi, "e": math.e}
FUNCTIONS = ("sin", "cos", "tan", "tanh", "exp", "log", "sqrt", "abs")
MEANT = {"^": "**", "·": "*", "×": "*", "−": "-", "²": "**2", "³": "**3", "π": "pi", "₁": "", "₂": ""}
"""What people write, and what it is read as."""

OPERATIONS: dict[type[ast.AST], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", lambda a, b: a + b),
    ast.Sub: ("-", lambda a, b: a - b),
    ast.Mult: ("*", lambda a, b: a * b),
    ast.Div: ("/", lambda a, b: a / b),
    ast.Pow: ("**", lambda a, b: a**b),
}
WORKED = {sign: work for sign, work in OPERATIONS.values()}


class FormulaError(ValueError):
    """Say where a formula cannot be read, what is wrong there, and what to write instead."""


@dataclass(frozen=True)
class Part:
    """A number, a variable, or a sign or function with the parts it is of."""

    name: str
    of: tuple[Part, ...] = ()
    number: float = 0.0

    @property
    def constant(self) -> bool:
        """Whether neither variable is in it."""
        return self.name == "number"


@dataclass(frozen=True)
class Formula:
    """A formula that could be read."""

    text: str
    root: Part

    def __call__(self, library: Any, x: Any, y: Any) -> Any:
        """Work it out with a library's functions (numpy or torch) on arrays x and y of one shape."""
        return _worked(self.root, library, {"x": x, "y": y})

    def latex(self) -> str:
        """The formula as it is set in books."""
        return _set(self.root, 0)


@lru_cache(maxsize=128)
def read(text: str) -> Formula:
    """Read a formula in x and y.  Raises ``FormulaError``, in words."""
    if len(text) > LONGEST:
        raise FormulaError(
            f"The formula has {len(text)} signs, and {LONGEST} are allowed.  Write it shorter."
        )
    if not text.strip():
        raise FormulaError("There is no formula yet.  Write one in x and y, such as x^2 + 3*y^2.")
    program, places = _translated(text)
    try:
        tree = ast.parse(program, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        at = getattr(error, "offset", None) or len(program)
        raise FormulaError(
            f"{_where(text, places, at - 1)} the formula cannot be read.  "
            "Look for a sign or a bracket that is missing or too many."
        ) from None
    if sum(1 for _ in ast.walk(tree)) > 3 * MOST_PARTS:
        raise FormulaError(f"The formula has more than {MOST_PARTS} parts.  Write it shorter.")
    root = _Reader(text, places).part(tree.body, 0)
    if root.constant:
        raise FormulaError("The formula has neither x nor y in it: there is nowhere to go.  Add one.")
    return Formula(text, root)


def _translated(text: str) -> tuple[str, list[int]]:
    """The text as Python reads it, and for each of its signs the place it has in the text."""
    program, places = "", []
    for i, sign in enumerate(text):
        meant = MEANT.get(sign, sign)
        if not re.fullmatch(r"[0-9a-z+\-*/(). ]*", meant, re.IGNORECASE):
            raise FormulaError(f"Place {i + 1}: {sign!r} means nothing in a formula.  Take it out.")
        program += meant
        places += [i] * len(meant)
    program, places = program.rstrip(), places[: len(program.rstrip())]
    led = len(program) - len(program.lstrip())
    program, places = program[led:], places[led:]
    if near := re.search(r"(?<![a-z])(\d[\d.]*)(?!e[-+]?\d)([a-z(])", program, re.IGNORECASE):
        raise FormulaError(
            f"{_where(text, places, near.start(2))} a sign is missing.  "
            f"Write {near.group(1)}*{near.group(2)} for {near.group(1)}{near.group(2)}."
        )
    return program, places


def _where(text: str, places: list[int], at: int) -> str:
    """The place in what was typed, with what stands there."""
    place = places[min(max(at, 0), len(places) - 1)]
    return f"Place {place + 1}, at “{text[place : place + 8].strip() or text[-8:]}”:"


@dataclass
class _Reader:
    text: str
    places: list[int]

    def refuse(self, node: ast.AST, what: str) -> FormulaError:
        return FormulaError(f"{_where(self.text, self.places, getattr(node, 'col_offset', 0))} {what}")

    def part(self, node: ast.expr, depth: int) -> Part:
        """Turn one node into a part.  Only what is named here gets through."""
        if depth > DEEPEST:
            raise self.refuse(node, "the brackets are nested too deep.  Write it flatter.")
        if isinstance(node, ast.Constant):
            return self.number(node)
        if isinstance(node, ast.Name):
            return self.name(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd | ast.USub):
            inner = self.part(node.operand, depth + 1)
            if isinstance(node.op, ast.UAdd):
                return inner
            return self.folded(node, Part("negative", (inner,)))
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
            sign, _ = OPERATIONS[type(node.op)]
            of = (self.part(node.left, depth + 1), self.part(node.right, depth + 1))
            if sign == "**" and not (of[1].constant and abs(of[1].number) <= LARGEST_EXPONENT):
                raise self.refuse(
                    node.right, f"an exponent is a number from −{LARGEST_EXPONENT} to {LARGEST_EXPONENT}.  "
                    "For anything else, use exp and log."
                )  # fmt: skip
            return self.folded(node, Part(sign, of))
        if isinstance(node, ast.Call):
            return self.call(node, depth)
        raise self.refuse(node, "only + − * / ^, brackets and functions are understood.")

    def number(self, node: ast.Constant) -> Part:
        number = node.value
        if (
            isinstance(number, bool)
            or not isinstance(number, int | float)
            or not abs(number) <= LARGEST_NUMBER
        ):
            raise self.refuse(node, f"a number lies between −{LARGEST_NUMBER:g} and {LARGEST_NUMBER:g}.")
        return Part("number", number=float(number))

    def name(self, node: ast.Name) -> Part:
        name = node.id.lower()
        if name in NUMBERS:
            return Part("number", number=NUMBERS[name])
        if name in VARIABLES:
            return Part(name)
        if name in FUNCTIONS:
            raise self.refuse(node, f"{name} needs something in brackets: {name}(x).")
        raise self.refuse(
            node, f"nothing is called {node.id!r}.  There are x, y, pi, e and {', '.join(FUNCTIONS)}."
        )

    def call(self, node: ast.Call, depth: int) -> Part:
        name = node.func.id.lower() if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS:
            raise self.refuse(
                node, f"this is no function that is known here.  There are {', '.join(FUNCTIONS)}.  "
                "To multiply, write *."
            )  # fmt: skip
        if len(node.args) != 1 or node.keywords:
            raise self.refuse(node, f"{name} takes one thing in its brackets: {name}(x).")
        return self.folded(node, Part(name, (self.part(node.args[0], depth + 1),)))

    def folded(self, node: ast.AST, part: Part) -> Part:
        """A part of numbers alone is worked out at once, while it can still be refused."""
        if not all(each.constant for each in part.of):
            return part
        try:
            value = _worked(part, math, {})
        except (ArithmeticError, ValueError):
            value = math.nan
        if isinstance(value, complex) or not math.isfinite(value):
            raise self.refuse(node, "this gives no number.  Divide by something else, or write it smaller.")
        return Part("number", number=float(value))


def _worked(part: Part, library: Any, place: dict[str, Any]) -> Any:
    if part.name == "number":
        return part.number
    if part.name in VARIABLES:
        return place[part.name]
    of = [_worked(each, library, place) for each in part.of]
    if part.name == "negative":
        return -of[0]
    if part.name in WORKED:
        return WORKED[part.name](*of)
    if part.name == "abs":
        return abs(of[0])
    return getattr(library, part.name)(of[0])


BINDS = {"+": 1, "-": 1, "negative": 1, "*": 2, "/": 4, "**": 3}


def _set(part: Part, around: int) -> str:
    """Set a part in LaTeX, in brackets where what is ``around`` it binds more tightly."""
    if part.name == "number":
        known = {math.pi: r"\pi", math.e: "e", 2 * math.pi: r"2\pi"}.get(part.number)
        written = known or f"{part.number:g}"
        return rf"\left({written}\right)" if part.number < 0 and around > 1 else written
    if part.name in VARIABLES:
        return part.name
    if part.name == "sqrt":
        return rf"\sqrt{{{_set(part.of[0], 0)}}}"
    if part.name == "abs":
        return rf"\left|{_set(part.of[0], 0)}\right|"
    if part.name in FUNCTIONS:
        return rf"\{part.name}\left({_set(part.of[0], 0)}\right)"
    if part.name == "/":
        return rf"\frac{{{_set(part.of[0], 0)}}}{{{_set(part.of[1], 0)}}}"
    binds = BINDS[part.name]
    if part.name == "negative":
        written = f"-{_set(part.of[0], 2)}"
    elif part.name == "**":
        written = f"{_set(part.of[0], 4)}^{{{_set(part.of[1], 0)}}}"
    else:
        between = (
            r" \cdot " if part.name == "*" and part.of[1].constant else " " if part.name == "*" else part.name
        )
        written = f"{_set(part.of[0], binds)}{between}{_set(part.of[1], binds + (part.name == '-'))}"
    return rf"\left({written}\right)" if binds < around else written
