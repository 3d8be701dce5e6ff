"""Experiments around one layer, with data of every form."""

from typing import ClassVar, Literal

import numpy as np
import torch

from dlcore.data import Dataset, Digits, Iris
from dlcore.experiment import Experiment
from dlcore.layers import FLAT, IMAGE, SEQUENCE, TOKENS
from tests.samples import fitting


class Small(Dataset):
    """A hundred and twenty samples in two classes; no registry knows of it."""

    planar: ClassVar[bool] = False
    size: ClassVar[int] = 120
    n_classes: ClassVar[int] = 2


class Steps(Small):
    """Sequences of 6 steps with 8 numbers each."""

    kind: Literal["steps"] = "steps"
    sample_shape: ClassVar[tuple[int, ...]] = (6, 8)

    @staticmethod
    def sample(rng):
        x = rng.normal(size=(120, 6, 8))
        return x, x[:, -1, 0] > 0


class Letters(Small):
    """Rows of 6 letters out of nine."""

    kind: Literal["letters"] = "letters"
    sample_shape: ClassVar[tuple[int, ...]] = (6,)
    vocabulary: ClassVar[tuple[str, ...]] = tuple("abcdefghi")

    @staticmethod
    def sample(rng):
        x = rng.integers(9, size=(120, 6))
        return x, x[:, 0] > 4


DATA = {TOKENS: Letters(), FLAT: Iris(), SEQUENCE: Steps(), IMAGE: Digits(n_images=100)}


def around(layer, *others):
    """An experiment whose network is the layer, others, and the bridge to the output that they need."""
    form = next(form for form in (IMAGE, SEQUENCE, FLAT, TOKENS) if form in layer.takes)
    e = Experiment(data=DATA[form], network=(layer, *others), batch_size=16)
    assert not layer.needs(e.input_shape)
    problems = e.problems()
    return e.model_copy(update=dict(problems[0].remedy)) if problems else e


def default_of(cls):
    """The layer as it is made for the data that :func:`around` puts before it."""
    form = next(form for form in (IMAGE, SEQUENCE, FLAT, TOKENS) if form in cls.takes)
    return fitting(cls, Experiment(data=DATA[form]).input_shape)[0]


def numbers(module):
    """All that a module learns or remembers, as it is now."""
    return [each.detach().clone() for each in (*module.parameters(), *module.buffers())]


def random_input(shape, n=3):
    """A batch of ``n`` random samples of a shape."""
    if hasattr(shape, "vocabulary"):
        return torch.from_numpy(np.random.default_rng(1).integers(shape.vocabulary, size=(n, *shape)))
    return torch.randn(n, *shape, generator=torch.Generator().manual_seed(1))
