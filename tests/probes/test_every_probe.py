"""What every probe keeps to, on networks and data of the plane and beyond it."""

import numpy as np
import pytest
import torch

from dlcore.engine.picture import picture
from dlcore.probes import probes
from dlcore.record import DTYPES, Record
from dlcore.training.session import Session
from tests.probes.cases import BEYOND, CASES, IMAGES, TOKENS

APPLYING = [
    pytest.param(kind, name, id=f"{kind}-{name}")
    for kind, probe in probes.items()
    for name, experiment in CASES.items()
    if probe().applies(experiment)
]
MOST_BYTES = 1_000_000


def state(session):
    """Everything a look might leave a trace in."""
    return (
        session.checkpoint().to_bytes(),
        [module.training for module in session.network.module.modules()],
        [p.requires_grad for p in session.network.module.parameters()],
        [None if p.grad is None else p.grad.numpy().tobytes() for p in session.network.module.parameters()],
        torch.get_rng_state().numpy().tobytes(),
        [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in session.network.module.modules()],
    )


@pytest.mark.parametrize("n_steps", [0, 3])
@pytest.mark.parametrize(("kind", "name"), APPLYING)
def test_a_look_leaves_no_trace_and_what_was_read_stays_and_travels(kind, name, n_steps):
    session = Session(CASES[name])
    session.advance(n_steps)
    before = state(session)
    arrays = probes[kind]().read(session)
    assert state(session) == before
    assert all(str(array.dtype) in DTYPES for array in arrays.values())
    assert sum(array.nbytes for array in arrays.values()) < MOST_BYTES
    kept = {name: array.copy() for name, array in arrays.items()}
    session.advance(2)
    assert all(np.array_equal(array, kept[name], equal_nan=True) for name, array in arrays.items())
    arrived = Record.from_bytes(Record({}, arrays).to_bytes()).arrays
    assert all(np.array_equal(arrived[name], array, equal_nan=True) for name, array in arrays.items())


@pytest.mark.parametrize(("kind", "name"), APPLYING)
def test_a_run_that_is_watched_learns_the_same_to_the_last_bit(kind, name):
    watched, alone = Session(CASES[name]), Session(CASES[name])
    for _ in range(4):
        probes[kind]().read(watched)
        watched.advance(1)
        alone.advance(1)
    assert watched.checkpoint().to_bytes() == alone.checkpoint().to_bytes()


@pytest.mark.parametrize("kind", probes)
def test_every_probe_is_tested_on_something(kind):
    assert any(probes[kind]().applies(experiment) for experiment in CASES.values())


@pytest.mark.parametrize("kind", probes)
def test_settings_past_the_end_mean_the_last(kind):
    session = Session(IMAGES)
    session.advance(2)
    far = probes[kind](**dict.fromkeys(probes[kind].__dataclass_fields__, 10_000_000))
    if far.applies(IMAGES) and getattr(far, "flat", 0) == 0:
        assert far.read(session)


@pytest.mark.parametrize("kind", ["attention", "heads", "ablation", "recurrence"])
def test_probes_of_certain_layers_apply_where_there_are_such(kind):
    case = "recurrent" if kind == "recurrence" else "attention"
    assert {name for name, e in BEYOND.items() if probes[kind]().applies(e)} == {case}
    far = probes[kind](**dict.fromkeys(probes[kind].__dataclass_fields__, 10_000_000))
    assert far.read(Session(BEYOND[case]))


@pytest.mark.parametrize("kind", ["boundary", "neurons", "spaces", "solids"])
def test_what_only_the_plane_has_does_not_apply_beyond_it(kind):
    assert not any(probes[kind]().applies(experiment) for experiment in BEYOND.values())


def test_a_frame_leaves_out_what_does_not_apply():
    session = Session(TOKENS)
    frame = picture(session, ["boundary", "curves", "features?layer=1&sample=3"], state="idle")
    assert not frame.probe("boundary")
    assert frame.probe("features?layer=1&sample=3")["shape"].tolist() == [6, 12]


@pytest.mark.parametrize("name", ["images", "iris"])
def test_the_diagnosis_of_a_run_that_overflowed_names_a_layer(name):
    session = Session(BEYOND[name])
    with torch.no_grad():
        next(session.network.module.parameters()).fill_(float("inf"))
    session.advance(3)
    assert session.failure
    record = probes["health"]().read(session)
    assert record["fault"][1] in record["layer"]
