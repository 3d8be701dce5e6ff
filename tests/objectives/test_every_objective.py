"""What holds for every objective, and for one whose loss is itself learnt."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from dlcore.experiment import Experiment
from dlcore.export.script import script
from dlcore.link import decode, dumps, encode, loads
from dlcore.objectives import objectives
from dlcore.training.session import Session
from tests.objectives.cases import ALL, CASES

EPOCHS = 2


def weights(session):
    return [each.detach().numpy().copy() for each in session.network.module.parameters()]


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.fixture(params=ALL, ids=lambda case: f"{case[0]}-{case[1]}")
def e(request):
    kind, i = request.param
    return CASES[kind][i]


def test_every_objective_is_tested_here():
    assert set(CASES) == set(objectives.kinds())


def test_an_example_has_no_problems_and_makes_the_network_it_says(e):
    assert e.problems() == []
    session = Session(e)
    x = session.tensors["train"].x[:3]
    assert tuple(x.shape[1:]) == tuple(e.input_shape)
    assert tuple(session.network.module(x).shape[1:]) == tuple(e.shapes()[-1])
    assert sum(each.numel() for each in session.network.module.parameters()) == e.n_parameters()


def test_twenty_steps_are_made_and_something_is_learnt(e):
    session = Session(e)
    before = weights(session)
    session.advance(20)
    assert session.step == 20
    assert not session.failure
    assert any((a != b).any() for a, b in zip(before, weights(session), strict=True))
    assert np.isfinite([each for each in session.evaluate() if not np.isnan(each)]).all()


def test_a_checkpoint_goes_on_to_the_last_bit(e):
    session = Session(e)
    session.advance(7)
    resumed = Session.restored(type(session.checkpoint()).from_bytes(session.checkpoint().to_bytes()))
    session.evaluate()  # looking leaves no trace
    for each in (session, resumed):
        each.advance(13)
    assert_same(weights(session), weights(resumed))
    assert session.batch_loss == resumed.batch_loss
    np.testing.assert_array_equal(session.evaluate(), resumed.evaluate())


def test_a_reset_makes_the_same_run(e):
    session = Session(e)
    session.advance(5)
    first = weights(session)
    session.reset()
    session.advance(5)
    assert_same(first, weights(session))


def test_it_goes_through_links_and_json(e):
    assert loads(dumps(e)) == e
    assert decode(encode(e)).experiment == e


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """All scripts, run one after the other in one process that knows nothing of this package."""
    folder = tmp_path_factory.mktemp("scripts")
    for kind, i in ALL:
        text = script(CASES[kind][i], EPOCHS)
        assert "dlcore" not in text
        saving = f"torch.save([list(network.parameters()), *judged()], '{kind}{i}.pt')\n"
        (folder / f"{kind}{i}.py").write_text(f"{text}\n{saving}")
    (folder / "run.py").write_text(
        "import glob, runpy\nfor each in sorted(glob.glob('*[0-9].py')):\n    runpy.run_path(each)\n"
    )
    line = [sys.executable, "-W", "error", "run.py"]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize(("kind", "i"), ALL)
def test_the_script_makes_the_same_weights_and_prints_the_same_losses(ran, kind, i):
    e = CASES[kind][i]
    found, losses, scores = torch.load(ran / f"{kind}{i}.pt")
    session = Session(e)
    for _ in range(EPOCHS):
        session.advance_epoch()
    with session.judged():
        assert_same(weights(session), [each.detach().numpy() for each in found])
    now = [each for each in session.evaluate() if not np.isnan(each)]
    np.testing.assert_allclose([*losses, *scores], now, rtol=1e-5)


def test_the_default_objective_leaves_no_word_in_a_link():
    assert Experiment().compact() == {}
