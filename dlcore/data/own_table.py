"""A table of one's own: from the columns of a file to rows that a network can be given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from dlcore.data.base import Fill, Scale, datasets
from dlcore.data.projection import TARGET_NAMES, counts, numeric_columns, ordered_labels, shown_name
from dlcore.data.scaling import FILLS, SCALES, Filling, Scaling
from dlcore.data.shelf import Arrays, Shelved
from dlcore.data.table import Table, TableError, labels, numbers

Role = Literal["number", "category", "target", "ignore"]
ROLES: tuple[Role, ...] = ("number", "category", "target", "ignore")
MIN_ROWS = 20
MAX_CLASSES = 20
MAX_CATEGORIES = 30
MAX_INPUTS = 300
FEW = 12
"""So many different words at most make a column a category when roles are guessed."""
GUESS_ROWS = 2_000
MOST_MISSING = 0.9
OTHER, MISSING = "(other)", "(missing)"


@dataclass(frozen=True)
class Plan:
    """What each column is for, in the order of the table, and whether the target is a class or a value."""

    roles: tuple[Role, ...]
    values: bool = False

    def of(self, role: Role, names: tuple[str, ...]) -> list[str]:
        """The columns of one role."""
        return [name for name, given in zip(names, self.roles, strict=True) if given == role]

    def with_role(self, place: int, role: Role) -> Plan:
        """Another role for one column; a second target takes the place of the first, which is ignored."""
        roles = ["ignore" if role == given == "target" else given for given in self.roles]
        roles[place] = role
        return replace(self, roles=tuple(roles))


@dataclass(frozen=True)
class Arranged:
    """What goes to the shelf, and in sentences what was done to get it."""

    arrays: Arrays
    about: Mapping[str, Any]
    notes: tuple[str, ...]


def guess(table: Table) -> Plan:
    """Guess what each column is for: numbers and short lists of words are inputs, identifiers are ignored."""
    body = table.body.iloc[:GUESS_ROWS]
    numeric = set(numeric_columns(table))
    kinds = {name: labels(body[name]).replace("", None).nunique() for name in body.columns}
    classes = [name for name in body.columns if 2 <= kinds[name] <= FEW]
    named = [name for name in body.columns if name.lower() in TARGET_NAMES and kinds[name] > 1]
    last = body.columns[-1:].tolist() if kinds[body.columns[-1]] > 1 else []
    target = (named or last or classes or sorted(numeric) or [""])[-1]

    def role(name: str) -> Role:
        if name == target:
            return "target"
        if name in numeric:
            return "ignore" if counts(numbers(body[name])) else "number"
        return "category" if 2 <= kinds[name] <= MAX_CATEGORIES else "ignore"

    return Plan(
        tuple(role(name) for name in body.columns),
        values=target in numeric and kinds.get(target, 0) > FEW,
    )


def arrange(table: Table, plan: Plan) -> Arranged:
    """Turn a table into numbers, category codes and answers.  Raises ``TableError``, in words.

    A missing number stays nan, to be filled by the training share; a missing category is a category of its
    own; a row without an answer is left out.
    """
    names = table.names
    targets = plan.of("target", names)
    if len(targets) != 1:
        raise TableError("Nothing is to be learnt yet.  Make one column the target.")
    if not plan.of("number", names) and not plan.of("category", names):
        raise TableError("No column is an input yet.  Make at least one a number or a category.")
    body, notes = table.body, list(table.notes)
    words = labels(body[targets[0]]).to_numpy(object)
    values = numbers(body[targets[0]]) if plan.values else np.zeros(len(body))
    whole = np.isfinite(values) & (words != "")
    if not whole.all():
        notes.append(f"{(~whole).sum():,} of {len(whole):,} rows have no answer and are left out.")
    if whole.sum() < MIN_ROWS:
        raise TableError(
            f"{whole.sum()} rows have an answer in “{targets[0]}”; it takes {MIN_ROWS}.  "
            "Choose another target or a longer table."
        )
    body, words, values = body[whole], words[whole], values[whole]
    y, classes = _answers(targets[0], words, values, plan.values)
    x = _numbers(body, plan.of("number", names))
    coded = [_coded(body[name]) for name in plan.of("category", names)]
    missing = int(np.isnan(x).sum())
    if missing:
        notes.append(f"{missing:,} missing numbers are filled from the training share.")
    gaps = [bool(np.isnan(column).any()) for column in x.T]
    shown = plan.of("number", names)
    n_inputs = len(shown) + sum(len(c[1]) for c in coded)
    if n_inputs + sum(gaps) > MAX_INPUTS:
        raise TableError(f"{n_inputs} inputs are more than {MAX_INPUTS}.  Ignore some columns.")
    about = {
        "holds": OwnTable.holds,
        "rows": len(y),
        "numbers": shown,
        "gaps": [name for name, gap in zip(shown, gaps, strict=True) if gap],
        "categories": [[n, list(c[1])] for n, c in zip(plan.of("category", names), coded, strict=True)],
        "classes": list(classes),
        "target": targets[0],
    }
    arrays: Arrays = {
        "numbers": x.astype(np.float32),
        "categories": np.stack([c[0] for c in coded], 1) if coded else np.zeros((len(y), 0), np.int64),
        "sizes": np.array([len(c[1]) for c in coded], np.int64),
        "y": y,
    }
    return Arranged(arrays, about, tuple(notes))


def _numbers(body: pd.DataFrame, columns: list[str]) -> NDArray[np.float64]:
    x = np.stack([numbers(body[name]) for name in columns], 1) if columns else np.zeros((len(body), 0))
    for i, name in enumerate(columns):
        if np.isnan(x[:, i]).mean() > MOST_MISSING:
            raise TableError(f"Hardly any cell of “{name}” is a number.  Make it a category, or ignore it.")
    return np.clip(x, -1e30, 1e30)  # what float32 holds, with room to be squared


def _coded(column: pd.Series) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Words as the numbers of their categories, in alphabetical order; the rarest of many are one."""
    words = labels(column).to_numpy(str)
    kinds, times = np.unique(words[words != ""], return_counts=True)
    if len(kinds) > MAX_CATEGORIES:
        most = np.sort(np.argsort(-times, kind="stable")[: MAX_CATEGORIES - 1])
        words = np.where(np.isin(words, kinds[most]) | (words == ""), words, OTHER)
        kinds = np.append(kinds[most], OTHER)
    if (words == "").any():
        words, kinds = np.where(words == "", MISSING, words), np.append(kinds, MISSING)
    place = {kind: i for i, kind in enumerate(kinds)}
    return np.array([place[word] for word in words], np.int64), tuple(shown_name(kind) for kind in kinds)


