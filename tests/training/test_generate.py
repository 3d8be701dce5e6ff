import numpy as np
import pytest
import torch

from dlcore.data import OwnText
from dlcore.data.text import END, LETTERS, SurnameLetters
from dlcore.experiment import Experiment
from dlcore.layers import GRU, Dense, Embedding, TransformerBlock
from dlcore.training.generate import draw, generate, looks_ahead
from dlcore.training.session import Session

LOGITS = torch.tensor([[1.0, 3.0, 2.0, -1.0], [0.0, -5.0, 0.5, 4.0]])


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def session():
    """Each letter from the one before it: as little as can look back, and more than nothing."""
    made = Session(
        Experiment(
            data=SurnameLetters(country="Finland"),
            network=(Embedding(size=16), Dense(units=32)),
            batch_size=32,
        )
    )
    made.advance(200)
    return made


def likeliest(session, text=""):
    """What the network says after a text, by hand: the most likely letter again and again."""
    data = session.experiment.data
    tokens = [1, *(data.vocabulary.index(letter) for letter in text)]
    while len(tokens) < data.sample_shape[0]:
        x = torch.zeros(1, data.sample_shape[0], dtype=torch.int64)
        x[0, : len(tokens)] = torch.tensor(tokens)
        with torch.no_grad():
            answer = session.network.module.eval()(x)[0, len(tokens) - 1]
        answer[[0, 1]] = -np.inf
        best = int(answer.argmax())
        if data.vocabulary[best] == END:
            break
        tokens.append(best)
    return "".join(data.vocabulary[token] for token in tokens[1:])


def test_the_chances_are_those_of_the_softmax():
    many = draw(LOGITS[:1].expand(20_000, -1), 2.0, 0, chance())
    shares = np.bincount(many, minlength=4) / len(many)
    np.testing.assert_allclose(shares, (LOGITS[0] / 2).softmax(0).numpy(), atol=0.012)


@pytest.mark.parametrize("temperature", [0.0, 1e-4, 1e-3, 0.01])
def test_the_colder_the_nearer_to_the_most_likely(temperature):
    assert draw(LOGITS, temperature, 0, chance()).tolist() == [1, 3]


def test_one_of_one_is_the_most_likely_however_hot():
    assert draw(LOGITS, 10.0, 1, chance()).tolist() == [1, 3]


def test_only_the_most_likely_ones_are_drawn():
    many = draw(LOGITS[:1].expand(2_000, -1), 10.0, 2, chance())
    assert set(many.tolist()) == {1, 2}


def test_more_than_there_are_is_all_of_them():
    assert torch.equal(draw(LOGITS, 1.0, 99, chance(4)), draw(LOGITS, 1.0, 0, chance(4)))


def test_at_temperature_0_the_most_likely_letters_are_written(session):
    assert set(generate(session, 3, temperature=0)) == {likeliest(session)}
    assert set(generate(session, 3, temperature=5, top_k=1, prompt="ko")) == {likeliest(session, "ko")}


def test_the_seed_alone_decides_what_is_written(session):
    one, again, other = (generate(session, 8, seed=seed) for seed in (5, 5, 6))
    assert one == again != other
    assert len(set(one)) > 4


def test_every_string_begins_as_it_was_begun(session):
    assert all(text.startswith("ki") for text in generate(session, 8, prompt="Ki"))


def test_only_letters_are_written_and_not_more_than_was_taught(session):
    texts = generate(session, 64, temperature=10, seed=1)
    assert set("".join(texts)) <= set(LETTERS)
    assert max(map(len, texts)) <= 14
    assert len(generate(session, 1000)) == 64


def test_a_beginning_longer_than_any_name_is_cut(session):
    assert generate(session, 1, prompt="a" * 50) == ["a" * 14]


def test_writing_leaves_no_trace(session):
    session.network.module.train()
    before, random = session.checkpoint().to_bytes(), torch.get_rng_state()
    generate(session, 4)
    assert session.checkpoint().to_bytes() == before
    assert torch.equal(torch.get_rng_state(), random)
    assert session.network.module.training


def test_words_are_written_as_a_sentence():
    words = OwnText(tokens="words")
    session = Session(Experiment(data=words, network=(Embedding(size=8), Dense(units=16))))
    session.advance(100)
    for text in generate(session, 8, seed=2, prompt="the cat"):
        assert text.startswith("the cat")
        assert set(text.split()) <= set(words.vocabulary)


@pytest.mark.parametrize("temperature", [-0.1, 11, float("nan"), float("inf")])
def test_a_temperature_out_of_bounds_is_refused_in_words(session, temperature):
    with pytest.raises(ValueError, match="between 0 and 10"):
        generate(session, 1, temperature)


def test_points_of_the_plane_are_no_text():
    with pytest.raises(ValueError, match="Spiral is no text"):
        generate(Session(Experiment()))


@pytest.mark.parametrize(
    ("layer", "ahead"),
    [
        (Dense(units=4), None),
        (GRU(units=4, keep="all steps"), None),
        (GRU(units=4, keep="all steps", both_ways=True), "GRU"),
        (TransformerBlock(heads=2, hidden=8, causal=True), None),
        (TransformerBlock(heads=2, hidden=8), "Transformer block"),
    ],
    ids=["step by step", "forwards", "both ways", "masked", "not masked"],
)
def test_a_network_that_reads_its_answers_off_its_input_is_told_from_one_that_does_not(layer, ahead):
    experiment = Experiment(data=SurnameLetters(n_each=20), network=(Embedding(size=8), layer))
    session = Session(experiment)
    assert looks_ahead(session) == (1 if ahead else None)
    if ahead:
        with pytest.raises(ValueError, match=rf"Layer 2 \({ahead}\) looks at later steps"):
            generate(session, 1)
    else:
        assert len(generate(session, 1)) == 1
