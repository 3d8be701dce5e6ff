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
        lambda entries, made, address: report(entries, made, address).encode(),
    ),
    "csv": Form(
        "CSV",
        "Every loss and score that was measured, as a table",
        "csv",
        "text/csv",
        lambda entries, made, address: as_csv(entries).encode(),
    ),
    "json": Form(
        "JSON",
        "The experiments and every loss and score, to the last bit",
        "json",
        "application/json",
        lambda entries, made, address: as_json(entries).encode(),
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
        "Runs by itself and makes the very same weights",
        "py",
        "text/x-python",
        lambda entries, made, address: script(entries[0].saved.experiment, entries[0].saved.epoch).encode(),
        of_one=True,
    ),
}
