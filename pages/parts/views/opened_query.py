"""One query opened to its numbers: each key, the product, the scale, the mask, the softmax, the values."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlcore.record import Arrays

STAGES = ("q · k", "÷ √d", "mask", "softmax", "Σ share · v")
"""The steps from a query to what it sees, in order."""
VALUES = len(STAGES) - 1
MOST_WRITTEN = 8
"""Numbers of a vector that are written into their cells; of longer ones the colours are shown."""
MOST_ADDED = 3
"""Summands that a sentence writes out."""
STRONGEST = 45
"""How much of its colour, in percent, the cell of the largest number has: what is written stays readable."""


def table(record: Arrays, tokens: Sequence[str], query: int, stage: int = VALUES) -> str:
    """The opened query of the attention probe's record as HTML: the column of a stage framed, later ones
    empty.

    Down to the softmax the keys are shown, cell by cell under the query that they are multiplied with; then
    the values, and under them what they add up to.
    """
    of_values = stage == VALUES
    rows, top = record["v" if of_values else "k"], int(np.argmax(record["share"]))
    largest = float(max(np.abs(rows).max(), np.abs(record["q"]).max(), 1e-12))
    shown = len(record["share"])
    head = _row(
        f"query “{escape(tokens[query])}”" if not of_values else "",
        _cells(record["q"], largest) if not of_values else "",
        [f"<th class='{_kind(k, stage)}'>{name}</th>" for k, name in enumerate(STAGES[:VALUES])],
        kind="query",
    )
    body = [
        _row(
            f"{escape(tokens[i])}<small>{i + 1}</small>",
            _cells(rows[i], largest),
            _numbers(record, i, stage),
            kind="most" if i == top else "",
        )
        for i in range(shown)
    ]
    foot = _row("Σ", _cells(record["mixed"], largest), ["<td colspan='4'></td>"], kind="sum")
    said = "values v, added up by their shares" if of_values else "the query q over the keys k"
    return (
        "<div class='opened-query' tabindex='0' role='group' aria-label='One query opened'><table>"
        f"<caption>Cells: {said}</caption><thead>{head}</thead><tbody>{''.join(body)}</tbody>"
        f"{f'<tfoot>{foot}</tfoot>' if of_values else ''}</table></div>"
    )


def _row(name: str, cells: str, numbers: Sequence[str], kind: str = "") -> str:
    return (
        f"<tr class='{kind}'><th scope='row'>{name}</th><td class='cells'>{cells}</td>{''.join(numbers)}</tr>"
    )


def _kind(column: int, stage: int) -> str:
    """How the column of a stage is drawn: framed where it is told of."""
    return "now" if column == stage else ""


def _numbers(record: Arrays, i: int, stage: int) -> list[str]:
    size, share, hidden = len(record["q"]), float(record["share"][i]), bool(np.isneginf(record["scaled"][i]))
    written = (
        number(record["product"][i]),
        number(record["product"][i] / np.sqrt(size)),
        "−∞" if hidden else "+ 0",
        f"<i style='width:{100 * share:.0f}%'></i><b>{share:.2f}</b>",
    )
    return [
        f"<td class='{_kind(k, stage)}{' bar' * (k == 3)}'>{each if k <= stage else ''}</td>"
        for k, each in enumerate(written)
    ]


def _cells(vector: NDArray[Any], largest: float) -> str:
    """A vector as cells, coloured by sign and size, with their numbers where these have room."""
    write = len(vector) <= MOST_WRITTEN
    cells = []
    for value in vector.tolist():
        share = STRONGEST * min(1.0, abs(value) / largest)
        said = number(value, 1) if write else ""
        cells.append(
            f"<span class='{'' if value >= 0 else 'minus'}' style='--share:{share:.0f}%' "
            f"title='{number(value)}'>{said}</span>"
        )
    return f"<div class='{'written' if write else ''}'>{''.join(cells)}</div>"


def sentence(record: Arrays, tokens: Sequence[str], query: int, stage: int) -> str:
    """What happens in a stage, with the numbers of the key that is looked at most."""
    i, size = int(np.argmax(record["share"])), len(record["q"])
    asks, key = f"“{tokens[query]}”", f"“{tokens[i]}”"
    product, scaled, share = (float(record[name][i]) for name in ("product", "scaled", "share"))
    if stage == 0:
        pairs = zip(record["q"][:MOST_ADDED], record["k"][i][:MOST_ADDED], strict=True)
        sums = " + ".join(f"{number(a)} × {number(b)}" for a, b in pairs)
        return (
            f"The query of {asks} is multiplied with every key, number by number, and added up.  "
            f"With {key}: {sums} + … = **{number(product)}**."
        )
    if stage == 1:
        return (
            f"Divided by √{size} = {number(np.sqrt(size))}, so that long vectors do not make the softmax "
            f"hard: {number(product)} ÷ {number(np.sqrt(size))} = **{number(scaled)}**."
        )
    if stage == 2:
        n_hidden = int(np.isneginf(record["scaled"]).sum())
        if n_hidden:
            return f"The {n_hidden} steps after {asks} get −∞: it may not look at what it is to foretell."
        return "Nothing is hidden here: every step may look at every other, so 0 is added."
    if stage == 3:
        total = float(np.exp(record["scaled"].astype(np.float64)).sum())
        return (
            f"e to the power of each, over their sum: e^{number(scaled)} ÷ {total:.4g} = **{share:.2f}** "
            f"for {key}.  The shares add up to 1."
        )
    if not record["mixed"].any():
        return "This head is switched off: whatever it sees, it hands on nothing but zeros."
    return (
        f"Each value is taken by its share, {share:.2f} of the one of {key}, and added up: "
        f"the {size} numbers that this head hands on."
    )


def number(value: Any, digits: int = 2) -> str:
    """A number with a true minus, so many digits after its point."""
    return f"{round(float(value), digits) + 0.0:.{digits}f}".replace("-", "−")  # no zero has a sign
