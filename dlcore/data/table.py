"""Tables from strangers: the bytes of a CSV file as columns of text, within bounds, or a refusal in words."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MAX_BYTES = 20_000_000
MAX_ROWS = 100_000
MAX_COLUMNS = 100
MAX_LINE = 50_000
MAX_NAME = 40
SAMPLE_ROWS = 50
PREFERRED = ",;\t|"
MISSING = frozenset({"", "?", "-", "na", "n/a", "nan", "null", "none given"})
MAGIC = {
    b"PK\x03\x04": "an Excel workbook or another archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"\x80": "no text",
}


class TableError(ValueError):
    """Refuse a file or a choice of columns, in one sentence and what next."""


@dataclass(frozen=True)
class Table:
    """Rows of text under named columns."""

    rows: pd.DataFrame
    """All cells as text, columns numbered, the first row included."""
    header: bool
    """Whether the first row holds the names."""
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """A name for every column, each another."""
        given = [str(cell).strip() for cell in self.rows.iloc[0]] if self.header else []
        wanted = [*given, *[""] * (self.rows.shape[1] - len(given))]
        return tuple(_distinct([_tidy(name) or f"column {i + 1}" for i, name in enumerate(wanted)]))

    @property
    def body(self) -> pd.DataFrame:
        """The rows below the header, under their names."""
        rows = self.rows.iloc[int(self.header) :]
        return rows.set_axis(list(self.names), axis=1)

    def with_header(self, header: bool) -> Table:
        """The same rows, read with or without a row of names."""
        if header and len(self.rows) < 2:
            raise TableError("The file has one row only.  It takes rows below the names.")
        return replace(self, header=header)

    def __len__(self) -> int:
        return len(self.rows) - int(self.header)


def read(data: bytes) -> Table:
    """Read a CSV file of any delimiter.  Raises ``TableError``, in words, for anything that is none.

    Nothing is evaluated: every cell stays text until :func:`numbers` reads it.
    """
    if len(data) > MAX_BYTES:
        raise TableError(f"The file is larger than {MAX_BYTES // 1_000_000} MB.  Take a part of it.")
    text, notes = decoded(data)
    if not text.strip():
        raise TableError("The file is empty.  Choose one with rows.")
    lines = text.split("\n")
    if max(map(len, lines)) > MAX_LINE:
        raise TableError("The file has a line that no table has.  Choose a CSV file.")
    delimiter, width = _layout([line for line in lines[: 4 * SAMPLE_ROWS] if line.strip()][:SAMPLE_ROWS])
    try:
        rows = pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            engine="c",
            header=None,
            names=list(range(width)),
            index_col=False,
            dtype=str,
            na_filter=False,
            on_bad_lines="skip",
            nrows=MAX_ROWS + 2,
            skipinitialspace=True,
        )
    except (ValueError, pd.errors.ParserError, csv.Error) as error:
        raise TableError(
            "The rows cannot be told apart: a quotation mark may be left open.  Save the file as CSV anew."
        ) from error
    rows = rows.loc[:, (rows != "").any()]
    rows = rows.set_axis(range(rows.shape[1]), axis=1)
    if rows.shape[1] < 2 or not len(rows):
        raise TableError("No delimiter parts this file into columns.  Choose a CSV file with at least three.")
    header = _has_header(rows)
    if len(rows) - header > MAX_ROWS:
        rows = rows.iloc[: MAX_ROWS + header]
        notes.append(f"The file has more than {MAX_ROWS:,} rows; the first {MAX_ROWS:,} are used.")
    elif '"' not in text and len(rows) < (filled := sum(1 for line in lines if line.strip())):
        notes.append(f"{filled - len(rows):,} lines with too many columns are left out.")
    return Table(rows, header, tuple(notes))


def numbers(column: pd.Series) -> NDArray[np.float64]:
    """Read a column of text as numbers, nan where there is none; decimal commas are understood."""
    cells = column.str.strip()
    plain = pd.to_numeric(cells, errors="coerce")
    if plain.isna().mean() > 0.5:
        commas = cells.where(cells.str.fullmatch(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?|[+-]?\d+"), "")
        plain = pd.to_numeric(commas.str.replace(",", ".", regex=False), errors="coerce")
    values = plain.to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def labels(column: pd.Series) -> pd.Series:
    """Read a column of text as labels, ``""`` where there is none."""
    cells = column.str.strip()
    return cells.where(~cells.str.lower().isin(MISSING), "")


def decoded(data: bytes) -> tuple[str, list[str]]:
    """The text of a file, and what to say of its letters.  Raises ``TableError`` where it is none."""
    for magic, what in MAGIC.items():
        if data.startswith(magic):
            raise TableError(f"This is {what}, no CSV file.  Save the table as CSV and choose that.")
    notes = []
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        if b"\0" in data and not wide:
            raise TableError("This is no text and so no CSV file.  Save the table as CSV and choose that.")
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError as error:
            raise TableError("The letters of the file cannot be read.  Save it as CSV in UTF-8.") from error
        notes.append("The file is not in UTF-8; it was read as Windows-1252, so look at the accents.")
    if re.search(r"[\x00-\x08\x0e-\x1f]", text):
        raise TableError("This is no text and so no CSV file.  Save the table as CSV and choose that.")
    return text.replace("\r\n", "\n").replace("\r", "\n"), notes


def _layout(lines: list[str]) -> tuple[str, int]:
    """The delimiter that parts most lines into equally many fields, and the greatest number of them."""
    others = sorted(
        {mark for mark in lines[0] if mark.isascii() and not mark.isalnum() and mark not in "\"'.+-_()"}
    )
    found = ("", 1, 0.0)
    for delimiter in [*PREFERRED, *(mark for mark in others if mark not in PREFERRED)]:
        try:
            widths = [
                len(row) for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if row
            ]
        except csv.Error:
            continue
        usual, times = Counter(widths).most_common(1)[0] if widths else (1, 0)
        share = times / max(1, len(widths))
        if usual > 1 and share > found[2]:
            found = delimiter, max(widths), share
    delimiter, width, _ = found
    if not delimiter:
        raise TableError("No delimiter parts this file into columns.  Choose a CSV file with at least three.")
    if width > MAX_COLUMNS:
        raise TableError(f"The file has {width:,} columns; {MAX_COLUMNS} are allowed.  Take some away.")
    return delimiter, width


def _has_header(rows: pd.DataFrame) -> bool:
    """Whether no cell of the first row is a number while numbers stand below it."""
    if len(rows) < 2:
        return False
    below = rows.iloc[1 : 1 + SAMPLE_ROWS]
    first = [bool(np.isfinite(numbers(rows.iloc[:1][name])[0])) for name in rows.columns]
    numeric = [bool(np.isfinite(numbers(below[name])).mean() > 0.5) for name in rows.columns]
    return not any(first) and any(numeric)


def _tidy(name: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name[:200]).split())[
        :MAX_NAME
    ]


def _distinct(names: list[str]) -> list[str]:
    seen: set[str] = set()
    for i, name in enumerate(names):
        if name in seen:
            names[i] = next(
                other for k in range(2, 999) if (other := f"{name} ({k})") not in seen | set(names)
            )
        seen.add(names[i])
    return names
