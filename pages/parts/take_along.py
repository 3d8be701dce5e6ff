"""What a visitor takes along, and brings back: code, trained weights, the experiment."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dlcore.export import keras_script
from dlcore.export.bundle import bundle, uploaded
from dlcore.export.notebook import notebook
from dlcore.export.onnx import as_onnx
from dlcore.export.script import script
from dlcore.export.weights import WeightsError, as_json, as_safetensors, with_safetensors
from dlcore.link import dumps, read_file
from dlcore.record import Record
from dlcore.store import StoreError, store
from pages.parts.report import report_acts
from pages.parts.state import Here, engine, read

MOST_JSON_MB = 1
MOST_WEIGHTS_MB = 50
Make = Callable[[], str | bytes]


def take_along(here: Here) -> None:
    """A popover with the downloads; what they hold is made when somebody asks for it."""
    shown = st.popover("Take it along", icon=":material/download:", key="code", on_change="rerun")
    if not shown.open:
        return
    with shown:
        for sentence in dict.fromkeys(here.refused.values()):
            st.error(sentence, icon=":material/error:")
        code, weights, experiment, report = st.tabs(["Code", "Trained weights", "Experiment", "Report"])
        with code:
            _code(here)
        with weights:
            _weights(here)
        with experiment:
            _experiment(here)
        with report:
            _report(here)


def _code(here: Here) -> None:
    e = here.experiment
    upload = uploaded(e)
    text = here.keep("script", e, lambda: script(e))
    missing = here.keep("keras", e, lambda: keras_script.missing(e))
    if upload:
        st.caption(f"Runs by itself, beside the file {upload}.npz, and makes the very same weights.")
    else:
        st.caption("Runs by itself and makes the very same weights.")
    with st.container(horizontal=True, gap="small"):
        _download(here, "PyTorch script", lambda: text, "experiment.py", "text/x-python")
        _download(here, "Notebook", lambda: notebook(e), "experiment.ipynb", "application/x-ipynb+json")
        _download(
            here,
            "Keras script",
            lambda: keras_script.script(e),
            "experiment_keras.py",
            "text/x-python",
            missing or "The same network and training in Keras 3, from first weights of its own",
            disabled=bool(missing),
        )
        if upload:
            _download(
                here,
                "Everything",
                lambda: bundle(e),
                "experiment.zip",
                "application/zip",
                "The script, the notebook, the experiment and the uploaded data it reads, in one file",
            )
    if missing:
        st.caption(missing)
    st.code(text, language="python", height=420)


def _weights(here: Here) -> None:
    st.caption("The numbers of the moment looked at.  Only numbers are ever read back, no program.")
    with st.container(horizontal=True, gap="small"):
        _download(
            here,
            "safetensors",
            lambda: as_safetensors(_now(here)),
            "weights.safetensors",
            "application/octet-stream",
            "Under the names of the PyTorch script: network.load_state_dict takes them",
        )
        _download(
            here,
            "ONNX",
            lambda: as_onnx(_now(here)),
            "network.onnx",
            "application/octet-stream",
            "The trained network for other programs, from samples to answers; it takes some seconds",
        )
        _download(
            here,
            "JSON",
            lambda: as_json(_now(here)),
            "weights.json",
            "application/json",
            "The weights and biases, module by module",
        )
    if here.lesson.allows("code"):
        st.file_uploader(
            "Go on with weights from a safetensors file",
            type="safetensors",
            key="weights-file",
            max_upload_size=MOST_WEIGHTS_MB,
            on_change=lambda: _take_weights(here),
        )


def _experiment(here: Here) -> None:
    st.caption("Everything that decides the run, seeds included, as JSON: for a colleague, or for next year.")
    _download(
        here, "Save the experiment", lambda: dumps(here.experiment), "experiment.json", "application/json"
    )
    if here.lesson.allows("code"):
        st.file_uploader(
            "Open an experiment",
            type="json",
            key="experiment-file",
            max_upload_size=MOST_JSON_MB,
            on_change=lambda: _take_experiment(here),
        )


def _report(here: Here) -> None:
    runs, run = store().of(here.owner), here.run.saved_as
    try:
        saved = runs.get(run)
    except StoreError as away:
        st.error(str(away), icon=":material/error:")
        return
    if saved is None:
        st.caption("Press Play first: a run that learns is saved by itself, and then has a report.")
        return
    st.caption(f"The run as it was saved last, at epoch {saved.epoch}: what it is, and how it came there.")
    keeper = engine().keeper
    report_acts(runs, (run,), "report", now=keeper.look if keeper else None)


def _download(
    here: Here, label: str, make: Make, file: str, mime: str, about: str = "", *, disabled: bool = False
) -> None:
    def made() -> str | bytes:
        try:
            done = make()
        except (OSError, RuntimeError, ValueError) as error:
            # the browser itself says only that there is no file: why, is shown by the next picture
            why = str(error) or type(error).__name__
            here.refused[file] = f"{label}: {why.rstrip('.')}.  Try again, or see whether the run goes on."
            here.stale = True
            raise
        here.stale = bool(here.refused.pop(file, "")) or here.stale
        return done

    st.download_button(
        label,
        made,
        file,
        mime,
        key=f"take:{file}",
        icon=":material/download:",
        help=about or None,
        on_click="ignore",
        disabled=disabled,
    )


def _now(here: Here) -> Record:
    return here.run.weights(at=here.at)


def _take_weights(here: Here) -> None:
    file = read("weights-file")
    if file is None:
        return
    try:
        here.go_back(with_safetensors(here.run.checkpoint(at=here.at), file.getvalue()))
    except (WeightsError, ConnectionError) as refusal:
        here.notices.append(f"{refusal}  The weights stay as they were.")
    else:
        here.notices.append("The weights of the file are in the network.  Press Play to go on from them.")


def _take_experiment(here: Here) -> None:
    file = read("experiment-file")
    if file is None:
        return
    try:
        opened = read_file(file.getvalue())
    except ValueError as refusal:
        here.notices.append(f"{refusal}  The experiment stays as it was.")
        return
    here.replace(opened.experiment)
    here.notices.append(opened.sentence() or "The experiment of the file is open.")
