import numpy as np
import pytest
import torch

from dlcore.data.tokens import Reverse
from dlcore.experiment import Experiment, with_value
from dlcore.layers import Embedding, Positions, Residual, SelfAttention, TransformerBlock
from dlcore.training.session import Session
from tests.layers.test_every_layer import built

SHAPE = (6, 8)
X = torch.randn(3, *SHAPE, generator=torch.Generator().manual_seed(1))


def by_hand(module, x, causal):
    """Attention as the formula says, head by head: (B, T, D) → (B, T, D)."""
    size = x.shape[2] // module.heads
    query, key, value = module.query(x), module.key(x), module.value(x)
    seen = []
    for head in range(module.heads):
        part = slice(head * size, (head + 1) * size)
        score = query[:, :, part] @ key[:, :, part].transpose(1, 2) / size**0.5
        if causal:
            score = score + torch.full((len(x[0]), len(x[0])), -torch.inf).triu(1)
        seen.append(score.softmax(2) @ value[:, :, part])
    return module.output(torch.cat(seen, 2))


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("heads", [1, 2, 8])
def test_attention_is_the_formula_head_by_head(causal, heads):
    module = built(SelfAttention(heads=heads, causal=causal), SHAPE)[0]
    assert torch.allclose(module(X), by_hand(module, X, causal), atol=1e-6)


@pytest.mark.parametrize(
    "layer", [SelfAttention(causal=True), TransformerBlock(causal=True, rotary=True, heads=2)]
)
def test_behind_a_causal_mask_no_step_sees_what_comes_later(layer):
    module = built(layer, SHAPE)
    other = X.clone()
    other[:, 4:] += 1
    same = (module(X) - module(other)).abs().amax((0, 2)) < 1e-6
    assert same.tolist() == [True] * 4 + [False] * 2


def test_without_positions_attention_does_not_know_the_order():
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    for rotary, knows in ((False, False), (True, True)):
        module = built(SelfAttention(heads=2, rotary=rotary), SHAPE)
        assert torch.allclose(module(X)[:, order], module(X[:, order]), atol=1e-5) != knows


def test_turned_queries_and_keys_meet_by_their_distance_alone():
    module = built(SelfAttention(heads=2, rotary=True), (9, 8))[0]
    x = torch.randn(1, 1, 8).repeat(1, 9, 1)
    query, key, _ = module.projected(x)
    score = (query @ key.transpose(2, 3))[0, 0]
    for distance in range(-8, 9):
        along = score.diagonal(distance)
        assert torch.allclose(along, along[:1].expand_as(along), atol=1e-5)
    assert score[0].std() > 1e-3


def test_turning_changes_no_length_and_not_the_first_step():
    turned, plain = (built(SelfAttention(heads=2, rotary=rotary), SHAPE)[0] for rotary in (True, False))
    (query, _, _), (before, _, _) = turned.projected(X), plain.projected(X)
    assert torch.allclose(query.norm(dim=3), before.norm(dim=3), atol=1e-5)
    assert torch.equal(query[:, :, 0], before[:, :, 0])


@pytest.mark.parametrize("norm", ["before", "after"])
def test_a_block_is_torchs_own_transformer_layer(norm):
    from dlcore.activations import ReLU

    ours = built(TransformerBlock(heads=2, hidden=16, norm=norm, activation=ReLU()), SHAPE)[0]
    theirs = torch.nn.TransformerEncoderLayer(
        8, 2, 16, dropout=0.0, batch_first=True, norm_first=norm == "before"
    )
    attention = ours.attention
    theirs.self_attn.in_proj_weight.data = torch.cat(
        [each.weight for each in (attention.query, attention.key, attention.value)]
    )
    theirs.self_attn.in_proj_bias.data = torch.cat(
        [each.bias for each in (attention.query, attention.key, attention.value)]
    )
    for mine, other in (
        (attention.output, theirs.self_attn.out_proj),
        (ours.thinking[0], theirs.linear1),
        (ours.thinking[2], theirs.linear2),
        (ours.norm1, theirs.norm1),
        (ours.norm2, theirs.norm2),
    ):
        other.load_state_dict(mine.state_dict())
    assert torch.allclose(ours(X), theirs(X), atol=1e-5)


def test_dropout_works_in_training_only():
    module = built(TransformerBlock(dropout=0.5), SHAPE)
    assert not torch.equal(module(X), module(X))
    module.eval()
    assert torch.equal(module(X), module(X))


@pytest.mark.parametrize("size", [7, 8])
def test_sines_are_those_of_the_paper(size):
    added = built(Positions(), (6, size))(torch.zeros(1, 6, size))[0].numpy()
    for t in range(6):
        for k in range(size):
            angle = t / 10000 ** (k // 2 * 2 / size)
            assert np.isclose(added[t, k], np.cos(angle) if k % 2 else np.sin(angle), atol=1e-6)


def test_learned_positions_are_learnt_and_sines_are_not():
    learned, sine = (built(Positions(how=how), SHAPE) for how in ("learned", "sine"))
    assert [tuple(each.shape) for each in learned.parameters()] == [SHAPE]
    assert list(sine.parameters()) == []


@pytest.mark.parametrize(
    ("layer", "needed"),
    [
        (SelfAttention(heads=3), "features that 3 heads can share, the same for each"),
        (SelfAttention(heads=8, rotary=True), "features that 8 heads can share, an even number for each"),
    ],
)
def test_heads_that_cannot_share_are_refused_in_words(layer, needed):
    assert layer.needs(SHAPE) == needed


@pytest.mark.parametrize("silenced", [(0,), (3, 1), (0, 1, 2, 3), (7,)])
def test_a_head_that_is_switched_off_hands_nothing_on(silenced):
    whole, module = (built(SelfAttention(heads=4, silenced_heads=each), SHAPE)[0] for each in ((), silenced))
    with torch.no_grad():
        for head in range(4):  # what a head hands on goes through its own columns of the output's weights
            if head in silenced:
                whole.output.weight[:, 2 * head : 2 * head + 2] = 0
    assert torch.allclose(module(X), whole(X), atol=1e-6)


def test_a_head_is_switched_off_and_on_again_while_the_run_goes_on():
    network = (Embedding(size=8), Residual(inside=(SelfAttention(heads=2),)), TransformerBlock(heads=2))
    on = Experiment(data=Reverse(n_strings=100), network=network)
    off = with_value(on, "network.2.silenced_heads", (1,))
    session = Session(on)
    session.advance(5)
    before, weights = session.evaluate(), session.weights().arrays
    assert session.change(off), "nothing is learnt anew"
    assert session.evaluate() != before
    inside = with_value(off, "network.1.inside.0.silenced_heads", (0, 1))
    assert session.change(inside)
    assert session.change(on)
    assert session.evaluate() == before
    assert all(np.array_equal(array, weights[name]) for name, array in session.weights().arrays.items())


def test_a_head_that_is_switched_off_learns_nothing():
    network = (Embedding(size=8), TransformerBlock(heads=2, silenced_heads=(1,)))
    session = Session(Experiment(data=Reverse(n_strings=100), network=network))
    value = session.network.module[1].attention.value.weight
    before = value.detach().clone()
    session.advance(5)
    assert torch.equal(value[4:], before[4:])
    assert not torch.equal(value[:4], before[:4])
