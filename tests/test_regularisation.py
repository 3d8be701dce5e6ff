import pytest
import torch
from torch import nn

from dlcore.experiment import Experiment
from dlcore.model import build
from dlcore.regularisation import Regularisation
from dlcore.schedules import Constant, Cosine, StepDecay
from dlcore.training.adjust import after_update, before_update, penalised, weights
from dlcore.training.loop import Plan, train

DECOUPLED = "decoupled decay"


def network(seed=4):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1))


def data():
    generator = torch.Generator().manual_seed(8)
    return torch.randn(24, 3, generator=generator), torch.randn(24, 1, generator=generator)


def squared(module, x, y):
    return nn.functional.mse_loss(module(x), y)


def trained(module, optimizer, pull, n_steps=40, schedule=None, rate=0.1):
    """Train with the adjustments of dlcore around the update."""
    x, y = data()
    before = before_update(module, optimizer, schedule or Constant(), rate, pull)
    plan = Plan(1, 6, before, after_update(module, optimizer, pull))
    steps = train(module, penalised(squared, module, pull), optimizer, x, y, plan)
    for _ in range(n_steps):
        next(steps)
    return module


def adjusted(module, pull, rate=0.5, schedule=None, epoch=0.0):
    """Do what is done around an update that itself changes nothing."""
    optimizer = torch.optim.SGD(module.parameters(), lr=rate)
    before = before_update(module, optimizer, schedule or Constant(), rate, pull)
    for adjust in (*before, *after_update(module, optimizer, pull)):
        adjust(epoch)
    return module


def groups(module, weight_decay):
    """Weights that decay and biases that do not, for torch's own optimizers."""
    biases = [linear.bias for linear in (module[0], module[2])]
    return [
        {"params": weights(module), "weight_decay": weight_decay},
        {"params": biases, "weight_decay": 0.0},
    ]


