"""The experiment as a notebook: the script's own code, cell by cell."""

from __future__ import annotations

import nbformat
from nbformat import v4

from dlcore.experiment import Experiment
from dlcore.export.script import sections, title

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebook(experiment: Experiment, epochs: int = 0) -> str:
    """Write the experiment as a notebook (JSON): run from top to bottom, it makes the session's very losses.

    ``epochs`` as :func:`dlcore.export.script.script` takes them.
    """
    opening = f"# {title(experiment)}\n\nAn experiment from Glassbox.  Run the cells in their order."
    cells = [v4.new_markdown_cell(opening, id="title")]
    for i, (sentence, code) in enumerate(sections(experiment, epochs)):
        cells.append(v4.new_markdown_cell(sentence, id=f"about-{i}"))
        cells.append(v4.new_code_cell(code, id=f"code-{i}"))
    made = v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.validate(made)
    text: str = nbformat.writes(made)
    return text
