import io
import subprocess
import sys
import zipfile

import numpy as np

from dlcore.data.own_series import OwnSeries, read_series
from dlcore.data.shelf import shelf
from dlcore.experiment import Experiment
from dlcore.export.bundle import bundle, uploaded
from dlcore.link import loads
from dlcore.training.session import Session

SHORT = {"stop": {"epochs": 2}, "batch_size": 40, "loss": "mean_squared", "network": ("flatten", "dense")}


def test_an_uploaded_series_goes_along_and_the_script_makes_the_run_beside_it(tmp_path):
    measured = read_series("\n".join(f"{value:.4f}" for value in np.sin(np.arange(200) / 3)).encode())
    name = shelf().put(measured.arrays(), measured.about(), "somebody")
    e = Experiment(data=OwnSeries(upload=name), **SHORT)
    assert uploaded(e) == name
    with zipfile.ZipFile(io.BytesIO(bundle(e))) as packed:
        assert loads(packed.read("experiment.json").decode()) == e
        packed.extractall(tmp_path)
    save = "np.savez('end.npz', *(p.detach().numpy() for p in network.parameters()))\n"
    with (tmp_path / "experiment.py").open("a") as file:
        file.write(save)
    done = subprocess.run(
        [sys.executable, "-I", "experiment.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    session = Session(e)
    session.advance(1000)
    theirs = np.load(tmp_path / "end.npz").values()
    mine = [parameter.detach().numpy() for parameter in session.network.module.parameters()]
    assert [array.tobytes() for array in theirs] == [array.tobytes() for array in mine]


def test_without_an_upload_nothing_else_is_needed():
    e = Experiment()
    assert uploaded(e) == ""
    with zipfile.ZipFile(io.BytesIO(bundle(e))) as packed:
        assert packed.namelist() == ["experiment.py", "experiment.ipynb", "experiment.json"]
