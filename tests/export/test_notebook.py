import json
import subprocess
import sys

import nbformat

from dlcore.experiment import Experiment
from dlcore.export.notebook import notebook
from dlcore.export.script import script
from dlcore.training.session import Session

SINE = Experiment(
    data="moons",
    network=({"kind": "dense", "units": 3, "activation": "sine"}, "gaussian_noise"),
    schedule="cosine",
)


def codes(text):
    cells = nbformat.reads(text, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


def test_its_cells_run_in_their_order_and_print_the_losses_of_the_session(tmp_path):
    program = (
        "import json, sys\n"
        "space = {}\n"
        "for code in json.load(sys.stdin):\n"
        "    exec(compile(code, 'cell', 'exec'), space)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program],
        input=json.dumps(codes(notebook(SINE, 3))),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    session = Session(SINE)
    for _ in range(3):
        session.advance_epoch()
    now = session.evaluate()
    assert f"train loss {now.train_loss:.6f}  test loss {now.test_loss:.6f}" in done.stdout.splitlines()[-1]


def test_it_holds_the_scripts_own_code_with_a_sentence_before_each_cell():
    read = nbformat.reads(notebook(SINE), as_version=4)
    nbformat.validate(read)
    assert [cell.cell_type for cell in read.cells] == [
        "markdown",
        *["markdown", "code"] * (len(read.cells) // 2),
    ]
    assert all(code in script(SINE) for code in codes(notebook(SINE)))
    assert all(cell.source.endswith(".") for cell in read.cells if cell.cell_type == "markdown")


def test_the_same_experiment_gives_the_same_notebook():
    assert notebook(SINE) == notebook(SINE)
