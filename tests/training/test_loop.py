import itertools

import pytest
import torch
from torch import nn

from dlcore.training.events import EpochEnd, StepEnd
from dlcore.training.loop import Plan, epoch_order, train

N, BATCH = 23, 5


def data():
    generator = torch.Generator().manual_seed(8)
    return torch.randn(N, 2, generator=generator), torch.randn(N, 1, generator=generator)


def network():
    torch.manual_seed(2)
    return nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 1))


def squared(module, x, y):
    return nn.functional.mse_loss(module(x), y)


def events(module, n_epochs, plan=None, **start):
    """Train to the end of ``n_epochs`` epochs and give every event."""
    x, y = data()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    steps = train(module, squared, optimizer, x, y, plan or Plan(7, BATCH), **start)
    seen = []
    while not (seen and seen[-1] == EpochEnd(n_epochs)):
        seen.append(next(steps))
    return seen


@pytest.mark.parametrize(
    "make",
    [
        lambda parameters: torch.optim.SGD(parameters, lr=0.1),
        lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9, nesterov=True),
        lambda parameters: torch.optim.Adam(parameters, lr=0.01),
    ],
    ids=["sgd", "nesterov", "adam"],
)
def test_the_loop_equals_a_plain_one_bit_for_bit(make):
    x, y = data()
    module, plain = network(), network()
    criterion = nn.MSELoss()
    steps = train(module, squared, make(module.parameters()), x, y, Plan(7, BATCH))
    losses = [event.loss for event in itertools.islice(steps, 3 * 6) if isinstance(event, StepEnd)]

    optimizer, expected = make(plain.parameters()), []
    for epoch in range(3):
        order = epoch_order(7, epoch, N)
        for start in range(0, N, BATCH):
            batch = order[start : start + BATCH]
            loss = criterion(plain(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            expected.append(loss.item())

    assert losses == expected
    assert all(torch.equal(a, b) for a, b in zip(module.parameters(), plain.parameters(), strict=True))


def test_the_order_of_an_epoch_depends_on_seed_and_epoch_alone():
    torch.manual_seed(1)
    order = epoch_order(3, 4, 50)
    torch.manual_seed(2)
    assert torch.equal(order, epoch_order(3, 4, 50))
    assert not torch.equal(order, epoch_order(3, 5, 50))
    assert not torch.equal(order, epoch_order(4, 4, 50))
    assert not torch.equal(order, epoch_order(4, 3, 50))


def test_an_epoch_looks_at_every_point_once():
    assert sorted(epoch_order(3, 4, 50).tolist()) == list(range(50))


def test_the_last_smaller_batch_is_used():
    steps = [event.seen for event in events(network(), 1) if isinstance(event, StepEnd)]
    assert steps == [5, 10, 15, 20, 23]


def test_each_epoch_is_closed_by_its_event():
    kinds = [type(event) for event in events(network(), 2)]
    assert kinds == ([StepEnd] * 5 + [EpochEnd]) * 2


def test_a_batch_larger_than_the_data_is_all_of_it():
    seen = events(network(), 2, Plan(7, 500))
    assert [event.seen for event in seen if isinstance(event, StepEnd)] == [N, N]


def test_training_can_begin_in_the_middle_of_an_epoch():
    seen = events(network(), 3, epoch=2, seen=10)
    assert [(event.epoch, event.seen) for event in seen[:-1]] == [(2, 15), (2, 20), (2, 23)]


def test_adjustments_surround_the_update_and_are_told_the_epoch():
    module = network()
    told = []

    def before(epoch):
        told.append(("before", round(epoch * N, 6), module[0].weight.detach().clone()))

    def after(epoch):
        told.append(("after", round(epoch * N, 6), module[0].weight.detach().clone()))

    events(module, 2, Plan(7, BATCH, (before,), (after,)))
    assert [(name, seen) for name, seen, _ in told[:4]] == [
        ("before", 0),
        ("after", 0),
        ("before", 5),
        ("after", 5),
    ]
    assert told[-1][1] == N + 20
    weights = [weight for _, _, weight in told]
    assert not torch.equal(weights[0], weights[1])
    assert torch.equal(weights[1], weights[2])


def test_events_are_facts_without_tensors():
    assert {type(value) for event in events(network(), 1) for value in event} == {int, float}
