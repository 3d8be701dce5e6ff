"""Event files for TensorBoard: the curves and settings of runs, a folder for each."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dlcore.experiment import Experiment
from dlcore.export.entry import MEASURES, Entry
from dlcore.export.report_words import not_default, score_name
from dlcore.link import dumps

VERSION = "brain.Event:2"
"""What TensorBoard looks for at the beginning of a file."""
LONGEST_FOLDER = 48


def as_zip(entries: Sequence[Entry]) -> bytes:
    """Pack one event file per run, each in a folder of its own: ``tensorboard --logdir`` takes the whole.

    A history's row becomes its scalars at the run's step, with the wall time at which it was measured;
    the settings are hyperparameters, and the experiment and the notes texts.
    """
    written = io.BytesIO()
    taken: set[str] = set()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for entry in entries:
            folder = _folder(entry, taken)
            taken.add(folder)
            begun = int(entry.saved.begun.timestamp())
            packed.writestr(f"{folder}/events.out.tfevents.{begun}.glassbox", events(entry))
    return written.getvalue()


def events(entry: Entry) -> bytes:
    """One run as an event file: framed, checksummed records of protocol buffers."""
    from tensorboardX import RecordWriter

    with TemporaryDirectory(prefix="glassbox-events-") as folder:
        file = Path(folder) / "events"
        writer = RecordWriter(str(file))
        for event in _events(entry):
            writer.write(event.SerializeToString())
        writer.close()
        return file.read_bytes()


def _events(entry: Entry) -> Iterator[Any]:
    from tensorboardX import summary
    from tensorboardX.proto.event_pb2 import Event

    saved = entry.saved
    begun = saved.begun.timestamp()
    yield Event(wall_time=begun, file_version=VERSION)
    tags = {name: _tag(name, saved.experiment) for name in MEASURES}
    for told in summary.hparams(_settings(saved.experiment), dict.fromkeys(tags.values())):
        yield Event(wall_time=begun, step=0, summary=told)
    texts = {"experiment": f"```json\n{dumps(saved.experiment)}\n```", "notes": saved.notes}
    for name, text in texts.items():
        if text:
            yield Event(wall_time=begun, step=0, summary=summary.text(name, _plain(text)))
    columns = entry.columns()
    for i in range(len(columns["epoch"])):
        seconds, step = (float(columns[name][i]) for name in ("seconds", "step"))
        at = begun + (seconds if math.isfinite(seconds) else 0.0)
        number = int(step if math.isfinite(step) else columns["epoch"][i])
        values = {tag: float(columns[name][i]) for name, tag in tags.items()}
        values["epoch"] = float(columns["epoch"][i])
        for tag, value in values.items():
            if math.isfinite(value):
                yield Event(wall_time=at, step=number, summary=summary.scalar(tag, value))


def _tag(measure: str, experiment: Experiment) -> str:
    share, _, what = measure.partition("_")
    name = what if what == "loss" else {"R²": "r2"}.get(score_name(experiment), score_name(experiment))
    return f"{re.sub(r'[^a-z0-9]+', '_', name.lower())}/{share}"


def _settings(experiment: Experiment) -> dict[str, str | float | bool]:
    """The settings that are not at their defaults, and the batch size and the learning rate always."""
    told: dict[str, str | float | bool] = {
        "batch size": experiment.batch_size,
        "learning rate": experiment.optimizer.learning_rate,
    }
    return {**told, **{name: _plain(value) for name, value in not_default(experiment)}}


def _plain(text: str) -> str:
    """Without half characters, which no file can hold."""
    return text.encode("utf-8", "replace").decode()


def _folder(entry: Entry, taken: set[str]) -> str:
    """A name for a folder that every system takes, of the run's own and no other's."""
    name = re.sub(r"[^\w-]+", "-", _plain(entry.title)).strip("-")[:LONGEST_FOLDER] or "run"
    number = next(i for i in range(1, len(taken) + 2) if _numbered(name, i) not in taken)
    return _numbered(name, number)


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"
