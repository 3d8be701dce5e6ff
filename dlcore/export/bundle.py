"""All that a script needs besides packages, in one file: itself, and the data where it was uploaded."""

from __future__ import annotations

import io
import zipfile

from dlcore.data.shelf import Shelved, shelf
from dlcore.experiment import Experiment
from dlcore.export.notebook import notebook
from dlcore.export.script import script
from dlcore.link import dumps


def uploaded(experiment: Experiment) -> str:
    """The name of the upload that the script reads; "" where it needs none."""
    return experiment.data.upload if isinstance(experiment.data, Shelved) else ""


def bundle(experiment: Experiment) -> bytes:
    """A ZIP of the script, the notebook, the experiment and its uploaded data.

    Raises ``ShelfError`` where the upload is not on this server any more.
    """
    files: dict[str, str | bytes] = {
        "experiment.py": script(experiment),
        "experiment.ipynb": notebook(experiment),
        "experiment.json": dumps(experiment),
    }
    name = uploaded(experiment)
    if name:
        files[f"{name}.npz"] = shelf().file(name)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for file, content in files.items():
            packed.writestr(file, content)
    return written.getvalue()
