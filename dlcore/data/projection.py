"""From the columns of a table to points of the plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlcore.data.base import PLANE
from dlcore.data.own import MAX_CLASSES, MAX_POINTS, MIN_POINTS, Own, Target, pack
from dlcore.data.table import Table, TableError, labels, numbers

REACH = 5.0
"""How far from the middle the outermost points are put; a margin is left for the boundary to be seen."""
GUESS_ROWS = 2_000
TARGET_NAMES = (
    "class",
    "target",
    "label",
    "value",
    "species",
    "y",
    "outcome",
    "diagnosis",
    "category",
    "type",
)


@dataclass(frozen=True)
class Roles:
    """Which columns are the inputs and which is learnt, as classes or as a value."""

    inputs: tuple[str, ...]
    target: str
    kind: Target = "classes"


@dataclass(frozen=True)
class Projected:
    """The points, and in sentences what was done to get them."""

    own: Own
    notes: tuple[str, ...]
    kept: float | None = None
    """The share of the variance that the plane keeps, where there are more than two inputs."""


def numeric_columns(table: Table) -> list[str]:
    """The columns whose first rows are numbers, and not all the same."""
    body = table.body.iloc[:GUESS_ROWS]
    found = []
    for name in body.columns:
        values = numbers(body[name])
        values = values[np.isfinite(values)]
        if len(values) > len(body) / 2 and np.ptp(values / max(1.0, np.abs(values).max())) > 0:
            found.append(name)
    return found


def guess(table: Table) -> Roles:
    """Guess the roles.  Raises ``TableError`` where no two columns are numbers."""
    numeric = numeric_columns(table)
    body = table.body.iloc[:GUESS_ROWS]
    kinds = {name: labels(body[name]).replace("", None).nunique() for name in body.columns}
    # a text of one label is guessed, too: the refusal then says what is wrong with it
    few = [name for name, n in kinds.items() if (2 if name in numeric else 1) <= n <= MAX_CLASSES]
    named = [
        name for name in body.columns if name.lower() in TARGET_NAMES and (name in few or name in numeric)
    ]
    targets = named or [name for name in few if name not in numeric] or few[-1:] or numeric[-1:]
    target = targets[-1] if targets else body.columns[-1]
    inputs = [name for name in numeric if name != target and not counts(numbers(body[name]))]
    if len(inputs) < 2:
        inputs = [name for name in numeric if name != target]
    if len(inputs) < 2:
        raise TableError("Fewer than two columns hold numbers.  It takes two inputs and something to learn.")
    return Roles(tuple(inputs), target, "classes" if target in few or target not in numeric else "values")


def project(table: Table, roles: Roles) -> Projected:
    """Turn a table into at most 1,000 points.  Raises ``TableError``, in words, where it cannot be done.

    Two inputs are stretched to the plane, each by itself; more are standardised and put on the plane of
    their two first principal components (Pearson, 1901).
    """
    if len(set(roles.inputs)) < 2 or roles.target in roles.inputs:
        raise TableError("It takes two inputs that are not the target.  Choose another column.")
    body = table.body
    table_x = np.stack([numbers(body[name]) for name in roles.inputs], 1)
    words = labels(body[roles.target]).to_numpy(object)
    values = numbers(body[roles.target]) if roles.kind == "values" else np.zeros(len(body))
    for i, name in enumerate(roles.inputs):
        if np.isnan(table_x[:, i]).mean() > 0.9:
            raise TableError(
                f"Hardly any cell of “{name}” is a number, so it cannot be an input.  Choose another."
            )
    whole = np.isfinite(table_x).all(1) & np.isfinite(values) & (words != "")
    notes = list(table.notes)
    if not whole.all():
        notes.append(f"{(~whole).sum():,} of {len(whole):,} rows with a missing value are left out.")
    table_x, words, values = table_x[whole], words[whole], values[whole]
    if len(table_x) < MIN_POINTS:
        raise TableError(
            f"{len(table_x)} rows have a value in every chosen column; it takes {MIN_POINTS}.  "
            "Choose other columns."
        )
    y, names, said = _answers(roles, words, values)
    notes += said
    x, kept, said = _plane(table_x, roles.inputs)
    notes += said
    if len(x) > MAX_POINTS:
        notes.append(f"{MAX_POINTS:,} of {len(x):,} rows are taken, at random, each class in proportion.")
        chosen = _sample(y, classes=roles.kind == "classes")
        x, y = x[chosen], y[chosen]
    own = Own(points=pack(x, y, roles.kind), target=roles.kind, names=names)
    return Projected(own, tuple(notes), kept)


def _answers(
    roles: Roles, words: NDArray[Any], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], tuple[str, ...], list[str]]:
    if roles.kind == "values":
        y, low, high = _stretched(values, 1.0)
        if low == high:
            raise TableError(
                f"“{roles.target}” is the same in every row, so nothing is to learn.  Choose another."
            )
        return (
            y,
            (),
            [] if (low, high) == (-1, 1) else [f"“{roles.target}”: −1 is {low:.4g}, 1 is {high:.4g}."],
        )
    kinds = np.unique(words.astype(str))
    if len(kinds) == 1:
        raise TableError(
            f"“{roles.target}” is {kinds[0][:40]!r} in every row; it takes two classes.  Choose another."
        )
    if len(kinds) > MAX_CLASSES:
        raise TableError(
            f"“{roles.target}” has {len(kinds):,} different labels; up to {MAX_CLASSES} can be told apart.  "
            "Choose another target, or learn it as a value."
        )
    places, shown = ordered_labels(words)
    return places.astype(np.float64), shown, []


def ordered_labels(words: NDArray[Any]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Labels as the numbers of their classes, and the names of those: in the order of numbers or letters."""
    kinds, index = np.unique(words.astype(str), return_inverse=True)
    try:
        order = np.argsort([float(kind) for kind in kinds])
    except ValueError:
        order = np.arange(len(kinds))
    place = np.argsort(order)
    return place[index], tuple(shown_name(kinds[i]) for i in order)


