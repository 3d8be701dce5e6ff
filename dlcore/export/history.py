"""The numbers of runs as tables for other programs, to the last bit."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence

from dlcore.export.entry import MEASURES, Entry

FORMAT = 1
COLUMNS = ("run", "name", "epoch", "step", "seconds", *MEASURES)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet take a text for a formula."""


def as_csv(entries: Sequence[Entry]) -> str:
    """Write the histories below each other, one line per row, as comma-separated values (RFC 4180).

    Numbers are written so that they read back to the last bit; what is no finite number is left empty.
    A name that a spreadsheet would take for a formula begins with an apostrophe.
    """
    written = io.StringIO(newline="")
    out = csv.writer(written)
    out.writerow(COLUMNS)
    for entry in entries:
        run, name = _harmless(entry.saved.id), _harmless(entry.saved.name)
        for row in _rows(entry):
            out.writerow([run, name, *("" if value is None else repr(value) for value in row.values())])
    return written.getvalue()


def as_json(entries: Sequence[Entry]) -> str:
    """Write the runs with their experiments and histories as JSON; what is no finite number is null."""
    return json.dumps(
        {"glassbox": FORMAT, "runs": [_run(entry) for entry in entries]},
        ensure_ascii=False,
        allow_nan=False,
        indent=1,
    )


def _run(entry: Entry) -> dict[str, object]:
    saved = entry.saved
    return {
        "id": saved.id,
        "name": saved.name,
        "notes": saved.notes,
        "tags": list(saved.tags),
        "begun": saved.begun.isoformat(),
        "saved": saved.saved.isoformat(),
        "state": saved.state,
        "message": saved.message,
        "epoch": saved.epoch,
        "step": saved.step,
        "seconds": _finite(saved.seconds),
        "parameters": saved.n_parameters,
        "parent": saved.parent or None,
        "parent_step": saved.parent_step if saved.parent else None,
        "sweep": saved.sweep or None,
        "measures": {name: _finite(saved.measures.get(name)) for name in MEASURES},
        "changes": [{"epoch": epoch, "what": what} for epoch, what in entry.saved.marks],
        "experiment": saved.experiment.model_dump(mode="json"),
        "history": _rows(entry),
    }


def _rows(entry: Entry) -> list[dict[str, float | int | None]]:
    columns = entry.columns()
    rows: list[dict[str, float | int | None]] = []
    for i in range(len(columns["epoch"])):
        row: dict[str, float | int | None] = {
            name: _finite(float(columns[name][i])) for name in ("seconds", *MEASURES)
        }
        step = float(columns["step"][i])
        counted = {"epoch": int(columns["epoch"][i]), "step": int(step) if math.isfinite(step) else None}
        rows.append({**counted, **row})
    return rows


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