def _answers(
    name: str, words: NDArray[Any], values: NDArray[np.float64], as_values: bool
) -> tuple[NDArray[Any], tuple[str, ...]]:
    if as_values:
        if np.ptp(values / max(1.0, np.abs(values).max())) == 0:
            raise TableError(f"“{name}” is the same in every row, so nothing is to learn.  Choose another.")
        return np.clip(values, -1e30, 1e30), ()
    kinds = np.unique(words.astype(str))
    if len(kinds) == 1:
        raise TableError(
            f"“{name}” is {kinds[0][:40]!r} in every row; it takes two classes.  Choose another."
        )
    if len(kinds) > MAX_CLASSES:
        raise TableError(
            f"“{name}” has {len(kinds):,} different labels; up to {MAX_CLASSES} can be told apart.  "
            "Choose another target, or learn it as a value."
        )
    return ordered_labels(words)


@datasets.add
class OwnTable(Shelved):
    """A table of your own, from a CSV file."""

    kind: Literal["own_table"] = "own_table"
    title = "Your table"
    holds = "table"
    example = {
        "rows": 150,
        "numbers": ["length", "width", "weight"],
        "gaps": ["weight"],
        "categories": [["colour", ["blue", "green", "red"]]],
        "classes": ["light", "heavy"],
        "target": "kind",
    }
    n_rows: int = Field(
        5000, ge=MIN_ROWS, le=100_000, title="Rows", description="How many rows are taken, at most",
        json_schema_extra={"log": True},
    )  # fmt: skip
    scaling: Scaling = Field("standard", description="How each column is brought to one scale")
    filling: Filling = Field("mean", title="Missing numbers", description="What stands in for them")
    mark_missing: bool = Field(
        True, title="Mark what was missing", description="A column more, of 0 and 1, for each that has gaps"
    )

    @property
    def columns(self) -> tuple[str, ...]:
        """What the inputs are called, in their order."""
        return self.named(self.facts, self.mark_missing)

    @staticmethod
    def named(facts: Mapping[str, Any], mark_missing: bool) -> tuple[str, ...]:
        """What the inputs of a table with these facts are called: numbers, categories, and marks of gaps."""
        each = [f"{name} = {value}" for name, values in facts["categories"] for value in values]
        marks = [f"{name} missing" for name in facts["gaps"]] if mark_missing else []
        return (*facts["numbers"], *each, *marks)

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return (len(self.columns),)

    @property
    def size(self) -> int:
        return min(self.n_rows, int(self.facts["rows"]))

    def at_most(self, n_points: int) -> OwnTable:
        return self.model_copy(update={"n_rows": max(n_points, MIN_ROWS)})

    @property
    def n_classes(self) -> int:
        return len(self.facts["classes"])

    @property
    def class_names(self) -> tuple[str, ...]:
        return tuple(self.facts["classes"])

    @property
    def scale(self) -> Scale | None:
        return SCALES.get(self.scaling)

    @property
    def fill(self) -> Fill | None:
        return FILLS[self.filling] if self.facts["gaps"] else None

    def arguments(self) -> dict[str, Any]:
        return {k: v for k, v in super().arguments().items() if k not in ("scaling", "filling")}

    @staticmethod
    def sample(
        rng: np.random.Generator, file: str, n_rows: int, mark_missing: bool
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        if file:
            with np.load(file) as kept:
                numbers, categories, sizes, y = (kept[k] for k in ("numbers", "categories", "sizes", "y"))
        else:  # an example, until there is a file
            numbers, categories, sizes = rng.normal(size=(150, 3)), rng.integers(0, 3, (150, 1)), [3]
            y = (numbers.sum(1) + categories[:, 0] > 1).astype(int)
            numbers[::9, 2] = np.nan
        gaps = np.isnan(numbers)
        one_hot = [np.eye(size)[column] for column, size in zip(categories.T, sizes, strict=True)]
        marks = [gaps[:, gaps.any(0)]] if mark_missing else []
        chosen = rng.permutation(len(y))[:n_rows]
        return np.concatenate([numbers, *one_hot, *marks], 1)[chosen], y[chosen]
