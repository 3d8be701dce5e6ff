"""What networks for text, tokens and series learn within a minute or so, beside what simpler means reach."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from dlcore.bench import Figure
from dlcore.charts.series import errors
from dlcore.data import Split
from dlcore.data.series import Sunspots
from dlcore.data.text import Surnames
from dlcore.data.timeline import timeline
from dlcore.data.tokens import Reverse
from dlcore.experiment import Experiment, Stop
from dlcore.layers import GRU, LSTM, Dropout, Embedding, Positions, TransformerBlock
from dlcore.losses import MeanSquared
from dlcore.optimizers import Adam
from dlcore.probes import opened
from dlcore.training.look import looking
from dlcore.training.session import Session

SPLIT = Split(train=70, validation=10)
SURNAMES = Experiment(
    data=Surnames(),
    split=SPLIT,
    network=(Embedding(size=24), GRU(units=64, both_ways=True), Dropout(p=0.5)),
    optimizer=Adam(learning_rate=0.003),
    batch_size=32,
    stop=Stop(patience=10),
)
"""A GRU that reads a name from both ends and tells the country; it stops by itself."""
REVERSE = Experiment(
    data=Reverse(),
    split=SPLIT,
    network=(Embedding(size=32), Positions(how="learned"), TransformerBlock(heads=1, hidden=64)),
    optimizer=Adam(learning_rate=0.001),
    batch_size=16,
)
"""A Transformer with one head, in which the anti-diagonal is to be seen."""
SUNSPOTS = Experiment(
    data=Sunspots(window=24),
    split=SPLIT,
    network=(LSTM(units=32),),
    loss=MeanSquared(),
    optimizer=Adam(learning_rate=0.003),
    batch_size=16,
    stop=Stop(patience=50),
)
"""An LSTM that forecasts next year's sunspots from those of 24 years; it stops by itself."""


def figures() -> Iterator[Figure]:
    """Names, strings said backwards, sunspots: about a minute in all."""
    torch.set_num_threads(1)
    yield from names()
    yield from backwards()
    yield from sunspots()


def names() -> Iterator[Figure]:
    """A GRU that stops by itself, beside logistic regression on how often each letter is there."""
    session, took_s = played(SURNAMES, 60)
    score = session.evaluate().test_score
    yield Figure.at_least("GRU, surname to country: test accuracy", score, 0.63)
    yield Figure.at_most("the same: seconds of training", took_s, 60, "s")
    by_letters = bag_of_letters(session)
    yield Figure.at_most("logistic regression on a bag of letters: test accuracy", by_letters, score)


def backwards() -> Iterator[Figure]:
    """A Transformer of one block: when it says unseen strings backwards, and where it looks."""
    session, begun = Session(REVERSE), time.perf_counter()
    while exact(session) < 0.99 and time.perf_counter() - begun < 90:
        session.advance_epoch()
    took_s = time.perf_counter() - begun
    yield Figure.at_least("tiny Transformer: share of unseen strings of 8 reversed", exact(session), 0.99)
    yield Figure.at_most("the same: seconds of training", took_s, 90, "s")
    session.advance_for(5.0)
    yield Figure.at_least("the same: attention on the anti-diagonal", anti_diagonal(session), 0.5)


def sunspots() -> Iterator[Figure]:
    """An LSTM that stops by itself, over what was eleven years before."""
    session, took_s = played(SUNSPOTS, 60)
    network, naive = forecast_errors(session)
    yield Figure.at_most("LSTM, sunspots: error over the seasonal-naive one's", network / naive, 1)
    yield Figure.at_most("the same: seconds of training", took_s, 60, "s")


def played(experiment: Experiment, most_s: float) -> tuple[Session, float]:
    """Train until the experiment's own stop, or for so many seconds; how long it took."""
    session, begun = Session(experiment), time.perf_counter()
    while not session.stopped and time.perf_counter() - begun < most_s:
        session.advance_epoch()
    return session, time.perf_counter() - begun


def bag_of_letters(session: Session) -> float:
    """Test accuracy of logistic regression on the counts of each letter, on the very same names."""
    n_letters = len(session.experiment.data.vocabulary)

    def counts(share: str) -> np.ndarray:
        return np.stack([np.bincount(row, minlength=n_letters)[1:] for row in session.points[share].x])

    with threadpool_limits(1):  # on more threads so small a fit waits for itself
        fitted = LogisticRegression(solver="newton-cholesky").fit(counts("train"), session.points["train"].y)
        return float(fitted.score(counts("test"), session.points["test"].y))


def exact(session: Session) -> float:
    """The share of test strings that are answered without a single mistake."""
    part = session.tensors["test"]
    with looking(session.network.module):
        answers = session.network.module(part.x).argmax(-1)  # (N, T)
    return float(((answers == part.truth) | (part.truth < 0)).all(1).float().mean())


def anti_diagonal(session: Session) -> float:
    """How much of the first head's attention lies on the letter that is to be said, over the test strings."""
    embed, place, block = list(session.network.module)[:3]
    with looking(session.network.module):
        seen = block.norm1(place(embed(session.tensors["test"].x)))
        query, key, _ = block.attention.projected(seen)
        weights = (query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5).softmax(-1)  # (N, heads, T, T)
    return float(weights[:, 0].flip(2).diagonal(dim1=1, dim2=2).mean())


def forecast_errors(session: Session) -> tuple[float, float]:
    """By how much the network and the seasonal-naive forecast are off, in the unit of the series."""
    e = session.experiment
    line = timeline(e.data, e.split, e.seeds.data)
    return errors(line, opened("forecast").read(session))
