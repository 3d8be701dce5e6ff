import subprocess
import sys
from typing import get_args

import numpy as np
import pytest

from dlcore.activations import activations
from dlcore.data import Own, datasets
from dlcore.data.scaling import Scaling
from dlcore.experiment import Experiment
from dlcore.export.script import script
from dlcore.export.script_network import WEIGHTED
from dlcore.initializers import initializers
from dlcore.losses import MeanSquared
from dlcore.model import WEIGHTED as initialised
from dlcore.training.session import Session
from tests.export.experiments import (
    SMALL,
    mended,
    with_augmentation,
    with_data,
    with_layers,
    with_losses,
    with_rules,
    with_templates,
)

EPOCHS = 3

EXPERIMENTS = [
    Experiment(),
    *with_data(),
    *with_layers(),
    *with_templates(),
    *(
        mended(data="wine", loss="cross_entropy", network=(), split=split)
        for split in ({}, {"validation": 0})
    ),
    *(
        mended(data={"kind": "diabetes", "scaling": scaling}, loss="mean_squared", **SMALL)
        for scaling in get_args(Scaling)
    ),
    mended(
        data={"kind": "mnist", "n_images": 900},
        network=({"kind": "conv2d", "channels": 32}, {"kind": "conv2d", "channels": 32}, "global_pool"),
        batch_size=300,
    ),
    mended(
        data={"kind": "digits", "n_images": 100},
        network=("conv2d", "max_pool", "group_norm", "gaussian_noise", "spatial_dropout", "upsample"),
        regularisation={"l1": 0.001, "l2": 0.01},
    ),
    Experiment(data=Own.like(datasets["blobs"](classes=6), 3), **SMALL),
    Experiment(data=Own.like(datasets["ripple"](), 3, 37), loss=MeanSquared(), **SMALL),
    Experiment(data=Own().at_most(4), split={"train": 90, "validation": 5}, **SMALL),
    *with_losses(),
    *with_rules(),
    *with_augmentation(),
    *(Experiment(init=cls(), **SMALL) for cls in initializers),
    *(Experiment(network=({"kind": "dense", "units": 3, "activation": cls()},)) for cls in activations),
    Experiment(
        network=(), inputs=("x1", "x2", "x1_squared", "x2_squared", "product", "sin_x1", "cos_x2", "radius")
    ),
    Experiment(network=({"kind": "dense", "units": 8}, {"kind": "dropout", "p": 0.3}), batch_size=7),
    Experiment(
        network=({"kind": "dense", "frozen": True}, {"kind": "dropout"}, {"kind": "dense", "units": 3}),
        held=({"layer": 2, "unit": 1, "source": 3, "value": 0.5}, {"layer": 3, "unit": 0, "value": -0.25}),
        silenced=({"layer": 0, "unit": 2}, {"layer": 2, "unit": 0}),
        regularisation={"l2": 0.01, "how": "decoupled decay"},
    ),
    Experiment(regularisation={"l1": 0.001, "l2": 0.01, "max_norm": 0.5}, optimizer="sgd", **SMALL),
    Experiment(
        regularisation={"l1": 0.001, "l2": 0.01, "how": "decoupled decay"}, schedule="cosine", **SMALL
    ),
]


