"""The forms in which saved runs are taken along."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dlcore.export.entry import Entry
from dlcore.export.history import as_csv, as_json
from dlcore.export.report import report
from dlcore.export.script import script
from dlcore.export.tensorboard import as_zip

Write = Callable[[Sequence[Entry], datetime, str], bytes]


def _bytes(text: str) -> bytes:
    # a half of a character, which no file can hold, becomes a question mark
    return text.encode("utf-8", "replace")


def _script(entry: Entry) -> str:
    return script(entry.saved.experiment, entry.saved.epoch)


@dataclass(frozen=True)
class Form:
    """One form: what it is called, its file's ending and type, and what writes it.

    ``write`` is given the runs, the time, and the address of the app.
    """

    name: str
    about: str
    ending: str
    mime: str
    write: Write
    of_one: bool = False
    """Whether it is of a single run."""


FORMS: Mapping[str, Form] = {
    "html": Form(
        "Report",
        "Settings, curves, pictures, code and notes in one file that opens in any browser",
        "html",
        "text/html",
        lambda entries, made, address: _bytes(report(entries, made, address)),
    ),
    "csv": Form(
        "CSV",
        "Every loss and score that was measured, as a table",
        "csv",
        "text/csv",
        lambda entries, made, address: _bytes(as_csv(entries)),
    ),
    "json": Form(
        "JSON",
        "The experiments and every loss and score, to the last bit",
        "json",
        "application/json",
        lambda entries, made, address: _bytes(as_json(entries)),
    ),
    "tensorboard": Form(
        "TensorBoard",
        "Event files, a folder for each run: unpack them, and give their folder to tensorboard --logdir",
        "zip",
        "application/zip",
        lambda entries, made, address: as_zip(entries),
    ),
    "script": Form(
        "PyTorch script",
        "Runs by itself; of a run that was not changed along the way it makes the very same weights",
        "py",
        "text/x-python",
        lambda entries, made, address: script(entries[0].saved.experiment, entries[0].saved.epoch).encode(
            "utf-8", "replace"
        ),
        of_one=True,
    ),
}
