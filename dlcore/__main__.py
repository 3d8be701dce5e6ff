"""The command line: describe, train and measure without a page."""

from __future__ import annotations

import json
import math
import sys
import time
import typing
from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dlcore.data import Task, datasets
from dlcore.experiment import Experiment
from dlcore.link import decode, dumps, encode, loads
from dlcore.losses import losses
from dlcore.runs_command import runs
from dlcore.spec import SpecError

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(runs, name="runs")
people = Console(stderr=True)


@app.command()
def new(
    data: Annotated[str, typer.Argument(help=f"A data set: {', '.join(datasets.kinds())}")] = "spiral",
) -> None:
    """Print a new experiment as JSON, with every setting at its default."""
    if data not in datasets.kinds():
        _refuse(f"No data set is called {data!r}.  There are: {', '.join(datasets.kinds())}.")
    chosen = datasets[data]()
    loss = next(each() for each in losses if chosen.task in each.tasks)
    print(dumps(Experiment(data=chosen, loss=loss)))


@app.command()
def link(file: Annotated[Path, typer.Argument(help="An experiment as JSON; - reads standard input")]) -> None:
    """Print the part of a link that opens an experiment in the playground."""
    print(f"?x={encode(_read(file))}")


@app.command()
def train(
    file: Annotated[
        Path, typer.Argument(help="An experiment as JSON, or ?x=… of a link; - reads standard input")
    ],
    epochs: Annotated[int, typer.Option(min=1, help="How many epochs to train")] = 200,
    history: Annotated[
        bool, typer.Option("--json", help="Print the whole history in the last line, too")
    ] = False,
) -> None:
    """Train without a page.  The last line of standard output is JSON."""
    import torch

    from dlcore.training.session import Session

    torch.set_num_threads(1)
    experiment = _read(file)
    stop = experiment.stop.model_copy(update={"epochs": epochs})
    session = Session(experiment.model_copy(update={"stop": stop}))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    begun = time.perf_counter()
    with Progress(*columns, console=people) as progress:
        task = progress.add_task("epochs", total=epochs)
        while not session.stopped:
            session.advance_for(0.1)
            progress.update(task, completed=session.epoch)
    seconds = time.perf_counter() - begun
    people.print(session.failure or session.ending)
    measures = session.evaluate()
    result: dict[str, object] = {
        "epochs": session.epoch,
        "steps": session.step,
        "seconds": round(seconds, 3),
        "train_loss": _number(measures.train_loss),
        "test_loss": _number(measures.test_loss),
        "r2" if experiment.task is Task.REGRESSION else "accuracy": _number(measures.test_score),
    }
    if history:
        table = session.history.exact()
        result["history"] = [
            {
                "epoch": int(epoch),
                **{name: _number(value) for name, value in zip(type(measures)._fields, row, strict=True)},
            }
            for epoch, row in zip(table["epoch"], table["rows"], strict=True)
        ]
    print(json.dumps(result))
    raise typer.Exit(1 if session.failure else 0)


Form = Literal["script", "notebook", "keras", "json", "safetensors", "onnx"]
ENDINGS: dict[Form, str] = {"script": "py", "notebook": "ipynb", "keras": "py"}


@app.command()
def export(
    file: Annotated[
        Path, typer.Argument(help="An experiment as JSON, or ?x=… of a link; - reads standard input")
    ],
    form: Annotated[Form, typer.Option("--as", help="What to write")] = "script",
    to: Annotated[Path | None, typer.Option(help="The file; without it, experiment.… of that kind")] = None,
    epochs: Annotated[
        int, typer.Option(min=0, help="How many epochs the code trains; for weights, how many to train now")
    ] = 0,
) -> None:
    """Write an experiment as code that runs by itself, or train it and write its weights."""
    from dlcore.export import keras_script
    from dlcore.export.notebook import notebook
    from dlcore.export.script import script

    experiment = _read(file)
    if form in ("safetensors", "onnx"):
        content = _trained(experiment, epochs, form)
    elif form == "keras":
        missing = keras_script.missing(experiment)
        if missing:
            _refuse(missing)
        content = keras_script.script(experiment, epochs).encode()
    else:
        content = {
            "script": lambda: script(experiment, epochs),
            "notebook": lambda: notebook(experiment, epochs),
            "json": lambda: dumps(experiment),
        }[form]().encode()
    place = to or Path(f"experiment.{ENDINGS.get(form, form)}")
    try:
        place.write_bytes(content)
    except OSError as error:
        _refuse(f"{place} cannot be written: {error.strerror}.")
    people.print(f"Written: {place}", highlight=False)


def _trained(experiment: Experiment, epochs: int, form: Form) -> bytes:
    import torch

    from dlcore.engine.onnx_file import onnx_file
    from dlcore.export.weights import as_safetensors
    from dlcore.training.session import Session

    torch.set_num_threads(1)
    session = Session(experiment)
    while session.epoch < epochs and not session.stopped:
        session.advance_epoch()
    if session.failure:
        _refuse(session.failure)
    return as_safetensors(session.weights()) if form == "safetensors" else onnx_file(session.weights())


@app.command()
def bench() -> None:
    """Measure what a run costs, beside what is wanted of it; exit with 1 where a figure is missed."""
    from dlcore.bench import figures, table

    measured = []
    for figure in figures():
        measured.append(figure)
        people.print(f"{figure.name}: {figure.shown} (wanted {figure.wanted})", highlight=False)
    Console().print(table(measured, "Glassbox, measured"))
    raise typer.Exit(0 if all(figure.holds for figure in measured) else 1)


def _read(file: Path) -> Experiment:
    text = str(file)
    if text.startswith("?x="):
        opened = decode(text.removeprefix("?x="))
        if opened.set_aside:
            people.print(opened.sentence())
        return opened.experiment
    try:
        experiment = loads(sys.stdin.read() if text == "-" else file.read_text())
    except OSError as error:
        _refuse(f"{file} cannot be read: {error.strerror}.")
    except ValidationError as error:
        lines = (
            f"{'.'.join(map(str, each['loc'])) or 'experiment'}: {each['msg']}" for each in error.errors()
        )
        _refuse("This is no experiment:\n" + "\n".join(lines))
    except ValueError as error:
        _refuse(f"This is no experiment: {error}.")
    problems = experiment.problems()
    if problems:
        _refuse(str(SpecError(problems)))
    return experiment


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _refuse(sentence: str) -> typing.NoReturn:
    people.print(sentence, style="bold", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(2)


if __name__ == "__main__":
    app()