def weights(folder, text):
    """Run a script by itself in an empty folder; give the weights it ends with and what it printed."""
    file = folder / "experiment.py"
    file.write_text(text + "np.savez('end.npz', *(p.detach().numpy() for p in network.parameters()))\n")
    done = subprocess.run(
        [sys.executable, "-I", file.name], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return list(np.load(folder / "end.npz").values()), done.stdout


@pytest.fixture(scope="session")
def ran(tmp_path_factory):
    """All scripts in one process, one after another: torch alone takes two seconds to import."""
    folder = tmp_path_factory.mktemp("scripts")
    for i, e in enumerate(EXPERIMENTS):
        save = f"np.savez('{i}.npz', *(p.detach().numpy() for p in network.parameters()))\n"
        (folder / f"{i}.py").write_text(script(e, EPOCHS) + save)
    program = (
        "import runpy, traceback\n"
        f"for i in range({len(EXPERIMENTS)}):\n"
        "    try:\n        runpy.run_path(f'{i}.py')\n"
        "    except Exception:\n        open(f'{i}.txt', 'w').write(traceback.format_exc())\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", program],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


def named(experiment):
    made = experiment.model_dump(mode="json")
    return "-".join([made["data"]["kind"], *(layer["kind"] for layer in made["network"])])


@pytest.mark.parametrize("i", range(len(EXPERIMENTS)), ids=list(map(named, EXPERIMENTS)))
def test_the_script_ends_with_the_weights_of_the_session_to_the_last_bit(ran, i):
    failed = ran / f"{i}.txt"
    assert not failed.exists(), failed.read_text()
    session = Session(EXPERIMENTS[i])
    for _ in range(EPOCHS):
        session.advance_epoch()
    with session.judged():  # with the averaged weights, where there are some
        mine = [parameter.detach().numpy().copy() for parameter in session.network.module.parameters()]
    theirs = list(np.load(ran / f"{i}.npz").values())
    assert [array.tobytes() for array in theirs] == [array.tobytes() for array in mine]


def test_the_script_runs_alone_and_prints_the_losses_of_the_session(tmp_path):
    _, printed = weights(tmp_path, script(Experiment(), EPOCHS))
    session = Session(Experiment())
    for _ in range(EPOCHS):
        session.advance_epoch()
    now = session.evaluate()
    assert f"train loss {now.train_loss:.6f}  test loss {now.test_loss:.6f}" in printed.splitlines()[-1]


def test_the_script_trains_as_long_as_the_experiment_says():
    assert "for epoch in range(7):" in script(Experiment(stop={"epochs": 7}))
    assert "for epoch in range(200):" in script(Experiment())


def test_a_script_is_written_without_torch():
    program = (
        "import sys; from dlcore.export.script import script; from dlcore.experiment import Experiment;"
        "text = script(Experiment(network=({'kind': 'dense', 'activation': 'sine'},)));"
        "sys.exit('torch' in sys.modules or 'class Sine' not in text)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


NOISY = {
    "data": {"kind": "moons", "n_points": 60, "noise": 0.5},
    "network": ({"kind": "dense", "units": 8},),
    "optimizer": {"kind": "sgd", "learning_rate": 1.0},
    "split": {"train": 50, "validation": 30},
}
PLANE = {**NOISY, "data": {"kind": "plane", "n_points": 60}, "loss": "mean_squared"}
STOPS = [
    Experiment(stop={"patience": 5}, **NOISY),
    Experiment(stop={"patience": 5, "restore_best": False}, **NOISY),
    Experiment(stop={"measure": "validation loss", "target": 0.5, "patience": 40}, **NOISY),
    Experiment(stop={"measure": "test score", "target": 0.75}, **NOISY),
    Experiment(
        stop={"measure": "validation score", "target": 0.5},
        **{**PLANE, "optimizer": {"kind": "sgd", "learning_rate": 0.01}},
    ),
]


@pytest.mark.parametrize("experiment", STOPS, ids=lambda e: repr(e.stop.compact()))
def test_a_script_stops_where_the_session_stops_and_with_its_weights(tmp_path, experiment):
    text = script(experiment) + "print('epochs', epoch + 1)\n"
    theirs, printed = weights(tmp_path, text)
    session = Session(experiment)
    session.advance(5_000)
    assert session.finished
    assert printed.splitlines()[-1] == f"epochs {session.epoch}"
    mine = [parameter.detach().numpy() for parameter in session.network.module.parameters()]
    assert [array.tobytes() for array in theirs] == [array.tobytes() for array in mine]


def test_the_modules_that_have_weights_are_those_that_the_session_initialises():
    assert list(WEIGHTED) == [cls.__name__ for cls in initialised]
