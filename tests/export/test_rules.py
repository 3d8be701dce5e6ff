"""What is done around the training, printed: each script makes the weights of the run, to the last bit."""

import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load

from dlcore.data import datasets
from dlcore.experiment import Experiment
from dlcore.export.script import script
from dlcore.export.weights import as_safetensors, with_safetensors
from dlcore.losses import losses
from dlcore.optimizers import optimizers
from dlcore.schedules import schedules
from dlcore.training.session import Session

EPOCHS = 5
NOISY = {
    "data": {"kind": "moons", "n_points": 80, "noise": 0.5},
    "network": ({"kind": "dense", "units": 4},),
    "split": {"train": 50, "validation": 30},
}
ROUGH = {**NOISY, "optimizer": {"kind": "sgd", "learning_rate": 1.0}}
THREE = {**NOISY, "data": {"kind": "blobs", "classes": 3, "n_points": 80}}
LBFGS = {**NOISY, "optimizer": "lbfgs", "batch_size": 40}
EMA = {"average": "EMA", "memory": 0.9}
SWA = {"average": "SWA", "average_from": 2}
WEIGHED = [cls.kind_name() for cls in losses if "class_weights" in cls.settings()]

EXPERIMENTS = {
    **{f"optimizer {cls.kind_name()}": Experiment(**{**NOISY, "optimizer": cls()}) for cls in optimizers},
    **{f"schedule {cls.kind_name()}": Experiment(**ROUGH, schedule=cls()) for cls in schedules},
    **{
        f"loss {cls.kind_name()} {data}": Experiment(
            data=datasets[data](n_points=60), loss=cls(), network=NOISY["network"]
        )
        for cls in losses
        for data in ("circle", "rings", "plane")
        if datasets[data]().task in cls.tasks
    },
    **{
        f"weighed {kind} {'two' if each is NOISY else 'three'}": Experiment(
            **each, loss={"kind": kind, "class_weights": "balanced"}
        )
        for kind in WEIGHED
        for each in (NOISY, THREE)
        if kind != "one_against_all" or each is THREE
    },
    "smoothed two": Experiment(
        **NOISY, loss={"kind": "cross_entropy", "label_smoothing": 0.2, "class_weights": "balanced"}
    ),
    "smoothed three": Experiment(
        **THREE, loss={"kind": "cross_entropy", "label_smoothing": 0.2, "class_weights": "balanced"}
    ),
    "plateau that cuts": Experiment(**ROUGH, schedule={"kind": "plateau", "patience": 1}),
    "plateau without validation": Experiment(
        **{**ROUGH, "split": {"train": 70, "validation": 0}}, schedule={"kind": "plateau", "patience": 1}
    ),
    "lbfgs with everything": Experiment(
        **{**LBFGS, "network": ({"kind": "dense", "units": 4}, {"kind": "dropout", "p": 0.3})},
        schedule="cosine",
        regularisation={"l1": 0.001, "l2": 0.01},
    ),
    "lbfgs decoupled": Experiment(**LBFGS, regularisation={"l2": 0.01, "how": "decoupled decay"}),
    "ema": Experiment(**ROUGH, regularisation=EMA),
    "swa": Experiment(**ROUGH, regularisation=SWA),
    "swa not yet": Experiment(**ROUGH, regularisation={"average": "SWA", "average_from": 90}),
    "ema held": Experiment(
        **ROUGH, regularisation=EMA, held=({"layer": 0, "unit": 1, "source": 0, "value": 0.5},)
    ),
    "ema batch norm": Experiment(
        **{**ROUGH, "network": (*ROUGH["network"], "batch_norm")}, regularisation=EMA
    ),
    "swa batch norm": Experiment(
        **{**ROUGH, "network": (*ROUGH["network"], "batch_norm")}, regularisation=SWA
    ),
    "batch norm patient": Experiment(
        **{**ROUGH, "network": (*ROUGH["network"], "batch_norm")}, stop={"patience": 1}
    ),
    "ema patient": Experiment(**ROUGH, regularisation=EMA, stop={"patience": 2}),
    "swa patient": Experiment(**ROUGH, regularisation=SWA, stop={"patience": 2}),
    **{f"fold {k}": Experiment(**{**NOISY, "split": {"folds": 3, "fold": k}}) for k in range(3)},
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """All scripts in one process, one after another: torch alone takes two seconds to import."""
    folder = tmp_path_factory.mktemp("scripts")
    for i, e in enumerate(EXPERIMENTS.values()):
        save = f"np.savez('{i}.npz', *(p.numpy() for p in network.state_dict().values()))\n"
        (folder / f"{i}.py").write_text(script(e, EPOCHS) + save)
    program = f"import runpy\nfor i in range({len(EXPERIMENTS)}): runpy.run_path(f'{{i}}.py')"
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_script_ends_with_the_judged_weights_of_the_session_to_the_last_bit(ran, name):
    session = Session(EXPERIMENTS[name])
    for _ in range(EPOCHS):
        session.advance_epoch()
    with session.judged():
        mine = [tensor.numpy().tobytes() for tensor in session.network.module.state_dict().values()]
    theirs = np.load(ran / f"{list(EXPERIMENTS).index(name)}.npz").values()
    assert [array.tobytes() for array in theirs] == mine


def checkpoint_of(name, n_epochs=EPOCHS):
    session = Session(EXPERIMENTS[name])
    for _ in range(n_epochs):
        session.advance_epoch()
    return session, session.checkpoint()


@pytest.mark.parametrize("name", ["ema", "swa", "swa not yet", "ema batch norm"])
def test_the_weights_that_are_taken_along_are_those_that_are_judged(name):
    session, _ = checkpoint_of(name)
    taken = load(as_safetensors(session.weights()))
    with session.judged():
        judged = {key: value.numpy().tobytes() for key, value in session.network.module.state_dict().items()}
    assert {key: value.tobytes() for key, value in taken.items()} == judged


def test_weights_from_a_file_are_shown_at_once():
    session, checkpoint = checkpoint_of("ema")
    other, _ = checkpoint_of("ema", 1)
    session.restore(with_safetensors(checkpoint, as_safetensors(other.weights())))
    with session.judged(), other.judged():
        for a, b in zip(session.network.module.parameters(), other.network.module.parameters(), strict=True):
            assert a.detach().numpy().tobytes() == b.detach().numpy().tobytes()
