from typing import get_args

import numpy as np
import pytest
import torch

from dlcore.experiment import diff
from dlcore.guides.attention import GUIDE, AttentionSettings, Name, experiments, head_name
from dlcore.probes import opened
from dlcore.training.look import looking
from dlcore.training.session import Session

ALL = [
    AttentionSettings(task=task, network=network, positions=positions)
    for task in get_args(Name)
    for network in ("1 × 1", "1 × 2", "2 × 2")
    for positions in (True, False)
]
SHUFFLED = [4, 0, 5, 2, 1, 3]


def made(**settings):
    return experiments(AttentionSettings(**settings))["Transformer"]


def learnt(n_steps, **settings):
    session = Session(made(**settings))
    session.advance(n_steps)
    return session


@pytest.mark.parametrize("settings", ALL, ids=repr)
def test_whatever_is_chosen_can_run(settings):
    assert made(**settings.model_dump()).problems() == []


def test_a_head_is_switched_off_by_its_number_while_the_run_goes_on():
    settings = AttentionSettings(network="2 × 2", silenced=(1, 2))
    assert [head_name(settings, head) for head in settings.silenced] == ["1.2", "2.1"]
    off = made(**settings.model_dump())
    assert [layer.silenced_heads for layer in off.network[2:4]] == [(1,), (0,)]
    changes = diff(made(network="2 × 2"), off)
    assert changes
    assert all(change.live for change in changes)


def test_reverse_is_learnt_along_the_anti_diagonal_within_twenty_seconds_as_it_opens():
    session = learnt(500, **GUIDE.settings.model_dump())  # at the lab's own 25 steps a second
    assert session.evaluate().test_score > 0.98
    told, heads = opened("ablation").read(session), opened("heads?sample=3").read(session)
    missed = int(told["without"].argmin())
    assert told["without"][missed] < told["now"] - 0.2
    looks = heads["weight"][missed].argmax(1).tolist()
    assert np.mean(np.array(looks) == [5, 4, 3, 2, 1, 0]) > 0.8


@pytest.mark.parametrize(("task", "least"), [("copy", 0.98), ("reverse", 0.0), ("sort", 0.0)])
def test_without_positions_nothing_that_depends_on_the_order_is_learnt(task, least):
    session = learnt(400, task=task, positions=False)
    assert session.evaluate().test_score >= least
    x = session.tensors["test"].x[:5]
    with looking(session.network.module):
        straight, shuffled = session.network.module(x), session.network.module(x[:, SHUFFLED])
    assert torch.allclose(straight[:, SHUFFLED], shuffled, atol=1e-4), (
        "it answers each letter, wherever it is"
    )
    if not least:
        assert session.evaluate().test_score < 0.5


def test_copying_needs_no_head():
    session = learnt(300, task="copy")
    told = opened("ablation").read(session)
    assert told["now"] > 0.98
    assert told["without"].min() > 0.98


def test_a_causal_mask_tells_a_network_without_positions_something_of_the_order():
    session = Session(made(task="names", positions=False))
    x = session.tensors["test"].x[:1]
    swapped = x.clone()
    swapped[:, [1, 2]] = x[:, [2, 1]]
    with looking(session.network.module):
        straight, other = session.network.module(x)[0, 1], session.network.module(swapped)[0, 2]
    assert not torch.allclose(straight, other, atol=1e-3)
