"""Saved runs on the command line: listed, shown, exported, gone on with."""

from __future__ import annotations

import json
import math
import typing
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from dlcore.changes import summary
from dlcore.experiment import Experiment
from dlcore.export.markup import plain

if TYPE_CHECKING:
    from dlcore.record import Record
    from dlcore.store import Runs, Saved, Store

runs = typer.Typer(
    help=__doc__,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
people = Console(stderr=True)

Form = Literal["html", "csv", "json", "tensorboard", "script", "safetensors", "checkpoint"]
ENDINGS: dict[Form, str] = {"tensorboard": "zip", "script": "py", "checkpoint": "checkpoint.safetensors"}
OF_ONE: tuple[Form, ...] = ("script", "safetensors", "checkpoint")
BARS = "▁▂▃▄▅▆▇█"
SPARKS = 40
WIDE = 160
ID = 16
"""Letters of an id."""
LAST = "last"
StoreUrl = Annotated[
    str,
    typer.Option(
        "--store",
        envvar="GLASSBOX_DATABASE_URL",
        show_envvar=True,
        help="The database of saved runs; empty is the one of this machine",
    ),
]
Id = Annotated[str, typer.Argument(help=f"The id of a saved run, or {LAST!r} for the one saved last")]


# an id may begin with a hyphen
HYPHENS = {"ignore_unknown_options": True}


@runs.command("list")
def listed(
    words: Annotated[list[str] | None, typer.Argument(help="Words that a run has to have")] = None,
    limit: Annotated[int, typer.Option(min=1, max=5000, help="How many to list")] = 20,
    sweeps: Annotated[bool, typer.Option("--sweeps", help="Those of sweeps, too")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON instead")] = False,
    url: StoreUrl = "",
) -> None:
    """List saved runs, the one saved last first."""
    from dlcore.store import Query

    query = Query(words=" ".join(words or ()), limit=limit, sweep=None if sweeps else "")
    found = _asked(lambda: _store(url).everybodys().find(query))
    if as_json:
        print(json.dumps([_facts(saved) for saved in found]))
        return
    table = Table(box=None, pad_edge=False)
    for title, width in {"id": ID, "run": 7, "saved": 12, "state": 8}.items():
        table.add_column(title, no_wrap=title != "run", min_width=width)
    for title in ("epochs", "test loss", "test score"):
        table.add_column(title, justify="right", no_wrap=True)
    from dlcore.export.report_words import count, figure

    for saved in found:
        measures = (figure(saved.measures.get(name)) for name in ("test_loss", "test_score"))
        cells = (
            saved.id,
            saved.name or summary(saved.experiment),
            f"{saved.saved:%d %b %H:%M}",
            saved.state,
            count(saved.epoch),
            *measures,
        )
        table.add_row(*(_text(cell) for cell in cells))
    out = Console()
    # a table that is read on by a program has room for every id
    out.width = out.width if out.is_terminal else max(out.width, WIDE)
    out.print(table if found else "No run is saved here.")


@runs.command(context_settings=HYPHENS)
def show(
    run: Id,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON instead")] = False,
    url: StoreUrl = "",
) -> None:
    """Show a saved run: its settings, what it came to, how its loss fell."""
    from dlcore.export import report_words as words
    from dlcore.export.entry import entries
    from dlcore.export.history import as_json as history

    mine = _store(url).everybodys()
    saved = _found(mine, run)
    entry = _asked(lambda: entries(mine, [saved.id]))[0]
    if as_json:
        print(json.dumps(json.loads(history([entry]))["runs"][0]))
        return
    out = Console()
    tags = f"  [{', '.join(saved.tags)}]" if saved.tags else ""
    out.print(_text(entry.title, "bold"), _text(f"{saved.id}{tags}"))
    out.print(_text(f"{words.moment(saved.begun)}.  {words.result(entry)}"))
    if saved.notes:
        out.print(_text(saved.notes))
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, value, _ in words.settings(saved.experiment):
        table.add_row(_text(name), _text(value))
    table.add_row("Parameters", words.count(saved.n_parameters))
    columns = entry.columns()
    for measure in ("train_loss", "test_loss", "test_score"):
        line = sparkline([float(value) for value in columns[measure]])
        if line:
            table.add_row(measure.replace("_", " ").capitalize(), line)
    for epoch, what in saved.marks:
        table.add_row(f"Epoch {epoch:g}", _text(what))
    out.print(table)
    kept = len(_asked(lambda: mine.moments(saved.id)))
    out.print(_text(f"{kept} checkpoint{'s' * (kept != 1)}."))


@runs.command(context_settings=HYPHENS)
def export(
    ids: Annotated[list[str], typer.Argument(help="Ids of saved runs, or 'last'")],
    form: Annotated[Form, typer.Option("--as", help="What to write")] = "html",
    to: Annotated[Path | None, typer.Option(help="The file; without it, one named after the run")] = None,
    url: StoreUrl = "",
) -> None:
    """Write saved runs as a report, as tables, for TensorBoard; or one as code, weights, a checkpoint."""
    from dlcore.export.entry import entries
    from dlcore.export.report import file_name

    mine = _store(url).everybodys()
    chosen = list(dict.fromkeys(_found(mine, each).id for each in ids))
    if form in OF_ONE and len(chosen) > 1:
        _refuse(f"A {form} is of one run, and {len(chosen)} were named.")
    found = _asked(lambda: entries(mine, chosen))
    try:
        if form in ("safetensors", "checkpoint"):
            content = _checkpoint_as(form, _checkpoint(mine, chosen[0]))
        else:
            from dlcore.export.forms import FORMS

            content = FORMS[form].write(found, datetime.now(UTC), "")
    except ValueError as error:
        _refuse(str(error))
    title = found[0].title if len(found) == 1 else f"{len(found)} runs"
    place = to or Path(file_name(title, ENDINGS.get(form, form)))
    try:
        place.write_bytes(content)
    except OSError as error:
        _refuse(f"{place} cannot be written: {error.strerror}.")
    people.print(f"Written: {place}", highlight=False, markup=False)
    print(json.dumps({"written": str(place), "bytes": len(content), "runs": chosen}))


@runs.command(context_settings=HYPHENS)
def resume(
    run: Id,
    epochs: Annotated[
        int, typer.Option(min=0, help="How many more epochs to train; 0 goes on to the run's own stop")
    ] = 0,
    branch: Annotated[
        bool, typer.Option("--branch", help="Save it as a run of its own, beside this one")
    ] = False,
    url: StoreUrl = "",
) -> None:
    """Train a saved run on from its last checkpoint, and save what it comes to.

    The last line of standard output is JSON.
    """
    from dlcore.folders import data_folder
    from dlcore.store import StoreError

    store = _store(url)
    mine = store.everybodys()
    saved = _found(mine, run)
    record = _checkpoint(mine, saved.id)
    import torch

    from dlcore import resume as resuming
    from dlcore.training.session import Session

    torch.set_num_threads(1)
    stop = saved.experiment.stop
    if not epochs and not (stop.epochs or stop.patience or stop.measure != "no target"):
        _refuse("This run has no stop of its own.  Say with --epochs how many more epochs it is to train.")
    held = "" if branch else resuming.held_by(saved, data_folder() / "running")
    if held:
        _refuse(f"{held}  With --branch it goes on beside it, as a run of its own.")
    total = saved.epoch + epochs if epochs else stop.epochs or None
    bars = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*bars, console=people) as progress:
            task = progress.add_task("epochs", total=total, completed=saved.epoch)

            def told(session: Session) -> None:
                progress.update(task, completed=session.epoch)

            done = resuming.resume(store, saved, record, epochs, told, branch=branch)
    except KeyboardInterrupt:
        _refuse("Interrupted.  What was trained until now is saved.", 130)
    except ValueError as error:
        _refuse(f"This run is over.  {error}")
    except (StoreError, OSError) as error:
        _refuse(str(error), 1)
    session = done.session
    people.print(session.failure or session.ending or f"Trained to epoch {session.epoch}.")
    measures = session.evaluate()
    result = {
        "id": done.run,
        "epochs": session.epoch,
        "steps": session.step,
        "seconds": round(done.seconds, 3),
        **{name: _number(value) for name, value in measures._asdict().items()},
    }
    print(json.dumps(result))
    raise typer.Exit(1 if session.failure else 0)


def sparkline(values: Sequence[float], width: int = SPARKS) -> str:
    """Numbers as a row of bars, lowest to highest; a gap where there is none, "" without numbers."""
    n = min(width, len(values))
    drawn = [values[i * (len(values) - 1) // max(1, n - 1)] for i in range(n)]
    known = [value for value in drawn if math.isfinite(value)]
    if not known:
        return ""
    low, span = min(known), max(known) - min(known) or 1.0
    top = len(BARS) - 1
    bars = (BARS[round((value - low) / span * top)] if math.isfinite(value) else " " for value in drawn)
    ends = (f"{value:.3g}".replace("-", "−") for value in (known[0], known[-1]))
    return f"{''.join(bars)}  {' → '.join(ends)}"


def _store(url: str) -> Store:
    from dlcore.store import Store, StoreSettings

    return Store(StoreSettings(database_url=url)) if url else Store()


T = typing.TypeVar("T")


def _asked(ask: typing.Callable[[], T]) -> T:
    """What the store answers, or its refusal in words."""
    from dlcore.store import StoreError

    try:
        return ask()
    except StoreError as error:
        _refuse(str(error), 1)


def _found(mine: Runs, run: str) -> Saved:
    from dlcore.store import Query

    if run == LAST:
        newest = _asked(lambda: mine.find(Query(limit=1)))
        run = newest[0].id if newest else ""
    saved = _asked(lambda: mine.get(run))
    if saved is None:
        _refuse(f"No saved run has the id {run!r}.  `python -m dlcore runs list` names those there are.")
    return saved


def _checkpoint(mine: Runs, run: str) -> Record:
    from dlcore.record import RecordError

    try:
        record = _asked(lambda: mine.checkpoint(run))
    except RecordError as error:
        _refuse(f"The last checkpoint of this run cannot be read: {error}.", 1)
    if record is None:
        _refuse("No checkpoint is kept of this run.", 1)
    return record


def _checkpoint_as(form: Form, record: Record) -> bytes:
    if form == "checkpoint":
        from dlcore.store.packed import pack

        return pack(record)
    import torch

    from dlcore.export.weights import as_safetensors
    from dlcore.training.session import Session

    torch.set_num_threads(1)
    return as_safetensors(Session.restored(record).weights())


def _facts(saved: Saved) -> dict[str, object]:
    """A run in a line of JSON."""
    from dlcore.link import encode

    e: Experiment = saved.experiment
    return {
        "id": saved.id,
        "name": saved.name,
        "tags": list(saved.tags),
        "about": summary(e),
        "begun": saved.begun.isoformat(),
        "saved": saved.saved.isoformat(),
        "state": saved.state,
        "epochs": saved.epoch,
        "steps": saved.step,
        "seconds": round(saved.seconds, 3),
        "parameters": saved.n_parameters,
        **{name: saved.measures.get(name) for name in saved.measures},
        "link": f"?x={encode(e)}",
    }


def _text(text: str, style: str = "") -> Text:
    """A text that is printed as it is: a visitor's words are neither markup nor commands to a terminal."""
    return Text(plain(text).replace("\r", " "), style=style)


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _refuse(sentence: str, status: int = 2) -> typing.NoReturn:
    people.print(_text(sentence, "bold"), highlight=False, soft_wrap=True)
    raise typer.Exit(status)