def assert_same(module, other, **tolerance):
    for a, b in zip(module.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(a, b, **tolerance)


def test_only_weight_matrices_are_pulled_on():
    assert [tuple(weight.shape) for weight in weights(network())] == [(5, 3), (1, 5)]


def test_recurrent_cells_and_attention_are_pulled_on_and_embeddings_are_not():
    network = Experiment(
        data={"kind": "surnames", "n_each": 20},
        network=({"kind": "embedding", "size": 8}, "self_attention", {"kind": "lstm", "both_ways": True}),
    )
    module = build(network).module
    pulled = {id(weight) for weight in weights(module)}
    names = {name for name, each in module.named_parameters() if id(each) in pulled}
    cell = {f"2.cell.weight_{way}_l0{back}" for way in ("ih", "hh") for back in ("", "_reverse")}
    attention = {f"1.{part}.weight" for part in ("query", "key", "value", "output")}
    output = {name for name in names if name[0] > "2"}
    assert names - output == cell | attention
    assert len(output) == 1


def test_the_penalty_is_that_of_the_formula():
    module = network()
    x, y = data()
    loss_of = penalised(squared, module, Regularisation(l1=0.3, l2=0.7))
    by_hand = nn.MSELoss()(module(x), y).item()
    for weight in weights(module):
        numbers = weight.detach().double().numpy()
        by_hand += 0.3 * abs(numbers).sum() + 0.7 / 2 * (numbers**2).sum()
    assert loss_of(module, x, y).item() == pytest.approx(by_hand, rel=1e-6)


def test_the_gradient_of_the_penalty_is_that_of_the_formula():
    module = network()
    nothing = torch.zeros((), requires_grad=True)
    penalised(lambda *given: nothing, module, Regularisation(l1=0.3, l2=0.7))(
        module, nothing, nothing
    ).backward()
    for weight in weights(module):
        torch.testing.assert_close(weight.grad, 0.3 * weight.detach().sign() + 0.7 * weight.detach())
    assert module[0].bias.grad is None


@pytest.mark.parametrize("pull", [Regularisation(), Regularisation(l1=0.5, l2=0.5, how=DECOUPLED)], ids=repr)
def test_without_a_penalty_the_loss_is_left_as_it_is(pull):
    assert penalised(squared, network(), pull) is squared


def test_an_l2_penalty_under_sgd_is_the_weight_decay_of_torch():
    module, other = network(), network()
    trained(module, torch.optim.SGD(module.parameters(), lr=0.1), Regularisation(l2=0.2))
    trained(other, torch.optim.SGD(groups(other, 0.2), lr=0.1), Regularisation())
    assert_same(module, other, atol=1e-6, rtol=0)


@pytest.mark.parametrize("weight_decay", [0.05, 0.5])
def test_decoupled_l2_around_adam_is_the_weight_decay_of_adamw(weight_decay):
    module, other = network(), network()
    pull = Regularisation(l2=weight_decay, how=DECOUPLED)
    trained(module, torch.optim.Adam(module.parameters(), lr=0.1), pull)
    trained(other, torch.optim.AdamW(groups(other, weight_decay), lr=0.1), Regularisation())
    assert_same(module, other, atol=1e-5, rtol=0)


def test_decoupled_decay_shrinks_weights_by_rate_times_lambda():
    module = adjusted(network(), Regularisation(l2=0.2, how=DECOUPLED))
    for weight, before in zip(weights(module), weights(network()), strict=True):
        torch.testing.assert_close(weight, 0.9 * before)


def test_decoupled_l1_moves_each_weight_towards_zero_and_stops_there():
    module = nn.Sequential(nn.Linear(4, 1))
    with torch.no_grad():
        module[0].weight.copy_(torch.tensor([[0.5, -0.5, 0.04, -0.05]]))
    adjusted(module, Regularisation(l1=0.1, how=DECOUPLED))
    torch.testing.assert_close(module[0].weight.detach(), torch.tensor([[0.45, -0.45, 0.0, 0.0]]))
    assert module[0].weight[0, 2:].tolist() == [0.0, 0.0]


def test_l1_drives_single_weights_to_exactly_zero():
    module = network()
    trained(module, torch.optim.SGD(module.parameters(), lr=0.1), Regularisation(l1=0.1, how=DECOUPLED), 200)
    assert any((weight == 0).any() for weight in weights(module))


@pytest.mark.parametrize("how", ["penalty", DECOUPLED])
def test_biases_are_left_alone(how):
    module = network()
    with torch.no_grad():
        module[0].bias.fill_(0.7)
    pull = Regularisation(l1=0.2, l2=0.2, how=how)
    still = torch.zeros((), requires_grad=True)
    penalised(lambda *given: 0.0 * still, module, pull)(module, still, still).backward()
    torch.optim.SGD(module.parameters(), lr=0.1).step()
    adjusted(module, pull)
    assert torch.equal(module[0].bias.detach(), torch.full((5,), 0.7))
    assert not torch.equal(module[0].weight, network()[0].weight)


def test_decoupled_decay_follows_the_scheduled_rate():
    schedule = StepDecay(every=1, gamma=0.25)
    module = adjusted(network(), Regularisation(l2=0.5, how=DECOUPLED), 0.4, schedule, epoch=1.0)
    torch.testing.assert_close(module[0].weight, (1 - 0.1 * 0.5) * network()[0].weight)


def test_a_schedule_sets_the_rate_from_the_whole_rate_each_time():
    module = network()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.4)
    (set_rate,) = before_update(module, optimizer, Cosine(epochs=10), 0.4, Regularisation())
    for epoch in (0, 3, 3, 10):
        set_rate(epoch)
        assert optimizer.param_groups[0]["lr"] == 0.4 * Cosine(epochs=10).at(epoch)


def test_a_gradient_longer_than_allowed_is_cut_to_length():
    module = nn.Sequential(nn.Linear(1, 1))
    module[0].weight.grad, module[0].bias.grad = torch.tensor([[3.0]]), torch.tensor([4.0])
    (clip,) = before_update(
        module, torch.optim.SGD(module.parameters()), Constant(), 1.0, Regularisation(max_norm=1)
    )
    clip(0.0)
    assert module[0].weight.grad.item() == pytest.approx(0.6, abs=1e-5)
    assert module[0].bias.grad.item() == pytest.approx(0.8, abs=1e-5)


def test_a_shorter_gradient_is_left_as_it_is():
    module = nn.Sequential(nn.Linear(1, 1))
    module[0].weight.grad, module[0].bias.grad = torch.tensor([[3.0]]), torch.tensor([4.0])
    (clip,) = before_update(
        module, torch.optim.SGD(module.parameters()), Constant(), 1.0, Regularisation(max_norm=6)
    )
    clip(0.0)
    assert (module[0].weight.grad.item(), module[0].bias.grad.item()) == (3.0, 4.0)


def test_nothing_is_done_where_nothing_is_asked_for():
    module = network()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    assert before_update(module, optimizer, Constant(), 0.1, Regularisation()) == ()
    assert after_update(module, optimizer, Regularisation()) == ()
    assert after_update(module, optimizer, Regularisation(l1=0.1, l2=0.1)) == ()
