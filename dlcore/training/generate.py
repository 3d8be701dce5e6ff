"""Make up strings with a network that foretells the next token."""

from __future__ import annotations

import torch
from torch import Tensor

from dlcore.data import NextToken
from dlcore.data.text import END, PAD, START
from dlcore.training.look import looking
from dlcore.training.session import Session

MOST = 64
"""Strings at a time."""
COLDEST = 1e-3
"""A temperature below which the most likely token is taken."""
HOTTEST = 10.0


def generate(
    session: Session,
    n_strings: int = 8,
    temperature: float = 1.0,
    top_k: int = 0,
    seed: int = 0,
    prompt: str = "",
) -> list[str]:
    """Draw up to 64 strings that begin with ``prompt``, token by token; the session stays as it is.

    The next token is drawn with chances softmax(z / temperature) over the ``top_k`` most likely ones, 0 for
    all (Fan et al., 2018), until the string is over or as long as the network was taught; at temperature 0
    the most likely is taken.  The same seed draws the same strings.  Raises ``ValueError``, in words, where
    the data set is no text to go on with, the network looks ahead, or a temperature is below 0 or above 10.
    """
    data = session.experiment.data
    if not isinstance(data, NextToken):
        raise ValueError(f"{data.heading()} is no text that could be gone on with.  Choose one that is.")
    if not 0 <= temperature <= HOTTEST:
        raise ValueError(f"A temperature lies between 0 and {HOTTEST:g}.  Choose one there.")
    ahead = looks_ahead(session)
    if ahead is not None:
        name = f"{ahead + 1} ({session.experiment.stack()[ahead].heading()})"
        raise ValueError(
            f"Layer {name} looks at later steps, so that this network reads the next token off its input and "
            "cannot make one up.  Switch Causal on where it attends, or let it read one way, and train again."
        )
    number = {token: i for i, token in enumerate(data.vocabulary)}
    (length,) = data.sample_shape
    begun = [number[token] for token in data.split_up(prompt)][: length - 1]
    x = torch.full((min(max(n_strings, 1), MOST), length), number[PAD])  # (B, T)
    x[:, : len(begun) + 1] = torch.tensor([number[START], *begun])
    chance = torch.Generator().manual_seed(seed)
    strings: list[list[int]] = [list(begun) for _ in x]
    over = torch.zeros(len(x), dtype=torch.bool)
    with looking(session.network.module):
        for step in range(len(begun), length - 1):
            logits = askable(data, session.network.module(x)[:, step])  # (B, K)
            drawn = draw(logits, temperature, top_k, chance)
            over |= drawn == number[END]
            for i in torch.nonzero(~over).flatten().tolist():
                strings[i].append(int(drawn[i]))
            if over.all():
                break
            x[:, step + 1] = torch.where(over, number[PAD], drawn)
    return [data.written(data.vocabulary[token] for token in string) for string in strings]


def askable(data: NextToken, logits: Tensor) -> Tensor:
    """Logits (B, K) with those of tokens that are never an answer at −∞."""
    number = {token: i for i, token in enumerate(data.vocabulary)}
    never = torch.tensor([number[PAD], number[START], *data.unasked])
    return logits.index_fill(1, never, -torch.inf)


def draw(logits: Tensor, temperature: float, top_k: int, chance: torch.Generator) -> Tensor:
    """Draw a token for each row of logits: (B, K) → (B,) int64."""
    if temperature < COLDEST or top_k == 1:
        return logits.argmax(1)
    return torch.multinomial(chances(logits, temperature, top_k), 1, generator=chance)[:, 0]


def chances(logits: Tensor, temperature: float = 1.0, top_k: int = 0) -> Tensor:
    """The chance with which each token is drawn: logits (B, K) → (B, K) float64, softmax(z / temperature)
    over the ``top_k`` most likely ones."""
    if temperature < COLDEST or top_k == 1:
        return torch.nn.functional.one_hot(logits.argmax(1), logits.shape[1]).double()
    if 0 < top_k < logits.shape[1]:
        least = logits.topk(top_k).values[:, -1:]
        logits = logits.masked_fill(logits < least, -torch.inf)
    # in doubles: a low temperature makes large numbers of small differences
    return (logits.double() / temperature).softmax(1)


def looks_ahead(session: Session) -> int | None:
    """The first layer, the output layer last, through which the answer at the first step changes with the
    tokens after it; None where it does not.

    Such a network has read its answers off its input, and has nothing to go by when it is to make them up.
    """
    one = session.tensors["train"].x[:1]  # (1, T)
    other = one.clone()
    other[:, 1:] = (one[:, 1:] + 1) % len(session.experiment.data.vocabulary)
    with looking(session.network.module):
        made = session.network.layer_outputs(torch.cat([one, other]))
    differ = [not torch.allclose(each[0, 0], each[1, 0], atol=1e-6, equal_nan=True) for each in made]
    return differ.index(True) if differ[-1] else None