def _plane(
    table_x: NDArray[np.float64], names: tuple[str, ...]
) -> tuple[NDArray[np.float64], float | None, list[str]]:
    if table_x.shape[1] == 2:
        stretched = [_stretched(table_x[:, i], REACH) for i in range(2)]
        for name, (_, low, high) in zip(names, stretched, strict=True):
            if low == high:
                raise TableError(
                    f"“{name}” is the same in every row, so it tells nothing.  Choose another input."
                )
        if np.abs(table_x).max() <= PLANE and np.abs(table_x).max() >= 1:
            return table_x, None, []
        axes = [
            f"x{'₁₂'[i]} is “{names[i]}” from {low:.4g} to {high:.4g}"
            for i, (_, low, high) in enumerate(stretched)
        ]
        return np.stack([each[0] for each in stretched], 1), None, [f"{axes[0]}; {axes[1]}."]
    scaled = table_x / np.maximum(np.abs(table_x).max(0), 1e-300)
    spread = scaled.std(0)
    varied = spread > 1e-12
    if varied.sum() < 2:
        raise TableError("Fewer than two of the inputs differ from row to row.  Choose other inputs.")
    standard = (scaled[:, varied] - scaled[:, varied].mean(0)) / spread[varied]
    _, singular, axes_ = np.linalg.svd(standard, full_matrices=False)
    # a component's sign is arbitrary: its largest weight is made positive
    first = axes_[:2] * np.sign(axes_[np.arange(2), np.abs(axes_[:2]).argmax(1)])[:, None]
    flat = standard @ first.T
    kept = float((singular[:2] ** 2).sum() / (singular**2).sum())
    note = f"{varied.sum()} inputs, standardised: two principal components keep {kept:.1%} of the variance."
    dropped = [] if varied.all() else [f"{(~varied).sum()} of the inputs never change and are left out."]
    return flat * (REACH / np.abs(flat).max()), kept, [*dropped, note]


def _stretched(values: NDArray[np.float64], reach: float) -> tuple[NDArray[np.float64], float, float]:
    """Move the least value to −reach and the greatest to reach; halves first, so that nothing overflows."""
    low, high = float(values.min()), float(values.max())
    middle, half = low / 2 + high / 2, high / 2 - low / 2
    return (values - middle) / (half or 1.0) * reach, low, high


def _sample(y: NDArray[np.float64], classes: bool) -> NDArray[np.int64]:
    """Choose 1,000 rows, the same ones each time; of every class at least one."""
    mixed = np.random.default_rng(0).permutation(len(y))
    sorted_rows = mixed[np.argsort(y[mixed], kind="stable")]
    chosen = sorted_rows[np.linspace(0, len(y) - 1, MAX_POINTS).round().astype(int)]
    if classes:
        lost = sorted(set(np.unique(y)) - set(y[chosen]))
        largest = np.flatnonzero(y[chosen] == np.bincount(y.astype(int)).argmax())
        for i, kind in enumerate(lost):
            chosen[largest[i]] = np.flatnonzero(y == kind)[0]
    return np.asarray(chosen, np.int64)


def counts(values: NDArray[np.float64]) -> bool:
    """Whether a column only numbers its rows."""
    return len(values) > 2 and np.abs(values).max() < 1e9 and bool(np.all(np.diff(values) == 1))


def shown_name(label: str) -> str:
    """A label from a stranger as a short name that can be shown."""
    tidy = " ".join("".join(letter if letter.isprintable() else " " for letter in label[:200]).split())
    return tidy[:24] or "?"
